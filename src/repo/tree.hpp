#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "repo/git.hpp"

namespace meshmon::repo {

/// Which objects of a commit are to be read.
struct TreePlan {
    std::string config;                       ///< object of config.yml; empty: there is none
    std::map<std::string, std::string> keys;  ///< objects in pubkeys/ by file name, "*.pub" alone
    std::uint64_t read_bytes = 0;             ///< of all these
};

/// Reads the answer of `git ls-tree -r -l -z --full-tree` and refuses what must not be taken: more files or bytes than allowed,
/// and config.yml, pubkeys or a key that is a symbolic link or another repository (a submodule). Pure.
/// Errors: repo.too_many_files, repo.too_large, repo.link; repo.damaged, it is no such answer.
Result<TreePlan> plan_tree(std::string_view listing, const Limits& limits);

}  // namespace meshmon::repo
