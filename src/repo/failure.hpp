#pragma once

#include <string>

#include "base/result.hpp"
#include "repo/child.hpp"
#include "repo/git.hpp"

namespace meshmon::repo {

/// Why a call to the repository's host failed, in words and with the mend. Nothing of it holds a token or a control character.
///
/// Errors by cause: repo.timeout, repo.stopped, repo.too_large, repo.unreachable, repo.credentials, repo.host_unknown,
/// repo.host_changed, repo.not_found, repo.no_branch, repo.ownership, repo.tls, repo.disk, repo.objects (what came is broken or
/// hostile), repo.failed (anything else: git's own last words).
[[nodiscard]] Error explain(const ChildResult& result, const Git& git);

/// A fetch that would bring more than Limits::fetch_bytes.
[[nodiscard]] Error too_large_to_fetch(const Git& git);

/// Git's last words that say something: "fatal:", "error:" or ssh's, in one line, safe to show.
[[nodiscard]] std::string last_words(const ChildResult& result, const Git& git);

/// Asks an ssh host, whose key is not known, for it. The hint of the answer holds the line for known_hosts and its fingerprint,
/// to be compared by a person; nothing is trusted or written.
[[nodiscard]] Error ask_for_host_key(Error unknown, const Git& git, Deadline deadline, const Stop& stop);

}  // namespace meshmon::repo
