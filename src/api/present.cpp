#include "api/present.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/bytes.hpp"

namespace meshmon::api {

namespace {

constexpr std::string_view kUnknownReason = "unknown_reason";

void write_up_of(JsonWriter& json, std::string_view name, std::size_t up, std::size_t total) {
    json.key(name);
    json.begin_object();
    json.member("up", up);
    json.member("total", total);
    json.end_object();
}

void write_testimony(JsonWriter& json, const mesh::Testimony& testimony) {
    json.begin_object();
    json.member("observer", testimony.observer);
    json.member("says", mesh::to_string(testimony.says));
    write_reason(json, testimony.reason);
    json.member("since", testimony.since);
    write_age_s(json, "heard_age_s", testimony.heard_ago);
    json.key("head");
    write_version(json, testimony.head);
    json.member("one_way", testimony.one_way);
    json.member("lossy", testimony.lossy);
    json.member("slow", testimony.slow);
    json.member("counts", testimony.counts);
    write_text(json, "why_not", testimony.why_not);
    json.end_object();
}

void write_signed_head(JsonWriter& json, const wire::SignedRecord& record) {
    json.begin_object();
    json.member("head", to_base64(record.head));
    json.member("signature", to_base64(view(record.signature)));
    json.end_object();
}

void write_contradiction(JsonWriter& json, const std::optional<mesh::Contradiction>& contradiction) {
    json.key("contradiction");
    if (!contradiction) return json.null();
    json.begin_object();
    json.member("epoch", contradiction->epoch);
    json.member("seq", contradiction->seq);
    json.key("heads");
    json.begin_array();
    write_signed_head(json, contradiction->one);
    write_signed_head(json, contradiction->other);
    json.end_array();
    json.end_object();
}

}  // namespace

void write_node(JsonWriter& json, const mesh::NodeView& node) {
    json.begin_object();
    json.member("node_id", node.id);
    json.member("self", node.self);
    json.member("status", mesh::to_string(node.status));
    write_reason(json, node.reason);
    json.member("contested", node.contested);
    json.member("since", node.since);
    write_text(json, "self_health", node.self_health ? mesh::to_string(*node.self_health) : std::string_view());
    write_text(json, "url", node.url);
    json.member("key_known", node.key_known);
    write_text(json, "fingerprint", node.fingerprint);
    write_text(json, "software_version", node.software_version);
    write_text(json, "config_revision", config::Revision::parse(node.config_revision).content);
    write_roster_hash(json, node.roster_hash);
    json.member("started", node.started);
    json.key("head");
    write_version(json, node.head);
    write_age_s(json, "head_age_s", node.head_ago);
    write_up_of(json, "in", node.in_up, node.in_total);
    write_up_of(json, "out", node.out_up, node.out_total);
    json.key("link");
    if (node.link) write_link(json, *node.link);
    else json.null();
    write_contradiction(json, node.contradiction);
    json.key("evidence");
    write_evidence(json, node.evidence);
    json.end_object();
}

void write_link(JsonWriter& json, const mesh::LinkView& link) {
    json.begin_object();
    json.member("dials", link.dials);
    json.member("dialed_by", link.dialed_by);
    json.member("status", mesh::to_string(link.status));
    write_reason(json, link.reason);
    write_text(json, "detail", link.detail);
    json.member("since", link.since);
    write_age_s(json, "last_success_age_s", link.last_success_ago);
    write_age_s(json, "last_heard_age_s", link.last_heard_ago);
    write_ms(json, "rtt_ms", link.rtt_last);
    write_ms(json, "rtt_smoothed_ms", link.rtt_smoothed);
    write_ms(json, "rtt_p50_ms", link.rtt_p50);
    write_ms(json, "rtt_p95_ms", link.rtt_p95);
    json.member("loss", link.loss);
    write_ms(json, "clock_offset_ms", link.clock_offset);
    write_ms(json, "clock_error_ms", link.clock_error);
    write_roster_hash(json, link.roster_hash);
    json.member("failures_in_row", link.failures_in_row);
    json.end_object();
}

void write_evidence(JsonWriter& json, const mesh::Evidence& evidence) {
    json.begin_object();
    json.member("votes", evidence.votes);
    json.member("says_up", evidence.says_up);
    json.member("says_down", evidence.says_down);
    json.member("says_impaired", evidence.says_impaired);
    write_age_s(json, "proof_of_life_age_s", evidence.proof_of_life_ago);
    write_text(json, "proof_kind", evidence.proof_kind);
    json.key("testimonies");
    json.begin_array();
    for (const mesh::Testimony& testimony : evidence.testimonies) write_testimony(json, testimony);
    json.end_array();
    json.end_object();
}

void write_version(JsonWriter& json, const std::optional<wire::Version>& version) {
    if (!version) return json.null();
    json.begin_object();
    json.member("epoch", version->epoch);
    json.member("seq", version->seq);
    json.member("key_tag", fmt::format("{:08x}", version->key.value));
    json.member("head_hash", fmt::format("{:08x}", version->head_hash));
    json.end_object();
}

void write_problem(JsonWriter& json, const Problem& problem) {
    json.begin_object();
    json.member("code", problem.code);
    json.member("severity", to_string(problem.severity));
    json.member("title", problem.title);
    json.member("detail", problem.detail);
    json.member("remedy", problem.remedy);
    json.member("since", problem.since);
    json.member("network_id", problem.network);
    json.member("node_id", problem.node);
    write_text(json, "file", problem.file);
    json.member("line", problem.line && *problem.line > 0 ? problem.line : std::nullopt);
    write_text(json, "excerpt", problem.excerpt);
    json.end_object();
}

void write_identity(JsonWriter& json, const NetworkEntry& entry) {
    json.member("network_id", entry.network);
    json.member("directory", entry.directory);
    json.member("node_id", entry.node);
    json.member("state", entry.running ? "running" : "waiting");
    json.member("config_type", entry.config_type);
    json.key("repository");
    if (!entry.repository) return json.null();
    const Repository& repository = *entry.repository;
    json.begin_object();
    json.member("url", repository.url);
    write_text(json, "branch", repository.branch);
    write_text(json, "commit", repository.commit);
    json.member("committed", repository.committed);
    json.member("asked", repository.asked);
    write_text(json, "trouble", repository.trouble);
    json.end_object();
}

void write_reason(JsonWriter& json, mesh::Reason reason) {
    const std::string_view word = reason_word(reason);
    write_text(json, "reason", word);
    std::string_view text;
    if (word == kUnknownReason) text = "a reason that this version does not know";
    else if (!word.empty()) text = mesh::explain(reason);
    write_text(json, "reason_text", text);
}

std::string_view reason_word(mesh::Reason reason) {
    if (std::to_underlying(reason) > std::to_underlying(mesh::Reason::left)) return kUnknownReason;
    return mesh::to_string(reason);
}

std::string_view to_string(Severity severity) {
    switch (severity) {
        case Severity::info: return "info";
        case Severity::warning: return "warning";
        case Severity::error: return "error";
    }
    return {};
}

std::optional<std::string_view> worst(const std::vector<Problem>& problems) {
    const auto highest = std::ranges::max_element(problems, {}, &Problem::severity);
    if (highest == problems.end()) return std::nullopt;
    return to_string(highest->severity);
}

void write_age_s(JsonWriter& json, std::string_view name, std::optional<Duration> age) {
    json.key(name);
    if (age) json.number(to_seconds(std::max(*age, Duration::zero())));
    else json.null();
}

void write_ms(JsonWriter& json, std::string_view name, std::optional<Duration> duration) {
    json.key(name);
    if (duration) json.number(to_ms(*duration));
    else json.null();
}

void write_roster_hash(JsonWriter& json, const std::optional<wire::RosterHash>& hash) {
    json.key("roster_hash");
    if (hash) json.value(to_hex(view(*hash)));
    else json.null();
}

void write_text(JsonWriter& json, std::string_view name, std::string_view text) {
    json.key(name);
    if (text.empty()) json.null();
    else json.value(text);
}

void write_names(JsonWriter& json, std::string_view name, const std::vector<NodeId>& names) {
    json.key(name);
    json.begin_array();
    for (const NodeId& node : names) json.value(node);
    json.end_array();
}

}  // namespace meshmon::api
