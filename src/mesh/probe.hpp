#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

/// Marks in rare paths, so that the simulator can tell which of them its runs have never taken.
///
/// In the program that people run passes() is empty. The list is the one place that names them; each is passed somewhere.
#define MESHMON_PROBES(PROBE)                 \
    PROBE(body_limit_refused)                 \
    PROBE(sender_unknown)                     \
    PROBE(box_not_opened)                     \
    PROBE(wrong_recipient)                    \
    PROBE(boot_changed)                       \
    PROBE(repeat_refused)                     \
    PROBE(challenge_refused)                  \
    PROBE(challenge_repeated)                 \
    PROBE(answer_of_another_request)          \
    PROBE(reused_connection_lost)             \
    PROBE(budget_of_records_doubled)          \
    PROBE(record_left_over)                   \
    PROBE(asked_for_the_own_head)             \
    PROBE(forgotten_head_shown)               \
    PROBE(record_of_another_wanted)           \
    PROBE(early_exchange_waited)              \
    PROBE(silence_judged_later_after_a_pause) \
    PROBE(head_below_floor)                   \
    PROBE(pending_head_overtaken)             \
    PROBE(head_pending)                       \
    PROBE(pending_head_completed)             \
    PROBE(malformed_slots)                    \
    PROBE(bad_signature)                      \
    PROBE(relay_ignored)                      \
    PROBE(owner_rate_limited)                 \
    PROBE(equivocation)                       \
    PROBE(fork)                               \
    PROBE(clone_suspected)                    \
    PROBE(epoch_jumped)                       \
    PROBE(epoch_jump_delayed)                 \
    PROBE(epochs_used_up)                     \
    PROBE(answer_passed_on)                   \
    PROBE(tried_for_an_accuser)               \
    PROBE(relayed_proof_of_life)              \
    PROBE(relayed_answer_to_an_accusation)    \
    PROBE(answered_an_accusation)             \
    PROBE(seen_over_a_relay)                  \
    PROBE(accused_lost_its_vote)              \
    PROBE(not_seen_below_quorum)              \
    PROBE(cold_start_waits)                   \
    PROBE(isolated)                           \
    PROBE(unhealthy)                          \
    PROBE(verdicts_later_after_a_pause)       \
    PROBE(several_sides)                      \
    PROBE(was_partition)                      \
    PROBE(bridge)                             \
    PROBE(broken_link)                        \
    PROBE(left)                               \
    PROBE(nobody_has_an_opinion)              \
    PROBE(accused_but_alive)                  \
    PROBE(impaired)                           \
    PROBE(long_contested)                     \
    PROBE(contested_until_down)               \
    PROBE(contested_until_unknown)            \
    PROBE(contested)                          \
    PROBE(accused_before_its_life_was_proven) \
    PROBE(too_few_witnesses)                  \
    PROBE(few_accusers_wait)                  \
    PROBE(silent)                             \
    PROBE(failed_outside_a_box)               \
    PROBE(other_keys_tried)                   \
    PROBE(next_key_used)                      \
    PROBE(failure_that_does_not_count)

namespace meshmon::mesh {

#define MESHMON_NAME(name) name,
enum class Probe { MESHMON_PROBES(MESHMON_NAME) };
#undef MESHMON_NAME

#ifdef MESHMON_SIMULATED
inline namespace simulated {

#define MESHMON_NAME(name) std::string_view(#name),
inline constexpr std::array kProbeNames = {MESHMON_PROBES(MESHMON_NAME)};
#undef MESHMON_NAME

inline std::array<std::uint64_t, kProbeNames.size()> probes_passed{};
inline void passes(Probe probe) { ++probes_passed[static_cast<std::size_t>(probe)]; }

}  // namespace simulated
#else
constexpr void passes(Probe) {}
#endif

}  // namespace meshmon::mesh
