#include "node/git_watch.hpp"

#include <fmt/format.h>

#include <utility>

#include "node/look_delay.hpp"
#include "repo/on_disk.hpp"
#include "repo/printable.hpp"

namespace meshmon::node {

struct GitWatch::Entry {
    Entry(net::Loop& loop, config::NetworkRef network) : ref(std::move(network)), timer(loop) {}

    config::NetworkRef ref;
    net::Timer timer;
    PullState state;
    std::string known;                      ///< the commit that was handed over or refused
    std::optional<config::Commit> to_keep;  ///< goes before the next look
    std::string kept;                       ///< the last one that was to be
    bool look_wanted = false;
    bool queued = false;
    bool busy = false;  ///< a worker has its clone
    int failures = 0;   ///< in a row
};

namespace {

constexpr Duration kFullRetry = std::chrono::seconds(1);  // the loop's workers have no room

bool same_repository(const config::NetworkRef& a, const config::NetworkRef& b) {
    return a.git_repo == b.git_repo && a.git_branch == b.git_branch && a.node_id == b.node_id;
}

repo::Look failed_look(const Error& error) {
    repo::Look look;
    look.error = error;
    return look;
}

}  // namespace

GitWatch::GitWatch(net::Loop& loop, Log& log, Options options, Owner owner)
    : loop_(loop), log_(log), options_(std::move(options)), owner_(std::move(owner)), random_(options_.seed) {}

GitWatch::~GitWatch() { stop(); }

void GitWatch::stop() {
    stopped_ = true;
    stop_.request();
    entries_.clear();
}

void GitWatch::set(const std::vector<config::NetworkRef>& networks, const config::FilesByDirectory& known) {
    if (stopped_) return;
    std::map<std::string, std::shared_ptr<Entry>> before = std::exchange(entries_, {});
    for (const config::NetworkRef& ref : networks) {
        if (ref.type != config::ConfigType::git) continue;
        std::shared_ptr<Entry>& entry = entries_[ref.directory];
        const auto old = before.find(ref.directory);
        if (old != before.end() && same_repository(old->second->ref, ref)) {
            entry = old->second;
            const bool other_pace = entry->ref.git_interval != ref.git_interval;
            entry->ref = ref;
            if (other_pace) arm(*entry, Duration::zero());  // the look that is due may be an hour away
            continue;
        }
        entry = std::make_shared<Entry>(loop_, ref);
        const auto files = known.find(ref.directory);
        if (files != known.end() && files->second->commit) {
            entry->known = files->second->commit->id;
            entry->state.newest = files->second->commit;
        }
        arm(*entry, Duration::zero());
    }
}

void GitWatch::keep(const std::string& directory, const config::Commit& commit) {
    const auto found = entries_.find(directory);
    if (found == entries_.end() || found->second->kept == commit.id) return;
    found->second->to_keep = commit;
    found->second->kept = commit.id;
    if (!std::exchange(found->second->queued, true)) waiting_.push_back(found->second);
    start_next();
}

void GitWatch::look_now() {
    for (const auto& [directory, entry] : entries_) arm(*entry, Duration::zero());
}

const PullState* GitWatch::find(const std::string& directory) const {
    const auto found = entries_.find(directory);
    return found == entries_.end() ? nullptr : &found->second->state;
}

void GitWatch::arm(Entry& entry, Duration delay) {
    entry.timer.set(net::Loop::now().mono + delay, [this, directory = entry.ref.directory] {
        const auto found = entries_.find(directory);
        if (found == entries_.end()) return;
        found->second->look_wanted = true;
        if (!std::exchange(found->second->queued, true)) waiting_.push_back(found->second);
        start_next();
    });
}

void GitWatch::start_next() {
    for (auto it = waiting_.begin(); it != waiting_.end() && running_ < kLooksMax && !stopped_;) {
        const std::shared_ptr<Entry> entry = it->lock();
        if (entry && entry->busy) {  // it comes back when its worker does
            ++it;
            continue;
        }
        it = waiting_.erase(it);
        if (!entry) continue;
        entry->queued = false;
        if (entry->to_keep) start_keep(*entry);
        else if (entry->look_wanted) start_look(*entry);
    }
}

template <typename Work, typename Done>
bool GitWatch::run(Entry& entry, Work work, Done done) {
    const std::weak_ptr<Entry> weak = entries_.at(entry.ref.directory);
    entry.busy = loop_.run_blocking([clone = repo::clone_of(options_.config_dir, entry.ref, options_.limits),
                                     work = std::move(work), stop = stop_]() mutable { return work(clone, stop); },
                                    [this, weak, alive = std::weak_ptr<int>(alive_), done = std::move(done)](auto result) {
                                        if (alive.expired()) return;
                                        --running_;
                                        if (const std::shared_ptr<Entry> back = weak.lock(); back && !stopped_) {
                                            back->busy = false;
                                            // Of an entry that was replaced meanwhile nothing counts.
                                            const auto current = entries_.find(back->ref.directory);
                                            if (current != entries_.end() && current->second == back)
                                                done(*back, std::move(result));
                                        }
                                        start_next();
                                    });
    running_ += entry.busy ? 1 : 0;
    return entry.busy;
}

void GitWatch::start_look(Entry& entry) {
    entry.look_wanted = false;
    const bool started = run(
        entry,
        [known = entry.known](Result<repo::Clone>& clone, const repo::Stop& stop) {
            return clone ? clone->look(known, stop) : failed_look(clone.error());
        },
        [this](Entry& back, repo::Look look) { looked(back, std::move(look)); });
    if (!started) arm(entry, kFullRetry);
}

void GitWatch::start_keep(Entry& entry) {
    const config::Commit commit = *std::exchange(entry.to_keep, std::nullopt);
    run(
        entry,
        [commit](Result<repo::Clone>& clone, const repo::Stop& stop) -> Result<> {
            return clone ? clone->keep(commit, stop) : Result<>(clone.error());
        },
        [this](Entry& back, const Result<>& result) { kept(back, result); });
    // A commit that could not be remembered is fetched again after a restart.
    if (entry.look_wanted && !std::exchange(entry.queued, true)) waiting_.push_back(entries_.at(entry.ref.directory));
}

void GitWatch::kept(Entry& entry, const Result<>& result) {
    if (result) return;
    entry.kept.clear();
    log_.write(
        {LogLevel::warn, "clone_not_kept", result.error().message + "; " + result.error().hint, entry.ref.directory, {}, {}});
}

void GitWatch::take_error(Entry& entry, const repo::Look& look) {
    PullState& state = entry.state;
    if (look.commit.empty()) {
        if (state.failed && look.error && state.failed->code != look.error->code) {
            // The problem is in the log since the first failure, and stands: that it has another cause now would be nowhere.
            log_.write(
                {LogLevel::info, "pull_failed", look.error->message + "; " + look.error->hint, entry.ref.directory, {}, {}});
        }
        state.failed = look.error;
        return;
    }
    state.failed.reset();
    state.asked = net::Loop::now().wall;
    if (look.commit == entry.known) return;
    state.refused = look.error;
    state.refused_commit = look.error ? look.commit : std::string();
    if (look.error) owner_.refused(entry.ref.directory);
}

void GitWatch::looked(Entry& entry, repo::Look look) {
    for (const std::string& note : look.notes) log_.write({LogLevel::warn, "clone_damaged", note, entry.ref.directory, {}, {}});
    take_error(entry, look);
    if (look.files) entry.kept.clear();  // it may come out of a clone that was just made
    arm(entry, delay_after(entry, look.commit.empty()));
    if (!look.commit.empty()) entry.known = look.commit;
    const std::string directory = entry.ref.directory;
    if (look.files) {
        const config::Commit& commit = *look.files->commit;
        entry.state.newest = commit;
        log_.write({LogLevel::info,
                    "commit_found",
                    fmt::format("{}: {}", commit.text(), repo::printable(commit.subject)),
                    directory,
                    {},
                    {{"commit", commit.id}}});
        owner_.found(directory, std::make_shared<const config::NetworkFiles>(*std::move(look.files)));
    }
    owner_.changed();
}

Duration GitWatch::delay_after(Entry& entry, bool failed) {
    entry.failures = failed ? entry.failures + 1 : 0;
    return look_delay(entry.ref.git_interval, options_.retry_first, entry.failures, random_.uniform());
}

}  // namespace meshmon::node
