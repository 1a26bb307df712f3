#include "mesh/admission.hpp"

#include <algorithm>

namespace meshmon::mesh {

namespace {

constexpr double kFailuresPerSecond = 20;
constexpr std::string_view kEverybodyElse;  // the count that addresses share when the table is full

}  // namespace

double Admission::failures_now(const Bucket& bucket, MonoTime now) {
    return std::max(0.0, bucket.failures - to_seconds(now - bucket.at) * kFailuresPerSecond);
}

void Admission::failed(std::string_view address, MonoTime now) {
    auto bucket = by_address_.find(address);
    if (bucket == by_address_.end()) {
        if (by_address_.size() >= kAddressesMax) {
            std::erase_if(by_address_, [now](const auto& entry) { return failures_now(entry.second, now) == 0; });
        }
        const std::string_view name = by_address_.size() < kAddressesMax ? address : kEverybodyElse;
        bucket = by_address_.try_emplace(std::string(name), Bucket{0, now}).first;
    }
    bucket->second = {failures_now(bucket->second, now) + 1, now};
}

bool Admission::is_blocked(std::string_view address, MonoTime now) const {
    auto bucket = by_address_.find(address);
    if (bucket == by_address_.end()) bucket = by_address_.find(kEverybodyElse);
    return bucket != by_address_.end() && failures_now(bucket->second, now) >= kFailuresPerSecond;
}

void Admission::proven(std::string_view address, std::uint64_t sender) {
    if (is_proven(address, sender)) return;
    if (pairs_ >= kPairsMax) {
        proven_.clear();
        addresses_.clear();
        pairs_ = 0;
        ++round_;
    }
    proven_[sender].emplace(address);
    addresses_.emplace(address);
    ++pairs_;
}

void Admission::proven(std::string_view address, std::uint64_t sender, Pass& pass) {
    if (admits(pass, address, sender)) return;
    proven(address, sender);
    pass = {std::string(address), sender, round_};
}

bool Admission::is_proven(std::string_view address) const { return addresses_.contains(address); }

bool Admission::is_proven(std::string_view address, std::uint64_t sender) const {
    const auto known = proven_.find(sender);
    return known != proven_.end() && known->second.contains(address);
}

}  // namespace meshmon::mesh
