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
constexpr std::array<std::string_view, 10> kInputs = {"start",  "request", "answer", "timeout",  "saved",
                                                      "roster", "pause",   "leave",  "transmit", "event"};

mesh::Network::Reply refuse(int status) { return {.status = status, .body = {}, .sealed = false}; }

}  // namespace

Machine::Machine(Options options, Surroundings surroundings)
    : options_(std::move(options)),
      surroundings_(std::move(surroundings)),
      clock_(options_.clock),
      crypto_(options_.identity(options_.seed)) {}

const mesh::Network& Machine::network() const {
    MM_CHECK(network_, "nothing runs on this machine");
    return *network_;
}

std::optional<MonoTime> Machine::awake_since() const {
    if (!network_ || paused_since_) return std::nullopt;
    return awake_since_;
}

// ---- the process -----------------------------------------------------------------------------------------------------

void Machine::start(mesh::Roster roster) {
    MM_CHECK(!network_, "a process runs here already");
    ++incarnation_;
    left_ = false;
    awake_since_ = surroundings_.queue.now();
    Random chance(options_.seed + incarnation_);
    crypto_ = options_.identity(chance.next());
    disk_.move_bad_file_aside();
    mesh::Network::Options network_options{
        .software_version = "sim", .seed = chance.next(), .saved = disk_.read(), .pool = &surroundings_.pool};
    waits_to_write_ = false;
    write_again_ = kFirstBackoff;
    mix(Input::start, disk_.file().value_or(Bytes{}));
    network_ = std::make_unique<mesh::Network>(std::move(roster), *crypto_, std::move(network_options), now());
    drain();
}

void Machine::end_process() {
    network_.reset();
    disk_.crash(Random(options_.seed ^ incarnation_).below(2) == 0);
    paused_since_.reset();
    waiting_.clear();
    in_flight_.clear();
    kept_connections.clear();
    timer_.reset();
    ++timer_stamp_;
}

void Machine::crash() {
    MM_CHECK(network_, "nothing to crash");
    left_ = false;
    end_process();
}

void Machine::stop_cleanly(Duration limit) {
    MM_CHECK(network_ && !paused_since_, "only a process that runs can stop cleanly");
    left_ = true;
    mix(Input::leave, {});
    network_->leave(now());
    later(limit, [this] { end_process(); });
    drain();
}

void Machine::finish_stop_if_done() {
    if (left_ && network_->left() && disk_.idle()) end_process();
}

void Machine::pause() {
    MM_CHECK(network_ && !paused_since_, "only a process that runs can be paused");
    paused_since_ = surroundings_.queue.now();
}

void Machine::resume() {
    MM_CHECK(network_ && paused_since_, "only a paused process can go on");
    const Duration pause = surroundings_.queue.now() - *paused_since_;
    paused_since_.reset();
    awake_since_ = surroundings_.queue.now();
    mix(Input::pause, {});
    network_->handle_pause(pause, now());
    drain();
    for (auto& action : std::exchange(waiting_, {})) {
        if (network_) action();
    }
}

void Machine::load_roster(mesh::Roster roster) {
    MM_CHECK(network_, "nothing runs on this machine");
    mix(Input::roster, roster.config_revision);
    network_->handle_roster(std::move(roster), now());
    drain();
}

void Machine::later(Duration delay, EventQueue::Action action) {
    surroundings_.queue.after(delay, [this, process = incarnation_, action = std::move(action)]() mutable {
        if (network_ && incarnation_ == process) action();
    });
}

void Machine::when_awake(EventQueue::Action action) {
    if (paused_since_) {
        waiting_.push_back(std::move(action));
    } else {
        action();
    }
}

// ---- the wire --------------------------------------------------------------------------------------------------------

void Machine::receive(const std::string& address, const Bytes& body, Replied replied) {
    if (!paused_since_) return replied(receive_now(address, body));
    waiting_.push_back([this, address, body, replied = std::move(replied)]() mutable { replied(receive_now(address, body)); });
}

mesh::Network::Reply Machine::receive_now(std::string_view address, ByteView body) {
    MM_CHECK(network_ && !paused_since_, "only a process that runs can answer");
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
    if (!awaits(incarnation, transmit_id)) return;
    in_flight_.erase(transmit_id);
    if (!paused_since_) return take_answer(transmit_id, answer);
    waiting_.push_back([this, transmit_id, answer = std::move(answer)] { take_answer(transmit_id, answer); });
}

void Machine::take_answer(std::uint64_t transmit_id, const mesh::Network::Answer& answer) {
    mix(Input::answer, answer.body);
    network_->handle_answer(transmit_id, answer, now());
    drain();
}

bool Machine::awaits(std::uint64_t incarnation, std::uint64_t transmit_id) const {
    return network_ && incarnation == incarnation_ && in_flight_.contains(transmit_id);
}

// ---- the driver ------------------------------------------------------------------------------------------------------

void Machine::drain() {
    while (auto save = network_->poll_save()) disk_.submit(std::move(*save));
    write_if_due();
    while (auto transmit = network_->poll_transmit()) {
        mix(Input::transmit, transmit->body);
        const bool fresh = in_flight_.insert(transmit->id).second;
        MM_CHECK(fresh, "the mesh used an id twice");
        surroundings_.send(options_.index, std::move(*transmit));
    }
    while (auto event = network_->poll_event()) {
        mix(Input::event, event->detail);
        told_.push_back({surroundings_.queue.now(), std::move(*event)});
    }
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
