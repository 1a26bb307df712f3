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

Agenda::Place Agenda::place_of(Key key) const {
    const auto& places = places_[static_cast<std::size_t>(key.wake)];
    return key.subject < places.size() ? places[key.subject] : Place{};
}

void Agenda::set(Key key, MonoTime when) {
    auto& places = places_[static_cast<std::size_t>(key.wake)];
    if (key.subject >= places.size()) places.resize(key.subject + 1);
    const Place stands = places[key.subject];
    if (stands.at != kNowhere && stands.when == when) return;
    const std::size_t place = stands.at != kNowhere ? stands.at : heap_.size();
    if (place == heap_.size()) heap_.emplace_back();
    put(place, {when, key});
    move_up(place);
    move_down(places[key.subject].at);
}

void Agenda::set_at_latest(Key key, MonoTime when) {
    const Place stands = place_of(key);
    if (stands.at == kNowhere || stands.when > when) set(key, when);
}

void Agenda::cancel(Key key) {
    const std::uint32_t place = place_of(key).at;
    if (place == kNowhere) return;
    places_[static_cast<std::size_t>(key.wake)][key.subject].at = kNowhere;
    const Entry last = heap_.back();
    heap_.pop_back();
    if (place == heap_.size()) return;
    put(place, last);
    move_up(place);
    move_down(place_of(last.second).at);
}

void Agenda::clear() {
    heap_.clear();
    for (auto& places : places_) places.clear();
}

std::optional<std::pair<MonoTime, Agenda::Key>> Agenda::next() const {
    if (heap_.empty()) return std::nullopt;
    return heap_.front();
}

std::optional<Agenda::Key> Agenda::pop_due(MonoTime now) {
    if (heap_.empty() || heap_.front().first > now) return std::nullopt;
    const Key key = heap_.front().second;
    cancel(key);
    return key;
}

void Agenda::put(std::size_t place, const Entry& entry) {
    heap_[place] = entry;
    places_[static_cast<std::size_t>(entry.second.wake)][entry.second.subject] = {entry.first, static_cast<std::uint32_t>(place)};
}

void Agenda::move_up(std::size_t place) {
    const Entry entry = heap_[place];
    while (place > 0 && entry < heap_[(place - 1) / 2]) {
        put(place, heap_[(place - 1) / 2]);
        place = (place - 1) / 2;
    }
    put(place, entry);
}

void Agenda::move_down(std::size_t place) {
    const Entry entry = heap_[place];
    for (std::size_t child = 2 * place + 1; child < heap_.size(); child = 2 * place + 1) {
        if (child + 1 < heap_.size() && heap_[child + 1] < heap_[child]) ++child;
        if (!(heap_[child] < entry)) break;
        put(place, heap_[child]);
        place = child;
    }
    put(place, entry);
}

}  // namespace meshmon::mesh
