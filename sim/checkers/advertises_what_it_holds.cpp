#include "sim/checkers/advertises_what_it_holds.hpp"

#include "mesh/network.hpp"
#include "mesh/record.hpp"
#include "mesh/roster.hpp"

namespace meshmon::sim {

void AdvertisesWhatItHolds::on_message(const OpenedMessage& message) {
    if (message.sender == nullptr) return;
    const wire::Exchange& exchange = message.exchange;
    if (exchange.my_version) look(message, message.from, *exchange.my_version);
    if (exchange.your_version_held) look(message, message.to, *exchange.your_version_held);
    for (const wire::Version& want : exchange.want) {
        if (want.epoch == 0) continue;  // nothing is held
        look(message, owner_of(message, want.node), want);
    }
}

std::size_t AdvertisesWhatItHolds::owner_of(const OpenedMessage& message, const wire::NodeTag& tag) {
    for (std::size_t node = by_tag_.size(); node < message.ids.size(); ++node) {
        by_tag_.emplace(mesh::node_tag(message.ids[node]).value, node);
    }
    const auto found = by_tag_.find(tag.value);
    return found == by_tag_.end() ? message.ids.size() : found->second;
}

void AdvertisesWhatItHolds::look(const OpenedMessage& message, std::size_t owner, const wire::Version& named) {
    const auto held = owner < message.ids.size() ? message.sender->record(message.ids[owner]) : nullptr;
    if (held && held->version == named) return;
    violated(message.at, "S5: " + message.ids[message.from].str() + " names version (" + std::to_string(named.epoch) + ", " +
                             std::to_string(named.seq) + ") of " +
                             (owner < message.ids.size() ? message.ids[owner].str() : std::string("a stranger")) +
                             ", and holds " + (held ? "another" : "none"));
}

}  // namespace meshmon::sim
