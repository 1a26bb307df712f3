#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/ids.hpp"
#include "wire/messages.hpp"

/// How a network's saved state lies on disk: a line that names the format, BLAKE2b-256 of the content, the content.
namespace meshmon::node {

/// Floors of 10,000 nodes fit in.
inline constexpr std::size_t kStateBytesMax = 4 * 1024 * 1024;

/// Damaged files that are kept aside for a look, each under `.corrupt-<n>`; further ones replace the last.
inline constexpr int kCorruptKept = 5;

/// `content` (an encoded wire::SavedState) as the bytes of the file.
[[nodiscard]] std::string to_state_file(ByteView content);

struct LoadedState {
    std::optional<wire::SavedState> saved;  ///< absent: a first start, or the file was no good
    std::string warning;                    ///< what was wrong and where the file is now; empty if nothing
};

/// Reads a state file. One that is torn, damaged or of another network or node is moved aside, and the node starts as if it
/// had none: the mesh jumps above what its peers still hold of it. Never fails. Blocks on the disk.
[[nodiscard]] LoadedState load_state_file(const std::filesystem::path& file, const NetworkId& network, const NodeId& node);

}  // namespace meshmon::node
