#include "sim/world.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/check.hpp"
#include "sim/checkers/advertises_what_it_holds.hpp"
#include "sim/checkers/alone_accuses_nobody.hpp"
#include "sim/checkers/converges.hpp"
#include "sim/checkers/finds_the_dead.hpp"
#include "sim/checkers/finds_the_living.hpp"
#include "sim/checkers/keeps_trying.hpp"
#include "sim/checkers/knows_it_is_alone.hpp"
#include "sim/checkers/names_sides.hpp"
#include "sim/checkers/no_false_down.hpp"
#include "sim/checkers/quorum_accuses.hpp"
#include "sim/checkers/records_hold.hpp"
#include "sim/checkers/signs_once.hpp"
#include "sim/checkers/speaks_again.hpp"
#include "sim/checkers/stays_in_budget.hpp"
#include "sim/checkers/stored_records.hpp"
#include "sim/checkers/versions_rise.hpp"
#include "sim/watched_crypto.hpp"
#include "wire/codec.hpp"

namespace meshmon::sim {

using namespace std::chrono_literals;

namespace {

/// Independent streams of chance from one seed.
std::uint64_t stream(std::uint64_t seed, std::uint64_t number) {
    Random random(seed ^ (number * 0x9e3779b97f4a7c15U));
    (void)random.next();
    return random.next();
}

constexpr std::size_t kSmall = 10;  // nodes; larger worlds are looked at less often, or looking is all they would do

constexpr std::uint64_t kLinksStream = 1;
constexpr std::uint64_t kStartStream = 2;
constexpr std::uint64_t kStrangerStream = 3;
constexpr std::uint64_t kKeyStreams = 1'000;
constexpr std::uint64_t kLaterKeyStreams = 10'000;  // apart, for each key that a node had before
constexpr std::uint64_t kProcessStreams = 1'000'000;
constexpr std::uint64_t kClockStreams = 2'000'000;

NodeId named(const std::string& text) {
    auto id = NodeId::parse(text);
    MM_CHECK(id, "the simulator's names are valid");
    return *id;
}

HostClock random_clock(std::uint64_t seed) {
    Random random(seed);
    const Duration mono = std::chrono::seconds(random.below(100'000));
    const Duration wall = std::chrono::milliseconds(static_cast<std::int64_t>(random.below(200)) - 100);
    return {mono, wall, 100 * random.uniform() - 50};
}

}  // namespace

World::World(WorldOptions options)
    : options_(std::move(options)),
      links_(options_.nodes + options_.spare_hosts, options_.links, stream(options_.seed, kLinksStream)),
      former_keys_(options_.nodes),
      rotates_(options_.nodes),
      honest_(options_.nodes, true),
      states_(options_.nodes),
      told_(options_.nodes),
      truth_(options_.nodes),
      tries_(options_.nodes * options_.nodes),
      check_every_(options_.check_every.value_or(options_.nodes <= kSmall ? Duration(100ms) : Duration(1s))) {
    MM_CHECK(options_.nodes >= 1 && options_.nodes <= 1000, "a world has 1 to 1000 nodes");
    make_names();
    make_machines();
    add_standard_checkers();
    Random moments(stream(options_.seed, kStartStream));
    for (std::size_t node = 0; node < options_.started.value_or(size()); ++node) {
        const auto within = static_cast<std::uint64_t>(options_.start_within.count());
        queue_.at(MonoTime(Duration(moments.below(within + 1))), [this, node] { restart(node); });
    }
    next_check_ = MonoTime(check_every_);
}

World::~World() = default;

void World::make_names() {
    const int digits = options_.nodes > 100 ? 3 : 2;
    for (std::size_t node = 0; node < options_.nodes; ++node) {
        ids_.push_back(named(fmt::format("n{:0{}}", node, digits)));
        node_of_.push_back(node);
        node_numbers_.set(ids_.back().str(), node);
    }
    node_of_.resize(hosts());
}

void World::make_machines() {
    transport_.emplace(queue_, links_, machines_, [this](std::size_t from, std::size_t to, bool answer, ByteView bytes) {
        witness(from, to, answer, bytes);
    });
    for (std::size_t host = 0; host < hosts(); ++host) {
        Machine::Options machine{
            .index = host,
            .address = fmt::format("10.0.{}.{}", host / 250, host % 250 + 1),
            .clock = random_clock(stream(options_.seed, kClockStreams + host)),
            .seed = stream(options_.seed, kProcessStreams + host),
            .identity =
                [this, host](std::uint64_t chance, std::size_t key) {
                    return std::make_unique<WatchedCrypto>(
                        identity(node_of(host), chance, key), [this, host](ByteView plain) { show_to_checkers(host, plain); },
                        [this, host](ByteView input, bool good) { show_verification(host, input, good); });
                },
        };
        machines_.push_back(std::make_unique<Machine>(
            std::move(machine),
            Machine::Surroundings{.queue = queue_,
                                  .trace = trace_,
                                  .log = step_log_,
                                  .pool = pool_,
                                  .send = [this](std::size_t from, auto transmit) {
                                      if (from < size())
                                          tries_[from * size() + node_numbers_.find(transmit.to.str()).value()] = now();
                                      transport_->send(from, std::move(transmit));
                                  }}));
    }
    for (std::size_t node = 0; node < size(); ++node) {
        keys_.push_back(identity(node, 0)->public_key());
        transport_->name(base_url(ids_[node]), node);
    }
}

void World::add_standard_checkers() {
    crypto_of_checkers_ = identity(0, 0);
    add_checker(std::make_unique<NoFalseDown>(options_.poll_rate));
    const Bounds bounds(options_.nodes, options_.poll_rate, options_.retry);
    add_checker(std::make_unique<FindsTheDead>(bounds));
    add_checker(std::make_unique<FindsTheLiving>(bounds));
    add_checker(std::make_unique<AloneAccusesNobody>(bounds));
    add_checker(std::make_unique<Converges>(bounds));
    add_checker(std::make_unique<NamesSides>(bounds));
    add_checker(std::make_unique<KnowsItIsAlone>(bounds));
    add_checker(std::make_unique<SpeaksAgain>(bounds));
    add_checker(std::make_unique<KeepsTrying>(options_.poll_rate));
    add_checker(std::make_unique<QuorumAccuses>(options_.poll_rate));
    add_checker(std::make_unique<VersionsRise>());
    add_checker(std::make_unique<SignsOnce>());
    add_checker(std::make_unique<RecordsHold>());
    add_checker(std::make_unique<StoredRecords>());
    add_checker(std::make_unique<AdvertisesWhatItHolds>());
    add_checker(std::make_unique<StaysInBudget>());
}

std::unique_ptr<crypto::Crypto> World::identity(std::size_t node, std::uint64_t chance) const {
    return identity(node, chance, former_keys_[node].size());
}

std::unique_ptr<crypto::Crypto> World::identity(std::size_t node, std::uint64_t chance, std::size_t key) const {
    const std::uint64_t number = kKeyStreams + node + kLaterKeyStreams * key;
    return make_identity(options_.crypto, stream(options_.seed, number), chance);
}

std::unique_ptr<crypto::Crypto> World::strange_identity(std::uint64_t chance) const {
    return make_identity(options_.crypto, stream(options_.seed, kStrangerStream), chance);
}

mesh::Roster World::roster(std::size_t viewer) const {
    auto network = NetworkId::parse(options_.network);
    MM_CHECK(network, "the network's name is valid");
    mesh::Roster roster{.network = *network, .self = id(viewer), .nodes = {}, .config_revision = "rev1"};
    for (std::size_t node = 0; node < size(); ++node) {
        roster.nodes.push_back({.id = ids_[node],
                                .key = keys_[node],
                                .url = base_url(ids_[node]),
                                .url_state = mesh::UrlState::usable,
                                .poll_rate = options_.poll_rate,
                                .retry = options_.retry,
                                .allow = {},
                                .block = {}});
        if (rotates_[node]) roster.nodes.back().previous = former_keys_[node].back();
    }
    if (options_.edit_roster) options_.edit_roster(node_of(viewer), roster);
    return roster;
}

// ---- time ------------------------------------------------------------------------------------------------------------

void World::run_to(MonoTime end) {
    while (true) {
        const auto next = queue_.next();
        const bool checks = check_every_ > 0ns && next_check_ <= end && (!next || next_check_ < *next);
        if (checks) {
            queue_.advance_to(next_check_);
            next_check_ += check_every_;
            check();
        } else if (next && *next <= end) {
            queue_.run_next();
        } else {
            break;
        }
    }
    queue_.advance_to(end);
}

void World::run_for(Duration span) { run_to(now() + span); }

bool World::run_until(const std::function<bool(const World&)>& condition, Duration limit) {
    const Duration look = size() <= kSmall ? 20ms : 100ms;
    const MonoTime end = now() + limit;
    while (!condition(*this)) {
        if (now() >= end) return false;
        run_to(std::min(now() + look, end));
    }
    return true;
}

bool World::run_while(const std::function<bool(const World&)>& condition, Duration span) {
    const Duration look = size() <= kSmall ? 100ms : 1s;
    const MonoTime end = now() + span;
    while (condition(*this)) {
        if (now() >= end) return true;
        run_to(std::min(now() + look, end));
    }
    return false;
}

// ---- processes -------------------------------------------------------------------------------------------------------

void World::crash(std::size_t node) { machine(node).crash(); }

void World::power_off(std::size_t node) {
    machine(node).crash();
    machine(node).powered = false;
}

void World::restart(std::size_t node) {
    Machine& host = machine(node);
    const Beginning beginning{.at = now(), .node = node, .saved = host.disk().read()};
    for (auto& checker : checkers_) {
        if (node < size()) checker->on_beginning(beginning);
    }
    transport_->leave_seat(node);
    host.powered = true;
    host.start(roster(node));
}

void World::stop_cleanly(std::size_t node, Duration limit) { machine(node).stop_cleanly(limit); }

void World::pause(std::size_t node, Duration span) {
    machine(node).pause();
    queue_.after(span, [this, node, process = machine(node).incarnation()] {
        Machine& host = machine(node);
        if (host.running() && host.paused() && host.incarnation() == process) host.resume();
    });
}

void World::suspend(std::size_t node, Duration span) {
    machine(node).suspend();
    queue_.after(span, [this, node, process = machine(node).incarnation()] {
        Machine& host = machine(node);
        if (host.running() && host.suspended() && host.incarnation() == process) host.wake();
    });
}

void World::starve(std::size_t node, const Starvation& starvation) { machine(node).starve(starvation); }
void World::feed(std::size_t node) { machine(node).feed(); }

void World::reload(std::size_t node) { machine(node).load_roster(roster(node)); }

void World::edit_roster(std::function<void(std::size_t viewer, mesh::Roster& roster)> edit) {
    options_.edit_roster = std::move(edit);
}

// ---- identities ------------------------------------------------------------------------------------------------------

std::size_t World::clone(std::size_t node) {
    MM_CHECK(clones_ < options_.spare_hosts, "WorldOptions::spare_hosts is too small");
    const std::size_t host = size() + clones_++;
    node_of_[host] = node;
    machine(host).disk().restore(disk(node).file());
    machine(host).set_key(machine(node).key());
    restart(host);
    return host;
}

bool World::is_cloned(std::size_t node) const {
    for (std::size_t host = size(); host < hosts(); ++host) {
        if (node_of(host) == node && running(host)) return true;
    }
    return false;
}

void World::lead(std::size_t node, std::size_t host, std::optional<std::size_t> dialer) {
    if (dialer) transport_->name_for(*dialer, base_url(ids_[node]), host);
    else transport_->name(base_url(ids_[node]), host);
}

void World::rekey(std::size_t node) {
    MM_CHECK(!running(node), "change the key of a process that does not run");
    former_keys_[node].push_back(keys_[node]);
    keys_[node] = identity(node, 0)->public_key();
    machine(node).set_key(former_keys_[node].size());
}

void World::rotate(std::size_t node) {
    MM_CHECK(!rotates_[node] && has_rotated(node), "a rotation is under way");
    former_keys_[node].push_back(keys_[node]);
    keys_[node] = identity(node, 0)->public_key();
    rotates_[node] = true;
    machine(node).begin_rotation();
}

void World::end_rotation(std::size_t node) {
    MM_CHECK(rotates_[node] && has_rotated(node), "the new key is not in use yet");
    rotates_[node] = false;
    machine(node).end_rotation();
}

// ---- network ---------------------------------------------------------------------------------------------------------

void World::cut(std::size_t from, std::size_t to) { links_.cut(from, to, now()); }

void World::sever(std::size_t a, std::size_t b) {
    links_.drop(a, b, now());
    links_.drop(b, a, now());
}

void World::isolate(std::size_t node) {
    for (std::size_t other = 0; other < hosts(); ++other) {
        if (other != node) sever(node, other);
    }
}

void World::partition(const std::vector<std::vector<std::size_t>>& sides) {
    for (std::size_t left = 0; left < sides.size(); ++left) {
        for (std::size_t right = left + 1; right < sides.size(); ++right) {
            for (const std::size_t a : sides[left]) {
                for (const std::size_t b : sides[right]) sever(a, b);
            }
        }
    }
}

void World::heal() { links_.heal(now()); }
void World::trouble_around(std::size_t node, const Trouble& trouble) {
    for (std::size_t other = 0; other < size(); ++other) {
        if (other == node) continue;
        links_.trouble(node, other, trouble, now());
        links_.trouble(other, node, trouble, now());
    }
}

void World::loss(double of_each_packet) { links_.set_loss(of_each_packet); }

// ---- disks and clocks ------------------------------------------------------------------------------------------------

void World::wipe_disk(std::size_t node) {
    MM_CHECK(!running(node), "wipe the disk of a process that does not run");
    machine(node).disk().wipe();
}

void World::restore_disk(std::size_t node, std::optional<Bytes> older) {
    MM_CHECK(!running(node), "restore the disk of a process that does not run");
    machine(node).disk().restore(std::move(older));
}

void World::tear_disk(std::size_t node) {
    MM_CHECK(!running(node), "tear the disk of a process that does not run");
    machine(node).disk().tear();
}

void World::fill_disk(std::size_t node, bool full) { machine(node).disk().full = full; }

void World::step_wall_clock(std::size_t node, Duration by) { machine(node).clock().step_wall(by); }
void World::set_drift(std::size_t node, double ppm) { machine(node).clock().set_drift(ppm); }
void World::set_mono_drift(std::size_t node, double ppm) { machine(node).clock().set_mono_drift(ppm, now()); }

// ---- the wire --------------------------------------------------------------------------------------------------------

mesh::Network::Reply World::inject(std::size_t to, std::string_view address, ByteView bytes) {
    if (to < size()) states_[to].injected_at = now();
    return machine(to).receive_now(address, bytes);
}

void World::on_the_way(Transport::Hand hand) {
    links_.set_tampered(static_cast<bool>(hand));
    transport_->lay_on(std::move(hand));
}

void World::take_seat(std::size_t node, Transport::Seat seat) {
    MM_CHECK(!running(node), "a seat is taken where no process runs");
    transport_->take_seat(node, std::move(seat));
}

void World::is_a_liar(std::size_t node) { honest_.at(node) = false; }

void World::witness(std::size_t from, std::size_t to, bool answer, ByteView bytes) {
    if (!tap_.recording()) return;
    tap_.add({.at = now(), .from = from, .to = to, .answer = answer, .address = address(from), .bytes = Bytes(bytes)});
}

void World::show_to_checkers(std::size_t host, ByteView plain) {
    if (checkers_.empty() || check_every_ <= 0ns || !honest_[node_of(host)]) return;
    const auto exchange = wire::decode_exchange(plain);
    MM_CHECK(exchange, "an honest node seals what decodes");
    ++messages_shown_;
    const OpenedMessage opened{.at = now(),
                               .from = node_of(host),
                               .to = index_of(ids_, exchange->to),
                               .bytes = plain.size(),
                               .exchange = *exchange,
                               .sender = running(host) ? &network(host) : nullptr,
                               .crypto = *crypto_of_checkers_,
                               .keys = keys_,
                               .former_keys = former_keys_,
                               .honest = honest_,
                               .ids = ids_};
    if (exchange->kind == wire::ExchangeKind::answer && opened.to < ids_.size()) {
        if (exchange->accepted) truth_.hear(opened.at, opened.from, opened.to);
        truth_.hear(opened.at, opened.to, opened.from);  // whoever asked takes any answer to its own request
    }
    for (auto& checker : checkers_) checker->on_message(opened);
}

void World::show_verification(std::size_t host, ByteView input, bool good) {
    if (check_every_ <= 0ns || !honest_[node_of(host)]) return;
    const Verification shown{.at = now(),
                             .host = host,
                             .incarnation = machine(host).incarnation(),
                             .roster_since = machine(host).roster_since(),
                             .input = input,
                             .good = good,
                             .honest = honest_,
                             .ids = ids_};
    for (auto& checker : checkers_) checker->on_verification(shown);
}

// ---- what the nodes say ----------------------------------------------------------------------------------------------

mesh::Status World::status(std::size_t viewer, std::size_t subject) const { return node(viewer, subject).status; }

mesh::NodeView World::node(std::size_t viewer, std::size_t subject) const {
    auto view = network(viewer).node(id(subject), machine(viewer).now());
    MM_CHECK(view, "the viewer's roster names the subject");
    return std::move(*view);
}

std::vector<mesh::NodeView> World::nodes(std::size_t viewer) const { return network(viewer).nodes(machine(viewer).now()); }

mesh::NetworkView World::view(std::size_t viewer) const { return network(viewer).view(machine(viewer).now()); }

const mesh::Counters& World::counters(std::size_t viewer) const { return network(viewer).counters(); }

// ---- how it went -----------------------------------------------------------------------------------------------------

void World::check() {
    for (std::size_t node = 0; node < size(); ++node) look_at(node);
    truth_.look(now(), ids_, states_, links_);
    const Step step{.now = now(),
                    .ids = ids_,
                    .states = states_,
                    .links = links_,
                    .truth = truth_,
                    .tries = tries_,
                    .crypto = *crypto_of_checkers_,
                    .keys = keys_,
                    .former_keys = former_keys_};
    for (auto& checker : checkers_) checker->on_step(step);
}

void World::look_at(std::size_t node) {
    const Machine& host = machine(node);
    NodeState& state = states_[node];
    const bool same_process = state.running && host.running() && state.incarnation == host.incarnation();
    state.running = host.running();
    state.honest = honest_[node];
    state.incarnation = host.incarnation();
    state.paused = host.paused() || host.suspended();
    state.awake_since = host.awake_since();
    state.resumed_at = host.resumed_at();
    state.fed_at = host.fed_at();
    state.roster_since = host.roster_since();
    state.left = host.left();
    state.cloned = options_.spare_hosts > 0 && is_cloned(node);
    state.clone = state.cloned ? clone_of(node) : std::nullopt;
    state.writes = host.writes();
    state.told = std::span(host.told()).subspan(told_[node]);
    told_[node] = host.told().size();
    if (!state.running) return;
    const mesh::Counters& counters = host.network().counters();
    const auto bad = counters.refused.find("bad_signature");
    state.exchanged = counters.requests_accepted + counters.exchanges_succeeded;
    state.verified = counters.heads_verified;
    state.bad_signatures = bad == counters.refused.end() ? 0 : bad->second;
    state.holdings = host.network().holdings();
    const std::uint64_t generation = host.network().generation();
    if (same_process && state.generation == generation) return;
    state.generation = generation;
    state.view = view(node);
    state.nodes = nodes(node);
    state.own_record = host.network().record(id(node));
    state.held_records.clear();
    for (const mesh::NodeView& subject : state.nodes) state.held_records.push_back(host.network().record(subject.id));
}

std::optional<Clone> World::clone_of(std::size_t node) const {
    for (std::size_t host = size(); host < hosts(); ++host) {
        const auto since = machine(host).awake_since();
        if (node_of(host) == node && since) return Clone{.host = host, .awake_since = *since};
    }
    return std::nullopt;
}

std::vector<std::string> World::violations() const {
    std::vector<std::string> all;
    for (const auto& checker : checkers_) all.insert(all.end(), checker->violations().begin(), checker->violations().end());
    all.insert(all.end(), broken_.begin(), broken_.end());
    return all;
}

void World::broken(const std::string& what) { broken_.push_back("at " + to_short_text(now().time_since_epoch()) + ": " + what); }

bool World::holds() const {
    return broken_.empty() && std::ranges::all_of(checkers_, [](const auto& checker) { return checker->violations().empty(); });
}

}  // namespace meshmon::sim
