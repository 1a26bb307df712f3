#include "node/run.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <utility>

#include "config/good_copies.hpp"
#include "config/load.hpp"
#include "config/stamp.hpp"
#include "net/loop.hpp"
#include "node/data_dir.hpp"
#include "node/driver.hpp"
#include "node/log.hpp"
#include "repo/on_disk.hpp"

namespace meshmon::node {
namespace {

constexpr unsigned kLastWordsSeconds = 2;

/// What one life of the driver came to: an end, or a node file that now loads.
struct Life {
    RunExit exit = RunExit::clean;
    bool again = false;
};

Log::Options log_options(const RunOptions& options) {
    const bool terminal = isatty(STDERR_FILENO) == 1;
    const char* no_colour = std::getenv("NO_COLOR");
    Log::Options log;
    log.level = options.log_level;
    log.format = options.log_format.value_or(terminal ? LogFormat::short_text : LogFormat::logfmt);
    log.colour = options.log_colour.value_or(terminal && (no_colour == nullptr || *no_colour == '\0'));
    return log;
}

void say_failed(Log& log, const Error& error) {
    LogLine line{LogLevel::error, "start_failed", error.message, {}, {}, {}};
    if (!error.hint.empty()) line.message += "; " + error.hint;
    line.fields.emplace_back("code", std::string(error.code));
    log.write(line);
}

/// From the second signal on nothing is waited for, not even a loop that hangs.
void end_at_next_signal() {
    struct sigaction action{};
    action.sa_handler = [](int) { _exit(static_cast<int>(RunExit::unclean_stop)); };
    sigaction(SIGTERM, &action, nullptr);
    sigaction(SIGINT, &action, nullptr);
}

int exit_code_at_alarm = 0;

/// The log writes what it still has when it goes: a reader of stderr that stands still must not keep a stopped daemon alive.
void end_if_nobody_reads(RunExit exit) {
    exit_code_at_alarm = static_cast<int>(exit);
    std::signal(SIGALRM, [](int) { _exit(exit_code_at_alarm); });
    alarm(kLastWordsSeconds);
}

/// A node without a key that it can use or make would wait for ever without anybody seeing why.
const config::LoadedNetwork* find_unusable_key(const config::Loaded& loaded) {
    const auto found = std::ranges::find(loaded.networks, config::Waiting::key_unusable, &config::LoadedNetwork::waiting);
    return found == loaded.networks.end() ? nullptr : &*found;
}

Result<config::ListenAddress> listen_address(const RunOptions& options, const config::Loaded& loaded) {
    if (options.listen) return config::parse_listen(*options.listen);
    if (!loaded.listen) return loaded.listen.error();
    return config::parse_listen(*loaded.listen);
}

class Daemon {
public:
    Daemon(const RunOptions& options, Log& log) : options_(options), log_(log) {}

    Life live() {
        // Before anything that takes time; what comes in until the loop runs is handled then.
        loop_.on_signal({SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2}, [this](int signal) { on_signal(signal); });
        config::LoadOptions load{options_.config_dir, options_.node_file, config::LoadMode::run};
        const config::Loaded first = config::load_node_file(load);
        Result<DataDir> data = DataDir::open(options_.data_dir.value_or(first.data_dir));
        if (!data) return failed(data.error());
        config::KeptCopies kept = config::load_good_copies(data->folder());
        load.good = kept.copies;
        const crypto::Hash stamp = config::stamp_files(load.config_dir, load.node_file,
                                                       first.node ? first.node->networks : std::vector<config::NetworkRef>());
        const config::Loaded named = config::load_node_file(load);
        if (named.node) load.files = repo::files_on_disk(load.config_dir, named.node->networks);
        config::Loaded loaded = config::load(load);
        if (const auto* network = find_unusable_key(loaded)) return failed(fail("node.key", network->reason, network->hint));
        const Result<config::ListenAddress> listen = listen_address(options_, loaded);
        if (!listen) return failed(listen.error());

        Driver::Options options;
        options.load = std::move(load);
        options.stamp = stamp;
        options.copies = std::move(kept.copies);
        options.copy_warnings = std::move(kept.warnings);
        options.listen_fixed = options_.listen.has_value();
        options.data_dir_fixed = options_.data_dir.has_value();
        options.listen = *listen;
        options.version = options_.version;
        options.commit = options_.commit;
        options.node_file_came = [this] {
            log_.write({LogLevel::info, "node_file_came", "the node file loads now: starting with it", {}, {}, {}});
            life_.again = true;
            stop();
        };
        driver_.emplace(loop_, log_, std::move(*data), std::move(loaded), std::move(options));
        if (const Result<> started = driver_->start(); !started) {
            failed(started.error());
            if (started.error().code == "net.address_in_use") life_.exit = RunExit::port_in_use;
            return life_;
        }
        loop_.run();
        return life_;
    }

private:
    Life failed(const Error& error) {
        say_failed(log_, error);
        life_.exit = RunExit::startup_failed;
        return life_;
    }

    void on_signal(int signal) {
        if (signal == SIGUSR2) {
            driver_->dump();
            return;
        }
        if (signal == SIGHUP || signal == SIGUSR1) {
            driver_->reload();
            return;
        }
        life_.again = false;
        end_at_next_signal();
        stop();
    }

    void stop() {
        driver_->stop([this](bool saved) {
            if (!saved && !life_.again) life_.exit = RunExit::unclean_stop;
            LogLine line{saved ? LogLevel::info : LogLevel::error,
                         "stopped",
                         saved ? "stopped" : "stopped before all state was saved",
                         {},
                         {},
                         {}};
            log_.flush_repeats(true);
            if (!life_.again) log_.write(line);
            loop_.stop();
        });
    }

    const RunOptions& options_;
    Log& log_;
    Life life_;
    net::Loop loop_;
    std::optional<Driver> driver_;
};

}  // namespace

RunExit run(const RunOptions& options) {
    std::signal(SIGPIPE, SIG_IGN);
    net::raise_open_file_limit();
    Life life;
    {
        Log log(log_options(options), [] { return net::Loop::now(); }, Log::to_stderr());
        do {
            life = Daemon(options, log).live();
        } while (life.again);
        log.flush_repeats(true);
        end_if_nobody_reads(life.exit);
    }
    alarm(0);
    return life.exit;
}

}  // namespace meshmon::node
