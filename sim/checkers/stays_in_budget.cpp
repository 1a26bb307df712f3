#include "sim/checkers/stays_in_budget.hpp"

#include <algorithm>
#include <functional>

#include "wire/codec.hpp"

namespace meshmon::sim {

namespace {

// The limits of docs/protocol.md, "Limits", written down once more: a checker that took them from the mesh could not fail.
constexpr std::size_t kRecordBytes = 256 * 1024;      // of records in one message
constexpr std::size_t kOtherBytes = 16 * 1024;        // of all else in it
constexpr double kAnswerBytesPerSecond = 256 * 1024;  // of records in answers to one peer
constexpr double kAnswerBytesAtOnce = 1024 * 1024;
constexpr double kHeadsPerSecond = 20;  // good ones of one owner; as many at once
constexpr std::size_t kHeadsAlone = 5;  // of one owner: the last two, two of a proof, one of a floor
constexpr std::size_t kRosterLeast = 1024;
constexpr std::size_t kSenders = 4097 + 16384;  // addresses, the one that the rest shares, and proven pairs

std::size_t record_bytes(const wire::Exchange& exchange) {
    std::size_t sum = 0;
    for (const wire::SignedRecord& record : exchange.records) sum += wire::encoded_size(record);
    return sum;
}

/// Of each key of each node one record is kept: two during a rotation.
std::size_t keys_listed(const NodeState& state) {
    const auto rotating = std::ranges::count_if(state.nodes, [](const auto& node) { return !node.next_fingerprint.empty(); });
    return state.nodes.size() + static_cast<std::size_t>(rotating);
}

}  // namespace

bool StaysInBudget::Bucket::takes(double amount, double per_second, double at_once, MonoTime now) {
    used_ = std::max(0.0, used_ - to_seconds(now - at_) * per_second) + amount;
    at_ = now;
    if (used_ <= at_once) return true;
    used_ = 0;
    return false;
}

void StaysInBudget::on_step(const Step& step) {
    for (std::size_t node = 0; node < step.ids.size(); ++node) {
        if (!step.states[node].running || !step.states[node].honest) continue;
        look_at_memory(step, node);
        look_at_verifications(step, node);
    }
}

void StaysInBudget::look_at_memory(const Step& step, std::size_t node) {
    const mesh::Holdings& holds = step.states[node].holdings;
    const std::size_t owners = keys_listed(step.states[node]);
    const auto most = [&](const char* what, std::size_t held, std::size_t limit) {
        if (held > limit) {
            violated(step.now, "S7: " + step.ids[node].str() + " keeps " + std::to_string(held) + " " + what + ", and may keep " +
                                   std::to_string(limit));
        }
    };
    most("records", holds.records, owners);
    most("pending heads", holds.pending, owners);
    most("slots", holds.slots, 2 * owners * wire::slots_max(std::max(kRosterLeast, owners)));
    most("heads alone", holds.heads, kHeadsAlone * owners);
    most("proofs", holds.proofs, owners);
    most("addresses and pairs", holds.senders, kSenders);
}

void StaysInBudget::look_at_verifications(const Step& step, std::size_t node) {
    const NodeState& state = step.states[node];
    Spent& spent = spent_[node];
    if (spent.incarnation != state.incarnation) spent = {.incarnation = state.incarnation, .verifications = {}};
    const std::uint64_t bad = state.bad_signatures - spent.bad_signatures;
    const std::uint64_t good = state.verified - spent.verified - bad;
    spent.verified = state.verified;
    spent.bad_signatures = state.bad_signatures;
    if (state.bad_signatures > state.exchanged) {
        violated(step.now, "S7: " + step.ids[node].str() + " verified " + std::to_string(state.bad_signatures) +
                               " bad signatures in " + std::to_string(state.exchanged) + " messages");
    }
    const double rate = kHeadsPerSecond * static_cast<double>(keys_listed(state));
    if (spent.verifications.takes(static_cast<double>(good), rate, rate, step.now)) return;
    violated(step.now, "S7: " + step.ids[node].str() + " verified " + std::to_string(good) + " heads since the last look");
}

void StaysInBudget::on_message(const OpenedMessage& message) {
    const std::size_t records = record_bytes(message.exchange);
    const std::string who = "S7: " + message.ids[message.from].str();
    if (records > kRecordBytes || message.bytes > records + kOtherBytes) {
        violated(message.at, who + " sent " + std::to_string(message.bytes) + " bytes, of them " + std::to_string(records) +
                                 " of records, in one message");
    }
    if (message.exchange.kind != wire::ExchangeKind::answer) return;
    Bucket& bucket = answered_[{message.from, message.to}];
    const double most = kAnswerBytesAtOnce + kRecordBytes;  // the last one within the limit may be as large as a message
    if (bucket.takes(static_cast<double>(records), kAnswerBytesPerSecond, most, message.at)) return;
    violated(message.at, who + " answered " + std::to_string(message.to) + " with more records than its share");
}

void StaysInBudget::on_beginning(const Beginning& beginning) {
    std::erase_if(answered_, [&](const auto& entry) { return entry.first.first == beginning.node; });
}

/// A head of an honest owner is verified once by each process and roster. A liar may sign two in turns: those its pace limits.
void StaysInBudget::on_verification(const Verification& verification) {
    if (!verification.good) return;
    Seen& seen = seen_[verification.host];
    if (seen.incarnation != verification.incarnation || seen.roster_since != verification.roster_since) {
        seen = {.incarnation = verification.incarnation, .roster_since = verification.roster_since, .inputs = {}};
    }
    if (seen.inputs.insert(std::hash<ByteView>{}(verification.input)).second) return;
    const auto head = wire::decode_head(verification.input.substr(wire::signing_input({}).size()));
    const std::size_t owner = head ? index_of(verification.ids, head->owner) : verification.ids.size();
    if (owner == verification.ids.size() || !verification.honest[owner]) return;
    violated(verification.at,
             "S7: host " + std::to_string(verification.host) + " verified a head of " + head->owner.str() + " twice");
}

}  // namespace meshmon::sim
