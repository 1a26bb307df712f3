#include "net/sync_client.hpp"

#include <optional>
#include <utility>

#include "net/loop.hpp"

namespace meshmon::net {
namespace {

ClientResult ask(ClientRequest request) {
    Loop loop;
    HttpClient client(loop, {});
    std::optional<ClientResult> result;
    client.start(std::move(request), [&](ClientResult value) {
        result = std::move(value);
        loop.stop();
    });
    loop.run();
    return std::move(*result);
}

}  // namespace

ClientResult fetch(const std::string& url, Duration timeout) {
    ClientRequest request;
    request.url = url;
    request.deadline = Loop::now().mono + timeout;
    return ask(std::move(request));
}

ClientResult fetch_stream(const std::string& url, Duration timeout, std::function<bool(std::string_view)> on_chunk) {
    ClientRequest request;
    request.url = url;
    request.deadline = Loop::now().mono + timeout;
    request.on_chunk = std::move(on_chunk);
    return ask(std::move(request));
}

}  // namespace meshmon::net
