// A configuration that was read anew becomes what runs: nothing that still applies is lost.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "config/folder.hpp"
#include "crypto/fingerprint.hpp"
#include "node/driver.hpp"
#include "node/roster_of.hpp"

namespace meshmon::node {
namespace {

/// Of two looks at the node file, whether a person would call it the same.
bool same_node_file(const config::Loaded& a, const config::Loaded& b) {
    return a.state == b.state && a.node_text == b.node_text && a.diagnostics.size() == b.diagnostics.size();
}

}  // namespace

Reloader::Owner Driver::reloader_owner() {
    return {.running =
                [this] {
                    std::map<std::string, NodeId> out;
                    for (const auto& membership : memberships_) {
                        if (membership->running())
                            out.emplace(membership->loaded().ref.directory, membership->loaded().ref.node_id);
                    }
                    return out;
                },
            .found = [this](config::Loaded loaded, bool asked) { apply(std::move(loaded), asked); },
            .unsaved =
                [this](const std::optional<std::string>& why) {
                    copy_error_ = why;
                    facts_changed_ = true;
                }};
}

GitWatch::Owner Driver::git_owner() {
    return {.found = [this](const std::string& directory, auto files) { reloader_.use(directory, std::move(files)); },
            .refused = [this](const std::string& directory) { reloader_.go_back(directory); },
            .changed =
                [this] {
                    facts_changed_ = true;
                    for (const auto& membership : memberships_)
                        membership->take_pull(git_.find(membership->loaded().ref.directory));
                }};
}

/// A commit that loads is what the clone is to start from next time.
void Driver::keep_commits(const std::vector<config::LoadedNetwork>& networks) {
    for (const config::LoadedNetwork& network : networks) {
        if (network.loaded() && !network.rejected && network.commit) git_.keep(network.ref.directory, *network.commit);
    }
}

void Driver::reload() {
    log_.write({LogLevel::info, "config_asked", "reading the configuration anew", {}, {}, {}});
    reloader_.ask();
    git_.look_now();
}

void Driver::apply(config::Loaded found, bool asked) {
    const Now now = enter();
    if (!loaded_.node && found.node) {
        options_.node_file_came();
        return;
    }
    bool changed = !same_node_file(loaded_, found);
    std::vector<config::LoadedNetwork> networks = std::move(found.networks);
    found.networks.clear();
    loaded_ = std::move(found);
    if (loaded_.node) git_.set(loaded_.node->networks);
    keep_commits(networks);
    if (loaded_.node && apply_networks(std::move(networks))) {
        changed = true;
        config_loaded_ = now.wall;
    }
    if (!config_valid()) ++config_loads_.rejected;
    else if (changed) ++config_loads_.applied;
    else ++config_loads_.unchanged;
    if (asked && !changed) log_.write({LogLevel::info, "config_unchanged", "the configuration is as before", {}, {}, {}});
    refresh_problems(now);
}

/// Whether anything of what runs changed.
bool Driver::apply_networks(std::vector<config::LoadedNetwork> found) {
    bool changed = false;
    std::vector<std::unique_ptr<Membership>> before = std::move(memberships_);
    memberships_.clear();
    std::vector<config::LoadedNetwork> known;
    for (config::LoadedNetwork& network : found) {
        const auto old = std::ranges::find(before, network.ref.directory,
                                           [](const auto& m) { return m ? m->loaded().ref.directory : std::string(); });
        if (old != before.end()) {
            memberships_.push_back(std::move(*old));
            known.push_back(std::move(network));
        } else {
            log_.write({LogLevel::info,
                        "network_added",
                        fmt::format("the node file names {} now", network.ref.directory),
                        network.ref.directory,
                        {},
                        {}});
            memberships_.push_back(std::make_unique<Membership>(*around_, std::move(network)));
            changed = true;
        }
    }
    for (auto& gone : before) {
        if (!gone) continue;
        log_.write({LogLevel::info, "network_removed", "the node file names it no longer", gone->name(), {}, {}});
        retire(std::move(gone));
        changed = true;
    }
    for (config::LoadedNetwork& network : known) changed = apply_network(std::move(network)) || changed;
    start_waiting();
    measure_tolerance();
    return changed;
}

bool Driver::apply_network(config::LoadedNetwork found) {
    const auto place = std::ranges::find(memberships_, found.ref.directory,
                                         [](const auto& membership) { return membership->loaded().ref.directory; });
    Membership& membership = **place;
    if (const std::string misfit = membership.misfit(found); !misfit.empty()) {
        log_.write({LogLevel::info, "network_changed", misfit + ": leaving as it was", membership.name(), {}, {}});
        retire(std::exchange(*place, std::make_unique<Membership>(*around_, std::move(found))));
        return true;
    }
    const std::string changes = membership.take(std::move(found));
    if (changes.empty()) return false;
    LogLine line{LogLevel::info, "config_loaded", "", membership.name(), {}, {}};
    line.message = fmt::format("config {}: {}", membership.network().roster().config_revision, changes);
    line.fields = {{"revision", membership.network().roster().config_revision}};
    log_.write(line);
    return true;
}

// ---- networks that come ----------------------------------------------------------------------------------------------

void Driver::start_membership(Membership& membership) {
    const config::LoadedNetwork& network = membership.loaded();
    const auto say = [&](std::string_view event, std::string text) {
        log_.write({LogLevel::info, event, std::move(text), membership.name(), {}, {}});
    };
    for (const config::Diagnostic& finding : network.diagnostics) {
        if (finding.severity != config::Severity::note) continue;
        say("config_note", fmt::format("{}:{}: {}", finding.place.file.string(), finding.place.line, finding.text));
    }
    if (network.example_created) {
        say("config_example", fmt::format("wrote an example config.yml to {}: fill it in",
                                          config::network_folder(loaded_.config_dir, network.ref.directory).string()));
    }
    if (network.own_key && network.own_key->generated) {
        say("key_generated",
            fmt::format("made a key pair for {}: {}, in {}", network.ref.node_id.str(),
                        crypto::fingerprint(network.own_key->public_key).text(), network.own_key->file.string()));
    }
    membership.start();
    measure_tolerance();
}

void Driver::start_waiting() {
    for (const auto& membership : memberships_) {
        if (membership->running() || !membership->loaded().loaded() || is_retiring(membership->loaded())) continue;
        start_membership(*membership);
        if (membership->running()) config_loaded_ = enter().wall;
    }
}

/// The shortest poll says how long this process may stand still without having missed one.
void Driver::measure_tolerance() {
    std::optional<Duration> shortest;
    for (const auto& membership : memberships_) {
        if (membership->running()) shortest = std::min(shortest.value_or(membership->poll()), membership->poll());
    }
    if (shortest) tolerance_ = mesh::pause_tolerance(*shortest);
}

// ---- networks that go ------------------------------------------------------------------------------------------------

void Driver::retire(std::unique_ptr<Membership> membership) {
    if (!membership->running()) return;
    const Now now = enter();
    const NetworkId& id = membership->network().roster().network;
    retired_generations_[id] += membership->network().generation() + 1;
    Membership& leaving = *membership;
    retiring_.push_back({std::move(membership), now.mono + options_.leave_deadline});
    leaving.leave(now);
}

/// Posted, or by the tick: what a membership calls cannot end it.
void Driver::sweep_retired() {
    const MonoTime now = net::Loop::now().mono;
    const std::size_t ended =
        std::erase_if(retiring_, [&](const Retiring& retiring) { return retiring.membership->left() || retiring.until <= now; });
    if (ended > 0 && !stopped_) start_waiting();
}

bool Driver::is_retiring(const config::LoadedNetwork& network) const {
    return std::ranges::any_of(retiring_, [&](const Retiring& retiring) {
        return retiring.membership->loaded().ref.directory == network.ref.directory ||
               retiring.membership->network().roster().network == network.network;
    });
}

void Driver::drained() {
    if (stopped_) stop_when_left();
    else if (!retiring_.empty()) {
        loop_.post([this, alive = std::weak_ptr<int>(alive_)] {
            if (!alive.expired()) sweep_retired();
        });
    }
}

// ---- what is said of it ----------------------------------------------------------------------------------------------

bool Driver::config_valid() const {
    return loaded_.state == config::NodeFileState::loaded && std::ranges::all_of(memberships_, [](const auto& membership) {
               return membership->loaded().loaded() && !membership->loaded().rejected;
           });
}

std::vector<std::string> Driver::restart_needed() const {
    std::vector<std::string> out;
    if (loaded_.state != config::NodeFileState::loaded) return out;
    const auto listen =
        loaded_.listen ? config::parse_listen(*loaded_.listen) : Result<config::ListenAddress>(loaded_.listen.error());
    if (!options_.listen_fixed && listen && listen->text() != options_.listen.text())
        out.push_back(fmt::format("listen is {} now, and this process listens on {}", listen->text(), options_.listen.text()));
    if (!options_.data_dir_fixed && loaded_.data_dir != data_dir_asked_)
        out.push_back(fmt::format("data_dir is {} now, and this process keeps its data in {}", loaded_.data_dir.string(),
                                  data_.folder().string()));
    return out;
}

}  // namespace meshmon::node
