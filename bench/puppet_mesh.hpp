#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>

#include "base/time.hpp"
#include "crypto/sodium.hpp"
#include "mesh/network.hpp"
#include "puppet.hpp"

namespace meshmon::bench {

/// One real network among puppets, in virtual time and without sockets. What the real one costs is measured apart.
class PuppetMesh {
public:
    PuppetMesh(std::size_t nodes, Duration poll_rate);

    /// Lives through `span`: every timer of the real node, and every puppet's requests.
    void live(Duration span);

    /// Lives until the real node's next look at its verdicts, and through it; the CPU time that this look took.
    [[nodiscard]] Duration next_pass();

    /// From now on every second exchange that the real node starts with puppet `index` fails: something to judge.
    void let_fail(std::size_t index) { failing_ = index; }

    [[nodiscard]] mesh::Network& real() { return *real_; }
    [[nodiscard]] Now now() const { return now_; }
    [[nodiscard]] Duration cpu() const { return cpu_; }  ///< of the real network's calls so far

private:
    template <typename Call>
    auto timed(Call call);
    void drain();
    void serve(const mesh::Network::Transmit& transmit);
    void next_puppet_dials();
    [[nodiscard]] MonoTime next_puppet_at() const;

    mesh::Roster roster_;
    Now now_;
    crypto::SodiumCrypto crypto_;
    Puppet::Stage stage_;
    std::deque<Puppet> puppets_;
    std::optional<mesh::Network> real_;
    Duration puppet_spacing_{};
    std::size_t puppet_turn_ = 0;
    MonoTime puppet_at_;
    Duration cpu_{};
    std::optional<std::size_t> failing_;
    bool fails_next_ = true;
};

/// CPU time of this thread.
[[nodiscard]] Duration thread_cpu();

}  // namespace meshmon::bench
