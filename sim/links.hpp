#pragma once

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <vector>

#include "base/random.hpp"
#include "base/time.hpp"

namespace meshmon::sim {

/// What may be wrong with one way between two hosts, beside what is wrong everywhere.
///
/// Source: Gilbert and Elliott's model of bursts: a good and a bad state, of exponential length.
struct Trouble {
    double loss = 0;            ///< of each packet, 0 .. below 1
    Duration burst{};           ///< if set, only in bursts that are about so long
    Duration calm{};            ///< and about so far apart
    Duration late{};            ///< so much later does each packet come
    double bytes_per_second{};  ///< packets queue behind each other; 0: no limit
};

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
        /// Shape of a bounded Pareto distribution of the delays, for example 1.2: most are short, some are long. 0: uniform.
        double tail = 0;
        double repeats = 0;  ///< of each request, 0 .. 1: a middlebox delivers it once more
    };
    Links(std::size_t hosts, Options options, std::uint64_t seed);

    /// Exchanges that `from` starts to `to` vanish, as behind a firewall; those that `to` starts work.
    void cut(std::size_t from, std::size_t to, MonoTime now) { change(from, to, kCut, true, now); }
    void mend(std::size_t from, std::size_t to, MonoTime now) { change(from, to, kCut, false, now); }

    /// Every packet from `from` to `to` vanishes: no exchange works in either direction.
    void drop(std::size_t from, std::size_t to, MonoTime now) { change(from, to, kDrop, true, now); }

    /// Until heal(), or until another trouble takes its place there.
    void trouble(std::size_t from, std::size_t to, const Trouble& trouble, MonoTime now);
    /// What is sent this way waits until then.
    void clog(std::size_t from, std::size_t to, MonoTime until, MonoTime now);

    void heal(MonoTime now);
    void set_loss(double loss) { options_.loss = loss; }
    void set_repeats(double repeats) { options_.repeats = repeats; }
    void set_delay(Duration least, Duration most);

    enum class Packet { syn, segment };

    /// How long a packet is on its way that is sent now; empty if it never arrives.
    std::optional<Duration> passage(std::size_t from, std::size_t to, Packet packet, MonoTime now, std::size_t bytes = 0);

    /// How much later a request comes once more, if it does.
    std::optional<Duration> repeated();

    /// Whether exchanges that `from` starts to `to` are let through.
    [[nodiscard]] bool starts(std::size_t from, std::size_t to) const;

    /// When what passes between the two changed last; a clog changes it at its end too.
    [[nodiscard]] MonoTime changed(std::size_t a, std::size_t b, MonoTime now) const;

    /// Whether somebody alters what is on its way.
    void set_tampered(bool tampered) { tampered_ = tampered; }

    /// Whether packets are lost or altered everywhere, or so late that tries may fail.
    [[nodiscard]] bool rough() const {
        return tampered_ || options_.loss > 0 || options_.delay_max > std::chrono::milliseconds(50);
    }
    /// The same of the ways between two.
    [[nodiscard]] bool rough(std::size_t a, std::size_t b, MonoTime now) const { return rough() || is_troubled(a, b, now); }

    /// Since when exchanges work in both directions and nothing troubles these ways; empty if that is not so.
    [[nodiscard]] std::optional<MonoTime> whole_since(std::size_t a, std::size_t b, MonoTime now) const;

private:
    enum Flag : unsigned { kCut = 1, kDrop = 2 };
    struct Way {
        unsigned flags = 0;
        MonoTime changed;
    };
    struct Troubled {
        Trouble trouble;
        bool bad = false;  ///< in a burst, until switches_at
        MonoTime switches_at;
        MonoTime clogged_until;
        MonoTime busy_until;  ///< with what was sent before
    };
    void change(std::size_t from, std::size_t to, Flag flag, bool on, MonoTime now);
    [[nodiscard]] bool is_troubled(std::size_t a, std::size_t b, MonoTime now) const;
    [[nodiscard]] const Troubled* troubled(std::size_t from, std::size_t to) const;
    [[nodiscard]] Duration drawn_delay();
    [[nodiscard]] Duration about(Duration mean);
    [[nodiscard]] double loss_of(const Troubled& way, MonoTime at) const;
    void advance(Troubled& way, MonoTime now);
    [[nodiscard]] static Duration queueing(Troubled& way, MonoTime now, std::size_t bytes);
    [[nodiscard]] const Way& way(std::size_t from, std::size_t to) const { return ways_[from * hosts_ + to]; }

    std::size_t hosts_;
    Options options_;
    Random random_;
    bool tampered_ = false;
    std::vector<Way> ways_;
    std::map<std::size_t, Troubled> troubled_;  ///< by place in ways_
};

}  // namespace meshmon::sim
