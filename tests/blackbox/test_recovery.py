"""Whatever happens to a node's data folder, it speaks again, above everything that it said before."""

import shutil

from protocol import Peer, sign


def epoch_of(viewer, node_id):
    return viewer.node(node_id)["head"]["epoch"]


def agreed_above(three, node_id, epoch):
    three.wait_agreed()
    three.wait(lambda: all(epoch_of(viewer, node_id) > epoch for viewer in three.nodes), f"{node_id} speaks above epoch {epoch}")


def test_each_start_begins_a_higher_epoch(three):
    for _ in range(3):
        epoch = epoch_of(three.a, "c")
        three.c.stop()
        three.c.start().wait_ready()
        agreed_above(three, "c", epoch)


def test_a_wiped_data_folder_heals(three):
    """The others hold a newer head of it than its own first one: it jumps above that, and nothing stale remains."""
    for _ in range(3):
        three.c.stop()
        three.c.start().wait_ready()
    three.wait_agreed()
    epoch = epoch_of(three.a, "c")
    assert epoch >= 4
    three.c.stop()
    shutil.rmtree(three.c.data)
    three.c.start().wait_ready()
    agreed_above(three, "c", epoch)
    heads = [viewer.node("c")["head"] for viewer in three.nodes]
    three.wait(lambda: len({str(viewer.node("c")["head"]["epoch"]) for viewer in three.nodes}) == 1, "all hold the same epoch")
    assert all(head["key_tag"] == heads[0]["key_tag"] for head in heads)
    assert three.c.stop() == 0
    three.c.start().wait_ready()
    agreed_above(three, "c", epoch + 1)


def test_a_restored_backup_heals(three, tmp_path):
    backup = tmp_path / "backup"
    three.c.stop()
    shutil.copytree(three.c.data, backup)
    for _ in range(2):
        three.c.start().wait_ready()
        three.c.stop()
    three.c.start().wait_ready()
    three.wait_agreed()
    epoch = epoch_of(three.a, "c")
    three.c.kill()
    shutil.rmtree(three.c.data)
    shutil.copytree(backup, three.c.data)
    three.c.start().wait_ready()
    agreed_above(three, "c", epoch)


def test_a_wiped_node_is_not_fooled_by_its_old_self_after_all_were_restarted(three):
    epoch = epoch_of(three.a, "c")
    for node in three.nodes:
        node.stop()
    shutil.rmtree(three.c.data)
    for node in three.nodes:
        node.start().wait_ready()
    three.wait_agreed()
    assert epoch_of(three.a, "c") >= epoch, "floors were saved: nothing older is taken"


def test_a_higher_epoch_shown_under_its_own_key_is_jumped_over(three):
    """What a clone, or a machine that was rolled back, once signed."""
    keys = three.network.keys
    epoch = epoch_of(three.a, "a")
    bringer = Peer(three.network.name, "c", keys["c"], "a", keys["a"], three.a.url)
    old_self = Peer(three.network.name, "a", keys["a"], "b", keys["b"], three.b.url)
    old_self.epoch = epoch + 1000
    three.c.stop()
    bringer.exchange(records=[sign(keys["a"], old_self.head())])
    three.wait(lambda: epoch_of(three.a, "a") > epoch + 1000, "a speaks above it")
    three.c.start().wait_ready()
    three.wait_agreed()


def test_a_state_file_of_garbage_does_not_end_a_start(three):
    """Cut short, emptied or filled with noise; the others show it where it was."""
    epoch = epoch_of(three.a, "c")
    three.c.stop()
    files = [path for path in three.c.data.rglob("*") if path.is_file() and path.name not in ("lock", "daemon.json")]
    assert files, "there is a state file"
    for content in (b"", b"\x08", b"\xff" * 300):
        for path in files:
            path.write_bytes(content)
        three.c.start().wait_ready()
        three.wait_agreed()
        three.wait(lambda: epoch_of(three.a, "c") > epoch, "it speaks above what it said")
        three.c.kill()
    three.c.start().wait_ready()
    three.wait_agreed()
