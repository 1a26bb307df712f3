#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "base/time.hpp"

namespace meshmon::mesh {

/// Why the mesh wants to be woken.
enum class Wake : std::uint8_t { exchange, silence, freshness, review, publish, verdicts, pace, save };

[[nodiscard]] std::string_view to_string(Wake wake);

/// The deadlines of one network: at most one per reason and subject.
///
/// Time: lived time, as the network counts it (pauses left out).
/// Determinism: equal times come in the order of reason, then subject.
/// Cost: O(log deadlines) each.
class Agenda {
public:
    struct Key {
        Wake wake = Wake::exchange;
        std::size_t subject = 0;  ///< roster index; 0 where the whole network is meant
        friend auto operator<=>(const Key&, const Key&) = default;
    };

    /// Replaces an earlier deadline of the same key.
    void set(Key key, MonoTime when);

    /// As set(), but never later than the deadline that stands.
    void set_at_latest(Key key, MonoTime when);

    void cancel(Key key);
    void clear();

    [[nodiscard]] std::optional<std::pair<MonoTime, Key>> next() const;

    /// Takes the first deadline that is not after `now`.
    [[nodiscard]] std::optional<Key> pop_due(MonoTime now);

private:
    std::map<Key, MonoTime> by_key_;
    std::set<std::pair<MonoTime, Key>> by_time_;
};

}  // namespace meshmon::mesh
