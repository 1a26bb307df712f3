"""Fixtures of the black-box tests. They need a built binary: MESHMON_BINARY, or build/release/meshmon."""

import os
import random

import pytest

import git_mesh
import mesh


def pytest_sessionstart(session):
    if not mesh.binary().is_file():
        pytest.exit(f"no binary at {mesh.binary()}: scripts/build release makes it", returncode=1)


@pytest.fixture
def make_mesh(tmp_path):
    """make_mesh(names, poll_rate=..., ...) lays out a mesh; its processes end with the test."""
    made = []

    def make(names=("a", "b", "c"), folder=tmp_path, **options):
        made.append(mesh.Mesh(folder, names, **options))
        return made[-1]

    yield make
    errors = []
    for one in made:
        try:
            one.end()
        except AssertionError as error:
            errors.append(str(error))
    assert not errors, "\n".join(errors)


@pytest.fixture
def chance():
    """Chance whose seed is printed, and can be set to see the same again."""
    seed = int(os.environ.get("MESHMON_TEST_SEED", random.randrange(2**32)))
    print(f"MESHMON_TEST_SEED={seed}")
    return random.Random(seed)


@pytest.fixture
def three(make_mesh):
    """Nodes a, b and c, started and agreed that all are up."""
    return make_mesh().write().start().wait_agreed()


@pytest.fixture
def make_git_mesh(tmp_path):
    made = []

    def make(names=("a",), **options):
        made.append(git_mesh.GitMesh(tmp_path, names, **options))
        return made[-1]

    yield make
    for one in made:
        one.end()


@pytest.fixture
def single(make_git_mesh):
    """One node that runs from its repository."""
    one = make_git_mesh().write()
    one.a.start().wait_ready()
    one.wait_agreed()
    return one


@pytest.fixture
def serve(request):
    """serve(Server, ...) starts a server and ends it with the test."""
    def start(kind, *arguments, **options):
        server = kind(*arguments, **options)
        request.addfinalizer(server.end)
        return server
    return start
