"""Every rare path that src/mesh/probe.hpp marks is taken by the fixed seeds and by the stories named here, together."""

import os
import re
import subprocess

SIM = os.environ["MESHMON_SIM"]

# Stories of paths that no seed of this few takes. A new probe is taken by a seed, or brings its story.
STORIES = (
    "Clone.ThatOnlyDials*",            # epoch_jump_delayed
    "Clone.ThatBeginsWith*",           # fork
    "Equivocation.*",                  # equivocation
    "FloodByAMember.*",                # owner_rate_limited, bad_signature, relay_ignored
    "HighestEpoch.*",                  # epochs_used_up
    "Malformed.*",                     # malformed_slots
    "Nodes/Growth.*",                  # early_exchange_waited
    "Replay.*",                        # answer_of_another_request
    "Rotation.*",                      # other_keys_tried, next_key_used
    "Vouching.*",                      # contested_until_down, contested_until_unknown
)
SEEDS = 40


def never_passed(folder, *command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, cwd=folder)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    return set(re.search(r"^probes never passed:(.*) \(\d+ of \d+\)$", done.stdout, re.MULTILINE).group(1).split())


def test_every_probe_is_passed_by_a_seed_or_by_a_story(tmp_path):
    by_no_seed = never_passed(tmp_path, f"{SIM}/meshmon_sim", "--seed", "1", "--seeds", str(SEEDS))
    by_no_story = never_passed(tmp_path, f"{SIM}/sim_test", f"--gtest_filter={':'.join(STORIES)}", "--gtest_brief=1")
    assert by_no_seed & by_no_story - {"none"} == set()
