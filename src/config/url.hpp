#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace meshmon::config {

/// A URL that a monitor looks at: as parse_peer_url, but path, query and fragment are allowed. Errors: config.url.
Result<void> check_target_url(std::string_view text);

/// A line of a file with every password in a URL (`https://user:password@host`) covered by as many stars: columns stay.
[[nodiscard]] std::string cover_passwords(std::string line);

}  // namespace meshmon::config
