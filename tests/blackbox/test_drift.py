"""Who runs what configuration: seen by every node, in the API, in the status and by `config diff`."""

from mesh import run


def config_file(node):
    return node.network_folder() / "config.yml"


def said(viewer, about):
    return {entry["node_id"]: entry for entry in viewer.network()["revisions"]}[about.name]


def diff(node, left, right, *arguments):
    return run("config", "diff", left, right, "--config-dir", node.config, *arguments)


def test_who_runs_another_configuration_is_seen_and_explained(three):
    a, b, c = three.nodes
    three.wait(lambda: all(said(a, node)["drift"] == "same" for node in three.nodes), "all run the same")
    same = diff(a, "b", "c")
    assert same.returncode == 0 and "the same configuration" in same.stdout, same

    text = three.network.config()
    c_entry = f"  - node_id: b\n    url: {b.url}\n"
    assert c_entry in text
    config_file(c).write_text(text.replace(c_entry, c_entry + "    poll_rate: 2\n"))
    entry = three.wait(lambda: said(a, c)["drift"] == "other" and said(a, c), "a sees that c runs something else")
    assert entry["config_revision"] == c.network()["config_revision"] != a.network()["config_revision"]
    assert entry["differs_since"] and entry["roster_hash"] == said(a, a)["roster_hash"]
    assert a.metrics()['meshmon_node_config_same{network="testnet",node="c"}'] == 0
    assert "event=peer_config" in a.log()
    status = run("status", "--config-dir", a.config)
    assert "other settings" in next(line for line in status.stdout.splitlines() if "\tc\t" in line), status.stdout
    found = diff(a, "a", "c")
    assert found.returncode == 1 and "  b poll_rate_s: 1 -> 2\n" in found.stdout.replace("→", "->"), found
    problem = three.wait(lambda: a.problems("config_drift"), "a says that it lasts")[0]
    assert problem["severity"] == "info" and problem["node_id"] == "c"
    assert problem["detail"].startswith("c has other settings than this node"), problem
    assert "meshmon config diff a c --network testnet" in problem["remedy"]

    config_file(c).write_text(text)
    three.wait(lambda: said(a, c)["drift"] == "same" and not a.problems("config_drift"), "all is the same again")


def test_others_see_that_a_newer_state_does_not_load(three):
    a, b, c = three.nodes
    config_file(c).write_text("network_id: [\n")
    three.wait(lambda: said(a, c)["trouble"] == "rejected", "a knows that c rejects its files")
    assert said(a, c)["drift"] == "same", "it still runs what it ran"
    status = run("status", "--config-dir", a.config)
    assert "rejects a newer config that does not load" in status.stdout
    config_file(c).write_text(three.network.config())
    three.wait(lambda: said(a, c)["trouble"] is None, "it is mended")


def test_what_cannot_be_known_is_said(three):
    a, b, c = three.nodes
    three.wait(lambda: said(a, c)["drift"] == "same", "a has heard c")
    assert c.stop() == 0
    stands_in = diff(a, "b", "c")
    assert stands_in.returncode == 0 and "it does not answer; " in stands_in.stdout, stands_in
    for node in (a, b):
        config_file(node).write_text(three.network.config() + "# more\n")
    three.wait(lambda: said(a, b)["drift"] == "same" and said(a, c)["drift"] == "other", "a and b run another one")
    unknown = diff(a, "b", "c")
    assert unknown.returncode == 1 and "its entries are not known" in unknown.stdout, unknown
    wrong = diff(a, "b", "nobody")
    assert wrong.returncode == 2 and "no node 'nobody'" in wrong.stderr, wrong
