#include "mesh/number_index.hpp"

#include <algorithm>
#include <bit>

namespace meshmon::mesh {

NumberIndex::NumberIndex(std::vector<Entry> entries, unsigned bits) : bits_(bits) {
    std::ranges::sort(entries);
    for (const Entry& entry : entries) {
        if (!entries_.empty() && entries_.back().first == entry.first) entries_.back() = entry;
        else entries_.push_back(entry);
    }
    build();
}

void NumberIndex::build() {
    const auto of_begins = static_cast<unsigned>(std::bit_width(entries_.size() + 1));
    shift_ = bits_ - of_begins;
    begins_.assign((std::size_t{1} << of_begins) + 1, static_cast<std::uint32_t>(entries_.size()));
    for (std::size_t i = entries_.size(); i > 0; --i) {
        begins_[entries_[i - 1].first >> shift_] = static_cast<std::uint32_t>(i - 1);
    }
    for (std::size_t i = begins_.size() - 1; i > 0; --i) begins_[i - 1] = std::min(begins_[i - 1], begins_[i]);
}

std::optional<std::size_t> NumberIndex::find(std::uint64_t number) const {
    const std::uint64_t part = number >> shift_;
    if (part + 1 >= begins_.size()) return std::nullopt;
    const auto at = [this](std::size_t i) { return entries_.begin() + static_cast<std::ptrdiff_t>(begins_[i]); };
    const auto found = std::ranges::lower_bound(at(part), at(part + 1), number, {}, &Entry::first);
    if (found == at(part + 1) || found->first != number) return std::nullopt;
    return found->second;
}

void NumberIndex::set(std::uint64_t number, std::size_t index) {
    const auto place = std::ranges::lower_bound(entries_, number, {}, &Entry::first);
    if (place != entries_.end() && place->first == number) {
        place->second = index;
    } else {
        entries_.emplace(place, number, index);
        build();
    }
}

void NumberIndex::erase(std::uint64_t number) {
    if (std::erase_if(entries_, [number](const Entry& entry) { return entry.first == number; }) > 0) build();
}

}  // namespace meshmon::mesh
