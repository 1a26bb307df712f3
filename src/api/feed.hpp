#pragma once

#include <cstdint>
#include <deque>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/source.hpp"
#include "http/message.hpp"
#include "mesh/event.hpp"

namespace meshmon::api {

/// Tells changes to whoever listens at /api/v1/stream, as server-sent events. The fifth step of a heartbeat.
///
/// Source: WHATWG HTML, "Server-sent events"; docs/reference/events.md.
/// Place: owned by the driver, one for all networks; fed from mesh::Network::poll_event, never by polling.
/// Threads: loop thread only; no call blocks.
/// Time: ids begin at the wall time of the start times 1000, so they grow over restarts as well (unless that clock is set back).
/// Memory: the last Options::events_max events within Options::bytes_max; per subscriber at most
/// Options::subscriber_bytes_max that it has not read yet. Who reads more slowly is cut off and may resume.
class Feed {
public:
    struct Options {
        std::size_t events_max = 1000;
        std::size_t bytes_max = 512 * 1024;
        std::size_t subscribers_max = 64;
        std::size_t subscriber_bytes_max = 640 * 1024;  ///< above bytes_max, so that a whole replay fits
        Duration heartbeat = std::chrono::seconds(15);  ///< a comment, for proxies that end silent connections
    };
    Feed(Options options, Now started);

    /// Something changed in `network`.
    void publish(const NetworkId& network, const mesh::Event& event);

    /// The list of problems is another one now.
    void problems_changed(const std::vector<Problem>& problems, WallTime at);

    /// To be called about once a second: sends the comments and forgets who is gone.
    void tick(MonoTime now);

    /// Ends every stream; what is queued is still sent.
    void close();

    /// Answers GET /api/v1/stream. Errors, as a response: 404 unknown_network; 503 too_many_streams.
    [[nodiscard]] http::Response subscribe(const http::Request& request, const Source& source);

    [[nodiscard]] std::size_t subscribers() const { return subscribers_.size(); }
    [[nodiscard]] std::uint64_t events_total() const { return last_id_ - base_id_; }
    [[nodiscard]] std::uint64_t slow_readers_total() const { return slow_readers_; }

private:
    struct Entry {
        std::uint64_t id = 0;
        std::optional<NetworkId> network;  ///< absent: of the whole node
        std::string frame;
    };
    struct Subscriber {
        std::shared_ptr<http::Stream> stream;
        std::optional<NetworkId> only;
    };

    void append(std::optional<NetworkId> network, std::string_view name, std::string_view data);
    void replay(http::Stream& stream, const std::optional<NetworkId>& only, std::string_view last_event_id) const;
    void forget_gone();
    [[nodiscard]] std::string hello(const Source& source, const std::optional<NetworkId>& only, bool resumes) const;

    Options options_;
    std::uint64_t base_id_;
    std::uint64_t last_id_;
    std::deque<Entry> entries_;  ///< ids without a hole, the newest last
    std::size_t bytes_ = 0;      ///< of all frames in entries_
    std::list<Subscriber> subscribers_;
    MonoTime last_beat_;
    std::uint64_t slow_readers_ = 0;
};

}  // namespace meshmon::api
