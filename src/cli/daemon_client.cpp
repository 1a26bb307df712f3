#include "cli/daemon_client.hpp"

#include <chrono>
#include <cstddef>

#include <fmt/format.h>
#include <boost/json.hpp>

#include "cli/json_reader.hpp"
#include "cli/node_file.hpp"
#include "config/access.hpp"
#include "config/text.hpp"
#include "config/write_whole.hpp"
#include "net/sync_client.hpp"

namespace meshmon::cli {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kDaemonFileMax = 64 * 1024;
constexpr std::size_t kAnswerMax = 64 * 1024 * 1024;  // 10,000 nodes with their evidence
constexpr Duration kDeadline = 5s;

/// {"error":{"detail"}} of the daemon's answers; empty for anything else.
std::string error_detail(const std::string& body) {
    boost::system::error_code failed;
    const boost::json::value parsed = boost::json::parse(body, failed);
    if (failed || !parsed.is_object()) return "";
    const auto* error = parsed.get_object().if_contains("error");
    if (error == nullptr || !error->is_object()) return "";
    const auto* detail = error->get_object().if_contains("detail");
    return detail != nullptr && detail->is_string() ? std::string(detail->get_string()) : "";
}

std::string without_scheme(const std::string& url) {
    const std::size_t at = url.find("://");
    return at == std::string::npos ? url : url.substr(at + 3);
}

}  // namespace

Result<std::string> url_of_daemon_file(std::string_view text) {
    boost::system::error_code failed;
    const boost::json::value parsed = boost::json::parse(text, failed);
    const auto* found = failed || !parsed.is_object() ? nullptr : parsed.get_object().if_contains("address");
    if (found == nullptr || !found->is_string()) return fail("cli.not_running", "daemon.json names no address", "meshmon run");
    return "http://" + std::string(found->get_string());
}

Result<std::string> daemon_url(const Globals& globals) {
    if (globals.api) {
        std::string url = *globals.api;
        if (!url.starts_with("http://") && !url.starts_with("https://")) {
            return fail("cli.usage", fmt::format("--api is '{}', but must begin with http:// or https://", url),
                        fmt::format("take --api http://{}", config::shell_word(without_scheme(url))));
        }
        while (url.ends_with('/')) url.pop_back();
        return url;
    }
    const auto file = data_folder(globals) / "daemon.json";
    const auto text = config::read_whole(file, kDaemonFileMax);
    if (!text) {
        return fail("cli.not_running", fmt::format("no daemon runs here: there is no {}", file.string()),
                    command_line(globals, "run"));
    }
    return url_of_daemon_file(*text);
}

Result<HttpAnswer> get(const std::string& url) {
    const auto deadline = std::chrono::steady_clock::now() + kDeadline;
    HttpAnswer answer;
    std::string cut;
    const net::ClientResult result = net::fetch_stream(url, kDeadline, [&](std::string_view chunk) {
        if (answer.body.size() + chunk.size() > kAnswerMax) cut = "its answer is too large";
        if (std::chrono::steady_clock::now() > deadline) cut = "its answer takes too long";
        if (!cut.empty()) return false;
        answer.body += chunk;
        return true;
    });
    if (result.outcome != net::Outcome::answered)
        cut = result.detail.empty() ? std::string(net::to_string(result.failure)) : result.detail;
    const bool late = result.outcome != net::Outcome::answered && result.failure == net::Failure::timeout;
    if (!cut.empty()) return fail(late ? "cli.no_answer" : "cli.unreachable", fmt::format("{}: {}", url, cut));
    answer.status = result.response.status;
    return answer;
}

Result<boost::json::value> get_json(const std::string& url) {
    const auto answer = get(url);
    if (!answer) return answer.error();
    if (answer->status != 200) {
        const std::string detail = error_detail(answer->body);
        return fail("cli.answer", fmt::format("{} answered {}{}{}", url, answer->status, detail.empty() ? "" : ": ", detail));
    }
    boost::system::error_code failed;
    boost::json::value parsed = boost::json::parse(answer->body, failed);
    if (failed || !parsed.is_object()) return fail("cli.answer", fmt::format("{} did not answer with a JSON object", url));
    return parsed;
}

Result<boost::json::object> get_own_network(const Globals& globals, const NetworkId& network, const NodeId& self) {
    const auto url = daemon_url(globals);
    if (!url) return url.error();
    auto answer = get_json(fmt::format("{}/api/v1/networks/{}", *url, network.str()));
    if (!answer) return answer.error();
    boost::json::object view = std::move(answer->get_object());
    const std::string name = read_text(view, "node_id");
    if (name == self.str()) return view;
    return fail("cli.other_node",
                fmt::format("{} is the node {}, and this is the configuration of {}", *url, config::in_quotes(name), self.str()),
                "take --api away, or give it the address of this host's own node");
}

std::string again_hint(const Error& error) {
    return error.code == "cli.other_node" ? error.hint : "once meshmon runs here this again";
}

Error with_hint(Error error, const std::string& url, const Globals& globals) {
    const bool unreachable = error.code == "cli.unreachable";
    // One that does not answer holds its data folder all the same, so that a second could not start.
    if (error.code == "cli.no_answer" || (unreachable && globals.api)) {
        error.hint = "curl -v " + config::shell_word(url + "/healthz");
    } else if (unreachable) {
        error.hint = command_line(globals, "run");
    }
    return error;
}

}  // namespace meshmon::cli
