#include "net/folder_watch.hpp"

#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cstring>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "net/asio.hpp"
#include "net/loop_impl.hpp"

namespace meshmon::net {
namespace {

constexpr std::uint32_t kChanges = IN_ATTRIB | IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MODIFY | IN_MOVED_FROM | IN_MOVED_TO |
                                   IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;
constexpr std::size_t kWritingMax = 1000;  // names remembered; more are forgotten, as if they were closed

}  // namespace

class FolderWatch::Impl : public std::enable_shared_from_this<FolderWatch::Impl> {
public:
    Impl(Loop& loop, std::function<void()> changed) : inotify_(loop.impl().io), changed_(std::move(changed)) {
        const int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
        if (fd >= 0) inotify_.assign(fd);
    }

    void set(const std::vector<std::filesystem::path>& folders) {
        if (!inotify_.is_open()) return;
        std::set<int> now;
        for (const auto& folder : folders) {
            const int watch = inotify_add_watch(inotify_.native_handle(), folder.c_str(), kChanges);
            if (watch >= 0) now.insert(watch);
        }
        for (const int watch : watches_) {
            if (!now.contains(watch)) inotify_rm_watch(inotify_.native_handle(), watch);
        }
        watches_ = std::move(now);
        std::erase_if(writing_, [this](const auto& file) { return !watches_.contains(file.first); });
    }

    [[nodiscard]] bool writing() const { return !writing_.empty(); }

    void await() {
        if (!inotify_.is_open()) return;
        inotify_.async_wait(asio::posix::stream_descriptor::wait_read, [weak = weak_from_this()](error_code error) {
            const auto self = weak.lock();
            if (error || !self) return;
            const bool changed = self->read();
            self->await();
            if (changed && self->changed_) self->changed_();
        });
    }

    void stop() {
        changed_ = nullptr;
        error_code ignored;
        inotify_.close(ignored);
    }

private:
    /// Takes in all that is there; whether there was anything.
    bool read() {
        alignas(inotify_event) std::array<char, 16 * 1024> buffer;
        bool any = false;
        while (true) {
            const ssize_t got = ::read(inotify_.native_handle(), buffer.data(), buffer.size());
            if (got <= 0) return any;
            for (std::size_t at = 0; at < static_cast<std::size_t>(got);) {
                inotify_event event{};
                std::memcpy(&event, buffer.data() + at, sizeof event);
                const char* name = buffer.data() + at + sizeof event;
                note(event, event.len > 0 ? std::string(name) : std::string());
                at += sizeof event + event.len;
                any = any || (event.mask & IN_IGNORED) == 0;
            }
        }
    }

    void note(const inotify_event& event, std::string name) {
        if ((event.mask & IN_Q_OVERFLOW) != 0) writing_.clear();  // a close may be among what was lost
        if ((event.mask & IN_MODIFY) != 0 && writing_.size() < kWritingMax) writing_.emplace(event.wd, std::move(name));
        else if ((event.mask & (IN_CLOSE_WRITE | IN_DELETE | IN_MOVED_FROM)) != 0) writing_.erase({event.wd, name});
        if ((event.mask & IN_IGNORED) != 0) watches_.erase(event.wd);
    }

    asio::posix::stream_descriptor inotify_;
    std::function<void()> changed_;
    std::set<int> watches_;
    std::set<std::pair<int, std::string>> writing_;
};

FolderWatch::FolderWatch(Loop& loop, std::function<void()> changed) : impl_(std::make_shared<Impl>(loop, std::move(changed))) {
    impl_->await();
}

FolderWatch::~FolderWatch() { impl_->stop(); }

void FolderWatch::set(const std::vector<std::filesystem::path>& folders) { impl_->set(folders); }

bool FolderWatch::writing() const { return impl_->writing(); }

}  // namespace meshmon::net
