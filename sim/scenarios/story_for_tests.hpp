#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "sim/conditions.hpp"
#include "sim/world.hpp"

namespace meshmon::sim {

/// A world that a test tells a story in. At its end every broken invariant is a failure, with the seed and what the nodes said.
class Story : public World {
public:
    explicit Story(WorldOptions options) : World(std::move(options)) {}
    ~Story() {
        for (const std::string& violation : violations()) ADD_FAILURE() << violation;
        if (!violations().empty()) ADD_FAILURE() << describe();
    }

    /// Whether `condition` comes to hold within `limit`.
    testing::AssertionResult reaches(const Condition& condition, Duration limit) {
        const MonoTime begin = now();
        if (run_until(condition, limit)) return testing::AssertionSuccess();
        return testing::AssertionFailure() << "not reached from " << to_seconds(begin.time_since_epoch()) << " s within "
                                           << to_seconds(limit) << " s\n"
                                           << describe();
    }

    /// Whether `condition` goes on holding for `span`.
    testing::AssertionResult keeps(const Condition& condition, Duration span) {
        if (run_while(condition, span)) return testing::AssertionSuccess();
        return testing::AssertionFailure() << "no longer so at " << to_seconds(now().time_since_epoch()) << " s\n" << describe();
    }

    /// Lets everybody start, and waits until all see all up, for three polls at most.
    testing::AssertionResult begins() {
        run_for(options().start_within);
        return reaches(all_up(), 3 * options().poll_rate);
    }

    /// Verdicts of `down` that any viewer came to since `since`, as "n00 calls n01 down at 3.2 s".
    [[nodiscard]] std::vector<std::string> accusations(MonoTime since = {}) const {
        std::vector<std::string> found;
        for (std::size_t viewer = 0; viewer < size(); ++viewer) {
            for (const Told& told : events(viewer)) {
                if (told.at < since || told.event.kind != mesh::EventKind::node_status) continue;
                if (told.event.to != mesh::Status::down || told.event.reason == mesh::Reason::left) continue;
                found.push_back(id(viewer).str() + " calls " + told.event.node.str() + " down at " +
                                std::to_string(to_seconds(told.at.time_since_epoch())) + " s");
            }
        }
        return found;
    }

    /// How often a node told events of a kind about `subject`.
    [[nodiscard]] std::size_t told(std::size_t viewer, mesh::EventKind kind, std::size_t subject) const {
        const auto fits = [&](const Told& told) { return told.event.kind == kind && told.event.node == id(subject); };
        return static_cast<std::size_t>(std::ranges::count_if(events(viewer), fits));
    }

    /// How many messages a node refused, of any kind.
    [[nodiscard]] std::uint64_t refusals(std::size_t node) const {
        std::uint64_t sum = 0;
        for (const auto& [name, count] : counters(node).refused) sum += count;
        return sum;
    }

    /// Whom a node sees how, and by which version: all that a replayed or forged message must not change.
    [[nodiscard]] std::vector<std::string> beliefs(std::size_t viewer) const {
        std::vector<std::string> all;
        for (const mesh::NodeView& node : nodes(viewer)) {
            std::string text = node.id.str() + " " + std::string(to_string(node.status));
            if (node.head) text += " " + std::to_string(node.head->epoch) + "." + std::to_string(node.head->seq);
            all.push_back(std::move(text));
        }
        return all;
    }
};

}  // namespace meshmon::sim
