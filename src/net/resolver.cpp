#include "net/resolver.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

namespace meshmon::net {

/// What the look-ups' threads hold on to: they may outlive everything else.
struct Resolver::Shared {
    Lookup lookup;
    std::mutex mutex;
    Loop* loop = nullptr;          // null: nobody waits any more
    Resolver* resolver = nullptr;  // used on the loop alone; null likewise
};

Resolver::Resolver(Loop& loop, std::size_t threads_max, Duration ttl, Lookup lookup)
    : threads_max_(threads_max), ttl_(ttl), shared_(std::make_shared<Shared>()) {
    shared_->lookup = lookup ? std::move(lookup) : Lookup(system_lookup);
    shared_->loop = &loop;
    shared_->resolver = this;
}

Resolver::~Resolver() {
    const std::lock_guard lock(shared_->mutex);
    shared_->loop = nullptr;
    shared_->resolver = nullptr;
}

Resolver::Ticket Resolver::resolve(const std::string& host, Done done) {
    const Ticket ticket = next_ticket_++;
    if (is_address_literal(host)) {
        done(Addresses{host});
        return ticket;
    }
    if (names_.size() >= kNamesMax) forget_old();
    if (names_.size() >= kNamesMax && !names_.contains(host)) {
        done(fail("net.dns", fmt::format("name '{}' is not looked up: too many names", host)));
        return ticket;
    }
    Name& name = names_[host];
    if (name.waiting.empty() && !name.running && name.expires > Loop::now().mono) {
        const Addresses known = name.addresses;  // `done` may change what we remember
        done(known);
        return ticket;
    }
    const bool first = name.waiting.empty() && !name.running;
    name.waiting.emplace(ticket, std::move(done));
    if (first && std::ranges::find(line_, host) == line_.end()) line_.push_back(host);
    start_next();
    return ticket;
}

void Resolver::cancel(Ticket ticket) {
    for (auto& [host, name] : names_)
        if (name.waiting.erase(ticket) > 0) return;
}

void Resolver::start_next() {
    while (running_ < threads_max_ && !line_.empty()) {
        const std::string host = std::move(line_.front());
        line_.pop_front();
        const auto found = names_.find(host);
        if (found == names_.end() || found->second.waiting.empty()) continue;  // everybody gave up while it was in line
        found->second.running = true;
        ++running_;
        if (const auto started = start(host); !started) answer(host, started.error());
    }
}

Result<> Resolver::start(const std::string& host) {
    try {
        std::thread([host, shared = shared_] {
            Result<Addresses> result = shared->lookup(host);
            const std::lock_guard lock(shared->mutex);
            if (shared->loop == nullptr) return;
            shared->loop->post([host, shared, result = std::move(result)]() mutable {
                if (shared->resolver == nullptr) return;
                shared->resolver->answer(host, std::move(result));
                shared->resolver->start_next();
            });
        }).detach();
    } catch (const std::system_error& error) {
        return fail("net.dns", fmt::format("name '{}' is not looked up: {}", host, error.what()));
    }
    return {};
}

void Resolver::answer(const std::string& host, Result<Addresses> result) {
    Name& name = names_[host];
    name.running = false;
    --running_;
    const auto waiting = std::exchange(name.waiting, {});
    if (result) {
        name.addresses = *result;
        name.expires = Loop::now().mono + ttl_;
    } else {
        names_.erase(host);
    }
    for (const auto& [ticket, done] : waiting) done(result);
}

void Resolver::forget_old() {
    const MonoTime now = Loop::now().mono;
    std::erase_if(names_, [&](const auto& entry) {
        return entry.second.waiting.empty() && !entry.second.running && entry.second.expires <= now;
    });
}

bool is_address_literal(const std::string& text) {
    in6_addr address{};
    return inet_pton(AF_INET, text.c_str(), &address) == 1 || inet_pton(AF_INET6, text.c_str(), &address) == 1;
}

Result<std::vector<std::string>> system_lookup(const std::string& host) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    const int failure = getaddrinfo(host.c_str(), nullptr, &hints, &found);
    if (failure == EAI_NONAME || failure == EAI_NODATA) return fail("net.dns", fmt::format("name '{}' does not resolve", host));
    if (failure != 0) return fail("net.dns", fmt::format("name '{}' does not resolve: {}", host, gai_strerror(failure)));

    std::vector<std::string> addresses;
    for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
        char text[NI_MAXHOST];  // a link-local address keeps its scope
        if (getnameinfo(entry->ai_addr, entry->ai_addrlen, text, sizeof text, nullptr, 0, NI_NUMERICHOST) == 0)
            addresses.emplace_back(text);
    }
    freeaddrinfo(found);
    if (addresses.empty()) return fail("net.dns", fmt::format("name '{}' has no address", host));
    return addresses;
}

}  // namespace meshmon::net
