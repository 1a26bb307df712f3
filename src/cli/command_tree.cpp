#include "cli/command_tree.hpp"

#include <algorithm>

namespace meshmon::cli {
namespace {

std::vector<OptionSpec> global_options() {
    return {
        {"--config-dir",
         "-C",
         "DIR",
         ValueKind::directory,
         "MESHMON_CONFIG_DIR",
         "Folder with nodeconf.yml, networks/ and the keys (default: config)",
         {}},
        {"--data-dir",
         "",
         "DIR",
         ValueKind::directory,
         "MESHMON_DATA_DIR",
         "Folder for mesh state and history (default: data_dir in nodeconf.yml, else <config>/.data)",
         {}},
        {"--listen",
         "",
         "ADDRESS:PORT",
         ValueKind::text,
         "MESHMON_LISTEN",
         "Where the daemon listens (default: listen in nodeconf.yml, else 0.0.0.0:8000)",
         {}},
        {"--api",
         "",
         "URL",
         ValueKind::text,
         "MESHMON_API",
         "The daemon to ask (default: the one that <data-dir>/daemon.json names)",
         {}},
        {"--network", "", "NETWORK", ValueKind::text, "", "The network meant, by its id or its directory", {}},
        {"--json", "", "", ValueKind::none, "", "Print JSON with a stable schema, errors too", {}},
        {"--no-color", "", "", ValueKind::none, "NO_COLOR", "Never use colours", {}},
        {"--quiet", "-q", "", ValueKind::none, "", "Say less: only the result; logs from warning on", {}},
        {"--verbose", "-v", "", ValueKind::none, "", "Log at debug, twice (-vv): trace", {}},
        {"--log-format",
         "",
         "FORMAT",
         ValueKind::choice,
         "MESHMON_LOG_FORMAT",
         "auto, short, logfmt or json (default: auto: short on a terminal, else logfmt)",
         {"auto", "short", "logfmt", "json"}},
        {"--version", "", "", ValueKind::none, "", "Print the version and exit", {}},
        {"--help", "-h", "", ValueKind::none, "", "Print help and exit", {}},
    };
}

CommandSpec run_command() {
    return {.name = "run",
            .summary = "Run the node in the foreground (also: bare meshmon)",
            .description =
                "Joins the networks of nodeconf.yml, serves the API and the web pages, and logs to stderr. A mistake in a "
                "configuration file never ends it: the network concerned waits and says so. SIGTERM and SIGINT stop it "
                "cleanly, a second one at once.",
            .examples = {"meshmon run", "meshmon run --config-dir /etc/meshmon --listen 0.0.0.0:8000",
                         "LOG_LEVEL=debug meshmon run --log-format json"},
            .options = {},
            .positionals = {},
            .commands = {},
            .exit_codes = {{0, "stopped cleanly"},
                           {1, "could not start: data or key folder unusable, bad listen address (do not restart)"},
                           {2, "usage"},
                           {3, "stopped, but not cleanly"},
                           {4, "the port is in use"}}};
}

CommandSpec init_command() {
    return {.name = "init",
            .summary = "Write the first configuration and keys of a node",
            .description =
                "Makes nodeconf.yml, networks/NETWORK/config.yml and the node's key pair, and prints what to do next. With "
                "--git the network's files come from that repository, and the public key to add there is printed. Nothing "
                "existing is ever overwritten. On a terminal it asks for what is missing.",
            .examples = {"meshmon init --network home --node-id server-01 --url https://server-01.example.com:8000",
                         "meshmon init --network prod --node-id fra-1 --url http://10.0.0.1:8000 --config-dir /etc/meshmon",
                         "meshmon init --network prod --node-id fra-1 --url http://10.0.0.1:8000 "
                         "--git https://git.example.com/ops/mesh.git"},
            .options = {{"--node-id", "", "ID", ValueKind::text, "", "This node's name in the network", {}},
                        {"--url", "", "URL", ValueKind::text, "", "The address at which the other nodes reach this one", {}},
                        {"--git", "", "URL", ValueKind::text, "", "Git repository that holds the network's files", {}}},
            .positionals = {},
            .commands = {},
            .exit_codes = {{0, "written"}, {1, "something is there already, or a folder is not writable"}, {2, "usage"}}};
}

CommandSpec check_command() {
    return {
        .name = "check",
        .summary = "Check the configuration and the keys, without a daemon",
        .description =
            "Reads nodeconf.yml, each network's config.yml and all keys the way the daemon would. Errors are what it would "
            "refuse to load; all else warns. PATH is a configuration folder, a nodeconf.yml or one network's config.yml.",
        .examples = {"meshmon check", "meshmon check /etc/meshmon --strict", "meshmon check networks/prod/config.yml --json"},
        .options = {{"--strict", "", "", ValueKind::none, "", "Exit 3 if there are warnings", {}}},
        .positionals = {{"PATH", "What to check (default: the configuration folder)", false, ValueKind::file, {}}},
        .commands = {},
        .exit_codes = {{0, "no errors"}, {1, "errors, or nothing to check there"}, {2, "usage"}, {3, "warnings, with --strict"}}};
}

CommandSpec status_command() {
    return {.name = "status",
            .summary = "Show who is up, as the running node sees it",
            .description = "Asks the running daemon. A table on a terminal, tab-separated values with '#' comments when piped.",
            .examples = {"meshmon status", "meshmon status --watch 5 --network prod", "meshmon status --node tok-1 --json"},
            .options = {{"--node", "", "ID", ValueKind::text, "", "Only this node, with what each other node says of it", {}},
                        {"--watch",
                         "",
                         "SECONDS",
                         ValueKind::optional_text,
                         "",
                         "Show it again every SECONDS (default: 2) until Ctrl-C",
                         {}}},
            .positionals = {},
            .commands = {},
            .exit_codes = {{0, "all nodes are up and this node reports no error"},
                           {1, "no daemon runs here, or it cannot be reached"},
                           {2, "usage"},
                           {10, "a node is degraded, contested or unknown, or this node reports an error"},
                           {11, "a node is down, or the network is split"}}};
}

CommandSpec doctor_command() {
    return {.name = "doctor",
            .summary = "Show the checklist of the setup: what is missing, where, and which command mends it",
            .description =
                "For this node and each peer: listed, URL, name, connection, keys, network, version, clock, configuration, and "
                "whether the peer sees this node. Asks the running daemon; without one it reads the files and asks the peers "
                "for their keys itself.",
            .examples = {"meshmon doctor", "meshmon doctor --json", "meshmon doctor --config-dir /etc/meshmon"},
            .options = {},
            .positionals = {},
            .commands = {},
            .exit_codes = {{0, "all is set up"},
                           {1, "the daemon that --api names cannot be reached"},
                           {2, "usage"},
                           {10, "something is missing, or waits"}}};
}

CommandSpec config_command() {
    const std::vector<ExitCode> exits = {{0, "the same configuration"}, {1, "they differ, or it cannot be told"}, {2, "usage"}};
    return {
        .name = "config",
        .summary = "Compare what nodes run",
        .description = "What nodes have loaded, as the running daemon knows it and as they say themselves.",
        .examples = {"meshmon config diff fra-1 tok-1", "meshmon config diff fra-1 tok-1 --network prod",
                     "meshmon config diff fra-1 tok-1 --json"},
        .options = {},
        .positionals = {},
        .commands = {{.name = "diff",
                      .summary = "Show in what the configurations of two nodes differ",
                      .description =
                          "Revisions come from the signed records that the daemon holds; the entries from each node itself, "
                          "at the URL of the node list. A node that does not answer is stood in for by one that runs the same.",
                      .examples = {"meshmon config diff fra-1 tok-1", "meshmon config diff fra-1 tok-1 --network prod",
                                   "meshmon config diff fra-1 tok-1 --json"},
                      .options = {},
                      .positionals = {{"NODE_A", "One node", true, ValueKind::text, {}},
                                      {"NODE_B", "Another node", true, ValueKind::text, {}}},
                      .commands = {},
                      .exit_codes = exits}},
        .exit_codes = exits};
}

CommandSpec key_command() {
    const std::vector<ExitCode> exits = {
        {0, "done"}, {1, "no such key, node or network, or it cannot be read or stored"}, {2, "usage"}};
    return {
        .name = "key",
        .summary = "Show or make this node's keys, and trust those of others",
        .description = "The private key is never printed. Without --network every network of nodeconf.yml is meant.",
        .examples = {"meshmon key show", "meshmon key fingerprint --network prod", "meshmon key generate --network prod"},
        .options = {},
        .positionals = {},
        .commands =
            {{.name = "show",
              .summary = "Print the public key, as PEM",
              .description = "Prints the public key (PEM, the content of pubkeys/NODE_ID.pub on every other node).",
              .examples = {"meshmon key show", "meshmon key show --network prod > fra-1.pub", "meshmon key show --json"},
              .options = {},
              .positionals = {},
              .commands = {},
              .exit_codes = exits},
             {.name = "fingerprint",
              .summary = "Print the key's fingerprint",
              .description = "Prints network, node and SHA256 fingerprint of the public key.",
              .examples = {"meshmon key fingerprint", "meshmon key fingerprint --network prod", "meshmon key fingerprint --json"},
              .options = {},
              .positionals = {},
              .commands = {},
              .exit_codes = exits},
             {.name = "words",
              .summary = "Print the key's fingerprint as eight words",
              .description = "Eight words for the first 64 bits of the fingerprint: for comparing keys aloud.",
              .examples = {"meshmon key words", "meshmon key words --network prod", "meshmon key words --json"},
              .options = {},
              .positionals = {},
              .commands = {},
              .exit_codes = exits},
             {.name = "generate",
              .summary = "Make the key pair of a network, if there is none",
              .description =
                  "Makes the pair and, for a local network, writes the public half into pubkeys/. A key that exists is "
                  "kept and shown.",
              .examples = {"meshmon key generate --network prod", "meshmon key generate",
                           "meshmon key generate --network prod --json"},
              .options = {},
              .positionals = {},
              .commands = {},
              .exit_codes = exits},
             {.name = "rotate",
              .summary = "Change the key of a network, without a break",
              .description =
                  "Makes a new pair that waits beside the one in use, and writes both public keys into this node's public key "
                  "file. Give that file to the others, as at the beginning: the running node goes over to the new key by itself "
                  "once most of them know it, and says until then who lacks it. With --finish the file holds the new key alone: "
                  "give it to the others once more; the running node is asked first whether all use it. Until the new key is in "
                  "use "
                  "--abort takes it back.",
              .examples = {"meshmon key rotate --network prod", "meshmon key rotate --finish --network prod",
                           "meshmon key rotate --abort --network prod"},
              .options = {{"--finish", "", "", ValueKind::none, "", "End the overlap: take the old key out", {}},
                          {"--force",
                           "",
                           "",
                           ValueKind::none,
                           "",
                           "With --finish: even where some have not used the new key yet, or nobody can be asked",
                           {}},
                          {"--abort", "", "", ValueKind::none, "", "Take back a new key that is not in use yet", {}}},
              .positionals = {},
              .commands = {},
              .exit_codes = exits},
             {.name = "fetch",
              .summary = "Get a peer's public key from its URL, and store it once the words are compared",
              .description =
                  "Asks the peer at the URL of the node list, shows fingerprint and words, and stores the key in pubkeys/ "
                  "when somebody says that they are the same on the peer's host. What is stored already gives way to the next "
                  "step of a rotation alone; or back to the key in use, with another next key or none, as long as the next one "
                  "was not used.",
              .examples = {"meshmon key fetch tok-1", "meshmon key fetch tok-1 --network prod",
                           "meshmon key fetch tok-1 --confirm "
                           "amber-falcon-river-otter-amber-falcon-river-otter"},
              .options = {{"--confirm", "", "WORDS", ValueKind::text, "", "The words that were compared: ask nobody", {}},
                          {"--take-back", "", "", ValueKind::none, "", "With --confirm: even where a next key is taken back", {}},
                          {"--from", "", "URL", ValueKind::text, "", "Ask here instead of the URL in the node list", {}}},
              .positionals = {{"PEER", "The node whose key it is", true, ValueKind::text, {}}},
              .commands = {},
              .exit_codes = exits},
             {.name = "trust",
              .summary = "Store a peer's public key from a file",
              .description = "Stores the key in pubkeys/. What is stored already gives way to the next step of a rotation alone. "
                             "FILE is PEM; - is standard input.",
              .examples = {"meshmon key trust tok-1 tok-1.pub", "meshmon key trust tok-1 tok-1.pub --network prod",
                           "meshmon key trust tok-1 tok-1.pub --json"},
              .options = {},
              .positionals = {{"PEER", "The node whose key it is", true, ValueKind::text, {}},
                              {"FILE", "Its public key, as `meshmon key show` prints it", true, ValueKind::file, {}}},
              .commands = {},
              .exit_codes = exits}},
        .exit_codes = exits};
}

CommandSpec healthcheck_command() {
    return {.name = "healthcheck",
            .summary = "Ask the running node whether it is alive and ready",
            .description = "For container health checks: one line and an exit code. Peers that are down do not matter to it.",
            .examples = {"meshmon healthcheck", "meshmon healthcheck --live",
                         "meshmon healthcheck --ready --api http://127.0.0.1:8000"},
            .options = {{"--live", "", "", ValueKind::none, "", "Only whether its loop answers (/healthz)", {}},
                        {"--ready", "", "", ValueKind::none, "", "Whether it can serve (/readyz; the default)", {}}},
            .positionals = {},
            .commands = {},
            .exit_codes = {{0, "healthy"}, {1, "not healthy, or not reachable"}, {2, "usage"}}};
}

CommandSpec version_command() {
    return {
        .name = "version",
        .summary = "Print the version",
        .description = "Prints version, commit, build type, compiler and protocol; with --json also TLS library and features.",
        .examples = {"meshmon version", "meshmon version --json", "meshmon --version"},
        .options = {},
        .positionals = {},
        .commands = {},
        .exit_codes = {{0, "printed"}, {2, "usage"}}};
}

CommandSpec completion_command() {
    return {.name = "completion",
            .summary = "Print the completion script of a shell",
            .description = "Completes commands, options and fixed values.",
            .examples = {"source <(meshmon completion bash)", "meshmon completion zsh > ~/.zfunc/_meshmon",
                         "meshmon completion fish > ~/.config/fish/completions/meshmon.fish"},
            .options = {},
            .positionals = {{"SHELL", "bash, zsh or fish", true, ValueKind::choice, {"bash", "zsh", "fish"}}},
            .commands = {},
            .exit_codes = {{0, "printed"}, {2, "usage"}}};
}

CommandSpec make_tree() {
    return {.name = "meshmon",
            .summary = "A monitor without a server: every node watches every other, and signs what it says.",
            .description = "",
            .examples = {"meshmon init --network home --node-id server-01 --url http://192.168.1.10:8000", "meshmon run",
                         "meshmon status --watch"},
            .options = global_options(),
            .positionals = {},
            .commands = {run_command(), init_command(), check_command(), status_command(), doctor_command(), config_command(),
                         key_command(), healthcheck_command(), version_command(), completion_command()},
            .exit_codes = {}};
}

}  // namespace

const CommandSpec* CommandSpec::find(std::string_view command) const {
    const auto found = std::ranges::find(commands, command, &CommandSpec::name);
    return found == commands.end() ? nullptr : &*found;
}

std::vector<std::string> CommandSpec::command_names() const {
    std::vector<std::string> names;
    names.reserve(commands.size());
    for (const CommandSpec& each : commands) names.emplace_back(each.name);
    return names;
}

const CommandSpec& command_tree() {
    static const CommandSpec tree = make_tree();
    return tree;
}

const std::vector<EnvironmentSpec>& plain_environment() {
    static const std::vector<EnvironmentSpec> variables = {
        {"LOG_LEVEL", "trace, debug, info, warning, error or critical, in any case (default: info); -v and -q beat it"},
        {"CONFIG_FILE_NAME", "name of the node's file in the configuration folder (default: nodeconf.yml)"},
    };
    return variables;
}

}  // namespace meshmon::cli
