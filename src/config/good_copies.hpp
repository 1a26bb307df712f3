#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "config/load.hpp"

/// What loaded last, kept on disk: an invalid file does not stop a node that is started again either.
///
/// Files: <data_dir>/config/node and <data_dir>/config/<directory>.network, each a line that names the format, BLAKE2b-256 of
/// the content, the content. They hold nothing secret: public keys, never a private one.
namespace meshmon::config {

struct KeptCopies {
    GoodCopies copies;
    std::vector<std::string> warnings;  ///< copies that are damaged or cannot be read; they count as absent
};

/// Never fails. Threads: any; blocks on the disk. Limits: those of the files themselves.
[[nodiscard]] KeptCopies load_good_copies(const std::filesystem::path& data_dir);

/// Makes the disk hold `copies`, where it holds `before`: writes what differs, removes what is no longer in them.
/// Threads: any, not two at once; blocks on the disk. Errors: config.write, the first one; the rest is done all the same.
Result<> save_good_copies(const std::filesystem::path& data_dir, const GoodCopies& copies, const GoodCopies& before);

/// What is to be kept of what was loaded, given what was kept before: of what does not load now, the copy stays.
[[nodiscard]] GoodCopies good_copies_of(const Loaded& loaded, const GoodCopies& before);

}  // namespace meshmon::config
