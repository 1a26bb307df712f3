#include "node/reloader.hpp"

#include <algorithm>
#include <utility>

#include "config/codes.hpp"
#include "config/stamp.hpp"

namespace meshmon::node {
namespace {

constexpr Duration kWritingMax = std::chrono::seconds(5);  // who keeps a file open for longer does not hold up the rest
constexpr Duration kDoubtMax = std::chrono::seconds(10);   // files that never stand still are taken as they are
constexpr int kFollowMax = 3;                              // a node file that names other networks at each look

bool same_networks(const std::vector<config::NetworkRef>& a, const std::vector<config::NetworkRef>& b) {
    return std::ranges::equal(a, b, [](const auto& x, const auto& y) {
        return x.directory == y.directory && x.node_id == y.node_id && x.type == y.type;
    });
}

bool is_doubtful(const config::Diagnostic& finding) {
    return finding.severity == config::Severity::error || finding.code == config::code::kKeyMissing ||
           finding.code == config::code::kKeyUnusable;
}

}  // namespace

Reloader::Reloader(net::Loop& loop, Options options, Owner owner)
    : loop_(loop),
      options_(std::move(options)),
      owner_(std::move(owner)),
      watch_(loop, [this] { hinted(); }),
      timer_(loop),
      files_(options_.load.files) {}

Reloader::~Reloader() = default;

void Reloader::start(const config::Loaded& loaded, config::GoodCopies kept, std::optional<crypto::Hash> stamp) {
    known_ = stamp;
    forced_ = !stamp.has_value();
    on_disk_ = std::move(kept);
    copies_ = config::good_copies_of(loaded, on_disk_);
    if (loaded.node) networks_ = loaded.node->networks;
    watch_.set(config::folders_of(options_.load.config_dir, networks_));
    save();
    look_in(options_.settle);
}

void Reloader::ask() {
    asked_ = true;
    forced_ = true;
    look_in(Duration::zero());
}

void Reloader::use(const std::string& directory, std::shared_ptr<const config::NetworkFiles> files) {
    files_[directory] = std::move(files);
    forced_ = true;
    look_in(Duration::zero());
}

void Reloader::go_back(const std::string& directory) {
    const auto good = copies_.networks.find(directory);
    if (good != copies_.networks.end()) use(directory, good->second);
}

void Reloader::stop() {
    stopped_ = true;
    timer_.cancel();
}

void Reloader::save_anew() {
    on_disk_ = {};
    save();
}

void Reloader::hinted() {
    if (!first_hint_) first_hint_ = net::Loop::now().mono;
    look_in(options_.settle);
}

void Reloader::look_in(Duration delay) {
    if (stopped_) return;
    timer_.set(net::Loop::now().mono + delay, [this] { look(); });
}

void Reloader::look() {
    if (looking_ || stopped_) return;
    if (first_hint_ && watch_.writing() && net::Loop::now().mono - *first_hint_ < kWritingMax) return look_in(options_.settle);
    first_hint_.reset();
    config::LoadOptions load = options_.load;
    load.files = files_;
    load.good = copies_;
    load.running = owner_.running();
    const auto known = std::exchange(forced_, false) ? std::nullopt : known_;
    looking_ =
        loop_.run_blocking([load = std::move(load), networks = networks_, known] { return look_at(load, networks, known); },
                           [this, alive = std::weak_ptr<int>(alive_)](Look look) {
                               if (alive.expired()) return;
                               looking_ = false;
                               if (!stopped_) looked(std::move(look));
                           });
    if (looking_) return;
    forced_ = forced_ || !known;
    look_in(options_.look);
}

/// Runs on a worker. The stamp is that of the networks which the node file names at that moment.
Reloader::Look Reloader::look_at(const config::LoadOptions& load, std::vector<config::NetworkRef> networks,
                                 std::optional<crypto::Hash> known) {
    const auto stamp = [&] { return config::stamp_files(load.config_dir, load.node_file, networks); };
    Look look;
    for (int i = 0; i < kFollowMax; ++i) {
        look.before = stamp();
        if (known == look.before) return look;
        look.loaded = config::load(load);
        if (!look.loaded->node || same_networks(look.loaded->node->networks, networks)) break;
        networks = look.loaded->node->networks;
        known.reset();
    }
    look.after = stamp();
    return look;
}

void Reloader::looked(Look look) {
    const bool again = forced_ || first_hint_.has_value();
    if (!look.loaded) {
        doubt_.reset();
        watch_.set(config::folders_of(options_.load.config_dir, networks_));
        save();
        return look_in(again ? options_.settle : options_.look);
    }
    if (look.before != look.after) {
        forced_ = forced_ || asked_;
        remember_repairs(*look.loaded);
        return look_in(options_.settle);
    }
    if (!stands(look)) {
        forced_ = true;
        return look_in(options_.doubt);
    }
    hand_over(std::move(look));
    look_in(again ? options_.settle : options_.look);
}

/// Whether what was found is what was meant: a file that is missing or broken may be about to be replaced.
bool Reloader::stands(const Look& look) {
    const MonoTime now = net::Loop::now().mono;
    const bool doubtful =
        look.loaded->state != config::NodeFileState::loaded || std::ranges::any_of(look.loaded->all(), is_doubtful);
    if (!doubtful || look.after == known_) {
        doubt_.reset();
        return true;
    }
    if (!doubt_) doubt_ = Doubt{look.after, now, now};
    if (doubt_->stamp != look.after) {
        doubt_->stamp = look.after;
        doubt_->since = now;
    }
    if (now - doubt_->since < options_.doubt && now - doubt_->first < kDoubtMax) return false;
    doubt_.reset();
    return true;
}

/// Who closes a private key to others changes its file: that look does not count, but what it did is to be told.
void Reloader::remember_repairs(const config::Loaded& loaded) {
    for (const config::LoadedNetwork& network : loaded.networks) {
        if (!network.own_key) continue;
        std::vector<config::Diagnostic> repairs = network.own_key->notes;
        std::erase_if(repairs, [](const auto& note) { return note.code != config::code::kKeyPermissions; });
        if (!repairs.empty()) repairs_[network.ref.directory] = std::move(repairs);
    }
}

void Reloader::hand_over(Look look) {
    for (config::LoadedNetwork& network : look.loaded->networks) {
        const auto repairs = repairs_.find(network.ref.directory);
        if (!network.own_key || repairs == repairs_.end()) continue;
        network.own_key->notes.insert(network.own_key->notes.end(), repairs->second.begin(), repairs->second.end());
    }
    repairs_.clear();
    known_ = look.after;
    copies_ = config::good_copies_of(*look.loaded, copies_);
    if (look.loaded->node) networks_ = look.loaded->node->networks;
    watch_.set(config::folders_of(options_.load.config_dir, networks_));
    save();
    owner_.found(*std::move(look.loaded), std::exchange(asked_, false));
}

void Reloader::save() {
    if (saving_ || copies_ == on_disk_) return;
    const auto work = [folder = options_.data_dir, copies = copies_, before = on_disk_] {
        return config::save_good_copies(folder, copies, before);
    };
    const auto done = [this, alive = std::weak_ptr<int>(alive_), copies = copies_](const Result<>& saved) {
        if (alive.expired()) return;
        saving_ = false;
        if (saved) on_disk_ = copies;
        if (!saved) owner_.unsaved(saved.error().message);
        else if (unsaved_) owner_.unsaved(std::nullopt);
        unsaved_ = !saved;
        if (saved && !stopped_) save();
    };
    saving_ = loop_.run_blocking(work, done);
}

}  // namespace meshmon::node
