#include "mesh/row.hpp"

#include <algorithm>
#include <ranges>
#include <tuple>
#include <utility>

#include "wire/codec.hpp"

namespace meshmon::mesh {

namespace {

Reason to_reason(std::uint8_t number) {
    return number <= static_cast<std::uint8_t>(Reason::left) ? static_cast<Reason>(number) : Reason::silent;
}

void keep_first_accusation(Exception& exception, const Exception* before, const Record& record, MonoTime now) {
    if (exception.opinion() != Opinion::accuses) return;
    if (before != nullptr && before->opinion() == Opinion::accuses) {
        exception.accused_at = before->accused_at;
        exception.accused_epoch = before->accused_epoch;
        exception.accused_seq = before->accused_seq;
    } else {
        exception.accused_at = now;
        exception.accused_epoch = record.head.epoch;
        exception.accused_seq = record.head.seq;
    }
}

}  // namespace

TagIndex::TagIndex(const std::vector<wire::NodeTag>& tags) {
    std::vector<NumberIndex::Entry> entries;
    for (std::size_t i = 0; i < tags.size(); ++i) entries.emplace_back(tags[i].value, i);
    by_tag_ = NumberIndex(std::move(entries), wire::kNodeTagBits);
}

Opinion Exception::opinion() const {
    switch (out) {
        case wire::OutState::ok: return Opinion::up;
        case wire::OutState::failed: return Opinion::accuses;
        case wire::OutState::unknown: return Opinion::none;
        case wire::OutState::not_foreseen: break;
    }
    switch (in) {
        case wire::InState::heard: return Opinion::up;
        case wire::InState::silent: return Opinion::accuses;
        case wire::InState::not_foreseen: break;
    }
    return Opinion::none;
}

bool Exception::one_way() const {
    return (out == wire::OutState::ok && in == wire::InState::silent) ||
           (out == wire::OutState::failed && in == wire::InState::heard);
}

bool Exception::is_answered_by(const wire::Version& head) const {
    return opinion() == Opinion::accuses && std::tie(head.epoch, head.seq) >= std::tie(accused_epoch, accused_seq);
}

Row::Row(NodeSet observes, Exceptions exceptions) : observes_(std::move(observes)), exceptions_(std::move(exceptions)) {
    std::ranges::sort(exceptions_, {}, &Exceptions::value_type::first);
    opinions_ = ups_ = observes_;
    for (const auto& [subject, exception] : exceptions_) {
        if (exception.opinion() == Opinion::none) opinions_.erase(subject);
        if (exception.opinion() != Opinion::up) ups_.erase(subject);
    }
    find_complaints();
}

void Row::find_complaints() {
    complaints_.clear();
    for (std::size_t i = 0; i < exceptions_.size(); ++i) {
        const Exception& exception = exceptions_[i].second;
        if (exception.opinion() == Opinion::accuses || exception.impaired()) complaints_.push_back(i);
    }
}

Row Row::with(std::size_t subject, const std::optional<Exception>& exception) const {
    Row row = *this;
    const auto place = std::ranges::lower_bound(row.exceptions_, subject, {}, &Exceptions::value_type::first);
    const bool was_there = place != row.exceptions_.end() && place->first == subject;
    if (exception && was_there) place->second = *exception;
    else if (exception) row.exceptions_.emplace(place, subject, *exception);
    else if (was_there) row.exceptions_.erase(place);
    const Opinion opinion = exception ? exception->opinion() : Opinion::up;
    opinion == Opinion::none ? row.opinions_.erase(subject) : row.opinions_.insert(subject);
    opinion == Opinion::up ? row.ups_.insert(subject) : row.ups_.erase(subject);
    row.find_complaints();
    return row;
}

const Exception* Row::exception(std::size_t subject) const {
    const auto found = std::ranges::lower_bound(exceptions_, subject, {}, &Exceptions::value_type::first);
    return found == exceptions_.end() || found->first != subject ? nullptr : &found->second;
}

Row moved_row(const Row& row, const std::map<std::size_t, std::size_t>& moved, std::size_t roster_size) {
    NodeSet observes(roster_size);
    Row::Exceptions exceptions;
    for (const auto& [from, to] : moved) {
        if (row.observes().contains(from)) observes.insert(to);
        if (const Exception* exception = row.exception(from)) exceptions.emplace_back(to, *exception);
    }
    return {std::move(observes), std::move(exceptions)};
}

bool same_row(const Record& a, const Record& b) {
    const auto is_of_row = [](const wire::SlotRef& slot) {
        return slot.kind == wire::SlotKind::peers || slot.kind == wire::SlotKind::reach;
    };
    const auto content = [](const wire::SlotRef& slot) { return std::tie(slot.kind, slot.page, slot.hash); };
    return std::ranges::equal(a.head.slots | std::views::filter(is_of_row), b.head.slots | std::views::filter(is_of_row), {},
                              content, content);
}

std::shared_ptr<const Row> make_row(const Record& record, const TagIndex& index, std::size_t roster_size, const Row* before,
                                    MonoTime now) {
    NodeSet observes(roster_size);
    NodeSet named(roster_size);  // a liar may name a node in two pages: the first counts
    Row::Exceptions exceptions;
    for (std::size_t i = 0; i < record.slots.size(); ++i) {
        const wire::SlotKind kind = record.head.slots[i].kind;
        if (kind == wire::SlotKind::peers) {
            const Result<wire::PeersPage> page = wire::decode_peers(*record.slots[i]);
            if (!page) continue;
            for (const wire::NodeTag tag : page->nodes) {
                if (const auto subject = index.find(tag); subject && tag != record.version.node) observes.insert(*subject);
            }
        } else if (kind == wire::SlotKind::reach) {
            const Result<wire::ReachPage> page = wire::decode_reach(*record.slots[i]);
            if (!page) continue;
            for (const wire::ReachEntry& entry : page->entries) {
                const auto subject = index.find(entry.node);
                if (!subject || named.contains(*subject)) continue;
                named.insert(*subject);
                Exception exception{entry.out, entry.in, entry.flags, to_reason(entry.reason), entry.since, {}, 0, 0};
                keep_first_accusation(exception, before == nullptr ? nullptr : before->exception(*subject), record, now);
                exceptions.emplace_back(*subject, exception);
            }
        }
    }
    return std::make_shared<const Row>(std::move(observes), std::move(exceptions));
}

}  // namespace meshmon::mesh
