#pragma once

#include <compare>
#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace meshmon {

/// The longest node or network name.
inline constexpr std::size_t kNameMax = 64;

/// Whether `text` has the form [a-z0-9][a-z0-9._-]{0,63}.
[[nodiscard]] bool is_valid_name(std::string_view text);

/// A name of the form [a-z0-9][a-z0-9._-]{0,63}, distinct by Tag so that kinds of names cannot be mixed up.
template <typename Tag>
class Name {
public:
    /// Empty: names nothing. Only for default members.
    Name() = default;

    /// Lower-cases and checks. Errors: base.name.
    static Result<Name> parse(std::string_view text);

    /// Becomes `text` as it is; false, and unchanged, if that has not the form: upper case is refused here.
    [[nodiscard]] bool assign(std::string_view text) {
        if (!is_valid_name(text)) return false;
        text_ = text;
        return true;
    }

    [[nodiscard]] const std::string& str() const { return text_; }
    [[nodiscard]] bool empty() const { return text_.empty(); }

    friend auto operator<=>(const Name&, const Name&) = default;

private:
    std::string text_;
};

using NodeId = Name<struct NodeIdTag>;
using NetworkId = Name<struct NetworkIdTag>;

extern template class Name<NodeIdTag>;
extern template class Name<NetworkIdTag>;

}  // namespace meshmon
