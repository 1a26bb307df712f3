#include "repo/child.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <string_view>
#include <system_error>

#include "config/descriptor.hpp"

namespace meshmon::repo {
namespace {

using config::Descriptor;

constexpr std::size_t kErrorsKept = std::size_t{16} * 1024;
constexpr auto kMercy = std::chrono::milliseconds(700);  // between the polite and the final signal

struct Pipe {
    Descriptor read;
    Descriptor write;
};

Result<Pipe> make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
        return fail("repo.spawn", "cannot make a pipe: " + std::generic_category().message(errno));
    return Pipe{Descriptor(ends[0]), Descriptor(ends[1])};
}

/// The child's standard input, as a file: it can be read at any pace, and nobody has to write meanwhile.
Result<Descriptor> make_input(const std::string& bytes) {
    Descriptor file(::memfd_create("meshmon-input", MFD_CLOEXEC));
    std::string_view rest = bytes;
    while (file.valid() && !rest.empty()) {
        const ssize_t put = ::write(file.get(), rest.data(), rest.size());
        if (put > 0) rest.remove_prefix(static_cast<std::size_t>(put));
        else if (errno != EINTR) break;
    }
    if (file.valid() && rest.empty() && ::lseek(file.get(), 0, SEEK_SET) == 0) return file;
    return fail("repo.spawn", "cannot hand over the input: " + std::generic_category().message(errno));
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> out;
    for (std::string& text : texts) out.push_back(text.data());
    out.push_back(nullptr);
    return out;
}

/// Everything that the child needs between fork and exec, made before: there it may not allocate.
struct Launch {
    explicit Launch(const ChildOptions& options) : program(options.program.string()), folder(options.folder.string()) {
        arguments.push_back(program);
        arguments.insert(arguments.end(), options.arguments.begin(), options.arguments.end());
        environment = options.environment;
        argv = pointers(arguments);
        envp = pointers(environment);
        file_max = options.file_max;
        memory_max = options.memory_max;
    }
    Launch(const Launch&) = delete;
    Launch& operator=(const Launch&) = delete;

    std::string program;
    std::string folder;
    std::vector<std::string> arguments;
    std::vector<std::string> environment;
    std::vector<char*> argv;
    std::vector<char*> envp;
    rlim_t file_max = 0;
    rlim_t memory_max = 0;
};

void limit(int which, rlim_t value) {
    const rlimit both{value, value};
    ::setrlimit(static_cast<__rlimit_resource_t>(which), &both);
}

/// In the child: async-signal-safe calls alone. Never returns.
[[noreturn]] void become(const Launch& launch, int in, int out, int err, int failure) {
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);  // a daemon that is killed leaves no git behind
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::signal(SIGPIPE, SIG_DFL);
    ::signal(SIGHUP, SIG_DFL);
    limit(RLIMIT_FSIZE, launch.file_max);
    limit(RLIMIT_AS, launch.memory_max);
    limit(RLIMIT_CORE, 0);
    constexpr int kFirstFree = 3;
    constexpr int kFailure = kFirstFree;
    bool fine = ::dup2(in, 0) == 0 && ::dup2(out, 1) == 1 && ::dup2(err, 2) == 2;
    fine = fine && (failure == kFailure || ::dup2(failure, kFailure) == kFailure) && ::fcntl(kFailure, F_SETFD, FD_CLOEXEC) == 0;
    fine = fine && ::close_range(kFailure + 1, ~0U, 0) == 0 && ::chdir(launch.folder.c_str()) == 0;
    if (fine) ::execve(launch.program.c_str(), launch.argv.data(), launch.envp.data());
    const int error = errno;
    (void)!::write(kFailure, &error, sizeof error);
    ::_exit(127);
}

void make_nonblocking(const Descriptor& descriptor) { ::fcntl(descriptor.get(), F_SETFL, O_NONBLOCK); }

/// The parent's side of a running child.
class Running {
public:
    Running(pid_t pid, int pidfd, Pipe out, Pipe err)
        : pid_(pid), pidfd_(pidfd), out_(std::move(out.read)), err_(std::move(err.read)) {
        make_nonblocking(out_);
        make_nonblocking(err_);
    }

    ChildResult finish(const ChildOptions& options, const Stop& stop) {
        output_max_ = options.output_max;
        while (!exited_ && !give_up_) wait(options.deadline, stop);
        if (!exited_) end();
        ::kill(-pid_, SIGKILL);  // whoever of its group is left; the leader is not reaped yet, so the number is still its own
        reap();
        read_errors();
        if (!give_up_) read_output();
        if (give_up_) result_.end = *give_up_;
        return std::move(result_);
    }

private:
    void wait(Deadline deadline, const Stop& stop) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
        if (left.count() <= 0) return give_up(ChildResult::End::deadline);
        std::array<pollfd, 4> watched{{{pidfd_.get(), POLLIN, 0},
                                       {stop.descriptor(), POLLIN, 0},
                                       {out_.valid() ? out_.get() : -1, POLLIN, 0},
                                       {err_.valid() ? err_.get() : -1, POLLIN, 0}}};
        const int timeout = static_cast<int>(std::min<std::chrono::milliseconds::rep>(left.count(), 60'000));
        if (::poll(watched.data(), watched.size(), timeout) < 0) return;
        if (watched[2].revents != 0) read_output();
        if (watched[3].revents != 0) read_errors();
        if (stop.requested()) return give_up(ChildResult::End::stopped);
        exited_ = watched[0].revents != 0;
    }

    void give_up(ChildResult::End why) {
        if (!give_up_) give_up_ = why;
    }

    /// git removes its temporary files and locks at a polite signal.
    void end() {
        ::kill(-pid_, SIGTERM);
        const Deadline last = std::chrono::steady_clock::now() + kMercy;
        while (!exited_) {
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(last - std::chrono::steady_clock::now());
            if (left.count() <= 0) break;
            pollfd watched{pidfd_.get(), POLLIN, 0};
            exited_ = ::poll(&watched, 1, static_cast<int>(left.count())) > 0;
        }
    }

    void reap() {
        int status = 0;
        while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) continue;
        result_.end = WIFSIGNALED(status) ? ChildResult::End::signalled : ChildResult::End::exited;
        result_.code = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
    }

    /// Whether there was something.
    static bool read_some(Descriptor& from, std::string& into) {
        if (!from.valid()) return false;
        std::array<char, 65536> buffer;
        const ssize_t got = ::read(from.get(), buffer.data(), buffer.size());
        if (got > 0) into.append(buffer.data(), static_cast<std::size_t>(got));
        else if (got == 0 || (errno != EAGAIN && errno != EINTR)) from.close();
        return got > 0;
    }

    void read_output() {
        while (result_.output.size() <= output_max_ && read_some(out_, result_.output)) continue;
        if (result_.output.size() <= output_max_) return;
        result_.output.clear();
        give_up(ChildResult::End::too_much);
    }

    void read_errors() {
        constexpr int kReads = 64;  // an endless talker must not keep us here
        for (int i = 0; i < kReads && read_some(err_, result_.errors); ++i) {
            if (result_.errors.size() > kErrorsKept) result_.errors.erase(0, result_.errors.size() - kErrorsKept);
        }
    }

    pid_t pid_;
    Descriptor pidfd_;
    Descriptor out_;
    Descriptor err_;
    std::size_t output_max_ = 0;
    bool exited_ = false;
    std::optional<ChildResult::End> give_up_;
    ChildResult result_;
};

Error spawn_error(const std::filesystem::path& program, int error) {
    return fail("repo.spawn", fmt::format("cannot run {}: {}", program.string(), std::generic_category().message(error)));
}

}  // namespace

Result<ChildResult> run_child(const ChildOptions& options, const Stop& stop) {
    Result<Descriptor> in = make_input(options.input);
    if (!in) return in.error();
    Result<Pipe> out = make_pipe();
    Result<Pipe> err = make_pipe();
    Result<Pipe> failure = make_pipe();
    for (const Result<Pipe>* each : {&out, &err, &failure}) {
        if (!*each) return each->error();
    }
    const Launch launch(options);
    const pid_t pid = ::fork();
    if (pid < 0) return spawn_error(options.program, errno);
    if (pid == 0) become(launch, in->get(), out->write.get(), err->write.get(), failure->write.get());
    ::setpgid(pid, pid);  // here too: whoever is first, the group exists before it is signalled
    in->close();
    out->write.close();
    err->write.close();
    failure->write.close();
    // By its number: the header of glibc 2.36 declares the function for C alone.
    const int pidfd = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
    int error = pidfd < 0 ? errno : 0;
    if (error == 0 && ::read(failure->read.get(), &error, sizeof error) != sizeof error) error = 0;
    if (error != 0) {
        ::kill(-pid, SIGKILL);
        while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) continue;
        return spawn_error(options.program, error);
    }
    return Running(pid, pidfd, *std::move(out), *std::move(err)).finish(options, stop);
}

}  // namespace meshmon::repo
