#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"

namespace meshmon::config {

/// Which configuration of a network a node runs, in the few characters that its signed record carries to the others.
///
/// Source: docs/protocol.md, "Records": config_revision.
struct Revision {
    std::string content;                ///< first 12 hex digits of the hash of config.yml
    std::string commit;                 ///< in git mode, its first 12 digits; else empty
    std::optional<WallTime> committed;  ///< when, to the second
    std::string trouble;                ///< why a newer state does not run there; empty: nothing is known of one

    /// "a2a619e5882f git:9f3c2a1b4c5d@1795331701 !rejected", at most 64 characters: a longer `trouble` is cut.
    [[nodiscard]] std::string text() const;

    /// Never fails: what is not of this form, from another version of meshmon, is all `content`, or left out behind it.
    static Revision parse(std::string_view text);
};

/// `Revision::trouble` of a node whose files do not load, so that the last good state runs. Other words name why its repository
/// cannot be asked: `pull-` and the last part of the error's code.
inline constexpr std::string_view kTroubleRejected = "rejected";
inline constexpr std::string_view kTroublePull = "pull-";

/// `trouble` for people: "rejects a newer config that does not load", "cannot fetch its repository: time-out (pull-timeout)".
/// What is not known, as from another version, is quoted as it is. Empty for none.
[[nodiscard]] std::string trouble_words(std::string_view trouble);

/// In what the configuration of another node differs from one's own, for people: "other settings", "other keys", "other nodes or
/// keys". By `content`, and by the hash over names and keys.
[[nodiscard]] std::string_view difference_words(bool same_content, bool same_roster);

}  // namespace meshmon::config
