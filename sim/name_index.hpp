#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace meshmon::sim {

/// Numbers by name. Every message asks for one: a table of hashes, for a tree compares ten strings. Never iterated.
class NameIndex {
public:
    void set(std::string name, std::size_t number);
    [[nodiscard]] std::optional<std::size_t> find(std::string_view name) const;

private:
    struct Slot {
        std::string name;  ///< empty: free
        std::size_t number = 0;
    };
    [[nodiscard]] std::size_t place_of(std::string_view name) const;
    void grow();

    std::vector<Slot> slots_ = std::vector<Slot>(16);  ///< a power of two, at most half of them taken
    std::size_t taken_ = 0;
};

}  // namespace meshmon::sim
