#pragma once

#include <string>
#include <string_view>

namespace meshmon::repo {

/// A stranger's text for one line of a message: what could do anything but be shown becomes '?', and at most `limit` characters
/// stay.
[[nodiscard]] std::string printable(std::string_view text, int limit = 300);

}  // namespace meshmon::repo
