#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "config/network_files.hpp"
#include "repo/tree.hpp"

namespace meshmon::repo {

/// What `git cat-file --batch` is asked for: the commit itself, then the files of the plan.
[[nodiscard]] std::string batch_request(const std::string& commit, const TreePlan& plan);

/// How long its answer can be; more is none to that request.
[[nodiscard]] std::size_t batch_bytes_max(std::string_view request, const TreePlan& plan);

/// Its answer as files, with the commit's id, time and subject. Pure. Errors: repo.damaged, an object is missing or of another
/// kind or size than the plan says.
Result<config::NetworkFiles> read_batch(std::string_view answer, const TreePlan& plan);

}  // namespace meshmon::repo
