#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/setup.hpp"
#include "api/source.hpp"

namespace meshmon::node {

/// Steps in their order; a step that nothing is known of waits for the first one before it that is not done.
class Checklist {
public:
    explicit Checklist(std::vector<api::SetupStep>& steps) : steps_(steps) {}

    void done(std::string_view name, std::string detail = {}) { add(name, api::StepState::done, std::move(detail)); }
    void not_needed(std::string_view name, std::string detail) { add(name, api::StepState::not_needed, std::move(detail)); }
    void waiting(std::string_view name, std::string detail) { add(name, api::StepState::waiting, std::move(detail)); }

    void failed(std::string_view name, std::string detail, std::string remedy, const NodeId& host) {
        api::SetupStep& step = add(name, api::StepState::failed, std::move(detail));
        step.remedy = std::move(remedy);
        step.host = host;
    }
    void failed(std::string_view name, const api::Problem& problem, const NodeId& host) {
        failed(name, problem.detail.empty() ? problem.title : problem.detail, problem.remedy, host);
        steps_.back().file = problem.file;
        steps_.back().line = problem.line;
    }

    [[nodiscard]] api::SetupStep& last() { return steps_.back(); }

    /// False if one of `names` is not done; then `name` is added as waiting for it.
    bool possible(std::string_view name, std::initializer_list<std::string_view> names) {
        for (const std::string_view needed : names) {
            const auto found = std::ranges::find(steps_, needed, &api::SetupStep::name);
            if (found == steps_.end() || found->state == api::StepState::done || found->state == api::StepState::not_needed)
                continue;
            waiting(name, fmt::format("for `{}`", needed));
            return false;
        }
        return true;
    }

private:
    api::SetupStep& add(std::string_view name, api::StepState state, std::string detail) {
        api::SetupStep& step = steps_.emplace_back();
        step.name = name;
        step.state = state;
        step.detail = std::move(detail);
        return step;
    }

    std::vector<api::SetupStep>& steps_;
};

}  // namespace meshmon::node
