#include <charconv>
#include <csignal>

#include <fmt/format.h>
#include <boost/json.hpp>

#include "cli/commands.hpp"
#include "cli/daemon_client.hpp"
#include "cli/json_text.hpp"
#include "cli/status_report.hpp"
#include "cli/status_text.hpp"

namespace meshmon::cli {
namespace {

constexpr double kWatchDefault = 2;
constexpr double kWatchMin = 0.2;
constexpr double kWatchMax = 86400;

Result<double> watch_seconds(const std::string& text) {
    if (text.empty()) return kWatchDefault;
    double seconds = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (failed != std::errc() || end != text.data() + text.size() || !(seconds >= kWatchMin && seconds <= kWatchMax)) {
        return fail("cli.usage", fmt::format("--watch is '{}', but must be seconds from {} to {}", text, kWatchMin, kWatchMax),
                    "meshmon status --watch 5");
    }
    return seconds;
}

std::string text_of(const StatusReport& report, const Context& context) {
    if (!context.globals.json) return status_text(report, context.out_terminal);
    boost::json::object body = {{"schema", 1}, {"exit_code", exit_code(report)}};
    for (const auto& member : report.merged) body[member.key()] = member.value();
    return json_line(body);
}

int report_failure(Context& context, const Error& error) {
    const bool name_given_wrong =
        error.code == "cli.unknown_node" || error.code == "cli.unknown_network" || error.code == "cli.usage";
    return report(context, name_given_wrong ? "usage" : "no status", error, name_given_wrong ? kUsage : kFailed);
}

/// Keeps Ctrl-C for wait(), so that it ends the watch between two pictures and not inside one.
class StopSignals {
public:
    StopSignals() {
        sigemptyset(&signals_);
        sigaddset(&signals_, SIGINT);
        sigaddset(&signals_, SIGTERM);
        pthread_sigmask(SIG_BLOCK, &signals_, &before_);
    }
    ~StopSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    StopSignals(const StopSignals&) = delete;
    StopSignals& operator=(const StopSignals&) = delete;

    /// False if a signal came before `seconds` were over.
    bool wait(double seconds) {
        const auto whole = static_cast<decltype(timespec::tv_sec)>(seconds);
        const timespec length{.tv_sec = whole, .tv_nsec = static_cast<long>((seconds - static_cast<double>(whole)) * 1e9)};
        return sigtimedwait(&signals_, nullptr, &length) < 0;
    }

private:
    sigset_t signals_{};
    sigset_t before_{};
};

/// Draws over the last picture without the flicker of clearing it first.
std::string redrawn(const std::string& text) {
    std::string out = "\x1b[H";
    for (const char c : text) out += c == '\n' ? std::string("\x1b[K\n") : std::string(1, c);
    return out + "\x1b[J";
}

int watch(const StatusQuery& query, double seconds, Context& context) {
    StopSignals signals;
    const bool redraws = context.out_terminal.tty && !context.globals.json;
    if (redraws) context.out << "\x1b[2J";
    bool seen = false;
    do {
        const auto report = fetch_status(query, get_json);
        if (!report && !seen) return report_failure(context, with_hint(report.error(), query.api, context.globals));
        seen = true;
        if (!report && redraws) {
            context.out << redrawn(fmt::format("no status: {}\n", sanitise(report.error().message, context.out_terminal)));
        } else if (!report) {
            report_failure(context, report.error());
        } else {
            const std::string text = text_of(*report, context);
            context.out << (redraws ? redrawn(text) : text + (context.globals.json ? "" : "\n"));
        }
        context.out.flush();
    } while (context.out && signals.wait(seconds));
    return kOk;
}

}  // namespace

int status_command(const Invocation& invocation, Context& context) {
    const auto url = daemon_url(context.globals);
    if (!url) return report_failure(context, url.error());
    const StatusQuery query{.api = *url, .network = context.globals.network, .node = invocation.value("--node")};
    if (const auto given = invocation.value("--watch")) {
        const auto seconds = watch_seconds(*given);
        return seconds ? watch(query, *seconds, context) : report_failure(context, seconds.error());
    }
    const auto report = fetch_status(query, get_json);
    if (!report) return report_failure(context, with_hint(report.error(), *url, context.globals));
    context.out << text_of(*report, context);
    return exit_code(*report);
}

}  // namespace meshmon::cli
