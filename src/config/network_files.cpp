#include "config/network_files.hpp"

#include <fmt/format.h>

#include "base/bytes.hpp"
#include "config/text.hpp"
#include "crypto/hash.hpp"

namespace meshmon::config {

namespace {

constexpr std::size_t kShortId = 7;
constexpr std::size_t kRevisionDigits = 12;

/// With its length in front, so that no two lists of files look the same.
void append_part(std::string& out, std::string_view part) { out += fmt::format("{}:{}", part.size(), part); }

}  // namespace

std::string Commit::text() const {
    const std::string short_id = id.substr(0, kShortId);
    if (branch.empty()) return short_id;
    const std::string shown = in_quotes(branch);
    return fmt::format("{}@{}", shown.substr(1, shown.size() - 2), short_id);
}

std::string NetworkFiles::revision() const {
    std::string all;
    if (config) append_part(all, *config);
    for (const auto& [name, bytes] : keys) {
        append_part(all, name);
        append_part(all, bytes);
    }
    return to_hex(view(crypto::blake2b_256(all))).substr(0, kRevisionDigits);
}

}  // namespace meshmon::config
