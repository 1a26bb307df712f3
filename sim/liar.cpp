#include "sim/liar.hpp"

#include <algorithm>
#include <utility>

#include "base/check.hpp"
#include "crypto/fingerprint.hpp"
#include "wire/codec.hpp"

namespace meshmon::sim {

namespace {

constexpr std::uint64_t kMemberChance = 4711;
constexpr std::uint64_t kStrangerChance = 4712;
constexpr std::uint64_t kThiefChance = 4713;

std::uint32_t first_four(const crypto::Hash& hash) {
    std::uint32_t number = 0;
    for (std::size_t i = 0; i < 4; ++i) number = (number << 8U) | hash[i];
    return number;
}

}  // namespace

Liar::Liar(World& world, NodeId name, std::unique_ptr<crypto::Crypto> crypto, std::string from_address)
    : address(std::move(from_address)),
      world_(world),
      name_(std::move(name)),
      crypto_(std::move(crypto)),
      seat_(std::make_shared<Liar*>(this)) {
    crypto_->random(boot_id);
}

Liar::Liar(Liar&& other) noexcept
    : bend_answer(std::move(other.bend_answer)),
      boot_id(other.boot_id),
      my_version(other.my_version),
      address(std::move(other.address)),
      world_(other.world_),
      name_(std::move(other.name_)),
      crypto_(std::move(other.crypto_)),
      posed_as_(other.posed_as_),
      counters_(std::move(other.counters_)),
      challenges_(std::move(other.challenges_)),
      seat_(std::move(other.seat_)) {
    if (seat_) *seat_ = this;
}

Liar::~Liar() {
    if (seat_) *seat_ = nullptr;
}

Liar Liar::member(World& world, std::size_t node) {
    Liar liar(world, world.id(node), world.identity(node, kMemberChance), world.address(node));
    liar.sit_down(node);
    return liar;
}

void Liar::sit_down(std::size_t node) {
    world_.is_a_liar(node);
    world_.take_seat(node, [seat = seat_](std::string_view, ByteView body) {
        return *seat == nullptr ? mesh::Network::Reply{.status = 503, .body = {}} : (*seat)->answer(body);
    });
}

Liar Liar::thief(World& world, std::size_t node) {
    return {world, world.id(node), world.identity(node, kThiefChance), "10.66.0.2"};
}

Liar Liar::impostor(World& world, std::size_t victim, std::size_t node) {
    Liar liar(world, world.id(node), world.identity(victim, kThiefChance, 0), "10.66.0.3");
    liar.posed_as_ = world.key(node);
    return liar;
}

Liar Liar::impostor_in_place(World& world, std::size_t victim, std::size_t node) {
    Liar liar = impostor(world, victim, node);
    liar.sit_down(node);
    return liar;
}

Liar Liar::stranger(World& world, const NodeId& name) {
    return {world, name, world.strange_identity(kStrangerChance), "10.66.0.1"};
}

NetworkId Liar::network() const {
    auto id = NetworkId::parse(world_.options().network);
    MM_CHECK(id, "the network's name is valid");
    return *id;
}

std::uint64_t Liar::random_number() {
    ByteArray<8> bytes{};
    crypto_->random(bytes);
    std::uint64_t number = 0;
    for (const std::uint8_t byte : bytes) number = (number << 8U) | byte;
    return number;
}

// ---- records ---------------------------------------------------------------------------------------------------------

wire::Head Liar::head(std::uint64_t epoch, std::uint64_t seq) const {
    return {.network = network(),
            .owner = name_,
            .epoch = epoch,
            .seq = seq,
            .boot_id = boot_id,
            .wall = world_.local_now(0).wall,
            .roster_hash = mesh::roster_hash(world_.roster(0)),
            .config_revision = "rev1",
            .health = wire::SelfHealth::healthy,
            .slots = {}};
}

std::vector<std::pair<wire::SlotKind, Bytes>> Liar::row(const std::vector<std::size_t>& accused) const {
    MM_CHECK(world_.size() <= wire::kPageNodesMax, "a liar writes one page");
    wire::PeersPage peers;
    wire::ReachPage reach;
    for (std::size_t node = 0; node < world_.size(); ++node) {
        if (world_.id(node) == name_) continue;
        const wire::NodeTag tag = mesh::node_tag(world_.id(node));
        peers.nodes.push_back(tag);
        if (std::ranges::find(accused, node) == accused.end()) continue;
        reach.entries.push_back({.node = tag,
                                 .out = wire::OutState::failed,
                                 .in = wire::InState::silent,
                                 .flags = 0,
                                 .reason = static_cast<std::uint8_t>(mesh::Reason::timeout),
                                 .since = world_.local_now(0).wall});
    }
    std::ranges::sort(peers.nodes);
    std::ranges::sort(reach.entries, {}, &wire::ReachEntry::node);
    const wire::Hello hello{.software_version = "sim", .capabilities = {}, .started = world_.local_now(0).wall};
    return {{wire::SlotKind::hello, wire::encode(hello)},
            {wire::SlotKind::peers, wire::encode(peers)},
            {wire::SlotKind::reach, wire::encode(reach)}};
}

wire::SignedRecord Liar::sign(wire::Head head, const std::vector<std::pair<wire::SlotKind, Bytes>>& slots) const {
    wire::SignedRecord record;
    for (const auto& [kind, bytes] : slots) {
        head.slots.push_back({.kind = kind,
                              .page = 0,
                              .length = static_cast<std::uint32_t>(bytes.size()),
                              .hash = crypto_->hash(bytes),
                              .changed_seq = head.seq});
        record.slots.push_back(bytes);
    }
    record.head = wire::encode(head);
    record.signature = crypto_->sign(wire::signing_input(record.head));
    return record;
}

wire::Version Liar::version_of(const wire::SignedRecord& record) const {
    const auto head = wire::decode_head(record.head);
    MM_CHECK(head, "a version is asked of a head that decodes");
    return {.node = mesh::node_tag(head->owner),
            .key = {crypto::fingerprint(crypto_->public_key()).key_tag()},
            .epoch = head->epoch,
            .seq = head->seq,
            .head_hash = first_four(crypto_->hash(record.head))};
}

// ---- talk ------------------------------------------------------------------------------------------------------------

wire::Exchange Liar::request(std::size_t to) {
    wire::Exchange exchange;
    exchange.kind = wire::ExchangeKind::request;
    exchange.network = network();
    exchange.from = name_;
    exchange.to = world_.id(to);
    exchange.boot_id = boot_id;
    exchange.counter = ++counters_[to];
    exchange.nonce = random_number();
    exchange.sent_wall = world_.local_now(to).wall;
    exchange.my_version = my_version;
    exchange.roster_hash = mesh::roster_hash(world_.roster(0));
    exchange.config_revision = "rev1";
    exchange.software_version = "sim";
    if (const auto challenge = challenges_.find(to); challenge != challenges_.end()) {
        exchange.challenge_echo = challenge->second;
        challenges_.erase(challenge);
    }
    return exchange;
}

std::optional<crypto::BoxKey> Liar::box_with(std::size_t node) const {
    const auto box_key = crypto_->box_key(posed_as_.value_or(world_.key(node)));
    return box_key ? std::optional(*box_key) : std::nullopt;
}

Bytes Liar::seal(std::size_t to, const wire::Exchange& exchange) {
    const auto box_key = box_with(to);
    MM_CHECK(box_key, "the simulator's keys are good");
    const crypto::PublicKey sender = posed_as_.value_or(crypto_->public_key());
    wire::Envelope envelope{.sender = crypto::fingerprint(sender).short_id(), .nonce = {}, .box = {}};
    crypto_->random(envelope.nonce);
    const Bytes box = crypto_->seal(*box_key, envelope.nonce, wire::encode(exchange));
    envelope.box = box;
    return wire::encode(envelope);
}

std::optional<wire::Exchange> Liar::open(std::size_t from, ByteView body) const {
    const auto envelope = wire::decode_envelope(body);
    const auto box_key = box_with(from);
    if (!envelope || !box_key) return std::nullopt;
    const auto plain = crypto_->open(*box_key, envelope->nonce, envelope->box);
    if (!plain) return std::nullopt;
    auto exchange = wire::decode_exchange(*plain);
    if (!exchange) return std::nullopt;
    return std::move(*exchange);
}

Liar::Heard Liar::ask(std::size_t to, const wire::Exchange& exchange) {
    const mesh::Network::Reply reply = world_.inject(to, address, seal(to, exchange));
    Heard heard{.status = reply.status, .answer = {}};
    if (reply.sealed) heard.answer = open(to, reply.body);
    if (heard.answer && heard.answer->challenge) challenges_[to] = *heard.answer->challenge;
    return heard;
}

Liar::Heard Liar::tell(std::size_t to, std::vector<wire::SignedRecord> records) {
    (void)ask(to, request(to));
    wire::Exchange exchange = request(to);
    exchange.records = std::move(records);
    return ask(to, exchange);
}

mesh::Network::Reply Liar::answer(ByteView body) {
    for (std::size_t from = 0; from < world_.size(); ++from) {
        const auto request = open(from, body);
        if (!request || request->from != world_.id(from)) continue;
        wire::Exchange answer = this->request(from);
        answer.kind = wire::ExchangeKind::answer;
        answer.nonce = request->nonce;
        answer.challenge = random_number();
        answer.challenge_echo.reset();
        answer.received_wall = world_.local_now(from).wall;
        answer.your_version_held = request->my_version;
        answer.accepted = true;
        if (bend_answer) bend_answer(*request, answer);
        return {.status = 200, .body = seal(from, answer), .sealed = true};
    }
    // Who refuses a key is asked under the other ones: what a thief wants.
    return {.status = 403, .body = posed_as_ ? R"({"error":{"code":"unknown_key"}})" : "", .sealed = false};
}

}  // namespace meshmon::sim
