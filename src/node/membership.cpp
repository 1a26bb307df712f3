#include "node/membership.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "base/check.hpp"
#include "config/rotation.hpp"
#include "crypto/fingerprint.hpp"
#include "crypto/pem.hpp"
#include "node/event_line.hpp"
#include "node/roster_of.hpp"
#include "node/state_file.hpp"

namespace meshmon::node {
namespace {

constexpr Duration kStartGrace = std::chrono::seconds(60);    // before that, not seeing a quorum is no news
constexpr Duration kQuorumGrace = std::chrono::seconds(2);    // a gap shorter than this needs nobody
constexpr Duration kNextKeyAgain = std::chrono::seconds(10);  // after its file could not be put in place
constexpr Duration kCloneMemory = std::chrono::minutes(15);   // how long a suspicion stands without a new one

std::uint64_t draw_seed(crypto::Crypto& crypto) {
    std::array<std::uint8_t, 8> bytes{};
    crypto.random(bytes);
    return std::bit_cast<std::uint64_t>(bytes);
}

mesh::Reason reason_of(net::Failure failure) {
    switch (failure) {
        case net::Failure::dns: return mesh::Reason::dns;
        case net::Failure::connect: return mesh::Reason::connect;
        case net::Failure::timeout: return mesh::Reason::timeout;
        case net::Failure::tls: return mesh::Reason::tls;
        case net::Failure::http: return mesh::Reason::http;
    }
    return mesh::Reason::connect;
}

config::Rejected rejection_of(config::LoadedNetwork found) {
    return {.waiting = found.waiting,
            .reason = std::move(found.reason),
            .hint = std::move(found.hint),
            .commit = std::move(found.commit),
            .diagnostics = std::move(found.diagnostics)};
}

}  // namespace

Membership::Membership(Surroundings& around, config::LoadedNetwork loaded)
    : around_(around), loaded_(std::move(loaded)), timer_(around.loop), alive_(std::make_shared<int>()) {}

Membership::~Membership() = default;

std::string Membership::misfit(const config::LoadedNetwork& found) const {
    if (!running() || !found.loaded()) return "";
    if (found.network != loaded_.network) return fmt::format("it has another network_id here, {}", found.network->str());
    if (found.ref.node_id != loaded_.ref.node_id)
        return fmt::format("this node has another node_id there, {}", found.ref.node_id.str());
    if (found.own_key && !is_own(found.own_key->public_key))
        return fmt::format("this node has another key there, {}", crypto::fingerprint(found.own_key->public_key).text());
    if (const auto unmet = unmet_version(found.folder->config, around_.version))
        return fmt::format("its node_version asks for {}, and this is {}", *unmet, around_.version);
    return "";
}

/// Whether it runs under this key, or has it as its second one.
bool Membership::is_own(const crypto::PublicKey& key) const {
    return key == signing_->public_key() || (second_ != nullptr && key == second_->public_key());
}

/// The private halves stay where they are used.
crypto::SodiumCrypto* Membership::hold(Bytes& private_pem) {
    Result<crypto::SecretKey> secret = crypto::secret_key_from_pem(private_pem);
    crypto::wipe(private_pem);
    MM_CHECK(secret.has_value(), "a key that was loaded can be read");
    return cryptos_.emplace_back(std::make_unique<crypto::SodiumCrypto>(crypto::key_pair_of(std::move(*secret)))).get();
}

/// What the disk says of the keys by now: a rotation began or ended, or somebody put the next key in use by hand. What was read
/// before this process did that itself says nothing; nor does a file that cannot be read now: what it held is held here.
void Membership::take_keys(config::OwnKey& found) {
    crypto::wipe(found.private_pem);
    const bool goes_over = second_is_next_ && second_ != nullptr && found.public_key == second_->public_key();
    const bool is_current = goes_over || found.public_key == signing_->public_key();
    const bool is_unreadable = second_ != nullptr && (second_is_next_ ? found.next_unusable : found.previous_unusable);
    crypto::SodiumCrypto* second = nullptr;
    if (!goes_over && is_unreadable) {
        if (found.second) crypto::wipe(found.second->private_pem);
        return;
    }
    if (found.second && is_current) {
        const auto is_it = [&](const auto& crypto) { return crypto->public_key() == found.second->public_key; };
        const auto held = std::ranges::find_if(cryptos_, is_it);
        second = held != cryptos_.end() ? held->get() : hold(found.second->private_pem);
    }
    if (found.second) crypto::wipe(found.second->private_pem);
    if (goes_over && found.previous_unusable) second = signing_;
    if (is_current) put_in_use(goes_over ? second_ : signing_, second, found.second && found.second->is_next);
}

void Membership::put_in_use(crypto::SodiumCrypto* signing, crypto::SodiumCrypto* second, bool second_is_next) {
    if (signing == signing_ && second == second_ && second_is_next == second_is_next_) return;
    signing_ = signing;
    second_ = second;
    second_is_next_ = second_is_next;
    key_error_.reset();
    loaded_.own_key->public_key = signing->public_key();
    const Now now = around_.enter();
    network_->handle_keys(*signing_, second_key(), now);
    around_.facts_changed();
    drain(now);
}

/// First on the disk, then in use: a crash in between must not bring back a key that others listen to no more.
void Membership::use_next_key_if_due() {
    if (!network_->next_key_is_due() || uses_next_key_ || leaving_ || !loaded_.own_key || !second_is_next_) return;
    if (next_key_again_ && net::Loop::now().mono < *next_key_again_) return;
    config::OwnKey key;
    key.file = loaded_.own_key->file;
    key.second.emplace().public_key = going_over_ = second_->public_key();
    uses_next_key_ = around_.loop.run_blocking([key = std::move(key)] { return config::use_next_key(key); },
                                               [this, alive = std::weak_ptr<int>(alive_)](const Result<void>& stored) {
                                                   if (!alive.expired()) used_next_key(stored);
                                               });
}

void Membership::used_next_key(const Result<void>& stored) {
    uses_next_key_ = false;
    key_error_.reset();
    if (!stored) {
        key_error_ = stored.error();
        next_key_again_ = net::Loop::now().mono + kNextKeyAgain;
        around_.facts_changed();
        return;
    }
    if (second_ == nullptr || !second_is_next_ || second_->public_key() != going_over_) return;
    put_in_use(second_, signing_, false);
    adopt();  // where the network's files do not name this node's key, its roster does
}

/// The key that runs is the one that was loaded at the start; what was said about its files then is still true of this process.
void Membership::keep_own_key(config::LoadedNetwork& found) {
    std::vector<config::Diagnostic> notes = found.own_key ? std::move(found.own_key->notes) : std::vector<config::Diagnostic>();
    found.own_key = std::move(loaded_.own_key);
    for (config::Diagnostic& note : notes) {
        const auto same = [&](const config::Diagnostic& told) {
            return told.place.file == note.place.file && told.text == note.text;
        };
        if (std::ranges::none_of(found.own_key->notes, same)) found.own_key->notes.push_back(std::move(note));
    }
}

std::string Membership::take(config::LoadedNetwork found) {
    MM_CHECK(fits(found), "what a running network goes on with is itself");
    if (found.own_key && running()) take_keys(*found.own_key);
    if (!running()) {
        loaded_ = std::move(found);
        return "";
    }
    if (found.loaded()) {
        keep_own_key(found);
        loaded_ = std::move(found);
    } else {
        loaded_.rejected = rejection_of(std::move(found));
    }
    return adopt();
}

mesh::Roster Membership::roster() const {
    mesh::Roster roster = roster_of(*loaded_.folder, loaded_.ref.node_id, signing_->public_key());
    config::Revision revision;
    revision.content = loaded_.folder->config.revision;
    if (loaded_.commit) {
        revision.commit = loaded_.commit->id;
        revision.committed = loaded_.commit->time;
    }
    revision.trouble = loaded_.rejected ? std::string(config::kTroubleRejected) : pull_trouble_;
    roster.config_revision = revision.text();
    return roster;
}

/// Hands what is loaded to the mesh, where it is something else than before. That a newer state is rejected the others are to
/// know, but here nothing changed.
std::string Membership::adopt() {
    mesh::Roster roster = this->roster();
    const mesh::Roster& before = network_->roster();
    if (roster == before) return "";
    const auto without_trouble = [](const mesh::Roster& of) {
        config::Revision revision = config::Revision::parse(of.config_revision);
        revision.trouble.clear();
        return revision.text();
    };
    const bool changed = roster.nodes != before.nodes || without_trouble(roster) != without_trouble(before);
    std::string changes = changed ? describe_changes(before, roster) : "";
    const Now now = around_.enter();
    poll_ = shortest_poll(roster);
    const auto is_gone = [&](const NodeId& node) { return roster.find(node) == nullptr; };
    std::erase_if(clones_, [&](const auto& clone) { return is_gone(clone.first); });
    network_->handle_roster(std::move(roster), now);
    drain(now);
    return changes;
}

void Membership::take_pull(const PullState* pull) {
    std::string trouble;
    if (pull != nullptr && pull->failed) {
        const std::string_view code = pull->failed->code;
        trouble = fmt::format("{}{}", config::kTroublePull, code.substr(code.rfind('.') + 1));
    } else if (pull != nullptr && pull->refused) {
        trouble = config::kTroubleRejected;
    }
    if (trouble == pull_trouble_) return;
    pull_trouble_ = std::move(trouble);
    if (running()) adopt();
}

void Membership::start() {
    if (running() || !loaded_.loaded() || !loaded_.folder || !loaded_.own_key) return;
    unmet_range_ = unmet_version(loaded_.folder->config, around_.version);
    if (unmet_range_) return;
    signing_ = hold(loaded_.own_key->private_pem);
    if (auto& second = loaded_.own_key->second) {
        second_ = hold(second->private_pem);
        second_is_next_ = second->is_next;
    }

    const NodeId& self = loaded_.ref.node_id;
    mesh::Roster roster = this->roster();
    poll_ = shortest_poll(roster);
    const auto file = around_.data.state_file(loaded_.ref.directory);
    LoadedState state = load_state_file(file, roster.network, self);
    if (!state.warning.empty())
        around_.log.write({LogLevel::warn, "state_unusable", state.warning, roster.network.str(), {}, {}});

    const Now now = around_.enter();
    quorum_seen_ = now.mono;
    writer_ = std::make_unique<StateWriter>(
        around_.loop, file,
        [this](std::uint64_t ticket) {
            const Now then = around_.enter();
            network_->handle_saved(ticket, then);
            drain(then);
        },
        [this](const std::optional<std::string>& why) {
            save_error_ = why;
            around_.facts_changed();
        });
    mesh::Network::Options options;
    options.software_version = around_.version;
    options.seed = draw_seed(*signing_);
    options.second_key = second_key();
    options.saved = std::move(state.saved);
    network_.emplace(std::move(roster), *signing_, std::move(options), now);
    drain(now);
}

mesh::Network::Reply Membership::exchange(std::string_view address, ByteView body, Now now) {
    mesh::Network::Reply reply = network_->handle_exchange(address, body, now);
    drain(now);
    return reply;
}

void Membership::pause(Duration pause, Now now) {
    network_->handle_pause(pause, now);
    drain(now);
}

void Membership::lag(Duration lag, Now now) {
    network_->handle_lag(lag, now);
    drain(now);
}

void Membership::leave(Now now) {
    if (!running()) return;
    leaving_ = true;
    network_->leave(now);
    drain(now);
}

bool Membership::left() const { return !running() || (network_->left() && saved()); }

/// All that the mesh wants after something happened: to save, to send, to tell, to be woken.
void Membership::drain(Now now) {
    while (auto save = network_->poll_save()) writer_->save(save->ticket, std::move(save->bytes));
    while (auto transmit = network_->poll_transmit()) send(std::move(*transmit));
    while (const auto event = network_->poll_event()) publish(*event, now);
    use_next_key_if_due();
    arm();
    around_.drained();
}

void Membership::send(mesh::Network::Transmit transmit) {
    net::ClientRequest request;
    request.method = http::Method::post;
    request.url = std::move(transmit.url);
    request.headers.emplace_back("Content-Type", "application/octet-stream");
    request.body = std::move(transmit.body);
    request.deadline = transmit.deadline;
    request.fresh_connection = transmit.fresh_connection;
    around_.client.start(std::move(request),
                         [this, alive = std::weak_ptr<int>(alive_), id = transmit.id](net::ClientResult result) {
                             if (alive.expired()) return;
                             const Now now = around_.enter();
                             network_->handle_answer(id, to_answer(std::move(result)), now);
                             drain(now);
                         });
}

void Membership::publish(const mesh::Event& event, Now now) {
    const NetworkId& network = network_->roster().network;
    around_.feed.publish(network, event);
    note(event, now.mono);
    EventLine out = to_log_line(event, network);
    if (event.kind == mesh::EventKind::partition_changed && network_->view(now).partition.whole())
        out.line.level = LogLevel::info;
    // The key holds what a reader would call "the same line again": a node that flaps, not two different changes of it.
    const std::string key =
        fmt::format("{}|{}|{}|{}", network.str(), out.line.event, event.node.str(), mesh::to_string(event.to));
    around_.log.write_limited(key, out.burst, out.line);
}

void Membership::note(const mesh::Event& event, MonoTime now) {
    const NodeId& about = event.node.empty() ? network_->roster().self : event.node;
    if (event.kind == mesh::EventKind::clone_suspected) clones_[about] = now;
    if (event.to == mesh::Status::up && about != network_->roster().self) reached_ = true;
    if (event.kind == mesh::EventKind::quorum_lost) {  // it may have come and gone between two looks
        had_quorum_ = reached_;                        // alone in its list it had one by itself
        quorum_seen_ = now;
    }
}

void Membership::arm() {
    const auto timeout = network_->poll_timeout();
    const std::optional<MonoTime> when = timeout ? std::optional(timeout->when) : std::nullopt;
    if (when == armed_) return;
    armed_ = when;
    if (!when) {
        timer_.cancel();
        return;
    }
    timer_.set(*when, [this] {
        armed_.reset();
        const Now now = around_.enter();
        network_->handle_timeout(now);
        drain(now);
    });
}

std::string Membership::name() const { return loaded_.network ? loaded_.network->str() : loaded_.ref.directory; }

bool Membership::quorum_expected(const mesh::NetworkView& view, MonoTime now) {
    had_quorum_ = had_quorum_ || (view.has_quorum && view.quorum > 1);
    if (view.has_quorum) quorum_seen_ = now;
    return now - quorum_seen_ > (had_quorum_ ? kQuorumGrace : kStartGrace);
}

NetworkFacts Membership::facts(Now now) {
    NetworkFacts facts;
    facts.loaded = &loaded_;
    facts.unmet_range = unmet_range_;
    if (!running()) return facts;
    facts.view = network_->view(now);
    facts.nodes = network_->nodes(now);
    facts.configs = drift_.look(*facts.view, now.wall);
    facts.quorum_expected = quorum_expected(*facts.view, now.mono);
    facts.had_quorum = had_quorum_;
    std::erase_if(clones_, [&](const auto& clone) { return now.mono - clone.second > kCloneMemory; });
    for (const auto& [node, when] : clones_) facts.clones.insert(node);
    facts.key_error = key_error_;
    return facts;
}

std::vector<api::NodeConfig> Membership::configs(Now now) {
    if (!running()) return {};
    return drift_.look(network_->view(now), now.wall);
}

api::NetworkEntry Membership::entry() const {
    api::NetworkEntry entry;
    entry.directory = loaded_.ref.directory;
    entry.network = loaded_.network;
    entry.node = loaded_.ref.node_id;
    entry.running = running();
    entry.config_type = loaded_.ref.type == config::ConfigType::git ? "git" : "local";
    if (loaded_.own_key) {
        const crypto::Fingerprint print = crypto::fingerprint(loaded_.own_key->public_key);
        entry.fingerprint = print.text();
        entry.key_words = print.words();
        entry.public_key_pem = crypto::to_pem(loaded_.own_key->public_key);
        if (second_ != nullptr) {  // as in the file that the others are to have
            const std::string second = crypto::to_pem(second_->public_key());
            entry.public_key_pem = second_is_next_ ? second + entry.public_key_pem : entry.public_key_pem + second;
        }
    }
    return entry;
}

LogLine Membership::dump(Now now) const {
    LogLine line{LogLevel::info, "state", "", name(), {}, {}};
    if (!running()) {
        line.message = "does not run: " + (loaded_.reason.empty() ? std::string("see the problems") : loaded_.reason);
        return line;
    }
    const mesh::NetworkView view = network_->view(now);
    const mesh::Counters& counters = network_->counters();
    line.message =
        fmt::format("sees {} of {} nodes, quorum {}, {}", view.seen, view.nodes, view.quorum, mesh::to_string(view.self_health));
    for (const auto& [status, count] : view.by_status) line.fields.emplace_back(mesh::to_string(status), std::to_string(count));
    line.fields.emplace_back("exchanges_started", std::to_string(counters.exchanges_started));
    line.fields.emplace_back("exchanges_succeeded", std::to_string(counters.exchanges_succeeded));
    line.fields.emplace_back("requests_accepted", std::to_string(counters.requests_accepted));
    line.fields.emplace_back("record_bytes", std::to_string(counters.record_bytes));
    const auto timeout = network_->poll_timeout();
    if (timeout) line.fields.emplace_back("next", fmt::format("{} in {}", timeout->why, to_short_text(timeout->when - now.mono)));
    return line;
}

mesh::Network::Answer to_answer(net::ClientResult result) {
    mesh::Network::Answer answer;
    switch (result.outcome) {
        case net::Outcome::answered:
            answer.outcome = mesh::Network::Answer::Outcome::answered;
            answer.http_status = result.response.status;
            answer.body = std::move(result.response.body);
            return answer;
        case net::Outcome::reused_connection_lost: answer.outcome = mesh::Network::Answer::Outcome::reused_connection_lost; break;
        case net::Outcome::failed:
            answer.outcome = mesh::Network::Answer::Outcome::failed;
            answer.reason = reason_of(result.failure);
            break;
    }
    answer.detail = std::move(result.detail);
    return answer;
}

}  // namespace meshmon::node
