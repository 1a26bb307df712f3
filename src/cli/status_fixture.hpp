#pragma once

#include <map>
#include <string>
#include <vector>

#include <boost/json.hpp>

#include "cli/status_report.hpp"

/// A daemon's answers for tests: six nodes as seen by fra-1, one of them down, clocks and configurations apart.
namespace meshmon::cli::fixture {

inline boost::json::object testimony(const std::string& observer, const std::string& reason, const std::string& since) {
    return {{"observer", observer}, {"says", "down"},   {"reason", reason}, {"reason_text", nullptr},
            {"since", since},       {"heard_age_s", 1}, {"head", nullptr},  {"one_way", false},
            {"lossy", false},       {"slow", false},    {"counts", true},   {"why_not", nullptr}};
}

inline boost::json::object evidence() {
    return {{"votes", 5},
            {"says_up", 5},
            {"says_down", 0},
            {"proof_of_life_age_s", 1},
            {"proof_kind", "exchange"},
            {"testimonies", boost::json::array()}};
}

inline boost::json::object node(const std::string& id, const std::string& status) {
    return {{"node_id", id},
            {"self", false},
            {"status", status},
            {"reason", nullptr},
            {"reason_text", nullptr},
            {"contested", false},
            {"since", "2026-11-22T07:00:00.000Z"},
            {"self_health", "healthy"},
            {"url", "http://" + id},
            {"software_version", "1.2.0"},
            {"config_revision", "9f3c2a1d0e55"},
            {"head_age_s", 12.0},
            {"in", {{"up", 4}, {"total", 5}}},
            {"out", {{"up", 4}, {"total", 5}}},
            {"link",
             {{"rtt_smoothed_ms", 84.2},
              {"rtt_ms", 90},
              {"loss", 0.0},
              {"clock_offset_ms", 402.0},
              {"last_success_age_s", 3.0},
              {"last_heard_age_s", 1.0}}},
            {"evidence", evidence()}};
}

/// boost::json::array{array{...}} is a copy of the inner one, so lists of lists are made here.
inline boost::json::array lists(const std::vector<std::vector<std::string>>& names) {
    boost::json::array out;
    for (const auto& each : names) {
        out.emplace_back(boost::json::array(each.begin(), each.end()));
    }
    return out;
}

inline boost::json::object whole_partition() {
    using boost::json::array;
    return {{"whole", true},      {"sides", lists({{"fra-1", "nyc-1"}})},
            {"own_side", 0},      {"groups", array()},
            {"bridges", array()}, {"broken_links", array()},
            {"silent", array()}};
}

/// Answers by path; a test changes what it is about.
struct Daemon {
    std::map<std::string, boost::json::object> answers;
    std::vector<std::string> asked;

    Daemon() {
        using boost::json::array;
        answers["/api/v1/me"] = {{"version", "1.2.0"}};
        answers["/api/v1/networks"] = {
            {"networks", array{boost::json::object{
                             {"network_id", "prod-mesh"}, {"directory", "prod"}, {"node_id", "fra-1"}, {"state", "running"}}}}};
        answers["/api/v1/networks/prod-mesh"] = {
            {"at", "2026-11-22T07:14:31.000Z"},
            {"network_id", "prod-mesh"},
            {"node_count", 3},
            {"seen", 2},
            {"quorum", 2},
            {"has_quorum", true},
            {"listed", true},
            {"config_revision", "9f3c2a1d0e55"},
            {"partition", whole_partition()},
            {"revisions",
             array{revision("fra-1", "9f3c2a1d0e55"), revision("nyc-1", "9f3c2a1d0e55"), revision("tok-1", "81aa0c2")}}};
        auto self = node("fra-1", "up");
        self["self"] = true;
        self["link"] = nullptr;
        auto dead = node("tok-1", "down");
        dead["reason"] = "timeout";
        dead["config_revision"] = "81aa0c2";
        dead["software_version"] = "1.1.9";
        dead["head_age_s"] = 250;
        dead["in"] = {{"up", 0}, {"total", 5}};
        dead["link"] = {{"last_success_age_s", 251.0}, {"last_heard_age_s", 260.0}};
        dead["evidence"].as_object()["testimonies"] = array{testimony("fra-1", "connect", "2026-11-22T07:14:18.000Z"),
                                                            testimony("nyc-1", "timeout", "2026-11-22T07:14:19.000Z")};
        set_nodes({self, node("nyc-1", "up"), dead});
        answers["/api/v1/health"] = {{"problems", array()}};
    }

    static boost::json::object revision(const std::string& node, const std::string& revision) {
        return {{"node_id", node}, {"config_revision", revision}, {"roster_hash", nullptr}};
    }

    void set_nodes(std::vector<boost::json::object> nodes) {
        boost::json::array list;
        for (auto& each : nodes) {
            auto one = each;
            answers["/api/v1/networks/prod-mesh/nodes/" + std::string(each["node_id"].as_string())] = std::move(one);
            list.push_back(std::move(each));
        }
        answers["/api/v1/networks/prod-mesh/nodes"] = {{"at", "2026-11-22T07:14:31.000Z"}, {"nodes", std::move(list)}};
    }

    void add_problem(const std::string& severity, const std::string& network = "") {
        auto& list = answers["/api/v1/health"]["problems"].as_array();
        boost::json::object problem = {{"code", "key_missing"},
                                       {"severity", severity},
                                       {"title", "No public key for tok-1"},
                                       {"detail", "config/networks/prod/pubkeys/tok-1.pub is missing"},
                                       {"remedy", "copy it there"},
                                       {"network_id", nullptr}};
        if (!network.empty()) problem["network_id"] = network;
        list.push_back(std::move(problem));
    }

    Result<StatusReport> status(StatusQuery query = {}) {
        query.api = "http://daemon";
        return fetch_status(query, [this](const std::string& url) -> Result<boost::json::value> {
            const std::string path = url.substr(std::string("http://daemon").size());
            asked.push_back(path);
            const auto found = answers.find(path);
            if (found == answers.end()) return fail("cli.answer", url + " answered 404");
            return boost::json::value(found->second);
        });
    }
};

}  // namespace meshmon::cli::fixture
