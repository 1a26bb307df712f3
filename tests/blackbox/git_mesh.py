"""A mesh in git mode, and what its tests wait for."""

import mesh
from repositories import GitNode, Repository, git

INTERVAL = 5  # seconds, the shortest that nodeconf.yml takes


class GitMesh(mesh.Mesh):
    """A mesh whose nodes have nothing but a node file, a key and a repository's URL."""

    def __init__(self, folder, names, url=None, **options):
        self.repository = Repository(folder)
        self.url = url or self.repository.url
        super().__init__(folder, names, **options)

    def add(self, name, **options):
        node = GitNode(self.folder, name, [self.network], self.url, **options)
        self.nodes.append(node)
        self.network.add(name, url=node.url)
        setattr(self, name, node)
        return node

    def write(self):
        super().write()
        self.publish()
        return self

    def publish(self, subject="the network"):
        self.repository.write_network(self.network)
        return self.repository.commit(subject)


def revision(node):
    return node.network()["config_revision"]


def wait_problem(one, node, code):
    return one.wait(lambda: node.problems(code), f"{node.name} has the problem {code}")[0]


def wait_no_problem(one, node, code):
    one.wait(lambda: not node.problems(code), f"{node.name} has the problem {code} no longer")


def kept_commit(node):
    """What the clone remembers as good."""
    refs = git(node.network_folder(), "--git-dir", str(node.clone), "for-each-ref", "--format=%(refname) %(objectname)",
               "refs/meshmon", check=False).splitlines()
    return next((line.split()[1] for line in refs if line.split()[0].endswith("/good")), None)


def wait_kept(one, node, commit=None):
    """Until the clone remembers the commit and shows its files: git has nothing more to do there."""
    commit = commit or git(one.repository.work, "rev-parse", "HEAD")
    folder = node.network_folder()
    one.wait(lambda: kept_commit(node) == commit and git(folder, "rev-parse", "HEAD", check=False) == commit
             and not git(folder, "status", "--porcelain", "--untracked-files=no", check=False)
             and not list(node.clone.glob("*.lock")), "the clone remembers the commit")
    return commit
