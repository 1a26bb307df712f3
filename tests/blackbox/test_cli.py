"""The command line as a user meets it: the real binary, its texts, files and exit codes. No daemon runs here."""

import json
import re
import stat
import subprocess

import pytest

from command import BINARY, environment, init, meshmon, on_terminal

COMMANDS = ["run", "init", "check", "status", "doctor", "config", "key", "healthcheck", "version", "completion"]


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


# ---- help, version, usage


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], ["run", "-h"], ["key", "show", "--help"], ["--help", "status"]])
def test_help_begins_with_three_examples(tmp_path, arguments):
    done = meshmon(*arguments, cwd=tmp_path)
    assert done.returncode == 0 and done.stderr == ""
    lines = done.stdout.splitlines()
    assert lines[0] == "Examples:"
    assert all("meshmon" in line for line in lines[1:4]) and lines[4] == ""
    assert "Usage: meshmon" in done.stdout


def test_help_lists_every_command(tmp_path):
    shown = meshmon("--help", cwd=tmp_path).stdout
    assert re.findall(r"^  ([a-z]+)  ", shown, re.M)[: len(COMMANDS)] == COMMANDS


def test_version_has_one_line_and_a_stable_json(tmp_path):
    for arguments in (["version"], ["--version"]):
        done = meshmon(*arguments, cwd=tmp_path)
        assert done.returncode == 0
        assert re.fullmatch(r"meshmon \d+\.\d+\.\d+ \(commit ([0-9a-f]{7,40}|unknown), \w+, clang [\d.]+, protocol \d+\)\n", done.stdout)
    body = json.loads(meshmon("version", "--json", cwd=tmp_path).stdout)
    assert body["schema"] == 1 and body["version"] in meshmon("version", cwd=tmp_path).stdout
    assert body["tls_library"].startswith("OpenSSL") and {"https", "local-config", "git-config"} <= set(body["features"])
    assert set(body) == {"schema", "name", "version", "commit", "build_type", "compiler", "protocol_version", "tls_library", "features"}


@pytest.mark.parametrize("arguments, error, hint", [
    (["statsu"], "error: usage: meshmon has no command 'statsu'; did you mean 'status'?", "hint: meshmon status"),
    (["key", "sohw"], "error: usage: meshmon key has no command 'sohw'; did you mean 'show'?", "hint: meshmon key show"),
    (["key"], "error: usage: meshmon key needs one of its commands", "hint: meshmon key --help"),
    (["check", "--strct"], "error: usage: meshmon check has no option '--strct'; did you mean '--strict'?",
     "hint: meshmon check --strict"),
    (["status", "--node"], "error: usage: --node needs a value (ID)", "hint: meshmon status --help"),
    (["status", "--watch", "soon"], "error: usage: --watch is 'soon', but must be seconds from 0.2 to 86400",
     "hint: meshmon status --watch 5"),
    (["version", "x"], "error: usage: meshmon version does not take 'x'", "hint: meshmon version --help"),
    (["status", "--api", "127.0.0.1:8000"], "error: usage: --api is '127.0.0.1:8000', but must begin with http:// or https://",
     "hint: take --api http://127.0.0.1:8000"),
])
def test_usage_errors_name_the_mend(tmp_path, arguments, error, hint):
    if "--watch" in arguments:
        arguments = [*arguments, "--api", "http://127.0.0.1:1"]
    done = meshmon(*arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines() == [error, hint]


def test_a_usage_error_is_json_too(tmp_path):
    done = meshmon("statsu", "--json", cwd=tmp_path)
    assert done.returncode == 2 and done.stderr == ""
    body = json.loads(done.stdout)
    assert body["schema"] == 1 and set(body["error"]) == {"code", "title", "detail", "hint"}
    assert body["error"]["hint"] == "meshmon status"


def test_a_wrong_variable_is_a_usage_error_that_names_it(tmp_path):
    done = meshmon("version", cwd=tmp_path, env={"LOG_LEVEL": "loud"})
    assert done.returncode == 2 and "LOG_LEVEL is 'loud'" in done.stderr
    assert meshmon("version", cwd=tmp_path, env={"LOG_LEVEL": "Warning"}).returncode == 0


def test_output_that_cannot_be_written_is_no_success(tmp_path):
    with open("/dev/full", "w") as full:
        done = subprocess.run([BINARY, "version"], cwd=tmp_path, env=environment(), stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 1 and done.stderr == "error: output: it could not be written to the end\n"


# ---- init


def test_init_writes_everything_and_check_is_content(tmp_path):
    done = init(tmp_path)
    config = tmp_path / "config"
    for name in ("nodeconf.yml", "networks/home/config.yml", "networks/home/pubkeys/server-01.pub", ".private_keys/home/server-01.key"):
        assert (config / name).is_file() and f"config/{name}" in done.stdout
    assert mode(config / ".private_keys/home/server-01.key") == 0o600
    assert mode(config / ".private_keys/home") == 0o700
    assert "PRIVATE KEY" not in done.stdout + done.stderr
    assert "meshmon check" in done.stdout and "meshmon run" in done.stdout
    checked = meshmon("check", "--strict", cwd=tmp_path)
    assert checked.returncode == 0, checked.stdout
    assert checked.stdout.splitlines()[-1] == "0 errors, 0 warnings"


def test_init_in_json_names_files_and_key(tmp_path):
    body = json.loads(init(tmp_path, "home", "server-01", "http://a:1", "--json").stdout)
    assert body["schema"] == 1 and body["network_id"] == "home" and body["key_generated"] is True
    assert all((tmp_path / file).is_file() for file in body["files"])
    assert body["public_key_pem"] == (tmp_path / "config/networks/home/pubkeys/server-01.pub").read_text()


def test_init_never_overwrites(tmp_path):
    init(tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    for node in ("server-01", "server-02"):
        done = meshmon("init", "--network", "home", "--node-id", node, "--url", "http://a:1", cwd=tmp_path)
        assert done.returncode == 1 and "is not overwritten" in done.stderr
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_init_leaves_nothing_behind_if_only_the_network_is_there(tmp_path):
    init(tmp_path)
    (tmp_path / "config/nodeconf.yml").unlink()
    done = meshmon("init", "--network", "home", "--node-id", "server-09", "--url", "http://a:1", cwd=tmp_path)
    assert done.returncode == 1 and "networks/home/config.yml exists" in done.stderr
    assert not (tmp_path / "config/nodeconf.yml").exists() and not list(tmp_path.rglob("server-09*"))


def test_init_without_a_terminal_needs_its_flags(tmp_path):
    done = meshmon("init", "--network", "home", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "error: usage: meshmon init needs --node-id, --url",
        "hint: meshmon init --network home --node-id server-01 --url http://ADDRESS-OF-THIS-HOST:8000"]
    done = meshmon("init", "--node-id", "eu 1", "--network", "prod", "--git", "https://h/x.git", "--config-dir", "c", cwd=tmp_path)
    assert done.stderr.endswith("hint: meshmon init --network prod --node-id 'eu 1' --url http://ADDRESS-OF-THIS-HOST:8000 "
                                "--git https://h/x.git --config-dir c\n")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("flags", [["--network", "ho me"], ["--node-id", "../x"], ["--url", "ftp://x"], ["--git", "ext::sh -c x"],
                                   ["--url", "http://x\"\nnetworks: []"]])
def test_init_refuses_values_that_no_file_could_hold(tmp_path, flags):
    whole = {"--network": "home", "--node-id": "server-01", "--url": "http://a:1", **{flags[0]: flags[1]}}
    done = meshmon("init", *[word for pair in whole.items() for word in pair], cwd=tmp_path)
    assert done.returncode == 2 and done.stderr.startswith("error: usage: "), done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("flags, said", [
    (["--url", "server-01:8000"], ["error: usage: --url: 'server-01:8000' is no usable URL: http:// or https:// is missing",
                                   "hint: did you mean http://server-01:8000?"]),
    (["--url", "http://a:1", "--git", "git://git.example.com/mesh.git"],
     ["error: usage: --git: 'git://git.example.com/mesh.git' is no usable repository: with git:// nothing proves who answers",
      "hint: take https or ssh: https://git.example.com/mesh.git or ssh://git@git.example.com/mesh.git"])])
def test_init_says_how_an_address_is_written(tmp_path, flags, said):
    done = meshmon("init", "--network", "home", "--node-id", "server-01", *flags, cwd=tmp_path)
    assert done.returncode == 2 and done.stderr.splitlines() == said
    assert list(tmp_path.iterdir()) == []


def test_init_asks_on_a_terminal(tmp_path):
    code, shown = on_terminal("init", "--node-id", "server-01", cwd=tmp_path, typed="home\nhttp://127.0.0.1:8000\n")
    assert code == 0, shown
    assert "Name of the network" in shown and "URL at which" in shown and "Name of this node" not in shown
    assert (tmp_path / "config/networks/home/pubkeys/server-01.pub").is_file()


def test_init_for_git_prints_what_to_add_there(tmp_path):
    done = init(tmp_path, "home", "server-01", "http://a:1", "--git", "https://git.example.com/ops/mesh.git")
    assert "BEGIN PUBLIC KEY" in done.stdout and "git.example.com" in done.stdout
    assert (tmp_path / "config/.public_keys/home/server-01.pub").is_file()
    assert not (tmp_path / "config/networks/home").exists()
    assert done.stdout.endswith("  3. meshmon run\n  4. Beside it: meshmon doctor says what is still missing.\n"), done.stdout
    assert "meshmon check" not in done.stdout, "before the first clone it would find an error"
    fetched = meshmon("key", "fetch", "server-02", cwd=tmp_path)
    assert fetched.stderr.splitlines() == [
        "error: no key fetched: the keys of home come from https://git.example.com/ops/mesh.git",
        "hint: put the key there as pubkeys/server-02.pub, commit and push"]


# ---- key


def test_key_show_is_what_openssl_reads(tmp_path):
    init(tmp_path)
    done = meshmon("key", "show", cwd=tmp_path)
    assert done.returncode == 0 and "PRIVATE" not in done.stdout + done.stderr
    read = subprocess.run(["openssl", "pkey", "-pubin", "-outform", "DER"], input=done.stdout.encode(), capture_output=True, check=True)
    assert len(read.stdout) == 44
    own = subprocess.run(["openssl", "pkey", "-in", tmp_path / "config/.private_keys/home/server-01.key", "-pubout", "-outform", "DER"],
                         capture_output=True, check=True)
    assert own.stdout == read.stdout


def test_key_fingerprint_and_words_agree_with_json(tmp_path):
    init(tmp_path)
    body = json.loads(meshmon("key", "show", "--json", cwd=tmp_path).stdout)
    key = body["keys"][0]
    assert body["schema"] == 1 and key["network_id"] == "home" and key["fingerprint"].startswith("SHA256:")
    fingerprint = meshmon("key", "fingerprint", cwd=tmp_path).stdout
    assert fingerprint == f"NETWORK\tNODE\tFINGERPRINT\nhome\tserver-01\t{key['fingerprint']}\n"
    assert meshmon("key", "words", cwd=tmp_path).stdout.splitlines()[1] == f"home\tserver-01\t{key['words']}"
    assert len(key["words"].split("-")) == 8


def test_key_generate_makes_a_pair_once_and_publishes_it(tmp_path):
    networks = tmp_path / "config/networks"
    for directory, network in (("home", "home"), ("prod", "prod-mesh")):
        (networks / directory).mkdir(parents=True)
        (networks / directory / "config.yml").write_text(
            f"network_id: {network}\nnode_config:\n  - node_id: server-01\n    url: http://127.0.0.1:8000\n")
    (tmp_path / "config/nodeconf.yml").write_text(
        "networks:\n  - directory: home\n    node_id: server-01\n  - directory: prod\n    node_id: server-01\n")
    missing = meshmon("key", "show", "--network", "prod", cwd=tmp_path)
    assert missing.returncode == 1 and "hint: meshmon key generate --network prod" in missing.stderr

    made = meshmon("key", "generate", "--network", "prod-mesh", "--json", cwd=tmp_path)  # by id; the folder has another name
    key = json.loads(made.stdout)["keys"][0]
    assert made.returncode == 0 and key["generated"] is True and key["directory"] == "prod"
    published = networks / "prod/pubkeys/server-01.pub"
    assert published.read_text() == key["public_key_pem"]
    assert not (networks / "home/pubkeys").exists(), "only the network that was named"

    private = (tmp_path / key["private_key_file"]).read_bytes()
    again = meshmon("key", "generate", "--network", "prod", cwd=tmp_path)
    assert again.returncode == 0 and "\tkept\t" in again.stdout and key["fingerprint"] in again.stdout
    assert (tmp_path / key["private_key_file"]).read_bytes() == private


def test_key_generate_stops_at_another_nodes_key(tmp_path):
    init(tmp_path)
    other = tmp_path / "other"
    other.mkdir()
    init(other)
    public = tmp_path / "config/networks/home/pubkeys/server-01.pub"
    public.write_bytes((other / "config/networks/home/pubkeys/server-01.pub").read_bytes())
    before = public.read_bytes()
    done = meshmon("key", "generate", cwd=tmp_path)
    assert done.returncode == 1 and done.stderr.count("SHA256:") == 2
    assert public.read_bytes() == before


def test_a_private_key_that_is_gone_is_not_taken_for_a_first_start(tmp_path):
    init(tmp_path)
    (tmp_path / "config/.private_keys/home/server-01.key").unlink()
    checked = meshmon("check", cwd=tmp_path)
    assert checked.returncode == 1 and "error[E050]: the private key config/.private_keys/home/server-01.key is gone" in checked.stdout
    rotated = meshmon("key", "rotate", cwd=tmp_path)
    assert rotated.returncode == 1 and "is gone" in rotated.stderr, rotated
    assert "hint: restore it from a backup; only to begin with a new key, which all others need then: rm config/" in rotated.stderr


def test_key_names_the_nearest_network(tmp_path):
    init(tmp_path)
    done = meshmon("key", "show", "--network", "hmoe", cwd=tmp_path)
    assert done.returncode == 1 and "did you mean 'home'?" in done.stderr


def test_key_without_configuration_says_how_to_begin(tmp_path):
    done = meshmon("key", "show", cwd=tmp_path)
    assert done.returncode == 1 and "hint: meshmon init" in done.stderr
    assert list(tmp_path.iterdir()) == []


# ---- check


def test_check_shows_place_line_and_caret(tmp_path):
    init(tmp_path)
    file = tmp_path / "config/networks/home/config.yml"
    file.write_text("network_id: home\nnode_config:\n  - node_id: server-01\n    url: http://a:1\n"
                    "  - node_id: server-02\n    url: replace_me\n")
    done = meshmon("check", cwd=tmp_path)
    lines = done.stdout.splitlines()
    placeholder = next(i for i, line in enumerate(lines) if "W121" in line)
    assert lines[placeholder].startswith("config/networks/home/config.yml:6:10: warning[W121]: ")
    assert lines[placeholder + 1] == "  6 |     url: replace_me"
    assert lines[placeholder + 2].startswith("    |          ^^^^^^^^^^")
    assert lines[-1] == "0 errors, 2 warnings"  # the placeholder, and no key for server-02
    assert done.returncode == 0 and meshmon("check", "--strict", cwd=tmp_path).returncode == 3


def test_check_in_json(tmp_path):
    init(tmp_path)
    (tmp_path / "config/networks/home/config.yml").write_text("network_id: home\nnode_config: 5\n")
    done = meshmon("check", "--json", cwd=tmp_path)
    body = json.loads(done.stdout)
    assert done.returncode == 1 and body["schema"] == 1 and body["errors"] >= 1
    error = next(each for each in body["diagnostics"] if each["severity"] == "error")
    assert set(error) == {"severity", "code", "text", "hint", "file", "line", "column"}
    assert (error["file"], error["line"]) == ("config/networks/home/config.yml", 2)


def test_check_writes_nothing(tmp_path):
    (tmp_path / "config").mkdir()
    (tmp_path / "config/nodeconf.yml").write_text("networks:\n  - directory: home\n    node_id: server-01\n")
    meshmon("check", cwd=tmp_path)
    assert [path.name for path in (tmp_path / "config").rglob("*")] == ["nodeconf.yml"]


def test_check_takes_folders_and_files(tmp_path):
    init(tmp_path)
    for path in ("config", "config/nodeconf.yml", "config/networks/home/config.yml", "config/networks/home"):
        done = meshmon("check", path, cwd=tmp_path)
        assert done.returncode == 0 and done.stdout.splitlines()[-1] == "0 errors, 0 warnings", (path, done.stdout)
    (tmp_path / "config/networks/home/config.yml").write_text("network_id: [\n")
    for path in ("config", "config/nodeconf.yml", "config/networks/home/config.yml", "config/networks/home"):
        done = meshmon("check", path, cwd=tmp_path)
        assert done.returncode == 1 and "config/networks/home/config.yml:" in done.stdout, path


def test_check_of_one_network_leaves_the_others_out(tmp_path):
    init(tmp_path)
    file = tmp_path / "config/nodeconf.yml"
    file.write_text("networks:\n  - directory: home\n    node_id: server-01\n  - directory: prod\n    node_id: server-01\n")
    (tmp_path / "config/networks/prod").mkdir()
    (tmp_path / "config/networks/prod/config.yml").write_text("network_id: prod-mesh\nnode_config: 5\n")
    assert meshmon("check", cwd=tmp_path).returncode == 1
    assert meshmon("check", "--network", "prod-mesh", cwd=tmp_path).returncode == 1
    assert meshmon("check", "--network", "home", cwd=tmp_path).returncode == 0
    wrong = meshmon("check", "--network", "hoem", cwd=tmp_path)
    assert wrong.returncode == 1 and "did you mean 'home'?" in wrong.stderr


def test_check_of_nothing_says_how_to_begin(tmp_path):
    done = meshmon("check", cwd=tmp_path)
    assert done.returncode == 1 and "nodeconf.yml" in done.stdout and "meshmon init" in done.stdout
    done = meshmon("check", "no/such/place", cwd=tmp_path)
    assert done.returncode == 1 and done.stderr.startswith("error: nothing to check: no/such/place does not exist")


def test_check_follows_the_variables(tmp_path):
    init(tmp_path)
    (tmp_path / "config").rename(tmp_path / "elsewhere")
    (tmp_path / "elsewhere/nodeconf.yml").rename(tmp_path / "elsewhere/other.yml")
    found = meshmon("check", cwd=tmp_path, env={"MESHMON_CONFIG_DIR": "elsewhere", "CONFIG_FILE_NAME": "other.yml"})
    assert found.returncode == 0, found.stdout
    flag = meshmon("check", "--config-dir", "nowhere", cwd=tmp_path, env={"MESHMON_CONFIG_DIR": "elsewhere"})
    assert flag.returncode == 1


def test_check_keeps_control_characters_off_the_terminal(tmp_path):
    init(tmp_path)
    (tmp_path / "config/nodeconf.yml").write_bytes(b"networks: []\n\"bad\\e[2J\x7f\": 1\n# \x1b[2J\n")
    code, shown = on_terminal("check", "--no-color", cwd=tmp_path)
    assert "\x1b" not in shown and "\x7f" not in shown, shown


def test_colours_only_on_a_terminal_that_wants_them(tmp_path):
    for env, coloured in (({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)):
        _, shown = on_terminal("statsu", cwd=tmp_path, env=env)
        assert ("\x1b[31m" in shown) == coloured, env
    assert "\x1b" not in on_terminal("statsu", "--no-color", cwd=tmp_path)[1]
    assert "\x1b" not in meshmon("statsu", cwd=tmp_path).stderr


# ---- completion


def test_bash_completion_is_accepted_and_completes(tmp_path):
    script = tmp_path / "meshmon.bash"
    script.write_text(meshmon("completion", "bash", cwd=tmp_path).stdout)
    subprocess.run(["bash", "-n", script], check=True)

    def complete(*words):
        ask = 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _meshmon; printf "%s\\n" "${COMPREPLY[@]}"'
        done = subprocess.run(["bash", "-c", ask, "bash", script, "meshmon", *words], capture_output=True, text=True, check=True)
        return done.stdout.split()

    assert complete("st") == ["status"]
    assert complete("") == COMMANDS
    assert complete("-C", "folder", "key", "g") == ["generate"]
    assert complete("completion", "") == ["bash", "zsh", "fish"]
    assert complete("run", "--log-format", "j") == ["json"]
    assert complete("status", "--wa") == ["--watch"]


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_get_every_command(tmp_path, shell):
    script = meshmon("completion", shell, cwd=tmp_path)
    assert script.returncode == 0
    for command in COMMANDS:
        assert re.search(rf"\b{command}\b", script.stdout)


# ---- run


def test_run_refuses_a_bad_listen_address(tmp_path):
    init(tmp_path)
    for arguments, env in ((["run", "--listen", "nonsense"], {}), ([], {"MESHMON_LISTEN": "127.0.0.1:99999"})):
        done = meshmon(*arguments, cwd=tmp_path, env=env)
        assert done.returncode == 1, done.stderr
        assert "nonsense" in done.stderr or "99999" in done.stderr
