// Step 4 of a heartbeat: what the mesh wants sent, saved, shown, and when to wake it. See membership.cpp for the draining.
#include "node/driver.hpp"

#include <fmt/format.h>
#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "api/routes.hpp"
#include "base/check.hpp"
#include "node/machine_slept.hpp"

namespace meshmon::node {
namespace {

constexpr std::string_view kMeshPath = "/mesh/v1/";
constexpr std::size_t kApiBodyMax = 64 * 1024;  // no route of the API takes a body; this much is read to answer politely
constexpr Duration kTick = mesh::PauseDetector::kTick;
constexpr Duration kRefresh = std::chrono::seconds(1);         // of problems, where something changed
constexpr Duration kRefreshAnyway = std::chrono::seconds(10);  // of problems: ages and pauses end without a change
constexpr Duration kPauseMemory = std::chrono::minutes(5);
constexpr Duration kJoinDeadline = std::chrono::seconds(1);
constexpr int kParts = 2;  // that a stop waits for: server and client

/// /mesh/v1/<network_id>; what lies below is the router's.
bool is_exchange(std::string_view path) { return path.starts_with(kMeshPath) && !path.substr(kMeshPath.size()).contains('/'); }

net::HttpServer::Options server_options(const config::ListenAddress& listen, std::size_t connections_max) {
    net::HttpServer::Options options;
    options.address = listen.host;
    options.port = listen.port;
    options.connections_max = connections_max;
    return options;
}

net::HttpClient::Options client_options(const std::string& version) {
    net::HttpClient::Options options;
    options.user_agent = "meshmon/" + version;
    return options;
}

Reloader::Options reloader_options(const Driver::Options& options, const DataDir& data) {
    return {
        .load = options.load, .data_dir = data.folder(), .settle = options.settle, .look = options.look, .doubt = options.doubt};
}

std::uint64_t draw_seed() {
    std::uint64_t seed = 0;
    MM_CHECK(getrandom(&seed, sizeof seed, 0) == sizeof seed, "the system has random bytes");
    return seed;
}

std::string draw_boot_id() {
    ByteArray<16> id{};
    MM_CHECK(getrandom(id.data(), id.size(), 0) == static_cast<ssize_t>(id.size()), "the system has random bytes");
    return to_hex(view(id));
}

}  // namespace

Driver::Driver(net::Loop& loop, Log& log, DataDir data, config::Loaded loaded, Options options)
    : loop_(loop),
      log_(log),
      data_(std::move(data)),
      loaded_(std::move(loaded)),
      options_(std::move(options)),
      data_dir_asked_(loaded_.data_dir),
      started_(net::Loop::now()),
      boot_id_(draw_boot_id()),
      config_loaded_(started_.wall),
      feed_({}, started_),
      problems_at_(started_.mono),
      client_(loop, client_options(options_.version)),
      prober_(client_),
      server_(loop, server_options(options_.listen, options_.connections_max), *this),
      reloader_(loop, reloader_options(options_, data_), reloader_owner()),
      git_(loop, log, {.config_dir = options_.load.config_dir, .seed = draw_seed()}, git_owner()),
      alive_(std::make_shared<int>()),
      stop_timer_(loop) {
    api::add_routes(router_, source(), feed_);
    around_.emplace(Surroundings{loop_, client_, log_, data_, feed_, options_.version, [this] { return enter(); },
                                 [this] { facts_changed_ = true; }, [this] { drained(); }});
    for (const config::LoadedNetwork& network : loaded_.networks)
        memberships_.push_back(std::make_unique<Membership>(*around_, network));
}

Driver::~Driver() {
    server_.stop();
    client_.stop();
}

Result<> Driver::start() {
    if (Result<> listening = server_.listen(); !listening) return listening;
    listening_ = true;
    const Now now = enter();
    for (const auto& membership : memberships_) start_membership(*membership);
    if (const auto announced = announce(); !announced)
        log_.write({LogLevel::warn, "daemon_file", announced.error().message, {}, {}, {}});
    say_started();
    refresh_problems(now);
    pauses_.emplace(kTick, net::Loop::now().mono, machine_slept());  // from here on: a slow start is no pause
    lag_.emplace(loop_, kTick, [this](const net::LagMeter::Sample& sample) { on_tick(sample); });
    for (const std::string& warning : options_.copy_warnings) log_.write({LogLevel::warn, "copy_unusable", warning, {}, {}, {}});
    reloader_.start(loaded_, std::move(options_.copies), options_.stamp);
    if (loaded_.node) git_.set(loaded_.node->networks, options_.load.files);
    keep_commits(loaded_.networks);
    loaded_.networks.clear();
    return {};
}

// ---- what comes in ---------------------------------------------------------------------------------------------------

Now Driver::enter() {
    const Now now = net::Loop::now();
    const auto pause = pauses_ ? pauses_->observe(now.mono, machine_slept(), tolerance_) : std::nullopt;
    if (!pause) return now;
    if (pause->is_lag) {
        for (const auto& membership : memberships_) {
            if (membership->running()) membership->lag(pause->late, now);
        }
        return now;
    }
    if (!longest_pause_ || now.mono - longest_pause_->first > kPauseMemory || longest_pause_->second < pause->total()) {
        longest_pause_ = {now.mono, pause->total()};
    }
    facts_changed_ = true;
    log_.write_limited(
        "paused", 1,
        {LogLevel::warn, "paused", fmt::format("this process did not run for {}", to_short_text(pause->total())), {}, {}, {}});
    // What the monotonic clock did not count, deadlines need not move by.
    for (const auto& membership : memberships_) {
        if (membership->running()) membership->pause(pause->late, now);
    }
    for (const Retiring& retiring : retiring_) retiring.membership->pause(pause->late, now);
    return now;
}

Membership* Driver::find(std::string_view network_id) const {
    const Result<NetworkId> id = NetworkId::parse(network_id);
    if (!id) return nullptr;
    const auto found =
        std::ranges::find_if(memberships_, [&](const auto& membership) { return membership->loaded().network == *id; });
    return found == memberships_.end() ? nullptr : found->get();
}

/// One that leaves still answers: that is how its peers learn of it.
Membership* Driver::find_for_peers(std::string_view network_id) const {
    Membership* found = find(network_id);
    if (found != nullptr && found->running()) return found;
    for (const Retiring& retiring : retiring_) {
        if (retiring.membership->network().roster().network.str() == network_id) return retiring.membership.get();
    }
    return found;
}

std::size_t Driver::body_limit(const http::Request& head, std::string_view first_bytes) {
    const Now now = enter();
    if (!is_exchange(head.path)) return kApiBodyMax;
    const Membership* membership = find_for_peers(std::string_view(head.path).substr(kMeshPath.size()));
    if (membership == nullptr || !membership->running()) return kApiBodyMax;
    return membership->network().body_limit(head.remote_address, first_bytes, now);
}

http::Response Driver::handle(http::Request request) {
    const Now now = enter();
    if (is_exchange(request.path)) return handle_exchange(request, now);
    return api::answer(router_, std::move(request));
}

http::Response Driver::handle_exchange(const http::Request& request, Now now) {
    if (request.method != http::Method::post) {
        http::Response refused =
            http::error_response(405, "method_not_allowed", "Method not allowed", "nodes talk to each other here, by POST");
        refused.set("Allow", "POST");
        return refused;
    }
    const std::string_view name = std::string_view(request.path).substr(kMeshPath.size());
    Membership* membership = find_for_peers(name);
    // A network that waits may not know its name yet: it may be the one.
    const auto is_nameless = [](const auto& waiting) { return !waiting->loaded().network; };
    if (membership == nullptr && std::ranges::any_of(memberships_, is_nameless)) {
        return http::error_response(
            503, "network_waiting", "The network does not run",
            fmt::format("this node does not know yet whether it is in a network '{}'; /api/v1/health says "
                        "what it waits for",
                        name));
    }
    if (membership == nullptr) {
        ++unknown_network_;
        return http::error_response(404, "unknown_network", "No such network",
                                    fmt::format("this node is in no network '{}'", name));
    }
    if (!membership->running()) {
        return http::error_response(503, "network_waiting", "The network does not run",
                                    "this node cannot run it yet; /api/v1/health says why");
    }
    mesh::Network::Reply reply = membership->exchange(request.remote_address, request.body, now);
    http::Response response;
    response.status = reply.status;
    response.set("Content-Type", reply.sealed ? "application/octet-stream" : "application/json");
    response.body = std::move(reply.body);
    return response;
}

void Driver::on_tick(const net::LagMeter::Sample& sample) {
    const Now now = enter();
    pauses_->ticked(now.mono);
    lag_last_ = sample.lag;
    lag_max_ = std::max(lag_max_, sample.lag);
    feed_.tick(now.mono);
    sweep_retired();
    log_.flush_repeats();
    std::uint64_t seen = 0;
    for (const auto& membership : memberships_) seen += membership->running() ? membership->network().generation() : 0;
    const Duration age = now.mono - problems_at_;
    if (age >= kRefreshAnyway || (age >= kRefresh && (facts_changed_ || seen != problems_seen_))) {
        problems_seen_ = seen;
        look_after_data_dir();
        refresh_problems(now);
    }
}

Result<> Driver::announce() {
    return data_.announce({local_address(options_.listen.host, port()), getpid(), boot_id_, started_.wall});
}

/// Without it a second process could run on the same configuration, and commands would find none.
void Driver::look_after_data_dir() {
    if (stopped_) return;
    if (data_.is_held()) {
        data_dir_lost_.reset();
        return;
    }
    Result<> held = data_.hold_anew();
    if (held) {
        reloader_.save_anew();
        held = announce();
    }
    data_dir_lost_ = held ? std::nullopt : std::optional(held.error());
    if (!held) return;
    const std::string folder = data_.folder().string();
    log_.write({LogLevel::warn,
                "data_dir_anew",
                fmt::format("the data folder {} was removed or replaced: made anew", folder),
                {},
                {},
                {}});
}

Facts Driver::facts(Now now) const {
    Facts facts;
    facts.loaded = &loaded_;
    facts.now = now.wall;
    facts.version = options_.version;
    facts.data_dir = data_.folder().string();
    facts.listen = config::ListenAddress{options_.listen.host, port()}.text();
    facts.paused = recent_pause(now.mono);
    facts.save_error = copy_error_;
    facts.data_dir_lost = data_dir_lost_;
    facts.restart_needed = restart_needed();
    for (const auto& membership : memberships_) {
        facts.networks.push_back(membership->facts(now));
        facts.networks.back().pull = git_.find(membership->loaded().ref.directory);
        if (membership->save_error()) facts.save_error = membership->save_error();
    }
    return facts;
}

void Driver::refresh_problems(Now now) {
    problems_at_ = now.mono;
    facts_changed_ = false;
    const Facts known = facts(now);
    prober_.look(known.networks, now.mono);
    const auto changes = problems_.update(find_problems(known), now.wall);
    if (changes.empty()) return;
    for (const auto& change : changes) {
        const LogLine line = to_log_line(change);
        log_.write_limited(fmt::format("{}|{}|{}|{}", line.event, change.problem.code, line.network, line.node), 3, line);
    }
    feed_.problems_changed(problems_.standing(), now.wall);
}

std::optional<Duration> Driver::recent_pause(MonoTime now) const {
    if (!longest_pause_ || now - longest_pause_->first > kPauseMemory) return std::nullopt;
    return longest_pause_->second;
}

// ---- the end ---------------------------------------------------------------------------------------------------------

void Driver::stop(std::function<void(bool saved)> done) {
    if (stopped_) return;
    const Now now = enter();
    log_.write({LogLevel::info, "stopping", "leaving all networks", {}, {}, {}});
    reloader_.stop();
    feed_.close();
    git_.stop();
    stop_timer_.set(now.mono + options_.leave_deadline, [this] { finish_stop(); });
    for (const auto& membership : memberships_) membership->leave(now);  // those that retire do so already
    stopped_ = std::move(done);
    stop_when_left();
}

void Driver::stop_when_left() {
    if (std::ranges::all_of(memberships_, [](const auto& membership) { return membership->left(); }) &&
        std::ranges::all_of(retiring_, [](const Retiring& retiring) { return retiring.membership->left(); }))
        finish_stop();
}

void Driver::finish_stop() {
    if (std::exchange(finishing_, true)) return;
    const bool saved = std::ranges::all_of(memberships_, [](const auto& membership) { return membership->saved(); }) &&
                       std::ranges::all_of(retiring_, [](const Retiring& retiring) { return retiring.membership->saved(); });
    data_.withdraw();
    listening_ = false;
    // Each part says that it has joined; the timer says it for all.
    const auto end = [this, saved, alive = std::weak_ptr<int>(alive_), joined = std::make_shared<int>(0)](int parts) {
        const int before = std::exchange(*joined, *joined + parts);
        if (!alive.expired() && before < kParts && *joined >= kParts) stopped_(saved);
    };
    stop_timer_.set(enter().mono + kJoinDeadline, [end] { end(kParts); });
    // Posted: this may run inside a request that the server still answers.
    loop_.post([this, end, alive = std::weak_ptr<int>(alive_)] {
        if (alive.expired()) return;
        server_.stop([end] { end(1); });
        client_.stop([end] { end(1); });
    });
}

// ---- words -----------------------------------------------------------------------------------------------------------

void Driver::say_started() {
    const std::string url = fmt::format("http://{}/", local_address(options_.listen.host, port()));
    LogLine line{LogLevel::info, "started", fmt::format("meshmon {}", options_.version), {}, {}, {}};
    for (const auto& membership : memberships_) {
        const api::NetworkEntry entry = membership->entry();
        const std::string name = entry.network ? entry.network->str() : entry.directory;
        line.message += fmt::format(", {} in {}", entry.node.str(), name);
        if (!entry.fingerprint.empty()) line.message += fmt::format(" ({}", entry.fingerprint);
        if (membership->running()) line.message += fmt::format(", config {}", membership->network().roster().config_revision);
        line.message += entry.fingerprint.empty() ? "" : membership->running() ? ")" : ", waiting)";
    }
    line.message += fmt::format("; open {}", url);
    line.fields = {{"version", options_.version}, {"url", url}, {"pid", std::to_string(getpid())}};
    log_.write(line);
}

void Driver::dump() {
    const Now now = enter();
    const api::ProcessFigures process = figures();
    LogLine line{LogLevel::info, "state", fmt::format("up for {}", to_short_text(now.mono - started_.mono)), {}, {}, {}};
    line.fields = {{"resident_bytes", std::to_string(process.resident_bytes)},
                   {"cpu_seconds", fmt::format("{:.2f}", process.cpu_seconds)},
                   {"loop_lag_max_ms", fmt::format("{:.1f}", to_ms(process.loop_lag_max))},
                   {"open_connections", std::to_string(process.open_connections)},
                   {"requests_under_way", std::to_string(client_.counters().active)},
                   {"idle_connections", std::to_string(client_.counters().idle)},
                   {"subscribers", std::to_string(feed_.subscribers())}};
    log_.write(line);
    for (const auto& membership : memberships_) log_.write(membership->dump(now));
    for (const api::Problem& problem : problems_.standing()) log_.write(to_log_line({problem, true}));
}

}  // namespace meshmon::node
