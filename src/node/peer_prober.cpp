#include "node/peer_prober.hpp"

#include <set>

#include "crypto/pem.hpp"

namespace meshmon::node {

namespace {

constexpr Duration kDeadline = std::chrono::seconds(5);

}  // namespace

void PeerProber::look(const std::vector<NetworkFacts>& networks, MonoTime now) {
    std::set<PeerProbes::key_type> lacking;
    for (const NetworkFacts& entry : networks) {
        const config::LoadedNetwork& loaded = *entry.loaded;
        if (!loaded.folder || !loaded.network) continue;
        for (std::size_t i = 0; i < loaded.folder->keys.size(); ++i) {
            const config::Peer& peer = loaded.folder->config.peers[i];
            if (loaded.folder->keys[i].key || peer.url_state != config::UrlState::usable || peer.node_id == loaded.ref.node_id)
                continue;
            const PeerProbes::key_type key{loaded.ref.directory, peer.node_id};
            lacking.insert(key);
            const auto asked = asked_.find(key);
            if (under_way_ >= kAtOnce || (asked != asked_.end() && now - asked->second < kEvery)) continue;
            asked_[key] = now;
            ++under_way_;
            client_.start(
                {.url = probe_url(peer.url, *loaded.network), .deadline = now + kDeadline, .response_max = crypto::kPemBytesMax},
                [this, key](const net::ClientResult& result) {
                    --under_way_;
                    if (asked_.contains(key)) found_[key] = read_probe(result);
                });
        }
    }
    std::erase_if(found_, [&](const auto& each) { return !lacking.contains(each.first); });
    std::erase_if(asked_, [&](const auto& each) { return !lacking.contains(each.first); });
}

}  // namespace meshmon::node
