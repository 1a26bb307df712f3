#include "base/ids.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace meshmon {

namespace {

constexpr bool is_lower_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

/// By its number, whether a character may be in a name: each message that comes names three.
constexpr auto kMayBeInside = [] {
    std::array<bool, 256> may{};
    for (std::size_t i = 0; i < may.size(); ++i) {
        const char c = static_cast<char>(i);
        may[i] = is_lower_or_digit(c) || c == '.' || c == '_' || c == '-';
    }
    return may;
}();

char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

bool is_valid_name(std::string_view text) {
    return !text.empty() && text.size() <= kNameMax && is_lower_or_digit(text.front()) &&
           std::ranges::all_of(text, [](char c) { return kMayBeInside[static_cast<std::uint8_t>(c)]; });
}

template <typename Tag>
Result<Name<Tag>> Name<Tag>::parse(std::string_view text) {
    Name name;
    name.text_.resize(text.size());
    std::ranges::transform(text, name.text_.begin(), to_lower);
    if (is_valid_name(name.text_)) return name;
    return fail(
        "base.name", "'" + std::string(text.substr(0, 2 * kNameMax)) + "' is not a valid name",
        "a name begins with a letter or digit, continues with letters, digits, '.', '_' or '-', and has at most 64 characters");
}

template class Name<NodeIdTag>;
template class Name<NetworkIdTag>;

}  // namespace meshmon
