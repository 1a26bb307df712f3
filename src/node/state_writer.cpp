#include "node/state_writer.hpp"

#include <algorithm>
#include <utility>

#include "config/write_whole.hpp"
#include "node/state_file.hpp"

namespace meshmon::node {

class StateWriter::Impl : public std::enable_shared_from_this<StateWriter::Impl> {
public:
    Impl(net::Loop& loop, std::filesystem::path file, Saved saved, Trouble trouble)
        : loop_(loop), file_(std::move(file)), saved_(std::move(saved)), trouble_(std::move(trouble)), retry_(loop) {}

    void save(std::uint64_t ticket, Bytes content) {
        waiting_ = State{ticket, std::move(content)};
        if (!writing_ && !failed_) write();
    }

    [[nodiscard]] bool idle() const { return !writing_ && !waiting_; }

    void stop() { retry_.cancel(); }

private:
    struct State {
        std::uint64_t ticket = 0;
        Bytes content;
    };

    void write() {
        const auto work = [file = file_, content = waiting_->content] {
            return config::write_whole(file, to_state_file(content), 0600);
        };
        const auto done = [weak = weak_from_this(), ticket = waiting_->ticket](const Result<>& result) {
            if (const auto self = weak.lock()) self->written(ticket, result);
        };
        writing_ = loop_.run_blocking(work, done);
        if (!writing_) failed("too much is waiting for the disk");
    }

    void written(std::uint64_t ticket, const Result<>& result) {
        writing_ = false;
        if (!result) {
            failed(result.error().hint.empty() ? result.error().message
                                               : result.error().message + " (" + result.error().hint + ")");
            return;
        }
        if (waiting_ && waiting_->ticket == ticket) waiting_.reset();
        if (failed_) trouble_(std::nullopt);
        failed_ = false;
        backoff_ = kFirstBackoff;
        if (waiting_) write();
        saved_(ticket);
    }

    void failed(const std::string& why) {
        failed_ = true;
        retry_.set(net::Loop::now().mono + backoff_, [this] { write(); });
        backoff_ = std::min(backoff_ * 2, kLastBackoff);
        trouble_(why);
    }

    static constexpr Duration kFirstBackoff = std::chrono::seconds(1);
    static constexpr Duration kLastBackoff = std::chrono::seconds(30);

    net::Loop& loop_;
    std::filesystem::path file_;
    Saved saved_;
    Trouble trouble_;
    net::Timer retry_;
    std::optional<State> waiting_;  // the newest; stays until it is durable, so that a retry has it
    bool writing_ = false;
    bool failed_ = false;
    Duration backoff_ = kFirstBackoff;
};

StateWriter::StateWriter(net::Loop& loop, std::filesystem::path file, Saved saved, Trouble trouble)
    : impl_(std::make_shared<Impl>(loop, std::move(file), std::move(saved), std::move(trouble))) {}

StateWriter::~StateWriter() { impl_->stop(); }

void StateWriter::save(std::uint64_t ticket, Bytes content) { impl_->save(ticket, std::move(content)); }

bool StateWriter::idle() const { return impl_->idle(); }

}  // namespace meshmon::node
