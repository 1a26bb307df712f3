#include "net/client.hpp"

#include <utility>

#include "net/exchange.hpp"
#include "net/loop_impl.hpp"

namespace meshmon::net {

std::string_view to_string(Failure failure) {
    switch (failure) {
        case Failure::dns: return "dns";
        case Failure::connect: return "connect";
        case Failure::timeout: return "timeout";
        case Failure::tls: return "tls";
        case Failure::http: return "http";
    }
    return "http";
}

class HttpClient::Impl {
public:
    Impl(Loop& loop, Options options) : core_(std::make_shared<ClientCore>(loop, loop.impl().io, std::move(options))) {}

    RequestId start(ClientRequest request, Done done) {
        const RequestId id = next_++;
        if (stopped_) return id;
        ++core_->counters.started;
        const auto exchange = std::make_shared<Exchange>(core_, id, std::move(request), std::move(done));
        core_->active.emplace(id, exchange);
        core_->tasks.spawn(Exchange::run(exchange), [weak = std::weak_ptr(exchange)] {
            if (const auto alive = weak.lock()) alive->cancel();
        });
        return id;
    }

    void cancel(RequestId id) {
        const auto found = core_->active.find(id);
        if (found != core_->active.end()) found->second->cancel();
    }

    void stop(std::function<void()> joined) {
        stopped_ = true;
        core_->tasks.stop(std::move(joined));
        core_->resolver.reset();
        core_->pool->clear();
    }

    [[nodiscard]] Counters counters() const {
        Counters counters = core_->counters;
        counters.active = core_->active.size();
        counters.idle = core_->pool->size();
        return counters;
    }

private:
    std::shared_ptr<ClientCore> core_;
    RequestId next_ = 1;
    bool stopped_ = false;
};

HttpClient::HttpClient(Loop& loop, Options options) : impl_(std::make_unique<Impl>(loop, std::move(options))) {}

HttpClient::~HttpClient() { impl_->stop({}); }

HttpClient::RequestId HttpClient::start(ClientRequest request, Done done) {
    return impl_->start(std::move(request), std::move(done));
}

void HttpClient::cancel(RequestId id) { impl_->cancel(id); }

void HttpClient::stop(std::function<void()> joined) { impl_->stop(std::move(joined)); }

HttpClient::Counters HttpClient::counters() const { return impl_->counters(); }

}  // namespace meshmon::net
