#pragma once

#include <string>

#include <boost/json/value.hpp>

namespace meshmon::cli {

/// `value` in one line with its end, numbers as people write them (5.599, where Boost's own writer says 5.599E0).
[[nodiscard]] std::string json_line(const boost::json::value& value);

}  // namespace meshmon::cli
