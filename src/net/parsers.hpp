#pragma once

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <cstddef>
#include <string>

#include "http/message.hpp"
#include "net/asio.hpp"

namespace meshmon::net {

namespace beast = boost::beast;

/// What both directions share: a limit for the body that may change while it comes, and where the body goes.
///
/// Fills our own message types straight from Beast's callbacks, so that no header is stored twice.
template <bool is_request>
class MessageParser : public beast::http::basic_parser<is_request> {
public:
    explicit MessageParser(std::size_t header_max);

    /// Parses from `buffer` and consumes what was understood: up to the end of the header, then up to the end of the
    /// message. True if it needs more bytes. `error` is set if this is not a message, or over a limit.
    bool take(beast::flat_buffer& buffer, error_code& error);

    void body_max(std::size_t limit) { body_max_ = limit; }
    [[nodiscard]] std::size_t body_size() const { return body_size_; }

protected:
    virtual void on_head_field(std::string_view name, std::string_view value) = 0;
    virtual void on_body_begin(std::size_t) {}
    virtual bool on_body_piece(std::string_view piece) = 0;  ///< false: nobody wants more

    int version_ = 11;

private:
    // Beast's interface
    void on_field_impl(beast::http::field field, beast::string_view name, beast::string_view value, error_code& error) override;
    void on_header_impl(error_code& error) override;
    void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code& error) override;
    std::size_t on_body_impl(beast::string_view piece, error_code& error) override;
    std::size_t on_chunk_body_impl(std::uint64_t rest, beast::string_view piece, error_code& error) override;
    void on_chunk_header_impl(std::uint64_t, beast::string_view, error_code&) override {}
    void on_finish_impl(error_code&) override {}

    bool head_done_ = false;
    bool has_length_ = false;
    bool has_coding_ = false;
    std::size_t head_left_;
    std::size_t body_max_ = 0;
    std::size_t body_size_ = 0;
};

class RequestParser : public MessageParser<true> {
public:
    using MessageParser::MessageParser;

    http::Request request;
    std::string target;

    [[nodiscard]] int version() const { return version_; }

private:
    void on_request_impl(beast::http::verb verb, beast::string_view, beast::string_view text, int version, error_code&) override;
    void on_response_impl(int, beast::string_view, int, error_code&) override {}
    void on_head_field(std::string_view name, std::string_view value) override;
    void on_body_begin(std::size_t size) override { request.body.reserve(size); }
    bool on_body_piece(std::string_view piece) override;
};

class ResponseParser : public MessageParser<false> {
public:
    /// `on_chunk`, if set, takes the body's pieces, which are then not kept.
    ResponseParser(std::size_t header_max, const std::function<bool(std::string_view)>* on_chunk)
        : MessageParser(header_max), on_chunk_(on_chunk) {}

    http::Response response;

private:
    void on_request_impl(beast::http::verb, beast::string_view, beast::string_view, int, error_code&) override {}
    void on_response_impl(int status, beast::string_view, int version, error_code&) override;
    void on_head_field(std::string_view name, std::string_view value) override;
    void on_body_begin(std::size_t size) override;
    bool on_body_piece(std::string_view piece) override;

    const std::function<bool(std::string_view)>* on_chunk_;
};

}  // namespace meshmon::net
