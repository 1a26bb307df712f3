"""kill -9 at random moments, for two minutes: every start works, and no epoch is ever used twice."""

import os
import time

from mesh import wait_until

SECONDS = float(os.environ.get("MESHMON_TEST_KILL_SECONDS", 120))


def test_kills_at_random_moments_never_break_a_start(make_mesh, chance):
    mesh = make_mesh(poll_rate=0.5).write().start().wait_agreed()
    epochs = {node.name: 0 for node in mesh.nodes}
    kills = 0
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        victim = chance.choice(mesh.nodes)
        time.sleep(chance.choice((chance.uniform(0, 0.05), chance.uniform(0, 0.5), chance.uniform(0, 2))))
        victim.kill()
        kills += 1
        if chance.random() < 0.5:  # once more, somewhere within the start
            victim.start()
            time.sleep(chance.uniform(0, 0.1))
            victim.kill()
            kills += 1
        victim.start()
        assert victim.wait_ready(), "its port was taken"
        epoch = wait_until(lambda: victim.node(victim.name)["head"]["epoch"], "it signs", mesh=mesh)
        assert epoch > epochs[victim.name], f"{victim.name} uses epoch {epoch} again"
        epochs[victim.name] = epoch
        assert not victim.problems("data_unwritable")
        left = [path for path in victim.data.rglob("*") if ".tmp" in path.name]
        assert len(left) <= 3, f"temporary files pile up: {left}"
    print(f"{kills} kills, epochs {epochs}")
    mesh.wait_agreed(timeout=60)
    for node in mesh.nodes:
        assert "level=critical" not in node.log()
        assert not node.problems("clone_suspected") and not node.problems("equivocation")
