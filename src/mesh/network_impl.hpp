#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "mesh/admission.hpp"
#include "mesh/agenda.hpp"
#include "mesh/network.hpp"
#include "mesh/number_index.hpp"
#include "mesh/own_record.hpp"
#include "mesh/partition.hpp"
#include "mesh/peer.hpp"

namespace meshmon::mesh {

inline constexpr std::size_t kMessageRecordsMax = 256 * 1024;  // bytes of records in one message

/// The state of one network. Its functions stand by concern in network.cpp (life cycle), network_exchange.cpp (messages),
/// network_records.cpp (records, epochs), network_keys.cpp (keys, rotations), network_pace.cpp (when to try),
/// network_verdicts.cpp and network_view.cpp.
///
/// Time inside is *lived* time: the caller's clock less the pauses in which this process did not run. So every deadline
/// moves on by a pause, and nothing that others did not do in a pause counts against them.
class Network::Impl {
public:
    Impl(Roster roster, crypto::Crypto& crypto, Options options, Now now);

    // network.cpp
    void handle_timeout(Now now);
    void handle_roster(Roster roster, Now now);
    void handle_pause(Duration pause, Now now);
    void handle_lag(Duration lag, Now now);
    void handle_saved(std::uint64_t ticket, Now now);
    void leave(Now now);
    [[nodiscard]] bool left() const;
    [[nodiscard]] std::optional<Timeout> poll_timeout() const;
    template <typename T>
    static std::optional<T> take_front(std::deque<T>& queue);

    // network_keys.cpp
    void handle_keys(crypto::Crypto& signing, SecondKey second, Now now);
    [[nodiscard]] bool next_key_is_due() const { return next_key_due_; }

    // network_exchange.cpp
    [[nodiscard]] bool is_proven(std::string_view address, std::uint64_t sender) const;
    [[nodiscard]] std::size_t body_limit(std::string_view address, ByteView first_bytes, Now now) const;
    Reply handle_exchange(std::string_view address, ByteView body, Now now);
    void handle_answer(std::uint64_t transmit_id, const Answer& answer, Now now);

    // network_view.cpp
    [[nodiscard]] NetworkView view(Now now) const;
    [[nodiscard]] std::vector<NodeView> nodes(Now now) const;
    [[nodiscard]] std::optional<NodeView> node(const NodeId& id, Now now) const;
    [[nodiscard]] LinkMatrix links(Now now) const;
    [[nodiscard]] Holdings holdings() const;
    [[nodiscard]] std::shared_ptr<const Record> record(const NodeId& id) const;

    Roster roster_;
    wire::BootId boot_id_{};
    std::deque<Transmit> transmits_;
    std::deque<Event> events_;
    std::optional<Save> save_;
    mutable Counters counters_;
    std::uint64_t generation_ = 0;

    [[nodiscard]] Now lived(Now now) const { return {now.mono - paused_, now.wall}; }
    [[nodiscard]] std::optional<std::size_t> index_of(const NodeId& id) const;

private:
    // network.cpp
    void adopt_roster(Roster roster, Now now);
    void keep_floors(const Roster& next);
    [[nodiscard]] std::optional<wire::Floor> floor_of(std::size_t peer) const;
    [[nodiscard]] Peer make_peer(const RosterNode& node, Now now) const;
    [[nodiscard]] Link::Options link_options(const RosterNode& node, bool has_key) const;
    void lagged(Duration lag, Now now);
    void tell(EventKind kind, std::size_t node, Now now, std::string detail);
    void tell(Event event);
    void ask_to_save();
    [[nodiscard]] bool is_listed() const { return self_.has_value(); }
    [[nodiscard]] std::size_t quorum() const;
    [[nodiscard]] Duration poll_between(std::size_t a, std::size_t b) const;
    [[nodiscard]] Duration poll_with(std::size_t peer) const;
    [[nodiscard]] Duration try_length(std::size_t peer) const;    // g of the protocol
    [[nodiscard]] Duration tries_length(std::size_t peer) const;  // until as many failed as make it down

    // network_keys.cpp
    [[nodiscard]] Boxes boxes_with(const crypto::PublicKey& key) const;
    [[nodiscard]] bool is_kept(const Peer& peer, const RosterNode& was, const RosterNode& node) const;
    [[nodiscard]] std::optional<crypto::PublicKey> key_in_use(const RosterNode& node) const;
    void set_key(Peer& peer, const NodeId& node, const crypto::PublicKey& key) const;
    void set_next_key(Peer& peer, const RosterNode& node) const;
    void set_floor(HeldRecord& held, const OwnerIdentity& owner) const;
    void use_next_key(std::size_t peer, Now now);
    [[nodiscard]] const crypto::BoxKey* box_of(const Peer& peer, Under under) const;
    [[nodiscard]] static std::uint8_t bit_of(Under under);
    [[nodiscard]] std::optional<Under> next_keys_to_try(const Peer& peer, const Flight& flight) const;
    [[nodiscard]] bool knows_own_key(const Peer& peer) const;
    void take_keys_of_mine(std::size_t peer, const std::vector<wire::KeyTag>& keys, Now now);
    void heard_of_second_key(std::size_t peer, Now now);
    void sign_under(const crypto::PublicKey& key, Now now);
    void look_for_next_key(Now now);
    [[nodiscard]] std::optional<Rotation> rotation() const;

    // network_exchange.cpp
    [[nodiscard]] wire::Exchange introduce(std::size_t peer, wire::ExchangeKind kind, Now now);
    /// With which box key, and in the name of which own one.
    struct Sealed {
        crypto::BoxKey box;
        std::uint64_t own_key = 0;
    };
    [[nodiscard]] Bytes seal(const Sealed& as, const wire::Exchange& exchange);
    [[nodiscard]] Reply refuse(int status, std::string_view code, std::string_view title);
    [[nodiscard]] Duration challenge_lifetime(std::size_t peer) const;
    void spoke(std::size_t peer, const wire::BootId& boot_id, MonoTime alive_at, Now now);
    [[nodiscard]] Reply answer(std::size_t peer, const wire::Exchange& request, const Sealed& as, bool proven, Now now);
    [[nodiscard]] std::optional<wire::Exchange> open(const Peer& peer, const Flight& flight, const wire::Envelope& envelope);
    void try_whom_it_hears(std::size_t peer, Now now);
    void start_exchange(std::size_t peer, bool counts, Now now);
    void set_next_poll(std::size_t peer, Now now);
    void send_flight(std::size_t peer, Now now);
    void add_records(std::size_t peer, wire::Exchange& exchange, const std::vector<wire::Version>& wants, std::size_t budget);
    [[nodiscard]] std::size_t answer_budget(std::size_t peer, Now now);
    [[nodiscard]] static std::optional<wire::SignedRecord> forgotten_head(const Peer& peer);
    void add_wants(std::size_t peer, wire::Exchange& exchange, Now now);
    void take_in(std::size_t peer, const wire::Exchange& exchange, Now now);
    void finish_success(std::size_t peer, const Flight& flight, const wire::Exchange& exchange, Now now);
    void finish_failure(std::size_t peer, const Flight& flight, Reason reason, std::string detail, bool outside_box, Now now);
    void after_flight(std::size_t peer, Now now);

    // network_records.cpp
    void take_records(std::size_t bringer, const std::vector<wire::SignedRecord>& records, Now now);
    bool take_record(std::size_t bringer, const wire::SignedRecord& record, Now now);
    bool take_own_head(std::size_t bringer, const wire::SignedRecord& record, const wire::Head& head, Now now);
    [[nodiscard]] Result<wire::Head> read_head(const Bytes& bytes) const;
    [[nodiscard]] std::shared_ptr<const Row> read_row(const Record& record, const Row* before, Now now) const;
    void brought_bad_signature(std::size_t bringer, Now now);
    void suspect_clone(std::size_t peer, std::string detail, Now now);
    void accepted_record(std::size_t owner, std::size_t bringer, const std::shared_ptr<const Record>& before, Now now);
    void follow_accusations(std::size_t accuser, const Row& row, Now now);
    void pass_answers_on(std::size_t owner, std::size_t bringer, Now now);
    [[nodiscard]] bool answers_an_accusation(std::size_t owner) const;
    void misbehaved(std::size_t peer, std::string_view what, Now now);  // counts it, too
    void tell_misbehaviour(std::size_t peer, std::string_view what, Now now);
    void begin_next_epoch(std::uint64_t above, Now now);
    void epochs_are_used_up(Now now);
    void own_state_changed(Now now);
    void publish_if_due(Now now);
    void publish_next_at(MonoTime at);
    [[nodiscard]] bool first_head_waits(Now now) const;
    void publish(bool status_changed, Now now);
    [[nodiscard]] OwnRecord::Content own_content(Now now);
    [[nodiscard]] std::vector<wire::ReachEntry> own_reach() const;
    [[nodiscard]] std::vector<wire::RttEntry> own_rtt() const;
    [[nodiscard]] wire::Answers own_answers() const;
    [[nodiscard]] bool numbers_moved() const;

    // network_pace.cpp
    [[nodiscard]] bool may_dial(std::size_t peer) const;
    void want_exchange(std::size_t peer, bool counts, Now now);
    void want_early(std::size_t peer, bool first, Now now);
    void pump_early(Now now);
    void schedule_silence(std::size_t peer);
    void check_silence(std::size_t peer, Now now);

    // network_verdicts.cpp
    void link_changed(std::size_t peer, Status from, Now now);
    void proof_of_life(std::size_t peer, Now now);
    void request_pass(Now now);
    void pass(Now now);
    void try_before_the_word(std::size_t subject, Now now);
    [[nodiscard]] bool seen_directly(std::size_t peer, Now now) const;
    [[nodiscard]] bool lived_after(std::size_t peer, MonoTime since) const;
    [[nodiscard]] bool is_seen(std::size_t peer, Now now) const;
    [[nodiscard]] bool is_fresh(std::size_t peer, Now now) const;
    [[nodiscard]] MonoTime stale_at(std::size_t peer) const;
    void check_freshness(std::size_t peer, Now now);
    [[nodiscard]] bool relayed_is_current(std::size_t peer, Now now) const;
    [[nodiscard]] Duration proof_current(std::size_t peer) const;
    [[nodiscard]] Duration proof_counts(std::size_t peer) const;
    [[nodiscard]] std::optional<MonoTime> silent_to_me_at(std::size_t peer) const;
    [[nodiscard]] std::size_t count_seen(Now now) const;
    void rebuild_own_row(Now now);
    void update_own_row(std::size_t peer, Now now);
    [[nodiscard]] bool is_foreseen(std::size_t peer) const;
    [[nodiscard]] std::optional<Exception> own_exception(std::size_t peer, Now now) const;
    void set_row(std::size_t observer, std::shared_ptr<const Row> row);
    [[nodiscard]] std::string_view why_no_vote(std::size_t peer, Now now) const;
    void choose_voters(Now now);
    void count_row(std::size_t observer, std::shared_ptr<const Row> row);
    [[nodiscard]] bool has_left(std::size_t subject, Now now) const;
    void judge(std::size_t subject, Now now);
    void judge_self();
    void tell_verdict(std::size_t subject, Status from, bool was_contested, Reason was_reason, Now now);
    [[nodiscard]] Reason reason_of_accusers(std::size_t subject, const std::vector<std::size_t>& accusers) const;
    void check_own_health(Now now);
    [[nodiscard]] bool accuses_unsaid() const;
    [[nodiscard]] bool lost_too_many(Now now) const;
    [[nodiscard]] bool is_own_lag(std::size_t peer, const Flight& flight, Reason reason) const;
    void excuse(Now now);
    [[nodiscard]] bool is_starved(Now now) const;
    void set_health(SelfHealth health, Now now);
    void find_partition(Now now);
    void note_absence(std::size_t subject, Status from, Now now);
    void note_life_apart(std::size_t owner, Now now);
    [[nodiscard]] std::string whom_it_missed(std::size_t owner, Now now) const;
    void tell_if_parted(std::size_t index, Now now);
    [[nodiscard]] std::vector<NodeSet> links_between(const std::vector<std::size_t>& placed) const;
    [[nodiscard]] bool nobody_misses_another(const std::vector<std::size_t>& placed) const;
    [[nodiscard]] bool foreseen(std::size_t a, std::size_t b) const;

    // network_view.cpp
    [[nodiscard]] NodeView node_view(std::size_t index, const std::vector<std::size_t>& witnesses, Now now) const;
    [[nodiscard]] Testimony testimony(std::size_t observer, std::size_t subject, Now now) const;
    [[nodiscard]] LinkView link_view(std::size_t peer, Now now) const;
    [[nodiscard]] std::optional<wire::Version> own_version() const;
    [[nodiscard]] std::optional<wire::Version> version_held(std::size_t peer) const;

    crypto::Crypto& crypto_;  // for all that takes no key of its own
    const crypto::Crypto* signer_;
    SecondKey second_;
    Options options_;
    Random random_;
    std::vector<Peer> peers_;               // as roster_.nodes
    std::optional<std::size_t> self_;       // absent: this node is not listed
    std::map<NodeId, wire::Floor> floors_;  // of the last run, and of who left the roster
    TagIndex tags_;
    NumberIndex by_key_id_;
    OwnerIdentity identity_;
    std::uint64_t own_key_id_ = 0;
    std::uint64_t second_key_id_ = 0;          // meaningless without second_
    std::optional<MonoTime> most_hold_since_;  // the next key
    bool next_key_due_ = false;
    wire::RosterHash roster_hash_{};
    RosterSlots roster_slots_;    // `peers` of who observes all
    Duration longest_poll_{};     // of anybody in the roster
    Duration detection_bound_{};  // of any peer that this node dials
    Duration paused_{};
    MonoTime started_at_;
    WallTime started_wall_;
    MonoTime judge_from_;                    // after a pause nobody is judged before
    std::size_t pauses_unjudged_ = 0;        // pauses since it last judged
    std::optional<MonoTime> lagged_at_;      // when this process last did not run in time
    std::optional<MonoTime> excused_at_;     // when that last made a failure worthless
    std::optional<MonoTime> excused_since_;  // the first of such failures, without a longer break since
    Agenda agenda_;
    Admission admission_;

    // exchanges
    std::vector<std::pair<std::uint64_t, std::size_t>> flights_;  // transmit id, which only grows, and peer
    std::uint64_t next_transmit_ = 1;
    std::uint64_t counter_ = 0;  // of requests to anybody: a peer that leaves the roster and returns sees it grow
    std::deque<std::size_t> early_;
    double early_bytes_ = 0;  // tokens
    MonoTime early_bytes_at_;
    std::set<std::size_t> not_reached_;  // candidates for `want`: the last try failed, or this node does not dial them
    std::size_t want_rotation_ = 0;
    std::optional<MonoTime> wants_looked_at_;  // when all of not_reached_ were

    // the own record
    OwnRecord own_;
    HeadPace own_heads_;              // that others show
    std::uint64_t epoch_saved_ = 0;   // the newest epoch that poll_save has asked for
    std::uint64_t epoch_ticket_ = 0;  // 0: durable
    std::uint64_t next_ticket_ = 1;
    std::uint64_t final_ticket_ = 0;  // of the save at leaving
    std::uint64_t saved_ticket_ = 0;
    std::uint64_t epoch_jumps_ = 0;
    std::optional<MonoTime> epoch_jumped_at_;
    std::optional<std::uint64_t> epoch_wanted_;  // to jump above, once the pace of jumps allows it
    bool epochs_used_up_ = false;                // a head of the highest one bears this node's signature
    bool own_dirty_ = true;
    std::optional<MonoTime> published_at_;
    std::set<std::size_t> not_yet_reached_;  // since the start: the first head waits for them a while
    MonoTime rtt_published_at_;              // or when it started
    std::map<std::size_t, Duration> rtt_published_;
    bool leaving_ = false;

    // verdicts
    std::vector<std::size_t> opinions_;               // per subject: counted rows with an opinion on it
    std::vector<std::vector<std::size_t>> accusers_;  // per subject, ordered
    std::vector<std::vector<std::size_t>> impaired_by_;
    std::optional<MonoTime> passed_at_;
    std::size_t unsettled_ = 0;  // subjects accused or contested: proofs of others matter to them
    bool has_quorum_ = false;
    bool had_quorum_ = false;
    std::size_t seen_ = 1;
    SelfHealth health_ = SelfHealth::healthy;
    std::size_t links_down_ = 0;
    std::map<std::size_t, MonoTime> lost_at_;  // peers that went from up to down, and when
    Partition partition_;
    std::vector<std::size_t> placed_;  // when it was last looked at
    std::optional<MonoTime> partition_at_;
    bool partition_due_ = false;
};

}  // namespace meshmon::mesh
