#pragma once

#include <string_view>

#include "base/result.hpp"

namespace meshmon::config {

/// A URL that a monitor looks at: as parse_peer_url, but path, query and fragment are allowed. Errors: config.url.
Result<void> check_target_url(std::string_view text);

}  // namespace meshmon::config
