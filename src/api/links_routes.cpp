// Who reaches whom: N x N cells, written once from row to row without a tree in between.
#include "api/present.hpp"
#include "api/respond.hpp"
#include "api/routes.hpp"
#include "base/check.hpp"

#include <array>
#include <utility>

namespace meshmon::api {

namespace {

using State = mesh::LinkCell::State;

struct StateCode {
    State state;
    char code;
    std::string_view word;
};

// Indexed by the state's number.
constexpr std::array<StateCode, 7> kStateCodes{{
    {State::none, '.', "none"},
    {State::self, '=', "self"},
    {State::ok, 'o', "ok"},
    {State::failed, 'x', "failed"},
    {State::unknown, '?', "unknown"},
    {State::heard, 'h', "heard"},
    {State::silent, 's', "silent"},
}};

/// Reasons 1, 2 ... are a, b ...; what this version does not know comes after the last.
constexpr std::uint8_t kLastReason = std::to_underlying(mesh::Reason::left);

char state_code(const mesh::LinkCell& cell) { return kStateCodes.at(std::to_underlying(cell.state)).code; }

char reason_code(const mesh::LinkCell& cell) {
    const std::uint8_t number = std::min<std::uint8_t>(std::to_underlying(cell.reason), kLastReason + 1);
    return number == 0 ? '.' : static_cast<char>('a' + number - 1);
}

void write_legends(JsonWriter& json) {
    json.key("status_codes");
    json.begin_object();
    for (const StateCode& one : kStateCodes) json.member(std::string_view(&one.code, 1), one.word);
    json.end_object();
    json.key("reason_codes");
    json.begin_object();
    for (std::uint8_t number = 0; number <= kLastReason + 1; ++number) {
        mesh::LinkCell cell;
        cell.reason = static_cast<mesh::Reason>(number);
        const char code = reason_code(cell);
        write_text(json, std::string_view(&code, 1), reason_word(cell.reason));
    }
    json.end_object();
}

/// One string a row.
template <typename Code>
void write_codes(JsonWriter& json, std::string_view name, const mesh::LinkMatrix& links, Code code) {
    const std::size_t n = links.nodes.size();
    std::string row(n, '.');
    json.key(name);
    json.begin_array();
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = 0; j < n; ++j) row[j] = code(links.cells[i * n + j]);
        json.value(row);
    }
    json.end_array();
}

void write_figures(JsonWriter& json, std::string_view name, const mesh::LinkMatrix& links, float mesh::LinkCell::* figure,
                   int decimals) {
    const std::size_t n = links.nodes.size();
    json.key(name);
    json.begin_array();
    for (std::size_t i = 0; i < n; ++i) {
        json.begin_array();
        for (std::size_t j = 0; j < n; ++j) {
            const float value = links.cells[i * n + j].*figure;
            if (value != mesh::LinkCell::kUnknown) json.number(value, decimals);
            else json.null();
        }
        json.end_array();
    }
    json.end_array();
}

void write_one_way(JsonWriter& json, const mesh::LinkMatrix& links) {
    const std::size_t n = links.nodes.size();
    json.key("one_way");
    json.begin_array();
    for (std::size_t cell = 0; cell < links.cells.size(); ++cell) {
        if (!links.cells[cell].one_way) continue;
        json.begin_array();
        json.value(cell / n);
        json.value(cell % n);
        json.end_array();
    }
    json.end_array();
}

void write_row_ages(JsonWriter& json, const mesh::LinkMatrix& links) {
    json.key("row_age_s");
    json.begin_array();
    for (const std::optional<Duration>& age : links.row_age) {
        if (age) json.number(to_seconds(*age), 1);
        else json.null();
    }
    json.end_array();
}

http::Response get_links(const http::Request& request, const Source& source) {
    const auto found = find_network(request, source);
    if (!found) return found.error();
    if (client_has(request, found->etag)) return not_modified(found->etag);
    const std::optional<mesh::LinkMatrix> links = source.links(found->id);
    if (!links) return network_waiting(found->id.str());
    MM_CHECK(links->cells.size() == links->nodes.size() * links->nodes.size(), "a matrix of links is not square");
    JsonWriter json(1024 + links->nodes.size() * 32 + links->cells.size() * 11);
    json.begin_object();
    json.member("at", source.now().wall);
    json.member("network_id", found->id);
    json.member("viewpoint", found->self);
    write_names(json, "nodes", links->nodes);
    write_row_ages(json, *links);
    write_legends(json);
    write_codes(json, "status", *links, state_code);
    write_codes(json, "reason", *links, reason_code);
    write_one_way(json, *links);
    write_figures(json, "rtt_ms", *links, &mesh::LinkCell::rtt_ms, 2);
    write_figures(json, "loss", *links, &mesh::LinkCell::loss, 3);
    json.end_object();
    return json_response(json, found->etag);
}

}  // namespace

void add_links_routes(http::Router& router, const Source& source) {
    router.add(http::Method::get, "/api/v1/networks/{network_id}/links",
               [&source](const http::Request& request) { return get_links(request, source); });
}

}  // namespace meshmon::api
