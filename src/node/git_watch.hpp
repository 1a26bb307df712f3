#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "config/config.hpp"
#include "config/network_files.hpp"
#include "net/loop.hpp"
#include "node/log.hpp"
#include "node/pull_state.hpp"
#include "repo/clone.hpp"
#include "repo/git.hpp"
#include "repo/stop.hpp"

namespace meshmon::node {

/// Looks at the repositories of the networks in git mode, each at its git_interval, and hands over what is new there.
///
/// Owner: Driver. Threads: loop thread; git runs on the loop's workers, at most kLooksMax of it at a time, one at a time for a
/// clone. Time: intervals vary by up to a tenth; after a failure it is tried again sooner, after 5, 10, 20... s, at the latest
/// after the interval. A look has its deadline in repo::Limits.
class GitWatch {
public:
    struct Options {
        std::filesystem::path config_dir;
        repo::Limits limits = {};
        Duration retry_first = std::chrono::seconds(5);
        std::uint64_t seed = 0;  ///< of the jitter
    };

    /// What the owner gets; all on the loop thread.
    struct Owner {
        /// Another commit than the one before; its content is not checked.
        std::function<void(const std::string& directory, std::shared_ptr<const config::NetworkFiles> files)> found;
        /// The newest commit is refused: what was found before it is not the newest any more.
        std::function<void(const std::string& directory)> refused;
        std::function<void()> changed;  ///< some PullState is another one
    };

    GitWatch(net::Loop& loop, Log& log, Options options, Owner owner);
    ~GitWatch();
    GitWatch(const GitWatch&) = delete;
    GitWatch& operator=(const GitWatch&) = delete;

    /// From now on these networks are looked at, those in git mode among them; new ones, and ones with another repository
    /// or interval, at once. `known`: what was read of their clones already.
    void set(const std::vector<config::NetworkRef>& networks, const config::FilesByDirectory& known = {});

    /// The commit runs: the clone is to remember it.
    void keep(const std::string& directory, const config::Commit& commit);

    /// Looks at all of them now.
    void look_now();

    /// Null: not in git mode.
    [[nodiscard]] const PullState* find(const std::string& directory) const;

    /// Ends all that runs; nothing is handed over any more.
    void stop();

    static constexpr int kLooksMax = 2;  ///< of four workers: what has to be saved must find a free one

private:
    struct Entry;

    void arm(Entry& entry, Duration delay);
    void start_next();
    void start_look(Entry& entry);
    void start_keep(Entry& entry);
    void looked(Entry& entry, repo::Look look);
    void kept(Entry& entry, const Result<>& result);
    void take_error(Entry& entry, const repo::Look& look);
    [[nodiscard]] Duration delay_after(Entry& entry, bool failed);
    template <typename Work, typename Done>
    bool run(Entry& entry, Work work, Done done);

    net::Loop& loop_;
    Log& log_;
    Options options_;
    Owner owner_;
    Random random_;
    repo::Stop stop_;
    std::map<std::string, std::shared_ptr<Entry>> entries_;  ///< by directory
    std::vector<std::weak_ptr<Entry>> waiting_;              ///< for one of kLooksMax, in this order
    int running_ = 0;
    bool stopped_ = false;
    std::shared_ptr<int> alive_ = std::make_shared<int>();  ///< what comes back from a worker after our end finds it gone
};

}  // namespace meshmon::node
