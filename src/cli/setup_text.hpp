#pragma once

#include <string>

#include <boost/json/object.hpp>

#include "cli/terminal.hpp"

namespace meshmon::cli {

/// The checklist of GET /api/v1/health/setup for people: per network and peer a line of steps, below it what fails, and the
/// command that mends it. Pure; every text that came from elsewhere is sanitised.
[[nodiscard]] std::string setup_text(const boost::json::object& setup, const Terminal& terminal);

}  // namespace meshmon::cli
