#include "api/setup.hpp"

#include <algorithm>

#include "api/present.hpp"

namespace meshmon::api {

namespace {

void write_steps(JsonWriter& json, const std::vector<SetupStep>& steps) {
    json.member("ready", is_ready(steps));
    json.key("steps");
    json.begin_array();
    for (const SetupStep& step : steps) {
        json.begin_object();
        json.member("name", step.name);
        json.member("state", to_string(step.state));
        json.member("detail", step.detail);
        json.member("remedy", step.remedy);
        json.member("host", step.host);
        write_text(json, "file", step.file);
        json.member("line", step.line && *step.line > 0 ? step.line : std::nullopt);
        json.end_object();
    }
    json.end_array();
}

void write_network(JsonWriter& json, const SetupNetwork& network) {
    json.begin_object();
    json.member("network_id", network.network);
    json.member("directory", network.directory);
    json.member("node_id", network.node);
    write_text(json, "fingerprint", network.fingerprint);
    write_text(json, "key_words", network.key_words);
    write_steps(json, network.steps);
    json.key("peers");
    json.begin_array();
    for (const SetupPeer& peer : network.peers) {
        json.begin_object();
        json.member("node_id", peer.node);
        write_steps(json, peer.steps);
        json.end_object();
    }
    json.end_array();
    json.end_object();
}

}  // namespace

bool is_ready(const std::vector<SetupStep>& steps) {
    return std::ranges::all_of(
        steps, [](const SetupStep& step) { return step.state == StepState::done || step.state == StepState::not_needed; });
}

bool is_complete(const Setup& setup) {
    return is_ready(setup.steps) && std::ranges::all_of(setup.networks, [](const SetupNetwork& network) {
               return is_ready(network.steps) &&
                      std::ranges::all_of(network.peers, [](const SetupPeer& peer) { return is_ready(peer.steps); });
           });
}

std::string_view to_string(StepState state) {
    switch (state) {
        case StepState::done: return "done";
        case StepState::failed: return "failed";
        case StepState::waiting: return "waiting";
        case StepState::not_needed: return "not_needed";
    }
    return "";
}

void write_setup(JsonWriter& json, const Setup& setup, WallTime at) {
    json.begin_object();
    json.member("at", at);
    json.member("complete", is_complete(setup));
    write_steps(json, setup.steps);
    json.key("networks");
    json.begin_array();
    for (const SetupNetwork& network : setup.networks) write_network(json, network);
    json.end_array();
    json.end_object();
}

}  // namespace meshmon::api
