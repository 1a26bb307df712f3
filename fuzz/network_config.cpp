#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.hpp"
#include "config/config.hpp"

/// config.yml may come from a repository: no text crashes the parser, and what it does not load it explains.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace meshmon::config;
    const auto parsed = parse_network_config({reinterpret_cast<const char*>(data), size}, "config.yml");
    const bool errors =
        std::ranges::any_of(parsed.diagnostics, [](const Diagnostic& d) { return d.severity == Severity::error; });
    MM_CHECK(parsed.ok() != errors, "a file has a value or errors");
    for (const Diagnostic& diagnostic : parsed.diagnostics) MM_CHECK(!format(diagnostic).empty(), "a finding can be shown");
    return 0;
}
