#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "node/log_line.hpp"

namespace meshmon::node {

/// What the command line and the environment say; what they leave out comes from the node file, then from defaults.
struct RunOptions {
    std::filesystem::path config_dir = "config";
    std::string node_file = "nodeconf.yml";         ///< in config_dir
    std::optional<std::filesystem::path> data_dir;  ///< beats the node file's
    std::optional<std::string> listen;              ///< "0.0.0.0:8000"; beats the node file's
    LogLevel log_level = LogLevel::info;
    std::optional<LogFormat> log_format;  ///< absent: short on a terminal, else logfmt
    std::optional<bool> log_colour;       ///< absent: in the short form on a terminal, unless NO_COLOR is set
    std::string version;                  ///< "1.0.0"
    std::string commit;                   ///< may be empty
};

/// How a daemon ends; the process's exit code.
enum class RunExit : int {
    clean = 0,
    startup_failed = 1,  ///< starting again will not help: data or key folder unusable, bad listen address
    usage = 2,
    unclean_stop = 3,  ///< a second signal, or something that did not end in time
    port_in_use = 4,
};

/// The daemon in the foreground: `meshmon run`. Returns when it was told to stop.
///
/// Source: docs/reference/logs.md, docs/reference/problems.md.
/// Signals: SIGTERM and SIGINT stop it (a second one at once), SIGUSR2 writes its state to the log, SIGHUP and SIGUSR1
/// read the configuration anew, SIGPIPE is ignored. It takes over these signals of the process.
/// Files: holds <data_dir>/lock; writes <data_dir>/daemon.json while it listens.
/// What is wrong with the content of a configuration file never ends it: it waits, says for what, and serves the API.
[[nodiscard]] RunExit run(const RunOptions& options);

}  // namespace meshmon::node
