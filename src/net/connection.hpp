#pragma once

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <memory>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "net/asio.hpp"

namespace meshmon::net {

namespace ssl = asio::ssl;

/// A client's connection, plain or TLS. The two heavy kinds of stream are compiled here alone.
class Connection {
public:
    explicit Connection(tcp::socket socket);

    /// Turns it into TLS and checks that the other side is `host`. After a failure the connection is of no use.
    asio::awaitable<error_code> handshake(ssl::context& context, std::string host);

    /// After a failed handshake: what to tell people.
    [[nodiscard]] std::string handshake_problem(error_code error) const;

    /// The memory behind the buffers must live until the awaitable has ended.
    asio::awaitable<IoResult> read_some(asio::mutable_buffer buffer);
    asio::awaitable<IoResult> write(std::array<asio::const_buffer, 2> pieces);

    /// Whether the other side has closed it, or sent what nobody asked for, while it was idle. One system call.
    [[nodiscard]] bool is_stale();

    void close();

private:
    tcp::socket socket_;
    std::optional<ssl::stream<tcp::socket&>> tls_;
};

/// Verifies other sides by the authorities in `ca_file`, or the system's if that is empty. Loading these takes some
/// milliseconds and megabytes. Errors: net.tls.
Result<std::unique_ptr<ssl::context>> make_tls_context(const std::string& ca_file);

}  // namespace meshmon::net
