#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <vector>

#include "base/random.hpp"
#include "base/time.hpp"

namespace meshmon::sim {

/// The network between N hosts: who reaches whom, how late, and since when.
///
/// Loss is what TCP makes of it: a lost segment comes 0.2, 0.6, 1.4 s... late, a lost SYN 1, 3, 7 s late.
/// Time: the world's.
class Links {
public:
    struct Options {
        Duration delay_min = std::chrono::milliseconds(1);
        Duration delay_max = std::chrono::milliseconds(5);
        double loss = 0;  ///< of each packet, 0 .. below 1
    };
    Links(std::size_t hosts, Options options, std::uint64_t seed);

    /// Exchanges that `from` starts to `to` vanish, as behind a firewall; those that `to` starts work.
    void cut(std::size_t from, std::size_t to, MonoTime now) { change(from, to, kCut, true, now); }
    void mend(std::size_t from, std::size_t to, MonoTime now) { change(from, to, kCut, false, now); }

    /// Every packet from `from` to `to` vanishes: no exchange works in either direction.
    void drop(std::size_t from, std::size_t to, MonoTime now) { change(from, to, kDrop, true, now); }

    void heal(MonoTime now);
    void set_loss(double loss) { options_.loss = loss; }
    void set_delay(Duration least, Duration most);

    enum class Packet { syn, segment };

    /// How long a packet is on its way now; empty if it never arrives.
    std::optional<Duration> passage(std::size_t from, std::size_t to, Packet packet);

    /// Whether exchanges that `from` starts to `to` are let through.
    [[nodiscard]] bool starts(std::size_t from, std::size_t to) const;

    /// When what passes between the two changed last.
    [[nodiscard]] MonoTime changed(std::size_t a, std::size_t b) const { return std::max(way(a, b).changed, way(b, a).changed); }

    /// Whether somebody alters what is on its way.
    void set_tampered(bool tampered) { tampered_ = tampered; }

    /// Whether packets are lost or altered, or so late that tries may fail.
    [[nodiscard]] bool rough() const {
        return tampered_ || options_.loss > 0 || options_.delay_max > std::chrono::milliseconds(50);
    }

    /// Since when exchanges work in both directions; empty if they do not.
    [[nodiscard]] std::optional<MonoTime> whole_since(std::size_t a, std::size_t b) const;

private:
    enum Flag : unsigned { kCut = 1, kDrop = 2 };
    struct Way {
        unsigned flags = 0;
        MonoTime changed;
    };
    void change(std::size_t from, std::size_t to, Flag flag, bool on, MonoTime now);
    [[nodiscard]] const Way& way(std::size_t from, std::size_t to) const { return ways_[from * hosts_ + to]; }

    std::size_t hosts_;
    Options options_;
    Random random_;
    bool tampered_ = false;
    std::vector<Way> ways_;
};

}  // namespace meshmon::sim
