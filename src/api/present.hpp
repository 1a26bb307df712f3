#pragma once

#include <optional>
#include <string_view>

#include "api/json_writer.hpp"
#include "api/source.hpp"
#include "mesh/snapshot.hpp"

/// The schemas of openapi/meshmon.yaml that several routes share, one function each. Each writes one JSON value.
namespace meshmon::api {

void write_node(JsonWriter& json, const mesh::NodeView& node);
void write_link(JsonWriter& json, const mesh::LinkView& link);
void write_evidence(JsonWriter& json, const mesh::Evidence& evidence);
void write_version(JsonWriter& json, const std::optional<wire::Version>& version);
void write_problem(JsonWriter& json, const Problem& problem);

/// The members that tell which network of the configuration this is, inside an object that the caller opened.
void write_identity(JsonWriter& json, const NetworkEntry& entry);

/// `reason` and `reason_text`, both null for none.
void write_reason(JsonWriter& json, mesh::Reason reason);

/// The word of schema Reason; "unknown_reason" for a number that only newer nodes know. Empty for none.
[[nodiscard]] std::string_view reason_word(mesh::Reason reason);

[[nodiscard]] std::string_view to_string(Severity severity);

/// The highest severity, or nothing.
[[nodiscard]] std::optional<std::string_view> worst(const std::vector<Problem>& problems);

void write_age_s(JsonWriter& json, std::string_view name, std::optional<Duration> age);
void write_ms(JsonWriter& json, std::string_view name, std::optional<Duration> duration);
void write_roster_hash(JsonWriter& json, const std::optional<wire::RosterHash>& hash);

/// Null for an empty text.
void write_text(JsonWriter& json, std::string_view name, std::string_view text);

void write_names(JsonWriter& json, std::string_view name, const std::vector<NodeId>& names);

}  // namespace meshmon::api
