#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace meshmon::mesh {

/// A set of nodes by roster index, a bit each: sets are compared and combined a word at a time.
class NodeSet {
public:
    NodeSet() = default;
    explicit NodeSet(std::size_t roster_size) : words_((roster_size + kBits - 1) / kBits) {}

    /// False for an index past the roster.
    [[nodiscard]] bool contains(std::size_t node) const { return (word(node / kBits) >> (node % kBits) & 1U) != 0; }

    /// Precondition: `node` is an index of the roster.
    void insert(std::size_t node) { words_[node / kBits] |= std::uint64_t{1} << (node % kBits); }
    void erase(std::size_t node) { words_[node / kBits] &= ~(std::uint64_t{1} << (node % kBits)); }

    /// Precondition: both sets are of one roster.
    [[nodiscard]] bool contains_all(const NodeSet& other) const {
        for (std::size_t i = 0; i < words_.size(); ++i) {
            if ((other.words_[i] & ~words_[i]) != 0) return false;
        }
        return true;
    }

    // Precondition of all three: both sets are of one roster.
    NodeSet& operator|=(const NodeSet& other) {
        for (std::size_t i = 0; i < words_.size(); ++i) words_[i] |= other.words_[i];
        return *this;
    }
    NodeSet& operator&=(const NodeSet& other) {
        for (std::size_t i = 0; i < words_.size(); ++i) words_[i] &= other.words_[i];
        return *this;
    }
    NodeSet& operator-=(const NodeSet& other) {
        for (std::size_t i = 0; i < words_.size(); ++i) words_[i] &= ~other.words_[i];
        return *this;
    }

    /// Calls visit(node) for each, in order.
    template <typename Visit>
    void for_each(const Visit& visit) const {
        for (std::size_t i = 0; i < words_.size(); ++i) for_each_bit(words_[i], i * kBits, visit);
    }

    /// Calls visit(node, is_added) for each node that only one of the two holds, in order. They may differ in size.
    template <typename Visit>
    static void differences(const NodeSet& before, const NodeSet& after, const Visit& visit) {
        const std::size_t words = std::max(before.words_.size(), after.words_.size());
        for (std::size_t i = 0; i < words; ++i) {
            for_each_bit(before.word(i) ^ after.word(i), i * kBits, [&](std::size_t node) { visit(node, after.contains(node)); });
        }
    }

    friend bool operator==(const NodeSet&, const NodeSet&) = default;
    friend auto operator<=>(const NodeSet&, const NodeSet&) = default;

private:
    static constexpr std::size_t kBits = 64;

    template <typename Visit>
    static void for_each_bit(std::uint64_t word, std::size_t first, const Visit& visit) {
        for (; word != 0; word &= word - 1) visit(first + static_cast<std::size_t>(std::countr_zero(word)));
    }

    [[nodiscard]] std::uint64_t word(std::size_t i) const { return i < words_.size() ? words_[i] : 0; }

    std::vector<std::uint64_t> words_;
};

}  // namespace meshmon::mesh
