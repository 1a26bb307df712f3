#include "network_pair.hpp"

#include <string>
#include <utility>

#include "base/check.hpp"
#include "puppet.hpp"

namespace meshmon::bench {

NetworkPair::NetworkPair(Now now) {
    const auto url = [](std::size_t i) { return "http://192.0.2." + std::to_string(i + 1) + ":8000"; };
    for (std::size_t i = 0; i < 2; ++i) {
        cryptos_[i].emplace(node_key(i));
        mesh::Network::Options options;
        options.software_version = "1.0.0";
        options.seed = i;
        networks_[i].emplace(make_roster("bench", 2, i, std::chrono::seconds(1), url), *cryptos_[i], std::move(options), now);
        settle(i, now);
    }
}

void NetworkPair::settle(std::size_t index, Now now) {
    mesh::Network& network = *networks_[index];
    while (const auto save = network.poll_save()) network.handle_saved(save->ticket, now);
    while (network.poll_event()) {
    }
}

mesh::Network::Transmit NetworkPair::next_request(std::size_t self, Now& now) {
    mesh::Network& network = *networks_[self];
    while (true) {
        if (auto transmit = network.poll_transmit()) return std::move(*transmit);
        const auto timeout = network.poll_timeout();
        MM_CHECK(timeout.has_value(), "a network without a timer");
        if (timeout->when > now.mono) now = later(now, timeout->when - now.mono);
        network.handle_timeout(now);
        settle(self, now);
    }
}

NetworkPair::Sizes NetworkPair::exchange(std::size_t self, Now& now) {
    const mesh::Network::Transmit transmit = next_request(self, now);
    mesh::Network::Reply reply = networks_[1 - self]->handle_exchange("192.0.2.1", transmit.body, now);
    settle(1 - self, now);
    const Sizes sizes{transmit.body.size(), reply.body.size()};
    mesh::Network::Answer answer;
    answer.outcome = mesh::Network::Answer::Outcome::answered;
    answer.http_status = reply.status;
    answer.body = std::move(reply.body);
    networks_[self]->handle_answer(transmit.id, answer, now);
    settle(self, now);
    return sizes;
}

}  // namespace meshmon::bench
