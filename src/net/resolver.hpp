#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "net/loop.hpp"

namespace meshmon::net {

/// Names to addresses, without ever blocking the loop, another name's look-up, or the end of the process.
///
/// Each look-up has a thread of its own, which is abandoned if it hangs; that is why it does not use the Loop's workers.
/// A name is looked up once at a time, however many ask. Answers are used again for `ttl`, failures are not.
/// Owner: HttpClient. Threads: loop thread only.
/// Memory: at most `threads_max` look-ups; names beyond wait in line. Remembers kNamesMax names.
class Resolver {
public:
    using Addresses = std::vector<std::string>;  ///< literals, the preferred one first
    using Lookup = std::function<Result<Addresses>(const std::string& host)>;
    using Done = std::function<void(const Result<Addresses>&)>;
    using Ticket = std::uint64_t;

    static constexpr std::size_t kNamesMax = 4096;

    /// Without a `lookup` the system's is used.
    Resolver(Loop& loop, std::size_t threads_max, Duration ttl, Lookup lookup);
    ~Resolver();  ///< calls no `done` any more
    Resolver(const Resolver&) = delete;
    Resolver& operator=(const Resolver&) = delete;

    /// Calls `done` when the answer is there; from inside resolve() if it is known, as for address literals. `done` must not
    /// end the Resolver.
    /// Errors handed to `done`: net.dns.
    Ticket resolve(const std::string& host, Done done);

    /// Forgets who asked; nothing happens if it was answered.
    void cancel(Ticket ticket);

private:
    struct Shared;
    struct Name {
        std::map<Ticket, Done> waiting;
        bool running = false;
        Addresses addresses;  // the last answer
        MonoTime expires;     // until when it is used
    };

    void start_next();
    Result<> start(const std::string& host);
    void answer(const std::string& host, Result<Addresses> result);
    void forget_old();

    std::size_t threads_max_;
    Duration ttl_;
    std::map<std::string, Name> names_;
    std::deque<std::string> line_;
    std::size_t running_ = 0;
    Ticket next_ticket_ = 1;
    std::shared_ptr<Shared> shared_;
};

/// The system's resolver; blocks. Errors: net.dns.
Result<std::vector<std::string>> system_lookup(const std::string& host);

/// Whether `text` is an IPv4 or IPv6 address.
[[nodiscard]] bool is_address_literal(const std::string& text);

}  // namespace meshmon::net
