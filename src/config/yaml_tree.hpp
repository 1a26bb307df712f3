#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/findings.hpp"

namespace meshmon::config {

enum class YamlKind : std::uint8_t { null, scalar, list, map };

class YamlTree;

/// One value of a tree; a cheap handle, valid as long as the tree.
class YamlNode {
public:
    YamlNode(const YamlTree* tree, std::uint32_t index) : tree_(tree), index_(index) {}

    [[nodiscard]] YamlKind kind() const;
    [[nodiscard]] std::string_view text() const;  ///< of a scalar; otherwise empty
    [[nodiscard]] Spot spot() const;

    /// The items of a list; of a map its keys and values in turns.
    [[nodiscard]] std::size_t size() const;
    [[nodiscard]] YamlNode at(std::size_t i) const;

private:
    const YamlTree* tree_;
    std::uint32_t index_;
};

/// A YAML document as values with their places, built within limits from the events of yaml-cpp.
///
/// An alias is the value it names, not a copy of it; how much would be read twice by aliases is counted all the same.
/// Memory: about 100 bytes a value, kValuesMax values.
class YamlTree {
public:
    static constexpr std::size_t kTextMax = std::size_t{2} * 1024 * 1024;
    static constexpr int kDepthMax = 32;
    static constexpr std::size_t kValuesMax = 400'000;
    static constexpr std::size_t kAliasedMax = 10'000;  ///< values that aliases would add if each were a copy

    /// The one document in `text`, which is what `findings` was made for. Absent with an error in `findings`: too large, not
    /// UTF-8, no YAML, empty, several documents, past a limit, an alias within its own anchor. A key that stands twice in a map,
    /// or is no plain text, is an error in `findings` alone.
    [[nodiscard]] static std::optional<YamlTree> parse(std::string_view text, Findings& findings);

    [[nodiscard]] YamlNode root() const { return {this, 0}; }

private:
    friend class YamlNode;
    friend class TreeBuilder;

    struct Value {
        std::string text;
        std::vector<std::uint32_t> items;
        Spot spot;
        std::uint32_t weight = 1;  ///< values in it, those by aliases included
        YamlKind kind = YamlKind::null;
    };
    std::vector<Value> values_;
};

}  // namespace meshmon::config
