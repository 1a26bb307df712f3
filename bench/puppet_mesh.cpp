#include "puppet_mesh.hpp"

#include <algorithm>
#include <ctime>
#include <utility>

#include "base/check.hpp"
#include "network_pair.hpp"

namespace meshmon::bench {

namespace {

constexpr std::size_t kReal = 0;

std::string address_of(std::size_t index) {
    return "10.0." + std::to_string(index / 250) + "." + std::to_string(index % 250 + 1);
}

}  // namespace

Duration thread_cpu() {
    timespec spent{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
    return std::chrono::seconds(spent.tv_sec) + std::chrono::nanoseconds(spent.tv_nsec);
}

template <typename Call>
auto PuppetMesh::timed(Call call) {
    struct Clock {
        PuppetMesh& mesh;
        Duration began = thread_cpu();
        ~Clock() { mesh.cpu_ += thread_cpu() - began; }
    };
    const Clock clock{*this};
    return call();
}

PuppetMesh::PuppetMesh(std::size_t nodes, Duration poll_rate)
    : roster_(make_roster("bench", nodes, kReal, poll_rate, [](std::size_t i) { return "http://" + address_of(i) + ":8000"; })),
      now_(some_moment()),
      crypto_(node_key(kReal)),
      stage_(Puppet::make_stage(roster_, kReal)),
      puppet_spacing_(poll_rate / static_cast<Duration::rep>(nodes)),
      puppet_at_(now_.mono) {
    for (std::size_t i = 1; i < nodes; ++i) stage_.puppets[i] = &puppets_.emplace_back(stage_, i, now_);
    mesh::Network::Options options;
    options.software_version = "1.0.0";
    timed([&] { real_.emplace(roster_, crypto_, std::move(options), now_); });
    drain();
}

void PuppetMesh::drain() {
    while (real_->poll_event()) {
    }
    while (const auto save = real_->poll_save()) timed([&] { real_->handle_saved(save->ticket, now_); });
    while (const auto transmit = real_->poll_transmit()) serve(*transmit);
}

void PuppetMesh::serve(const mesh::Network::Transmit& transmit) {
    const auto& nodes = roster_.nodes;
    const auto found = std::ranges::lower_bound(nodes, transmit.to, {}, &mesh::RosterNode::id);
    const auto index = static_cast<std::size_t>(found - nodes.begin());
    mesh::Network::Answer answer;
    const bool fails = failing_ == index && std::exchange(fails_next_, !fails_next_);
    if (fails) {
        answer.reason = mesh::Reason::timeout;
    } else {
        answer.outcome = mesh::Network::Answer::Outcome::answered;
        answer.http_status = 200;
        answer.body = puppets_[index - 1].answer(transmit.body, now_);
    }
    timed([&] { real_->handle_answer(transmit.id, answer, now_); });
}

void PuppetMesh::next_puppet_dials() {
    const std::size_t turn = std::exchange(puppet_turn_, (puppet_turn_ + 1) % puppets_.size());
    puppet_at_ += puppet_spacing_;
    Puppet& puppet = puppets_[turn];
    const std::string address = address_of(turn + 1);
    for (bool again = true; again;) {
        const Bytes body = puppet.request(now_);
        const auto reply = timed([&] { return real_->handle_exchange(address, body, now_); });
        MM_CHECK(reply.status == 200, "the real node refuses a puppet");
        again = !puppet.take_answer(reply.body, now_);
    }
}

void PuppetMesh::live(Duration span) {
    const MonoTime end = now_.mono + span;
    while (true) {
        const auto timeout = real_->poll_timeout();
        const MonoTime timer_at = timeout ? timeout->when : MonoTime::max();
        const MonoTime next = std::max(now_.mono, std::min(timer_at, puppet_at_));
        if (next > end) break;
        now_ = later(now_, next - now_.mono);
        if (puppet_at_ <= timer_at) next_puppet_dials();
        else timed([&] { real_->handle_timeout(now_); });
        drain();
    }
    now_ = later(now_, end - now_.mono);
}

Duration PuppetMesh::next_pass() {
    while (true) {
        const auto timeout = real_->poll_timeout();
        MM_CHECK(timeout.has_value(), "a network without a timer");
        const Duration ahead = std::max(Duration{}, timeout->when - now_.mono);
        if (timeout->why != "verdicts") {
            live(ahead);
            continue;
        }
        if (puppet_at_ < timeout->when) {
            live(std::max(Duration{}, puppet_at_ - now_.mono));
            continue;
        }
        now_ = later(now_, ahead);
        const Duration before = cpu_;
        timed([&] { real_->handle_timeout(now_); });
        const Duration spent = cpu_ - before;
        drain();
        return spent;
    }
}

}  // namespace meshmon::bench
