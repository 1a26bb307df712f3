#pragma once

namespace meshmon::mesh {

/// Mistakes in the protocol that the simulator's copy of this module can make, one in a process, to prove that its checkers
/// find them. sim/mutations.txt says of each which invariant it breaks, and where that is found.
///
/// In the program that people run made() is a constant false, and nothing of a mistake is compiled in.
enum class Mistake {
    none,
    // records
    takes_heads_unverified,     ///< believes a head without its signature
    verifies_under_bringer,     ///< takes a relayed head signed with the relay's key
    takes_older_epochs,         ///< takes any other head than the one held, older ones too
    forgets_floors,             ///< after a restart takes what is older than what was held before
    pending_is_current,         ///< takes a head while slots of it are missing
    serves_stray_slots,         ///< sends a slot that the head does not list
    keeps_records_of_old_keys,  ///< after a change of a node's key, goes on with what the old one signed
    verifies_everything,        ///< verifies before it looks whether a head is newer
    takes_any_pace,             ///< verifies as many heads of one owner as come
    names_what_is_pending,      ///< tells others that it holds a version of which slots are missing
    // the own record
    signs_before_durable,  ///< does not wait until the epoch is saved
    reuses_seq,            ///< signs two heads of one seq
    never_jumps_epochs,    ///< goes on below a newer head of its own that it is shown
    hides_forgotten_head,  ///< does not show to an owner that lost its disk what it knows of it
    // exchanges
    takes_any_nonce,           ///< does not look whether an answer echoes the nonce
    always_sends_own_record,   ///< sends its record in every message, whatever the peer holds
    serves_nothing,            ///< gives nobody the records of others
    counts_delta_from_one_on,  ///< leaves out the slots of the first head that the peer lacks
    draws_from_an_address,     ///< takes its jitter from where an object lies in memory
    // observations
    waits_two_tries_more,    ///< calls a link down two failures later than `retry` says
    forgets_the_down,        ///< tries nobody again whom it found down
    blames_its_own_pause,    ///< counts the time that it did not run against others
    never_tires_of_silence,  ///< never finds silent whom it does not dial
    // verdicts
    quorum_is_half,          ///< takes exactly half for a majority
    accuses_below_quorum,    ///< judges by the votes however few nodes it sees
    stays_down,              ///< once down, always down
    lives_for_ever,          ///< takes every proof of life for current
    counts_stale_opinions,   ///< lets those vote who are silent or accused by others
    holds_back_ten_seconds,  ///< waits ten seconds before it says down
    never_isolated,          ///< does not notice that it sees fewer than a quorum
    // partitions
    sides_need_no_link,     ///< takes all nodes heard for one side
    one_direction_is_none,  ///< takes a link that works in one direction for broken
    // keys
    keeps_former_keys,  ///< listens to the old key after the new one was used
    clones_go_unnamed,  ///< tells nobody that two processes hold one identity
};

#ifdef MESHMON_SIMULATED
inline namespace simulated {
inline Mistake chosen_mistake = Mistake::none;
[[nodiscard]] inline bool made(Mistake mistake) { return chosen_mistake == mistake; }
}  // namespace simulated
#else
[[nodiscard]] constexpr bool made(Mistake) { return false; }
#endif

}  // namespace meshmon::mesh
