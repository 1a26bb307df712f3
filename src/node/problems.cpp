#include "node/problems.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace meshmon::node {

using api::Problem;
using api::Severity;

namespace {

void find_host_problems(const Facts& facts, std::vector<Problem>& out) {
    if (facts.data_dir_lost) {
        Problem problem = make_problem("data_unwritable", Severity::error, "The data folder is gone");
        problem.detail = fmt::format(
            "it was removed or replaced while this process ran: {}. Until it is back, nothing is remembered for the "
            "next start, and commands on this host do not find this process",
            facts.data_dir_lost->message);
        problem.remedy = fmt::format("{}; it is tried again by itself", facts.data_dir_lost->hint);
        problem.file = facts.data_dir;
        out.push_back(std::move(problem));
    } else if (facts.save_error) {
        Problem problem = make_problem("data_unwritable", Severity::error, "State cannot be saved");
        problem.detail = fmt::format("{}. Until it can be, this node may be unable to sign", *facts.save_error);
        problem.remedy =
            fmt::format("free space on this host or mend the rights of {}; it is tried again by itself", facts.data_dir);
        problem.file = facts.data_dir;
        out.push_back(std::move(problem));
    }
    if (facts.paused) {
        Problem problem = make_problem("loop_lag", Severity::warning, "This process was held up");
        problem.detail = fmt::format("it did not run for {} within the last five minutes, and judged nobody meanwhile",
                                     to_short_text(*facts.paused));
        problem.remedy = "give this host more CPU, look for other load on it; after a suspend nothing needs to be done";
        out.push_back(std::move(problem));
    }
}

}  // namespace

api::Problem make_problem(std::string_view code, api::Severity severity, std::string title) {
    Problem problem;
    problem.code = code;
    problem.severity = severity;
    problem.title = std::move(title);
    return problem;
}

std::string list_names(const std::vector<NodeId>& names) {
    constexpr std::size_t kShown = 5;
    if (names.empty()) return "nobody";
    std::string out = names.front().str();
    const std::size_t shown = std::min(names.size(), kShown);
    for (std::size_t i = 1; i < shown; ++i) out += (i + 1 == names.size() ? " and " : ", ") + names[i].str();
    if (names.size() > shown) out += fmt::format(" and {} more", names.size() - shown);
    return out;
}

std::vector<Problem> find_problems(const Facts& facts) {
    std::vector<Problem> out;
    find_host_problems(facts, out);
    find_config_problems(facts, out);
    for (const NetworkFacts& network : facts.networks) find_mesh_problems(network, facts.now, out);
    std::ranges::sort(out, [](const Problem& a, const Problem& b) {
        return std::tie(b.severity, a.code, a.network, a.node, a.file, a.line, a.detail) <
               std::tie(a.severity, b.code, b.network, b.node, b.file, b.line, b.detail);
    });
    return out;
}

}  // namespace meshmon::node
