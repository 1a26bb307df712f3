// Asks every route of a node with rich data and prints each answer as one line of JSON, for openapi_test.py to hold against
// openapi/meshmon.yaml.

#include <fmt/format.h>

#include "api/json_writer.hpp"
#include "api/routes.hpp"
#include "api/source_for_tests.hpp"

namespace meshmon::api {

namespace {

void print(JsonWriter& json) { fmt::print("{}\n", json.take()); }

class Asker {
public:
    explicit Asker(const SourceForTests& source) : feed_({}, source.now()) { add_routes(router_, source, feed_); }

    void print_routes() const {
        for (const http::Router::Route& route : router_.routes()) {
            JsonWriter json;
            json.begin_object();
            json.member("route", route.path);
            json.member("method", http::to_string(route.method));
            json.end_object();
            print(json);
        }
    }

    /// `path` as one of the paths in the description, and the parameters in it.
    http::Response ask(std::string path, std::map<std::string, std::string> parameters = {},
                       std::map<std::string, std::string> headers = {}, http::Method method = http::Method::get) {
        http::Request request;
        request.method = method;
        request.path = path;
        for (const auto& [name, value] : parameters) {
            const std::string place = "{" + name + "}";
            if (const auto found = request.path.find(place); found != std::string::npos)
                request.path.replace(found, place.size(), value);
            else request.query[name] = value;
        }
        request.headers = std::move(headers);
        http::Response response = answer(router_, request);
        JsonWriter json(response.body.size() + 256);
        json.begin_object();
        json.member("path", path);
        json.member("method", http::to_string(method));
        json.member("status", response.status);
        json.key("headers");
        json.begin_object();
        for (const auto& [name, value] : response.headers) json.member(name, value);
        json.end_object();
        json.member("body", response.stream ? response.stream->take() : response.body);
        json.end_object();
        print(json);
        return response;
    }

    /// As above, and once more with the ETag of the answer.
    void ask_twice(std::string path, std::map<std::string, std::string> parameters = {}) {
        const http::Response first = ask(path, parameters);
        ask(path, parameters, {{"if-none-match", std::string(first.header("etag").value_or(""))}});
    }

    Feed& feed() { return feed_; }

private:
    http::Router router_;
    Feed feed_;
};

void tell_every_kind(Feed& feed) {
    for (int kind = 0; kind <= static_cast<int>(mesh::EventKind::peer_misbehaved); ++kind) {
        mesh::Event event;
        event.kind = static_cast<mesh::EventKind>(kind);
        if (kind % 2 == 0) event.node = node_id("node-001");
        event.from = mesh::Status::up;
        event.to = mesh::Status::down;
        event.reason = static_cast<mesh::Reason>(kind * 2);
        event.at = wall(1'795'331'700);
        event.detail = nasty_text();
        feed.publish(network_id("prod"), event);
    }
}

void ask_everything() {
    SourceForTests source = rich_source();
    Asker node(source);
    node.print_routes();
    for (const char* path : {"/api/v1/me", "/api/v1/health", "/api/v1/health/setup", "/api/v1/networks", "/healthz", "/readyz",
                             "/metrics", "/", "/docs/"})
        node.ask(path);

    const std::string network_path = "/api/v1/networks/{network_id}";
    for (const std::string& path : {network_path, network_path + "/nodes", network_path + "/links", network_path + "/config"}) {
        for (const char* network : {"prod", "PROD", "none", "one", "three", "big"})
            node.ask_twice(path, {{"network_id", network}});
        for (const char* network : {"stuck", "other", "not a \"name\""}) node.ask(path, {{"network_id", network}});
    }
    for (const mesh::NodeView& view : source.networks_.at(network_id("prod")).nodes) {
        node.ask_twice(network_path + "/nodes/{node_id}", {{"network_id", "prod"}, {"node_id", view.id.str()}});
    }
    for (const char* name : {"nobody", "no name!"})
        node.ask(network_path + "/nodes/{node_id}", {{"network_id", "one"}, {"node_id", name}});
    node.ask(network_path + "/nodes/{node_id}", {{"network_id", "stuck"}, {"node_id", "node-000"}});

    for (const char* network : {"prod", "PROD", "stuck", "other", "not a \"name\""})
        node.ask("/mesh/v1/{network_id}/key", {{"network_id", network}});

    node.ask_twice("/openapi.json");
    node.ask_twice("/docs");
    for (const char* name :
         {"swagger-ui.css", "swagger-ui-bundle.js", "initializer.js", "page.css", "favicon.png", "swagger-ui-LICENSE.txt"}) {
        node.ask_twice("/docs/{asset}", {{"asset", name}});
    }
    node.ask("/docs/{asset}", {{"asset", "other.js"}});

    node.ask("/api/v1/me", {}, {}, http::Method::post);
    node.ask("/api/v1/stream", {{"network", "other"}});
    tell_every_kind(node.feed());
    node.feed().problems_changed(source.problems(), wall(1'795'331'701));
    node.feed().problems_changed({}, wall(1'795'331'702));
    std::vector<http::Response> held;
    node.ask("/api/v1/stream", {}, {{"last-event-id", "12345"}});
    for (std::size_t i = 0; i <= Feed::Options().subscribers_max; ++i)
        held.push_back(node.ask("/api/v1/stream", {{"network", "prod"}}));

    source.not_ready_reason_ = "cannot write \"/data\"";
    source.problems_.clear();
    source.networks_.clear();
    node.ask("/readyz");
    node.ask("/api/v1/health");
    node.ask("/api/v1/networks");
}

}  // namespace

}  // namespace meshmon::api

int main() { meshmon::api::ask_everything(); }
