#include "sim/exam.hpp"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "sim/conditions.hpp"

namespace meshmon::sim {

using namespace std::chrono_literals;
using mesh::SelfHealth;
using mesh::Status;

namespace {

constexpr Duration kLongestSilence = 35s;  // a node signs a head every 30 s at least
constexpr Duration kLook = 1s;             // after the bound: a checker that sees what is late names the invariant first
constexpr int kPollsAtRest = 30;
constexpr std::uint64_t kMessageBytes = 450;  // of one message that brings nothing new: box, introduction, two wants
constexpr std::uint64_t kHeadBytes = 700;     // of a new head with the slots that change with time, to one peer

std::vector<std::size_t> everybody(const World& world) {
    std::vector<std::size_t> all(world.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    return all;
}

void insist(World& world, const Condition& condition, Duration limit, const std::string& otherwise) {
    if (world.holds() && !world.run_until(condition, limit + kLook)) world.broken(otherwise);
}

/// Nobody is down or unknown. (A link that was broken for a few tries alone may be lossy for its next hundred.)
void is_well_again(World& world) {
    const auto reached = [](const World& later) {
        for (const std::size_t viewer : everybody(later)) {
            const auto by_status = later.view(viewer).by_status;
            if (by_status.at(Status::up) + by_status.at(Status::degraded) < later.size()) return false;
        }
        return true;
    };
    insist(world, reached, bounds_of(world).recovery(), "exam: one thing happened and ended, and not everybody is up again");
}

void costs_little(World& world) {
    std::vector<mesh::Counters> before;
    for (std::size_t node = 0; node < world.size(); ++node) before.push_back(world.counters(node));
    world.run_for(kPollsAtRest * world.options().poll_rate);
    std::uint64_t heads = 0;
    for (std::size_t node = 0; node < world.size(); ++node)
        heads += world.counters(node).heads_signed - before[node].heads_signed;
    for (std::size_t node = 0; node < world.size(); ++node) {
        const mesh::Counters& now = world.counters(node);
        const std::uint64_t verified = now.heads_verified - before[node].heads_verified;
        if (verified > heads + world.size()) {
            world.broken(
                fmt::format("exam: {} verified {} times while {} heads were signed", world.id(node).str(), verified, heads));
        }
        const std::uint64_t messages =
            now.exchanges_started - before[node].exchanges_started + now.requests_accepted - before[node].requests_accepted;
        const std::uint64_t own_heads = now.heads_signed - before[node].heads_signed;
        const std::uint64_t most = messages * kMessageBytes + own_heads * (world.size() - 1) * kHeadBytes;
        const std::uint64_t sent = now.bytes_sent - before[node].bytes_sent;
        if (sent > most) {
            world.broken(fmt::format("exam: {} sent {} bytes at rest, in {} messages with {} heads of its own",
                                     world.id(node).str(), sent, messages, own_heads));
        }
    }
}

void finds_a_death(World& world, std::size_t victim) {
    world.crash(victim);
    insist(world, everyone_sees(victim, Status::down), bounds_of(world).detection(),
           "exam: one died, and not all know it in time");
    world.restart(victim);
    is_well_again(world);
}

/// Two nodes that do not reach each other hear of each other over the rest.
void carries_news_around_a_broken_link(World& world) {
    if (world.size() <= 2) return;
    world.sever(0, 1);
    world.run_for(kLongestSilence);
    const auto newest = world.view(1).head;
    world.run_for(bounds_of(world).convergence() + kLook);
    const auto held = world.node(0, 1).head;
    if (newest && (!held || held->epoch < newest->epoch || (held->epoch == newest->epoch && held->seq < newest->seq)))
        world.broken("exam: what was newest five polls ago did not come round a broken link");
    world.heal();
    is_well_again(world);
}

void takes_back_who_forgot(World& world, std::size_t victim) {
    world.crash(victim);
    world.wipe_disk(victim);
    world.restart(victim);
    insist(
        world, [all = everybody(world)](const World& later) { return all_speak(later, all); }, bounds_of(world).recovery(),
        "exam: one lost its disk, and does not speak again in time");
    is_well_again(world);
}

void knows_that_it_is_alone(World& world, std::size_t victim) {
    if (world.size() <= 2) return;
    world.isolate(victim);
    insist(
        world, [victim](const World& later) { return later.view(victim).self_health == SelfHealth::isolated; },
        bounds_of(world).self_diagnosis(), "exam: one is cut off from all, and does not say in time that it is isolated");
    world.heal();
    is_well_again(world);
}

/// In the sizes in which each node still has a vote: whoever lost more than a third that few others miss is unhealthy.
void names_groups_and_their_bridge(World& world) {
    if (world.size() != 5 && world.size() != 7) return;
    const std::vector<NodeId>& ids = world.ids();
    const std::size_t bridge = world.size() / 2;
    for (std::size_t a = 0; a < bridge; ++a) {
        for (std::size_t b = bridge + 1; b < world.size(); ++b) world.sever(a, b);
    }
    insist(
        world,
        [&ids, bridge](const World& later) {
            const mesh::Partition seen = later.view(bridge).partition;
            const auto middle = ids.begin() + static_cast<std::ptrdiff_t>(bridge);
            return seen.bridges == std::vector<NodeId>{*middle} &&
                   seen.groups == std::vector<std::vector<NodeId>>{{ids.begin(), middle}, {middle + 1, ids.end()}};
        },
        bounds_of(world).partition(), "exam: a bridge holds two groups together, and it does not name them in time");
    world.heal();
    is_well_again(world);
}

void takes_a_one_way_link_for_a_link(World& world) {
    if (world.size() <= 2) return;
    world.cut(0, 1);
    world.run_for(bounds_of(world).partition() + kLook);
    for (const std::size_t viewer : everybody(world)) {
        if (world.holds() && !world.view(viewer).partition.whole())
            world.broken("exam: a link works in one direction, and " + world.id(viewer).str() + " names it as broken");
    }
    world.heal();
}

}  // namespace

bool all_speak(const World& world, const std::vector<std::size_t>& core) {
    return std::ranges::all_of(core, [&](std::size_t owner) {
        const auto own = world.view(owner).head;
        return own && std::ranges::all_of(core, [&](std::size_t viewer) {
                   const auto held = world.node(viewer, owner).head;
                   return held && held->key == own->key && held->epoch == own->epoch;
               });
    });
}

void examine(World& world, std::uint64_t seed) {
    const std::size_t victim = seed % world.size();
    costs_little(world);
    if (world.holds()) finds_a_death(world, victim);
    if (world.holds()) carries_news_around_a_broken_link(world);
    if (world.holds()) takes_back_who_forgot(world, victim);
    if (world.holds()) knows_that_it_is_alone(world, victim);
    if (world.holds()) names_groups_and_their_bridge(world);
    if (world.holds()) takes_a_one_way_link_for_a_link(world);
}

}  // namespace meshmon::sim
