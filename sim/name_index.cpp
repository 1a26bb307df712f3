#include "sim/name_index.hpp"

#include <functional>
#include <utility>

#include "base/check.hpp"

namespace meshmon::sim {

/// Where `name` stands, or would.
std::size_t NameIndex::place_of(std::string_view name) const {
    std::size_t place = std::hash<std::string_view>{}(name) % slots_.size();
    while (!slots_[place].name.empty() && slots_[place].name != name) place = (place + 1) % slots_.size();
    return place;
}

void NameIndex::set(std::string name, std::size_t number) {
    MM_CHECK(!name.empty(), "an empty name");
    if (2 * (taken_ + 1) > slots_.size()) grow();
    Slot& slot = slots_[place_of(name)];
    if (slot.name.empty()) ++taken_;
    slot = {.name = std::move(name), .number = number};
}

void NameIndex::grow() {
    const auto old = std::exchange(slots_, std::vector<Slot>(2 * slots_.size()));
    for (const Slot& slot : old) {
        if (!slot.name.empty()) slots_[place_of(slot.name)] = slot;
    }
}

std::optional<std::size_t> NameIndex::find(std::string_view name) const {
    const Slot& slot = slots_[place_of(name)];
    return slot.name.empty() ? std::nullopt : std::optional(slot.number);
}

}  // namespace meshmon::sim
