// What this node tells about itself: /api/v1/me, /api/v1/health, the checklist of the setup, and the probes.
#include "api/present.hpp"
#include "api/respond.hpp"
#include "api/routes.hpp"

namespace meshmon::api {

namespace {

http::Response get_me(const Source& source) {
    const Now now = source.now();
    const Me me = source.me();
    JsonWriter json;
    json.begin_object();
    json.member("at", now.wall);
    json.member("version", me.version);
    json.member("commit", me.commit);
    json.member("listen", me.listen);
    json.member("config_dir", me.config_dir);
    json.member("data_dir", me.data_dir);
    json.member("boot_id", me.boot_id);
    json.member("pid", me.pid);
    json.member("started", me.started);
    write_age_s(json, "uptime_s", now.wall - me.started);
    json.key("networks");
    json.begin_array();
    for (const NetworkEntry& entry : me.networks) {
        json.begin_object();
        write_identity(json, entry);
        json.member("fingerprint", entry.fingerprint);
        json.member("key_words", entry.key_words);
        json.member("public_key_pem", entry.public_key_pem);
        json.end_object();
    }
    json.end_array();
    json.end_object();
    return json_response(json);
}

http::Response get_health(const Source& source) {
    const std::vector<Problem> problems = source.problems();
    JsonWriter json;
    json.begin_object();
    json.member("at", source.now().wall);
    json.member("worst", worst(problems));
    json.key("problems");
    json.begin_array();
    for (const Problem& problem : problems) write_problem(json, problem);
    json.end_array();
    json.end_object();
    return json_response(json);
}

http::Response get_setup(const Source& source) {
    JsonWriter json;
    write_setup(json, source.setup(), source.now().wall);
    return json_response(json);
}

http::Response probe(std::string_view status) {
    JsonWriter json;
    json.begin_object();
    json.member("status", status);
    json.end_object();
    return json_response(json);
}

http::Response get_readiness(const Source& source) {
    if (source.ready()) return probe("ready");
    return http::error_response(503, "not_ready", "This node cannot serve yet", source.not_ready_reason(),
                                "GET /api/v1/health says what to mend");
}

}  // namespace

void add_node_routes(http::Router& router, const Source& source) {
    router.add(http::Method::get, "/api/v1/me", [&source](const http::Request&) { return get_me(source); });
    router.add(http::Method::get, "/api/v1/health", [&source](const http::Request&) { return get_health(source); });
    router.add(http::Method::get, "/api/v1/health/setup", [&source](const http::Request&) { return get_setup(source); });
    router.add(http::Method::get, "/healthz", [](const http::Request&) { return probe("alive"); });
    router.add(http::Method::get, "/readyz", [&source](const http::Request&) { return get_readiness(source); });
}

}  // namespace meshmon::api
