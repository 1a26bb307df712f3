#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.hpp"

namespace meshmon::mesh {

/// Why the mesh wants to be woken.
enum class Wake : std::uint8_t { exchange, silence, freshness, review, publish, verdicts, pace, save };
inline constexpr std::size_t kWakes = 8;

[[nodiscard]] std::string_view to_string(Wake wake);

/// The deadlines of one network: at most one per reason and subject.
///
/// Time: lived time, as the network counts it (pauses left out).
/// Determinism: equal times come in the order of reason, then subject.
/// Cost: O(log deadlines) each, of few bytes: a binary heap that knows where each key stands in it. set_at_latest() reads one
/// cache line where the deadline that stands is the earlier one, as it mostly is.
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
    static constexpr std::uint32_t kNowhere = ~std::uint32_t{0};
    using Entry = std::pair<MonoTime, Key>;

    /// Where a key stands in the heap, and its deadline once more.
    struct Place {
        MonoTime when;
        std::uint32_t at = kNowhere;
    };

    [[nodiscard]] Place place_of(Key key) const;
    void put(std::size_t place, const Entry& entry);
    void move_up(std::size_t place);
    void move_down(std::size_t place);

    std::vector<Entry> heap_;                          // no entry is later than the two at 2 i + 1 and 2 i + 2
    std::array<std::vector<Place>, kWakes> places_{};  // by wake and subject
};

}  // namespace meshmon::mesh
