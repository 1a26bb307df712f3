#pragma once

#include <functional>
#include <string>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "cli/globals.hpp"

/// Asks the running daemon.
namespace meshmon::cli {

/// Where it listens: --api or MESHMON_API, else <data_dir>/daemon.json.
/// No trailing slash. Errors: cli.not_running, cli.usage for an --api that is no http(s) URL.
Result<std::string> daemon_url(const Globals& globals);

/// The address in a daemon.json ("127.0.0.1:8000") as a URL to ask. Errors: cli.not_running.
Result<std::string> url_of_daemon_file(std::string_view text);

struct HttpAnswer {
    int status = 0;
    std::string body;
};

/// One GET. Bounded: 5 s for the whole answer, 64 MiB. Errors: cli.unreachable; cli.no_answer, it did not come in time.
Result<HttpAnswer> get(const std::string& url);

/// One GET that must answer JSON with 200. Errors: as get; cli.answer with what the daemon said.
Result<boost::json::value> get_json(const std::string& url);

/// What the daemon says of `network`, in which it must be the node `self`: the one whose configuration this is, wherever --api
/// leads. Errors: as daemon_url and get_json; cli.other_node.
Result<boost::json::object> get_own_network(const Globals& globals, const NetworkId& network, const NodeId& self);

/// When to ask it again after such an error: once it runs, or at another address.
[[nodiscard]] std::string again_hint(const Error& error);

/// What to try where the daemon could not be reached: to start it, or to ask the address that was given by hand.
[[nodiscard]] Error with_hint(Error error, const std::string& url, const Globals& globals);

/// How get_json is passed to what is to be tested without a daemon.
using GetJson = std::function<Result<boost::json::value>(const std::string& url)>;

}  // namespace meshmon::cli
