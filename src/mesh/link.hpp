#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.hpp"
#include "mesh/meters.hpp"
#include "mesh/vocabulary.hpp"
#include "wire/messages.hpp"

namespace meshmon::mesh {

/// What this node finds when it tries to reach one peer, and whether it hears from it.
///
/// Source: docs/verdicts.md, "Observations".
/// Place: owned by its Peer. Plans nothing: who calls it decides when to try.
class Link {
public:
    struct Options {
        bool dials = false;              ///< this node is to dial the peer
        bool dialed_by = false;          ///< the peer is to dial this node
        Reason obstacle = Reason::none;  ///< what this node knows itself: placeholder_url, key_missing, not_listed
        int retry = 3;                   ///< failures in a row until it is down
        Duration silent_after{};         ///< without a proven request, if the peer is to dial this node
        Duration heard_for{};            ///< a request shows so long that the peer lives, where the tries of this node fail
    };

    Link() = default;
    Link(Options options, Now now);

    /// Another roster: what was found stays, as far as it still applies. `afresh`: it is about another key or URL.
    void configure(Options options, bool afresh, Now now);

    // Each answers whether out(), in(), status() or reason() changed.
    bool succeeded(Duration rtt, Now now);
    bool heard(Now now);

    /// `outside_box`: what came was no box, so that it proves nothing until the link was up. `counts`: towards retry.
    bool failed(Reason reason, std::string detail, bool outside_box, bool counts, Now now);

    /// To be called when silent_at() has come.
    bool check_silence(Now now);

    /// When the peer will count as silent unless it is heard; absent where it is not to dial, or is silent already.
    [[nodiscard]] std::optional<MonoTime> silent_at() const;

    [[nodiscard]] wire::OutState out() const;
    [[nodiscard]] wire::InState in() const;
    [[nodiscard]] bool one_way() const;
    [[nodiscard]] bool plainly_up() const;  ///< needs no entry in a reach page
    [[nodiscard]] std::uint8_t flags() const;

    /// The opinion: what the tries say where this node dials, else what is heard.
    [[nodiscard]] Status status() const;
    [[nodiscard]] Reason reason() const;

    [[nodiscard]] const Options& options() const { return options_; }
    [[nodiscard]] const std::string& detail() const { return detail_; }
    [[nodiscard]] WallTime since() const { return since_; }
    [[nodiscard]] std::optional<MonoTime> last_success() const { return last_success_; }
    [[nodiscard]] std::optional<MonoTime> last_failure() const { return last_failure_; }
    /// The first failure since it was reached last; absent where none is known.
    [[nodiscard]] std::optional<MonoTime> first_failure() const { return failing_since_ ? failing_since_ : last_failure_; }
    [[nodiscard]] std::optional<MonoTime> last_heard() const { return last_heard_; }
    [[nodiscard]] std::uint64_t failures_in_row() const { return failures_; }
    [[nodiscard]] const RttMeter& rtt() const { return rtt_; }
    [[nodiscard]] const LossMeter& loss() const { return loss_; }

    /// Whether it is reached now, either way: the last try succeeded, or it was heard lately since tries fail.
    [[nodiscard]] bool seen_directly(MonoTime now) const;

    /// Where tries fail and requests come: how long the last one of these shows that the peer is there.
    [[nodiscard]] std::optional<MonoTime> heard_until() const;

private:
    bool change_out(Status status, Reason reason, Now now);

    Options options_;
    Status out_ = Status::unknown;
    Reason out_reason_ = Reason::never_seen;
    bool ever_up_ = false;
    bool silent_ = false;
    std::uint64_t failures_ = 0;
    std::string detail_;
    WallTime since_;
    MonoTime began_;
    std::optional<MonoTime> last_success_, last_failure_, last_heard_;
    std::optional<MonoTime> failing_since_;  ///< the first of the failures in a row
    RttMeter rtt_;
    LossMeter loss_;
};

}  // namespace meshmon::mesh
