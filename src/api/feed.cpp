// The fifth step of a heartbeat: what changed becomes JSON for whoever listens.
#include "api/feed.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "api/present.hpp"
#include "api/respond.hpp"
#include "base/check.hpp"
#include "http/router.hpp"

namespace meshmon::api {

namespace {

constexpr std::size_t kDetailMax = 1000;              ///< bytes of an event's sentence; peers may have had a hand in it
constexpr std::string_view kRetry = "retry: 3000\n";  ///< milliseconds until a browser comes back

bool tells_status(mesh::EventKind kind) {
    using enum mesh::EventKind;
    return kind == node_status || kind == node_contested || kind == link_status;
}

std::string event_data(const NetworkId& network, const mesh::Event& event) {
    const std::string_view from = tells_status(event.kind) ? mesh::to_string(event.from) : std::string_view();
    const std::string_view to = tells_status(event.kind) ? mesh::to_string(event.to) : std::string_view();
    JsonWriter json(512);
    json.begin_object();
    json.member("at", event.at);
    json.member("network_id", network);
    json.member("kind", mesh::to_string(event.kind));
    write_text(json, "node_id", event.node.str());
    write_text(json, "from", from);
    write_text(json, "to", to);
    write_reason(json, event.reason);
    json.member("contested", event.contested);
    json.member("detail", std::string_view(event.detail).substr(0, kDetailMax));
    json.end_object();
    return json.take();
}

std::string gap_frame(std::string_view reason, std::string_view last_event_id) {
    JsonWriter json(128);
    json.begin_object();
    json.member("reason", reason);
    json.member("last_event_id", last_event_id.substr(0, 20));
    json.end_object();
    return fmt::format("event: gap\ndata: {}\n\n", json.take());
}

std::uint64_t first_id(WallTime started) {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(started.time_since_epoch().count(), 0)) * 1000;
}

/// Whether this node has the network in its configuration, running or not.
bool configured(const Source& source, const NetworkId& network) {
    const Me me = source.me();
    return std::ranges::any_of(me.networks, [&](const NetworkEntry& entry) { return entry.network == network; });
}

http::Response too_many_streams(std::size_t subscribers_max) {
    http::Response response = http::error_response(503, "too_many_streams", "All places for streams are taken",
                                                   fmt::format("this node serves {} streams at once", subscribers_max),
                                                   "close one, or read the other paths from time to time");
    response.set("Retry-After", "15");
    return response;
}

http::Response stream_response(std::shared_ptr<http::Stream> stream) {
    http::Response response;
    response.set("Content-Type", "text/event-stream");
    response.set("Cache-Control", "no-store");
    response.set("X-Accel-Buffering", "no");  // reverse proxies would hold events back otherwise
    response.stream = std::move(stream);
    return response;
}

}  // namespace

Feed::Feed(Options options, Now started)
    : options_(options), base_id_(first_id(started.wall)), last_id_(base_id_), last_beat_(started.mono) {
    MM_CHECK(options.events_max > 0 && options.subscriber_bytes_max > options.bytes_max, "a replay must fit into a stream");
}

void Feed::publish(const NetworkId& network, const mesh::Event& event) {
    append(network, mesh::to_string(event.kind), event_data(network, event));
}

void Feed::problems_changed(const std::vector<Problem>& problems, WallTime at) {
    JsonWriter json(128);
    json.begin_object();
    json.member("at", at);
    json.member("worst", worst(problems));
    for (const Severity severity : {Severity::error, Severity::warning, Severity::info}) {
        json.member(to_string(severity), std::ranges::count(problems, severity, &Problem::severity));
    }
    json.end_object();
    append(std::nullopt, "problems", json.take());
}

void Feed::append(std::optional<NetworkId> network, std::string_view name, std::string_view data) {
    ++last_id_;
    entries_.push_back({last_id_, std::move(network), fmt::format("id: {}\nevent: {}\ndata: {}\n\n", last_id_, name, data)});
    const Entry& added = entries_.back();
    bytes_ += added.frame.size();
    forget_gone();
    std::erase_if(subscribers_, [&](const Subscriber& subscriber) {
        if (subscriber.only && added.network && subscriber.only != added.network) return false;
        const bool kept_up = subscriber.stream->push(added.frame);
        if (!kept_up) ++slow_readers_;
        return !kept_up;
    });
    while (entries_.size() > options_.events_max || bytes_ > options_.bytes_max) {
        bytes_ -= entries_.front().frame.size();
        entries_.pop_front();
    }
}

// A connection that ended has closed its stream or let go of it: then only our own reference is left.
void Feed::forget_gone() {
    std::erase_if(subscribers_,
                  [](const Subscriber& subscriber) { return subscriber.stream->closed() || subscriber.stream.use_count() == 1; });
}

void Feed::tick(MonoTime now) {
    forget_gone();
    if (now - last_beat_ < options_.heartbeat) return;
    last_beat_ = now;
    std::erase_if(subscribers_, [&](const Subscriber& subscriber) {
        const bool kept_up = subscriber.stream->push(":\n\n");
        if (!kept_up) ++slow_readers_;
        return !kept_up;
    });
}

void Feed::close() {
    for (const Subscriber& subscriber : subscribers_) subscriber.stream->close();
    subscribers_.clear();
}

http::Response Feed::subscribe(const http::Request& request, const Source& source) {
    std::optional<NetworkId> only;
    if (const auto wanted = request.query.find("network"); wanted != request.query.end()) {
        const auto id = NetworkId::parse(wanted->second);
        if (!id || !configured(source, *id)) return unknown_network(wanted->second);
        only = *id;
    }
    if (request.method == http::Method::head) return stream_response(nullptr);
    forget_gone();
    if (subscribers_.size() >= options_.subscribers_max) return too_many_streams(options_.subscribers_max);

    const auto stream = std::make_shared<http::Stream>(options_.subscriber_bytes_max);
    const std::optional<std::string_view> last_event_id = request.header("last-event-id");
    stream->push(hello(source, only, last_event_id.has_value()));
    if (last_event_id) replay(*stream, only, *last_event_id);
    subscribers_.push_back({stream, only});
    return stream_response(stream);
}

// Who resumes gets no id with the greeting: if the connection broke in the middle of the replay, the rest would be lost.
std::string Feed::hello(const Source& source, const std::optional<NetworkId>& only, bool resumes) const {
    const Me me = source.me();
    JsonWriter json(256);
    json.begin_object();
    json.member("at", source.now().wall);
    json.member("version", me.version);
    json.member("boot_id", me.boot_id);
    json.key("networks");
    json.begin_array();
    for (const NetworkEntry& entry : me.networks) {
        if (!entry.network || (only && only != entry.network)) continue;
        json.begin_object();
        json.member("network_id", entry.network);
        json.member("node_id", entry.node);
        json.end_object();
    }
    json.end_array();
    json.end_object();
    const std::string id = resumes ? std::string() : fmt::format("id: {}\n", last_id_);
    return fmt::format("{}{}event: hello\ndata: {}\n\n", kRetry, id, json.take());
}

void Feed::replay(http::Stream& stream, const std::optional<NetworkId>& only, std::string_view last_event_id) const {
    std::uint64_t held = 0;
    const auto parsed = std::from_chars(last_event_id.data(), last_event_id.data() + last_event_id.size(), held);
    const bool number = parsed.ec == std::errc() && parsed.ptr == last_event_id.data() + last_event_id.size();
    const std::uint64_t oldest = entries_.empty() ? last_id_ + 1 : entries_.front().id;
    if (!number || held < base_id_ || held > last_id_) {
        stream.push(gap_frame("restarted", last_event_id));
        held = 0;
    } else if (held + 1 < oldest) {
        stream.push(gap_frame("too_old", last_event_id));
    }
    for (const Entry& entry : entries_) {
        if (entry.id <= held || (only && entry.network && entry.network != only)) continue;
        stream.push(entry.frame);
    }
}

}  // namespace meshmon::api
