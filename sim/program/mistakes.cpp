#include "sim/program/mistakes.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "mesh/mistake.hpp"
#include "mesh/probe.hpp"

namespace meshmon::sim {

namespace {

using mesh::Mistake;

#define MESHMON_NAMED(name) std::pair(std::string_view(#name), Mistake::name)
constexpr std::array kMistakes = {
    MESHMON_NAMED(takes_heads_unverified),
    MESHMON_NAMED(verifies_under_bringer),
    MESHMON_NAMED(takes_older_epochs),
    MESHMON_NAMED(forgets_floors),
    MESHMON_NAMED(pending_is_current),
    MESHMON_NAMED(serves_stray_slots),
    MESHMON_NAMED(keeps_records_of_old_keys),
    MESHMON_NAMED(verifies_everything),
    MESHMON_NAMED(takes_any_pace),
    MESHMON_NAMED(names_what_is_pending),
    MESHMON_NAMED(signs_before_durable),
    MESHMON_NAMED(reuses_seq),
    MESHMON_NAMED(never_jumps_epochs),
    MESHMON_NAMED(hides_forgotten_head),
    MESHMON_NAMED(takes_any_nonce),
    MESHMON_NAMED(always_sends_own_record),
    MESHMON_NAMED(serves_nothing),
    MESHMON_NAMED(counts_delta_from_one_on),
    MESHMON_NAMED(draws_from_an_address),
    MESHMON_NAMED(waits_two_tries_more),
    MESHMON_NAMED(forgets_the_down),
    MESHMON_NAMED(blames_its_own_pause),
    MESHMON_NAMED(never_tires_of_silence),
    MESHMON_NAMED(quorum_is_half),
    MESHMON_NAMED(accuses_below_quorum),
    MESHMON_NAMED(stays_down),
    MESHMON_NAMED(lives_for_ever),
    MESHMON_NAMED(counts_stale_opinions),
    MESHMON_NAMED(holds_back_ten_seconds),
    MESHMON_NAMED(never_isolated),
    MESHMON_NAMED(sides_need_no_link),
    MESHMON_NAMED(one_direction_is_none),
    MESHMON_NAMED(keeps_former_keys),
    MESHMON_NAMED(clones_go_unnamed),
};
#undef MESHMON_NAMED

}  // namespace

Result<> make_mistake(std::string_view name) {
    const auto found = std::ranges::find(kMistakes, name, [](const auto& named) { return named.first; });
    if (found == kMistakes.end()) {
        return fail("sim.option", fmt::format("no mistake is called '{}'", name), "sim/mutations.txt lists them.");
    }
    mesh::chosen_mistake = found->second;
    return {};
}

std::string probes_never_passed() {
    std::string line = "probes never passed:";
    std::size_t missing = 0;
    for (std::size_t i = 0; i < mesh::kProbeNames.size(); ++i) {
        if (mesh::probes_passed[i] > 0) continue;
        ++missing;
        line += fmt::format(" {}", mesh::kProbeNames[i]);
    }
    return fmt::format("{}{} ({} of {})", line, missing == 0 ? " none" : "", missing, mesh::kProbeNames.size());
}

}  // namespace meshmon::sim
