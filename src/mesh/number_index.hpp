#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace meshmon::mesh {

/// Where nodes stand in the roster, by numbers that are as good as random: tags, short ids of keys.
///
/// Cost: find() reads two cache lines, where a tree of a thousand reads ten; what changes the index is O(N).
class NumberIndex {
public:
    using Entry = std::pair<std::uint64_t, std::size_t>;  ///< number, roster index

    NumberIndex() = default;
    /// Numbers have `bits` bits. Of entries with one number the highest index counts.
    NumberIndex(std::vector<Entry> entries, unsigned bits);

    [[nodiscard]] std::optional<std::size_t> find(std::uint64_t number) const;

    void set(std::uint64_t number, std::size_t index);
    void erase(std::uint64_t number);

private:
    void build();

    unsigned bits_ = 64;
    unsigned shift_ = 63;
    std::vector<Entry> entries_;         // ordered
    std::vector<std::uint32_t> begins_;  // by the highest bits of a number: where in entries_; one more at the end
};

}  // namespace meshmon::mesh
