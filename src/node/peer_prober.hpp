#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "net/client.hpp"
#include "node/setup.hpp"

namespace meshmon::node {

/// Asks peers whose key is missing for it, so that the checklist says whether something answers there, and with which key.
/// Stores nothing: that is a person's decision.
///
/// Threads: loop thread only. Limits: `kAtOnce` requests under way, one in five seconds to a peer, 16 KiB of an answer.
/// Owner: Driver; outlived by `client`, whose stop() ends what is under way.
class PeerProber {
public:
    static constexpr std::size_t kAtOnce = 4;
    static constexpr Duration kEvery = std::chrono::seconds(5);

    explicit PeerProber(net::HttpClient& client) : client_(client) {}
    PeerProber(const PeerProber&) = delete;
    PeerProber& operator=(const PeerProber&) = delete;

    /// Asks who is due; forgets whom the networks no longer lack a key of.
    void look(const std::vector<NetworkFacts>& networks, MonoTime now);

    [[nodiscard]] const PeerProbes& found() const { return found_; }

private:
    net::HttpClient& client_;
    PeerProbes found_;
    std::map<PeerProbes::key_type, MonoTime> asked_;
    std::size_t under_way_ = 0;
};

}  // namespace meshmon::node
