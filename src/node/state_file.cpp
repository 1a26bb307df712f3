#include "node/state_file.hpp"

#include <fmt/format.h>

#include <system_error>

#include "base/bytes.hpp"
#include "config/write_whole.hpp"
#include "crypto/hash.hpp"
#include "wire/codec.hpp"

namespace meshmon::node {
namespace {

constexpr std::string_view kFormat = "meshmon state 1\n";
constexpr std::size_t kHashBytes = 32;

Result<wire::SavedState> parse(std::string_view bytes, const NetworkId& network, const NodeId& node) {
    if (!bytes.starts_with(kFormat) || bytes.size() < kFormat.size() + kHashBytes)
        return fail("node.state", "it is no state file, or torn");
    const std::string_view hash = bytes.substr(kFormat.size(), kHashBytes);
    const std::string_view content = bytes.substr(kFormat.size() + kHashBytes);
    if (view(crypto::blake2b_256(content)) != hash) return fail("node.state", "its checksum does not fit its content");
    Result<wire::SavedState> saved = wire::decode_saved_state(content);
    if (!saved) return saved;
    if (saved->network != network || saved->node != node) {
        return fail("node.state", fmt::format("it belongs to {} in {}", saved->node.str(), saved->network.str()));
    }
    return saved;
}

/// Where the file went; empty if it could not be moved.
std::string move_aside(const std::filesystem::path& file) {
    std::error_code error;
    std::filesystem::path aside;
    for (int n = 1; n <= kCorruptKept; ++n) {
        aside = fmt::format("{}.corrupt-{}", file.string(), n);
        if (!std::filesystem::exists(aside, error)) break;
    }
    std::filesystem::rename(file, aside, error);
    return error ? "" : aside.string();
}

}  // namespace

std::string to_state_file(ByteView content) {
    std::string out(kFormat);
    out += view(crypto::blake2b_256(content));
    out += content;
    return out;
}

LoadedState load_state_file(const std::filesystem::path& file, const NetworkId& network, const NodeId& node) {
    const Result<std::string> bytes = config::read_whole(file, kStateBytesMax, false);
    if (!bytes && bytes.error().code == "config.file_missing") return {};
    Result<wire::SavedState> saved = bytes ? parse(*bytes, network, node) : Result<wire::SavedState>(bytes.error());
    if (saved) return {std::move(*saved), ""};
    const std::string aside = move_aside(file);
    return {std::nullopt,
            fmt::format("the saved state {} is not used: {}; {}. The mesh heals this by itself", file.string(),
                        saved.error().message, aside.empty() ? "it could not be moved aside" : "it is kept as " + aside)};
}

}  // namespace meshmon::node
