#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>

#include "base/result.hpp"
#include "base/time.hpp"
#include "cli/daemon_client.hpp"

/// What `meshmon status` knows: the answers of /me, /networks, /networks/{id}, their nodes and /health, as values.
/// All texts come from elsewhere: sanitise() before showing any.
namespace meshmon::cli {

struct TestimonyLine {
    std::string observer;
    std::string says;
    std::string reason;
    std::optional<Duration> since_ago;
    bool counts = false;
    std::string why_not;
    bool one_way = false, lossy = false, slow = false;
};

struct NodeLine {
    std::string id;
    bool self = false;
    std::string status;
    std::string reason;
    std::string reason_text;
    bool contested = false;
    std::optional<Duration> since_ago;
    std::optional<Duration> heard_ago;  ///< directly, or its newest head
    std::optional<double> rtt_ms, loss, clock_offset_ms;
    std::size_t in_up = 0, in_total = 0, out_up = 0, out_total = 0;
    std::string config_revision, version, url, fingerprint, self_health;
    std::string drift, trouble;           ///< `same`, `other`, `behind`, `ahead`; why a newer state does not run there
    std::string difference;               ///< of `other`: in what, as config::difference_words
    std::optional<Duration> differs_for;  ///< it runs something else than the viewer
    std::size_t votes = 0, says_up = 0, says_down = 0;
    std::string contradiction;  ///< "7.3": the version under which it signed two states; empty: none
    std::vector<TestimonyLine> testimonies;
};

struct PartitionLines {
    std::vector<std::vector<std::string>> sides, groups;
    std::vector<std::string> bridges, silent;
    std::vector<std::pair<std::string, std::string>> broken_links;
    std::optional<std::size_t> own_side;
};

struct NetworkStatus {
    std::string id;  ///< empty while the network waits and was never read
    std::string directory;
    std::string viewer;
    bool running = false;
    std::string at;  ///< "07:14:31Z"
    std::size_t node_count = 0, seen = 0, quorum = 0;
    bool has_quorum = true;
    bool listed = true;
    std::string config_revision;
    std::size_t same_revision = 0;  ///< nodes with this revision, the viewer included
    std::vector<NodeLine> nodes;
    PartitionLines partition;
};

struct ProblemLine {
    std::string code, severity, title, detail, remedy, network, file;
    std::optional<std::int64_t> line;
    std::string excerpt;  ///< the line of the file, and below it a caret
};

struct StatusReport {
    std::string api;
    bool one_node = false;  ///< only one was asked for: what concerns the whole network is left out
    std::vector<NetworkStatus> networks;
    std::vector<ProblemLine> problems;
    boost::json::object merged;  ///< what --json prints, but for "schema" and "exit_code"
};

struct StatusQuery {
    std::string api;
    std::optional<std::string> network;  ///< id or directory
    std::optional<std::string> node;
};

/// Asks for all of it. Errors: those of `get_json`; cli.unknown_network and cli.unknown_node with the nearest name.
Result<StatusReport> fetch_status(const StatusQuery& query, const GetJson& get_json);

/// 0 all good, 10 degraded, 11 down or split: what the report says of the networks and nodes that were asked for.
[[nodiscard]] int exit_code(const StatusReport& report);

/// "2026-11-22T07:14:31.123Z" as the API writes times; nothing for other forms.
[[nodiscard]] std::optional<WallTime> parse_rfc3339(std::string_view text);

}  // namespace meshmon::cli
