#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "base/time.hpp"

namespace meshmon::mesh {

/// Who may send how much before it has shown that it knows a key.
///
/// Only what fails to open is counted, and it is counted against the address that sent it; a pair of address and key
/// that was proven alive is never held up by what others behind the same address do.
/// Memory: at most kAddressesMax addresses and kPairsMax pairs; past that, unknown addresses share one count.
class Admission {
public:
    static constexpr std::size_t kAddressesMax = 4096;
    static constexpr std::size_t kPairsMax = 16384;

    /// A box from `address` did not open.
    void failed(std::string_view address, MonoTime now);

    /// An exchange from `address` under the key `sender` proved that it is alive now.
    void proven(std::string_view address, std::uint64_t sender);

    /// A pair that was proven. Kept with the peer it saves the search for it, which is most of what a quiet exchange reads.
    struct Pass {
        std::string address;
        std::uint64_t sender = 0;
        std::uint64_t round = 0;
    };
    void proven(std::string_view address, std::uint64_t sender, Pass& pass);

    /// Whether `pass` shows that this pair was proven; without it is_proven() knows.
    [[nodiscard]] bool admits(const Pass& pass, std::string_view address, std::uint64_t sender) const {
        return pass.round == round_ && pass.sender == sender && pass.address == address;
    }

    /// Whether `address` has used up its failures for now.
    [[nodiscard]] bool is_blocked(std::string_view address, MonoTime now) const;

    /// How many addresses and pairs are kept.
    [[nodiscard]] std::size_t size() const { return by_address_.size() + pairs_; }

    [[nodiscard]] bool is_proven(std::string_view address) const;
    [[nodiscard]] bool is_proven(std::string_view address, std::uint64_t sender) const;

private:
    struct Bucket {
        double failures = 0;
        MonoTime at;
    };

    [[nodiscard]] static double failures_now(const Bucket& bucket, MonoTime now);

    std::map<std::string, Bucket, std::less<>> by_address_;
    std::map<std::uint64_t, std::set<std::string, std::less<>>> proven_;  // by sender: mostly one address each
    std::set<std::string, std::less<>> addresses_;                        // of proven_
    std::size_t pairs_ = 0;
    std::uint64_t round_ = 1;  // ends where all pairs are forgotten, and with it every pass
};

}  // namespace meshmon::mesh
