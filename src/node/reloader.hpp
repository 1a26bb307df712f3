#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/good_copies.hpp"
#include "config/load.hpp"
#include "crypto/crypto.hpp"
#include "net/folder_watch.hpp"
#include "net/loop.hpp"

namespace meshmon::node {

/// Notices that files of the configuration changed, reads them away from the loop, keeps good copies, and hands over what it
/// found.
///
/// Source: docs/reference/configuration.md, "Reload".
/// Owner: Driver. Threads: loop thread; files are read and copies written by the loop's workers, one look at a time.
/// Time: a change is handed over once nobody wrote for `settle`; what does not load must stand for `doubt` besides, so that a
/// file that is just being replaced is no problem. Where no hint comes, within `look` more.
class Reloader {
public:
    struct Options {
        config::LoadOptions load;        ///< `good` and `running` are this class's own, and `files` are the first ones
        std::filesystem::path data_dir;  ///< where good copies are kept
        Duration settle = std::chrono::milliseconds(150);
        Duration look = std::chrono::seconds(5);
        Duration doubt = std::chrono::seconds(1);
    };

    /// What the owner knows and gets; all on the loop thread.
    struct Owner {
        std::function<std::map<std::string, NodeId>()> running;  ///< as in config::LoadOptions
        std::function<void(config::Loaded loaded, bool asked)> found;
        std::function<void(const std::optional<std::string>& why)> unsaved;  ///< copies cannot be kept; nothing: they are
    };

    Reloader(net::Loop& loop, Options options, Owner owner);
    ~Reloader();
    Reloader(const Reloader&) = delete;
    Reloader& operator=(const Reloader&) = delete;

    /// Goes on from what was loaded at `stamp` (absent: unknown, so it looks at once), with the copies that the disk holds.
    void start(const config::Loaded& loaded, config::GoodCopies kept, std::optional<crypto::Hash> stamp);

    /// Reads all anew and hands it over, changed or not.
    void ask();

    /// From now on the network's files are these, wherever its folder stands.
    void use(const std::string& directory, std::shared_ptr<const config::NetworkFiles> files);

    /// What `use` gave is out of date, and nothing follows it: the network's files are again those that loaded last, if any did.
    void go_back(const std::string& directory);

    /// Nothing is handed over any more.
    void stop();

    /// Keeps all good copies once more: those in the data folder are gone.
    void save_anew();

private:
    struct Look {
        crypto::Hash before{};
        crypto::Hash after{};
        std::optional<config::Loaded> loaded;  ///< absent: nothing changed
    };
    struct Doubt {
        crypto::Hash stamp{};
        MonoTime since;  ///< that this stamp stands
        MonoTime first;  ///< that there has been any doubt
    };

    static Look look_at(const config::LoadOptions& load, std::vector<config::NetworkRef> networks,
                        std::optional<crypto::Hash> known);
    void hinted();
    void look_in(Duration delay);
    void look();
    void looked(Look look);
    [[nodiscard]] bool stands(const Look& look);
    void remember_repairs(const config::Loaded& loaded);
    void hand_over(Look look);
    void save();

    net::Loop& loop_;
    Options options_;
    Owner owner_;
    net::FolderWatch watch_;
    net::Timer timer_;
    std::vector<config::NetworkRef> networks_;
    config::FilesByDirectory files_;
    config::GoodCopies copies_;          ///< the newest state that loaded
    config::GoodCopies on_disk_;         ///< what of it is kept already
    std::optional<crypto::Hash> known_;  ///< of the files, when they were last handed over
    std::optional<Doubt> doubt_;
    std::optional<MonoTime> first_hint_;
    std::map<std::string, std::vector<config::Diagnostic>> repairs_;  ///< by directory; not told yet
    bool asked_ = false;
    bool forced_ = false;  ///< look whatever the stamp says
    bool looking_ = false;
    bool saving_ = false;
    bool unsaved_ = false;
    bool stopped_ = false;
    std::shared_ptr<int> alive_ = std::make_shared<int>();  ///< what comes back from a worker after our end finds it gone
};

}  // namespace meshmon::node
