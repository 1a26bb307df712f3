#include "node/problem_tracker.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

namespace meshmon::node {
namespace {

/// What makes a problem the same one at the next look: not its words, which may carry figures.
bool same(const api::Problem& a, const api::Problem& b) {
    const auto key = [](const api::Problem& p) { return std::tie(p.code, p.network, p.node, p.file, p.line); };
    return key(a) == key(b);
}

const api::Problem* find(const std::vector<api::Problem>& in, const api::Problem& like) {
    const auto found = std::ranges::find_if(in, [&](const api::Problem& problem) { return same(problem, like); });
    return found == in.end() ? nullptr : &*found;
}

LogLevel level_of(api::Severity severity) {
    switch (severity) {
        case api::Severity::info: return LogLevel::info;
        case api::Severity::warning: return LogLevel::warn;
        case api::Severity::error: return LogLevel::error;
    }
    return LogLevel::error;
}

}  // namespace

std::vector<ProblemTracker::Change> ProblemTracker::update(std::vector<api::Problem> found, WallTime now) {
    std::vector<Change> changes;
    for (api::Problem& problem : found) {
        const api::Problem* before = find(standing_, problem);
        problem.since = before == nullptr ? now : before->since;
        if (before == nullptr || before->severity != problem.severity) changes.push_back({problem, true});
    }
    for (const api::Problem& before : standing_) {
        if (find(found, before) == nullptr) changes.push_back({before, false});
    }
    standing_ = std::move(found);
    return changes;
}

LogLine to_log_line(const ProblemTracker::Change& change) {
    const api::Problem& problem = change.problem;
    LogLine line;
    line.network = problem.network ? problem.network->str() : "";
    line.node = problem.node ? problem.node->str() : "";
    line.fields.emplace_back("code", problem.code);
    if (!change.appeared) {
        line.event = "problem_mended";
        line.message = fmt::format("mended: {}", problem.title);
        return line;
    }
    line.level = level_of(problem.severity);
    line.event = "problem";
    if (!problem.excerpt.empty()) line.fields.emplace_back("excerpt", problem.excerpt);
    line.message = fmt::format("{}: {}; {}", problem.title, problem.detail, problem.remedy);
    return line;
}

}  // namespace meshmon::node
