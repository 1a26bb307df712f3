#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/time.hpp"
#include "net/client.hpp"

namespace meshmon::net {

/// Asks `url` once and waits for the answer, at most `timeout`. For commands without a loop of their own.
[[nodiscard]] ClientResult fetch(const std::string& url, Duration timeout);

/// Asks `url` and hands out the body piece by piece until `on_chunk` returns false or the other side ends it. The answer's
/// header must come within `timeout`.
[[nodiscard]] ClientResult fetch_stream(const std::string& url, Duration timeout, std::function<bool(std::string_view)> on_chunk);

}  // namespace meshmon::net
