#include "mesh/agenda.hpp"

namespace meshmon::mesh {

std::string_view to_string(Wake wake) {
    switch (wake) {
        case Wake::exchange: return "exchange";
        case Wake::silence: return "silence";
        case Wake::freshness: return "freshness";
        case Wake::review: return "review";
        case Wake::publish: return "publish";
        case Wake::verdicts: return "verdicts";
        case Wake::pace: return "pace";
        case Wake::save: return "save";
    }
    return "";
}

void Agenda::set(Key key, MonoTime when) {
    const auto [entry, added] = by_key_.try_emplace(key, when);
    if (!added) {
        if (entry->second == when) return;
        by_time_.erase({entry->second, key});
        entry->second = when;
    }
    by_time_.emplace(when, key);
}

void Agenda::set_at_latest(Key key, MonoTime when) {
    const auto entry = by_key_.find(key);
    if (entry == by_key_.end() || entry->second > when) set(key, when);
}

void Agenda::cancel(Key key) {
    const auto entry = by_key_.find(key);
    if (entry == by_key_.end()) return;
    by_time_.erase({entry->second, key});
    by_key_.erase(entry);
}

void Agenda::clear() {
    by_key_.clear();
    by_time_.clear();
}

std::optional<std::pair<MonoTime, Agenda::Key>> Agenda::next() const {
    if (by_time_.empty()) return std::nullopt;
    return *by_time_.begin();
}

std::optional<Agenda::Key> Agenda::pop_due(MonoTime now) {
    if (by_time_.empty() || by_time_.begin()->first > now) return std::nullopt;
    const Key key = by_time_.begin()->second;
    cancel(key);
    return key;
}

}  // namespace meshmon::mesh
