#include "net/connection.hpp"

#include <fmt/format.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <sys/socket.h>

#include <boost/asio/write.hpp>
#include <cerrno>

#include "net/resolver.hpp"

namespace meshmon::net {

Connection::Connection(tcp::socket socket) : socket_(std::move(socket)) {
    error_code ignored;
    socket_.set_option(tcp::no_delay(true), ignored);
}

asio::awaitable<error_code> Connection::handshake(ssl::context& context, std::string host) {
    tls_.emplace(socket_, context);
    SSL* session = tls_->native_handle();
    bool set = false;
    if (is_address_literal(host)) set = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), host.c_str()) == 1;
    else set = SSL_set1_host(session, host.c_str()) == 1 && SSL_set_tlsext_host_name(session, host.c_str()) == 1;
    if (!set) co_return asio::error::invalid_argument;
    auto shaking = tls_->async_handshake(ssl::stream_base::client, kTuple);
    const auto shaken = co_await std::move(shaking);
    co_return std::get<0>(shaken);
}

std::string Connection::handshake_problem(error_code error) const {
    SSL* session = const_cast<ssl::stream<tcp::socket&>&>(*tls_).native_handle();
    const long verdict = SSL_get_verify_result(session);
    if (verdict != X509_V_OK) return fmt::format("its certificate is refused: {}", X509_verify_cert_error_string(verdict));
    return error.message();
}

asio::awaitable<IoResult> Connection::read_some(asio::mutable_buffer buffer) {
    if (tls_) return tls_->async_read_some(buffer, kTuple);
    return socket_.async_read_some(buffer, kTuple);
}

asio::awaitable<IoResult> Connection::write(std::array<asio::const_buffer, 2> pieces) {
    if (tls_) return asio::async_write(*tls_, pieces, kTuple);
    return asio::async_write(socket_, pieces, kTuple);
}

bool Connection::is_stale() {
    char byte = 0;
    const ssize_t size = recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (size > 0) return !tls_;  // TLS may bring session tickets at any time
    return size == 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
}

void Connection::close() {
    error_code ignored;
    socket_.close(ignored);
}

Result<std::unique_ptr<ssl::context>> make_tls_context(const std::string& ca_file) {
    error_code error;
    auto context = std::make_unique<ssl::context>(ssl::context::tls_client);
    context->set_verify_mode(ssl::verify_peer, error);
    SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
    if (ca_file.empty()) context->set_default_verify_paths(error);
    else context->load_verify_file(ca_file, error);
    if (error) return fail("net.tls", fmt::format("cannot load the certificate authorities: {}", error.message()));
    return context;
}

}  // namespace meshmon::net
