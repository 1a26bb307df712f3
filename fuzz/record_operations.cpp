#include "record_operations.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/check.hpp"
#include "crypto/stand_in.hpp"
#include "mesh/own_record.hpp"
#include "mesh/roster.hpp"
#include "record_model.hpp"
#include "wire/codec.hpp"

namespace meshmon::fuzz {

namespace {

using namespace std::chrono_literals;
using mesh::HeldRecord;
using mesh::Record;

constexpr std::uint64_t kWorld = 1;
constexpr std::size_t kHistory = 8;  // records of the owner that may still be on their way

/// What is chosen next, from the fuzzer's bytes; zeros when they are used up.
class Choices {
public:
    explicit Choices(ByteView bytes) : bytes_(bytes) {}
    [[nodiscard]] bool used_up() const { return bytes_.empty(); }
    std::size_t below(std::size_t bound) {
        if (bytes_.empty()) return 0;
        const auto byte = static_cast<unsigned char>(bytes_.front());
        bytes_.remove_prefix(1);
        return byte % bound;
    }
    bool one_in(std::size_t count) { return below(count) == count - 1; }

private:
    ByteView bytes_;
};

class Comparison {
public:
    explicit Comparison(Choices choices) : choices_(choices) { take_key(0); }

    std::size_t run() {
        std::size_t count = 0;
        for (; !choices_.used_up(); ++count) operate();
        return count;
    }

private:
    void operate() {
        switch (choices_.below(9)) {
            case 0: return publish();
            case 1: return own_->begin_epoch(own_->epoch() + 1 + choices_.below(3));
            case 2: return offer_published();
            case 3: return offer_delta();
            case 4: return offer_damaged();
            case 5: return offer_handmade();
            case 6: return set_floor();
            case 7: return wait();
            case 8: return choices_.one_in(8) ? take_key(1 - key_) : check_delta();
        }
    }

    // ---- the owner ---------------------------------------------------------------------------------------------------

    /// The roster gives the owner another key: what the old one signed goes, and what is held begins anew.
    void take_key(std::size_t key) {
        key_ = key;
        identity_ = {*NetworkId::parse("prod"), node_, mesh::node_tag(node_), wire::KeyTag{static_cast<std::uint32_t>(key + 1)},
                     cryptos_[key].public_key()};
        own_ = std::make_unique<mesh::OwnRecord>(*identity_, wire::BootId{1});
        own_->begin_epoch(1);
        history_.clear();
        held_ = HeldRecord();
        model_ = RecordModel();
        verifications_ = 0;
        publish();
    }

    void publish() {
        mesh::OwnRecord::Content content;
        content.hello.software_version = std::string(1, static_cast<char>('a' + choices_.below(3)));
        const std::size_t peers = std::array<std::size_t, 3>{2, 3, 300}[choices_.below(3)];
        for (std::uint64_t tag = 1; tag <= peers; ++tag) content.peers.push_back({tag});
        for (std::uint64_t tag = 1; tag <= choices_.below(3); ++tag) {
            content.reach.push_back({{tag}, wire::OutState::failed, wire::InState::heard, 0, 3, WallTime()});
        }
        if (choices_.one_in(2)) content.rtt = {{{1}, static_cast<std::uint32_t>(choices_.below(4)), 0}};
        if (choices_.one_in(4)) content.answers.accusations.push_back({{1}, {1}, 1, 1 + choices_.below(2), 7});
        own_->publish(content, crypto(), WallTime());
        if (history_.size() == kHistory) history_.erase(history_.begin());
        history_.push_back(own_->current());
    }

    [[nodiscard]] const Record& published() { return *history_[choices_.below(history_.size())]; }

    // ---- what reaches the receiver -----------------------------------------------------------------------------------

    void offer_published() { offer(mesh::delta(published(), std::nullopt)); }
    void offer_delta() { offer(mesh::delta(published(), held_.version())); }

    /// A relay's doing: slots held back, altered, repeated or too many, another signature.
    void offer_damaged() {
        wire::SignedRecord record = mesh::delta(published(), std::nullopt);
        const std::size_t kept = choices_.below(256);
        for (std::size_t i = record.slots.size(); i-- > 0;) {
            if ((kept >> (i % 8) & 1U) == 0) record.slots.erase(record.slots.begin() + static_cast<std::ptrdiff_t>(i));
        }
        switch (choices_.below(4)) {
            case 0: break;
            case 1: record.signature[choices_.below(record.signature.size())] ^= 0x01; break;
            case 2: record.slots.emplace_back("of nobody"); break;
            case 3:
                if (!record.slots.empty() && !record.slots[0].empty()) record.slots[0][0] ^= 0x01;
                break;
        }
        offer(record);
    }

    /// A head that the owner may have signed, honest or not: few values, so that they meet again and again.
    void offer_handmade() {
        static const std::array<Bytes, 5> kSlots = {
            wire::encode(wire::Hello{.software_version = "a", .capabilities = {}, .started = {}}),
            wire::encode(wire::ReachPage{{{{1}, wire::OutState::failed, {}, 0, 3, {}}}}), "no slot of any kind", "x", ""};
        wire::Head head{.network = identity_->network,
                        .owner = identity_->node,
                        .epoch = own_->epoch() + choices_.below(2),
                        .seq = 1 + choices_.below(4),
                        .boot_id = wire::BootId{static_cast<std::uint8_t>(1 + choices_.below(2))},
                        .wall = {},
                        .roster_hash = {static_cast<std::uint8_t>(choices_.below(2))},
                        .config_revision = "",
                        .slots = {}};
        wire::SignedRecord record;
        for (std::uint32_t kind : {1U, 3U, 9U}) {
            const std::size_t choice = choices_.below(12);
            if (choice > 9) continue;
            const Bytes& slot = kSlots[choice % kSlots.size()];
            const std::size_t lie = choices_.one_in(8) ? 1 : 0;
            head.slots.push_back(
                {static_cast<wire::SlotKind>(kind), 0, static_cast<std::uint32_t>(slot.size() + lie), crypto().hash(slot), 1});
            if (!choices_.one_in(4)) record.slots.push_back(slot);
        }
        record.head = wire::encode(head);
        record.signature = crypto().sign(wire::signing_input(record.head));
        if (choices_.one_in(8)) record.signature[0] ^= 0x01;
        offer(record);
    }

    void offer(const wire::SignedRecord& record) {
        const auto head = wire::decode_head(record.head);
        if (!head) return;  // refused before it gets here
        const auto outcome = held_.offer(record, *head, *identity_, crypto(), now_, verifications_);
        MM_CHECK(outcome == model_.offer(record, *head, *identity_, crypto(), now_), "another outcome than the model's");
        compare();
    }

    void set_floor() {
        const wire::KeyTag key{static_cast<std::uint32_t>(1 + choices_.below(2))};
        const wire::Floor floor{node_, key, own_->epoch() - choices_.below(2), 1 + choices_.below(4), {}, {}};
        held_.set_floor(floor);
        model_.set_floor(floor);
    }

    void wait() { now_ += 50ms * std::array<int, 4>{1, 2, 5, 20}[choices_.below(4)]; }

    // ---- what must be so ---------------------------------------------------------------------------------------------

    void compare() {
        MM_CHECK(verifications_ == model_.verifications(), "another number of verifications than the model's");
        const auto& held = held_.current();
        const auto& copy = model_.held();
        MM_CHECK((held != nullptr) == copy.has_value(), "a record is held where the model holds none, or none where it does");
        MM_CHECK(held_.equivocation().has_value() == model_.equivocated(), "another mind about equivocation than the model's");
        if (!held) return;
        MM_CHECK(held->head_bytes == copy->head_bytes && held->signature == copy->signature, "another head than the model's");
        MM_CHECK(held_.version() == mesh::version_of(copy->head, crypto().hash(copy->head_bytes), *identity_), "another version");
        MM_CHECK(held->slots.size() == copy->head.slots.size(), "another number of slots than the model's");
        for (std::size_t i = 0; i < held->slots.size(); ++i) {
            MM_CHECK(*held->slots[i] == copy->slots.at(copy->head.slots[i].hash), "another slot than the model's");
        }
    }

    /// Whoever holds an older record and is given the delta has the newer one, to the byte; and so has who holds nothing.
    void check_delta() {
        const Record& older = published();
        const Record& newer = published();
        if (!mesh::is_newer(newer.version, older.version)) return;
        HeldRecord receiver;
        std::uint64_t ignored = 0;
        const auto give = [&](const wire::SignedRecord& record) {
            return receiver.offer(record, *wire::decode_head(record.head), *identity_, crypto(), now_ + 1h, ignored);
        };
        MM_CHECK(give(mesh::delta(older, std::nullopt)) == HeldRecord::Outcome::accepted, "a whole record was not taken");
        MM_CHECK(give(mesh::delta(newer, older.version)) == HeldRecord::Outcome::accepted, "a delta did not complete its record");
        MM_CHECK(receiver.current()->head_bytes == newer.head_bytes, "a delta led to another head");
        for (std::size_t i = 0; i < newer.slots.size(); ++i) {
            MM_CHECK(*receiver.current()->slots[i] == *newer.slots[i], "a delta led to another slot");
        }
    }

    [[nodiscard]] const crypto::StandInCrypto& crypto() const { return cryptos_[key_]; }

    Choices choices_;
    NodeId node_ = *NodeId::parse("fra-1");
    std::array<crypto::StandInCrypto, 2> cryptos_ = {crypto::StandInCrypto(kWorld, 1), crypto::StandInCrypto(kWorld, 2)};
    std::size_t key_ = 0;
    std::optional<mesh::OwnerIdentity> identity_;
    std::unique_ptr<mesh::OwnRecord> own_;
    std::vector<std::shared_ptr<const Record>> history_;
    HeldRecord held_;
    RecordModel model_;
    std::uint64_t verifications_ = 0;
    MonoTime now_{1h};
};

}  // namespace

std::size_t run_record_operations(ByteView choices) { return Comparison(Choices(choices)).run(); }

}  // namespace meshmon::fuzz
