#include "sim/machine.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/check.hpp"
#include "base/random.hpp"

namespace meshmon::sim {

namespace {

constexpr std::size_t kFirstBytes = 16;                      // what a server has of a body when it asks for its limit
constexpr int kIdleTimeoutsMax = 1000;                       // more at one instant is a mesh that spins
constexpr Duration kFirstBackoff = std::chrono::seconds(1);  // of failed writes, as node::StateWriter's
constexpr Duration kLastBackoff = std::chrono::seconds(30);
constexpr std::array<std::string_view, 11> kInputs = {"start", "request", "answer",   "timeout", "saved", "roster",
                                                      "pause", "leave",   "transmit", "event",   "keys"};

Duration shortest_poll(const mesh::Roster& roster) {
    Duration shortest = Duration::max();
    for (const mesh::RosterNode& node : roster.nodes) shortest = std::min(shortest, node.poll_rate);
    return shortest;
}

Duration between(Random& chance, Duration least, Duration most) {
    return least + Duration(static_cast<Duration::rep>(chance.uniform() * static_cast<double>((most - least).count())));
}

mesh::Network::Reply refuse(int status) { return {.status = status, .body = {}, .sealed = false}; }

}  // namespace

Machine::Machine(Options options, Surroundings surroundings)
    : options_(std::move(options)), surroundings_(std::move(surroundings)), clock_(options_.clock), chance_(~options_.seed) {
    cryptos_.emplace(0, options_.identity(options_.seed, 0));
}

const mesh::Network& Machine::network() const {
    MM_CHECK(network_, "nothing runs on this machine");
    return *network_;
}

std::optional<MonoTime> Machine::awake_since() const {
    if (!network_ || halted() || starvation_) return std::nullopt;
    return awake_since_;
}

// ---- the process -----------------------------------------------------------------------------------------------------

void Machine::start(mesh::Roster roster) {
    MM_CHECK(!network_, "a process runs here already");
    ++incarnation_;
    left_ = false;
    awake_since_ = roster_since_ = surroundings_.queue.now();
    resumed_at_.reset();
    fed_at_.reset();
    Random chance(options_.seed + incarnation_);
    cryptos_.clear();
    cryptos_.emplace(key_, options_.identity(chance.next(), key_));
    disk_.move_bad_file_aside();
    mesh::Network::Options network_options{
        .software_version = "sim", .seed = chance.next(), .saved = disk_.read(), .pool = &surroundings_.pool};
    network_options.second_key = second_key();
    takes_next_key_ = false;
    waits_to_write_ = false;
    write_again_ = kFirstBackoff;
    mix(Input::start, disk_.file().value_or(Bytes{}));
    tolerance_ = mesh::pause_tolerance(shortest_poll(roster));
    last_tick_ = now().mono;
    pauses_.emplace(mesh::PauseDetector::kTick, last_tick_, clock_.slept());
    network_ = std::make_unique<mesh::Network>(std::move(roster), *cryptos_.at(key_), std::move(network_options), now());
    drain();
}

void Machine::end_process() {
    network_.reset();
    disk_.crash(Random(options_.seed ^ incarnation_).below(2) == 0);
    if (asleep_) clock_.go_on_mono(surroundings_.queue.now());
    stopped_ = asleep_ = stalled_ = false;
    starvation_.reset();
    ++starvation_stamp_;
    waiting_.clear();
    when_wake_.clear();
    in_flight_.clear();
    next_deadline_.reset();
    ++deadline_stamp_;
    concluded_.clear();
    kept_connections.lose_all();
    timer_.reset();
    ++timer_stamp_;
}

void Machine::crash() {
    MM_CHECK(network_, "nothing to crash");
    left_ = false;
    end_process();
}

void Machine::stop_cleanly(Duration limit) {
    MM_CHECK(network_ && !stopped_ && !asleep_, "only a process that runs can stop cleanly");
    later(limit, [this] { end_process(); });
    when_awake([this] {
        left_ = true;
        mix(Input::leave, {});
        network_->leave(now());
        drain();
    });
}

void Machine::finish_stop_if_done() {
    if (left_ && network_->left() && disk_.idle()) end_process();
}

// ---- when it does not run --------------------------------------------------------------------------------------------

void Machine::pause() {
    MM_CHECK(network_ && !stopped_, "only a process that runs can be paused");
    halt(stopped_);
}

void Machine::resume() {
    MM_CHECK(network_ && stopped_, "only a paused process can go on");
    stopped_ = false;
    if (!halted()) go_on();
}

void Machine::suspend() {
    MM_CHECK(network_ && !asleep_, "only a machine that runs can be suspended");
    halt(asleep_);
    clock_.stop_mono(surroundings_.queue.now());
}

void Machine::wake() {
    MM_CHECK(network_ && asleep_, "only a suspended machine can wake");
    clock_.go_on_mono(surroundings_.queue.now());
    asleep_ = false;
    for (auto& [when, action] : std::exchange(when_wake_, {})) at_local(when, std::move(action));
    if (!halted()) go_on();
}

void Machine::starve(const Starvation& starvation) {
    MM_CHECK(network_ && !starvation_, "only a process that runs and has enough can be starved");
    starvation_ = starvation;
    stall_after(Duration::zero());
}

void Machine::feed() {
    if (!starvation_) return;
    starvation_.reset();
    ++starvation_stamp_;
    awake_since_ = surroundings_.queue.now();
    fed_at_ = awake_since_;
    if (!std::exchange(stalled_, false)) return;
    if (!halted()) go_on();
}

void Machine::stall_after(Duration burst) {
    const auto still = [this, stamp = ++starvation_stamp_] { return starvation_ && starvation_stamp_ == stamp; };
    surroundings_.queue.after(burst, [this, still] {
        if (!still()) return;
        halt(stalled_);
        const Duration stall = between(chance_, starvation_->stall_least, starvation_->stall_most);
        surroundings_.queue.after(stall, [this, still] {
            if (!still()) return;
            stalled_ = false;
            stall_after(between(chance_, Duration::zero(), starvation_->burst_most));
            if (!halted()) go_on();
        });
    });
}

/// The driver's timer ticked in time until now.
void Machine::halt(bool& why) {
    if (!halted()) last_tick_ += (now().mono - last_tick_) / mesh::PauseDetector::kTick * mesh::PauseDetector::kTick;
    why = true;
}

/// As node::Driver: what did not run is told first, then comes what waited.
void Machine::go_on() {
    if (!starvation_) awake_since_ = surroundings_.queue.now();
    pauses_->ticked(last_tick_);
    if (const auto pause = pauses_->observe(now().mono, clock_.slept(), tolerance_)) {
        mix(Input::pause, {});
        if (!pause->is_lag) resumed_at_ = surroundings_.queue.now();
        if (pause->is_lag) network_->handle_lag(pause->late, now());
        else network_->handle_pause(pause->late, now());
        last_tick_ = now().mono;
    }
    drain();
    for (auto& action : std::exchange(waiting_, {})) {
        if (network_) action();
    }
}

void Machine::load_roster(mesh::Roster roster) {
    MM_CHECK(network_, "nothing runs on this machine");
    when_awake([this, roster = std::move(roster)]() mutable {
        roster_since_ = surroundings_.queue.now();
        mix(Input::roster, roster.config_revision);
        tolerance_ = mesh::pause_tolerance(shortest_poll(roster));
        network_->handle_roster(std::move(roster), now());
        drain();
    });
}

void Machine::later(Duration delay, EventQueue::Action action) {
    surroundings_.queue.after(delay, [this, process = incarnation_, action = std::move(action)]() mutable {
        if (network_ && incarnation_ == process) action();
    });
}

void Machine::when_awake(EventQueue::Action action) {
    if (halted()) {
        waiting_.push_back(std::move(action));
    } else {
        action();
    }
}

// ---- the wire --------------------------------------------------------------------------------------------------------

void Machine::receive(const std::string& address, const Bytes& body, Replied replied) {
    if (!halted()) return replied(receive_now(address, body));
    waiting_.push_back([this, address, body, replied = std::move(replied)]() mutable { replied(receive_now(address, body)); });
}

mesh::Network::Reply Machine::receive_now(std::string_view address, ByteView body) {
    MM_CHECK(network_ && !halted(), "only a process that runs can answer");
    mix(Input::request, body);
    if (network_->body_limit(address, {}, now()) == 0) return refuse(429);
    const std::size_t limit = network_->body_limit(address, body.substr(0, kFirstBytes), now());
    if (limit == 0) return refuse(429);
    if (body.size() > limit) return refuse(413);
    mesh::Network::Reply reply = network_->handle_exchange(address, body, now());
    mix(Input::request, reply.body);
    drain();
    return reply;
}

void Machine::conclude(std::uint64_t incarnation, std::uint64_t transmit_id, mesh::Network::Answer answer) {
    if (!awaits(incarnation, transmit_id) || asleep_) return;
    if (!halted()) return take_answer(transmit_id, answer);
    const auto [word, is_first] = concluded_.try_emplace(transmit_id, std::move(answer));
    if (is_first) {
        waiting_.push_back([this, transmit_id] { take_answer(transmit_id, concluded_.extract(transmit_id).mapped()); });
    } else if (chance_.below(2) == 0) {
        word->second = std::move(answer);
    }
}

void Machine::take_answer(std::uint64_t transmit_id, const mesh::Network::Answer& answer) {
    in_flight_.erase(std::ranges::lower_bound(in_flight_, transmit_id, {}, &InFlight::id));
    mix(Input::answer, answer.body);
    network_->handle_answer(transmit_id, answer, now());
    drain();
}

void Machine::limit(std::uint64_t transmit_id, std::size_t host, MonoTime deadline) {
    const auto flight = std::ranges::lower_bound(in_flight_, transmit_id, {}, &InFlight::id);
    MM_CHECK(flight != in_flight_.end() && flight->id == transmit_id, "not a transmit of this process");
    flight->host = host;
    flight->deadline = deadline;
    if (!next_deadline_ || deadline < *next_deadline_) watch_deadlines();
}

/// One event for all: nearly all transmits are answered long before.
void Machine::watch_deadlines() {
    next_deadline_.reset();
    for (const InFlight& flight : in_flight_) {
        if (flight.deadline && (!next_deadline_ || *flight.deadline < *next_deadline_)) next_deadline_ = flight.deadline;
    }
    if (!next_deadline_) return;
    at_local(*next_deadline_, [this, stamp = ++deadline_stamp_] {
        if (stamp == deadline_stamp_) deadlines_passed();
    });
}

void Machine::deadlines_passed() {
    const MonoTime local = now().mono;
    const auto is_late = [local](const InFlight& flight) { return flight.deadline && *flight.deadline <= local; };
    for (auto late = std::ranges::find_if(in_flight_, is_late); late != in_flight_.end();
         late = std::ranges::find_if(in_flight_, is_late)) {
        late->deadline.reset();
        kept_connections.lose(late->host);
        conclude(incarnation_, late->id,
                 {.outcome = mesh::Network::Answer::Outcome::failed,
                  .body = {},
                  .reason = mesh::Reason::timeout,
                  .detail = "no answer within the deadline"});
    }
    watch_deadlines();
}

void Machine::at_local(MonoTime local, EventQueue::Action action) {
    surroundings_.queue.at(clock_.to_world(local), [this, local, action = std::move(action)]() mutable {
        if (asleep_) when_wake_.emplace_back(local, std::move(action));
        else if (now().mono < local) at_local(local, std::move(action));
        else action();
    });
}

bool Machine::awaits(std::uint64_t incarnation, std::uint64_t transmit_id) const {
    return network_ && incarnation == incarnation_ && std::ranges::binary_search(in_flight_, transmit_id, {}, &InFlight::id);
}

// ---- the driver ------------------------------------------------------------------------------------------------------

void Machine::drain() {
    while (auto save = network_->poll_save()) disk_.submit(std::move(*save));
    write_if_due();
    while (auto transmit = network_->poll_transmit()) {
        mix(Input::transmit, transmit->body);
        MM_CHECK(in_flight_.empty() || in_flight_.back().id < transmit->id, "the ids of the mesh grow");
        in_flight_.push_back({.id = transmit->id, .host = 0, .deadline = {}});
        surroundings_.send(options_.index, std::move(*transmit));
    }
    while (auto event = network_->poll_event()) {
        mix(Input::event, event->detail);
        told_.push_back({surroundings_.queue.now(), std::move(*event)});
    }
    take_next_key_if_due();
    arm_timer();
    finish_stop_if_done();
}

void Machine::write_if_due() {
    if (waits_to_write_ || !disk_.begin()) return;
    later(options_.save_delay / 2, [this] {
        if (!disk_.put_in_place()) return write_failed();
        later(options_.save_delay / 2, [this] {
            const std::uint64_t ticket = disk_.finish();
            write_again_ = kFirstBackoff;
            write_if_due();
            when_awake([this, ticket] {
                mix(Input::saved, {});
                network_->handle_saved(ticket, now());
                drain();
            });
        });
    });
}

void Machine::write_failed() {
    waits_to_write_ = true;
    later(write_again_, [this] {
        waits_to_write_ = false;
        write_if_due();
    });
    write_again_ = std::min(write_again_ * 2, kLastBackoff);
}

// ---- keys ------------------------------------------------------------------------------------------------------------

void Machine::set_key(std::size_t key) {
    MM_CHECK(!network_, "change the key of a process that does not run");
    key_ = key;
    second_key_.reset();
}

crypto::Crypto& Machine::crypto_of(std::size_t key) {
    auto& crypto = cryptos_[key];
    if (!crypto) crypto = options_.identity(options_.seed ^ (incarnation_ << 8U) ^ key, key);
    return *crypto;
}

mesh::Network::SecondKey Machine::second_key() {
    if (!second_key_) return {};
    return {.crypto = &crypto_of(*second_key_), .is_next = *second_key_ > key_};
}

void Machine::begin_rotation() {
    MM_CHECK(!second_key_, "a rotation is under way");
    second_key_ = key_ + 1;
    if (!network_) return;
    when_awake([this] {
        mix(Input::keys, {});
        network_->handle_keys(crypto_of(key_), second_key(), now());
        drain();
    });
}

void Machine::end_rotation() {
    MM_CHECK(second_key_ && *second_key_ < key_, "the new key is not in use yet");
    second_key_.reset();
    if (!network_) return;
    when_awake([this] {
        mix(Input::keys, {});
        network_->handle_keys(crypto_of(key_), {}, now());
        drain();
    });
}

/// As node::Membership: first on the disk, then in use.
void Machine::take_next_key_if_due() {
    if (takes_next_key_ || !network_->next_key_is_due()) return;
    takes_next_key_ = true;
    later(options_.save_delay, [this] {
        takes_next_key_ = false;
        std::swap(key_, *second_key_);
        when_awake([this] {
            mix(Input::keys, {});
            network_->handle_keys(crypto_of(key_), second_key(), now());
            drain();
        });
    });
}

void Machine::arm_timer() {
    const auto timeout = network_->poll_timeout();
    if (!timeout) {
        timer_.reset();
        ++timer_stamp_;
        return;
    }
    const MonoTime when = clock_.to_world(timeout->when);
    if (timer_ == when) return;
    timer_ = when;
    surroundings_.queue.at(when, [this, stamp = ++timer_stamp_] { timer_fired(stamp); });
}

void Machine::timer_fired(std::uint64_t stamp) {
    if (stamp != timer_stamp_ || !network_) return;
    // A paused process finds its timer expired when it goes on, unless the pause moved it.
    when_awake([this, stamp] {
        if (stamp != timer_stamp_) return;
        const MonoTime due = *timer_;
        timer_.reset();
        mix(Input::timeout, {});
        network_->handle_timeout(now());
        const auto next = network_->poll_timeout();
        const bool idle = next && clock_.to_world(next->when) <= due;
        idle_timeouts_ = idle ? idle_timeouts_ + 1 : 0;
        MM_CHECK(idle_timeouts_ < kIdleTimeoutsMax, next ? next->why : "the mesh asks for the same timeout again and again");
        drain();
    });
}

void Machine::mix(Input input, std::string_view bytes) {
    surroundings_.trace.mix(static_cast<std::uint64_t>(surroundings_.queue.now().time_since_epoch().count()));
    surroundings_.trace.mix(options_.index);
    surroundings_.trace.mix(static_cast<std::uint64_t>(input));
    surroundings_.trace.mix(bytes);
    if (surroundings_.log) log(input, bytes);
}

void Machine::log(Input input, std::string_view bytes) const {
    TraceHash hash;
    hash.mix(bytes);
    surroundings_.log(fmt::format("{:.9f} {} {} {} bytes {}", to_seconds(surroundings_.queue.now().time_since_epoch()),
                                  options_.index, kInputs[static_cast<std::size_t>(input)], bytes.size(), hash.text()));
}

}  // namespace meshmon::sim
