#pragma once

#include <unistd.h>

#include <cerrno>
#include <utility>

namespace meshmon::config {

/// Owns a file descriptor.
class Descriptor {
public:
    explicit Descriptor(int fd) : fd_(fd) {}
    ~Descriptor() { close(); }
    Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Descriptor& operator=(Descriptor&&) = delete;
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    [[nodiscard]] bool valid() const { return fd_ >= 0; }
    [[nodiscard]] int get() const { return fd_; }

    /// Closes it now; the system's error, or 0. errno stays as it was.
    int close() {
        if (fd_ < 0) return 0;
        const int before = errno;
        const int error = ::close(std::exchange(fd_, -1)) == 0 ? 0 : errno;
        errno = before;
        return error;
    }

private:
    int fd_;
};

}  // namespace meshmon::config
