"""The API pages in a real browser: they show every operation, work without the internet, and ask no other origin."""

import json
import os
import pathlib
import re
import subprocess

import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = os.environ.get("MESHMON_BINARY", str(ROOT / "build" / "release" / "meshmon"))
PATIENCE = 120


@pytest.fixture
def node(tmp_path):
    """The address of one node that belongs to no network yet."""
    (tmp_path / "nodeconf.yml").write_text("networks: []\nlisten: 127.0.0.1:0\n")
    process = subprocess.Popen([BINARY, "run", "--config-dir", tmp_path], stderr=subprocess.PIPE, text=True)
    try:
        for line in process.stderr:
            found = re.search(r"url=(http://\S+?)/?\s", line)
            if found:
                yield found[1]
                break
        else:
            pytest.fail("the node ended before it listened")
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE)


@pytest.fixture
def page(node):
    """What the page did in the browser, as web/tests/docs_page.mjs tells."""
    script = ROOT / "web" / "tests" / "docs_page.mjs"
    done = subprocess.run(["node", script, node], capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr
    return {"origin": node, **json.loads(done.stdout)}


def test_the_page_shows_every_operation_and_asks_no_other_origin(page):
    description = yaml.safe_load((ROOT / "openapi" / "meshmon.yaml").read_text())
    operations = [method for path in description["paths"].values() for method in path if method in ("get", "post")]
    assert page["operations"] == len(operations)
    assert len(page["asked"]) >= 10, "the browser loaded the page and its files"
    strangers = [url for url in page["asked"] if not url.startswith(page["origin"] + "/") and not url.startswith("data:")]
    assert strangers == []
    assert page["badges"] == 0
    assert page["said"] == []
    assert page["tried"].startswith("200")
    assert [size for size in page["sizes"] if size["overflow"] > 0] == []
