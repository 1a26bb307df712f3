#include "net/parsers.hpp"

#include <algorithm>
#include <utility>

namespace meshmon::net {
namespace {

std::string_view std_view(beast::string_view text) { return {text.data(), text.size()}; }

http::Method to_method(beast::http::verb verb) {
    using beast::http::verb;
    if (verb == verb::get) return http::Method::get;
    if (verb == verb::head) return http::Method::head;
    if (verb == verb::post) return http::Method::post;
    if (verb == verb::put) return http::Method::put;
    if (verb == verb::delete_) return http::Method::del;
    if (verb == verb::options) return http::Method::options;
    return http::Method::other;
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return out;
}

}  // namespace

template <bool is_request>
MessageParser<is_request>::MessageParser(std::size_t header_max) : head_left_(header_max) {
    this->header_limit(static_cast<std::uint32_t>(header_max));
    this->body_limit(boost::none);  // ours can change while the body comes
}

template <bool is_request>
bool MessageParser<is_request>::take(beast::flat_buffer& buffer, error_code& error) {
    this->eager(head_done_);
    const std::size_t used = this->put(buffer.data(), error);
    buffer.consume(used);
    const bool more = error == beast::http::error::need_more;
    if (more) error = {};
    if (!head_done_) {
        // Beast's own limit counts one call at a time.
        if (used > head_left_ || (more && buffer.size() >= head_left_ - used)) error = beast::http::error::header_limit;
        head_left_ -= std::min(used, head_left_);
    }
    return more || !this->is_done();
}

template <bool is_request>
void MessageParser<is_request>::on_field_impl(beast::http::field field, beast::string_view name, beast::string_view value,
                                              error_code& error) {
    if (head_done_) return;  // trailers: nobody here uses them
    using beast::http::field;
    // Two lengths, or a length and a coding, are how one request is smuggled inside another. Beast lets some pass.
    if (field == field::content_length) {
        if (std::exchange(has_length_, true) || has_coding_ || value.find(',') != beast::string_view::npos)
            error = beast::http::error::bad_content_length;
    } else if (field == field::transfer_encoding) {
        if (std::exchange(has_coding_, true) || has_length_ || version_ < 11 || !beast::iequals(value, "chunked"))
            error = beast::http::error::bad_transfer_encoding;
    }
    if (!error) on_head_field(std_view(name), std_view(value));
}

template <bool is_request>
void MessageParser<is_request>::on_header_impl(error_code&) {
    head_done_ = true;
}

template <bool is_request>
void MessageParser<is_request>::on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code& error) {
    if (!length) return;
    if (*length > body_max_) error = beast::http::error::body_limit;
    else on_body_begin(static_cast<std::size_t>(*length));
}

template <bool is_request>
std::size_t MessageParser<is_request>::on_body_impl(beast::string_view piece, error_code& error) {
    if (piece.size() > body_max_ - std::min(body_max_, body_size_)) {
        error = beast::http::error::body_limit;
        return 0;
    }
    body_size_ += piece.size();
    if (!on_body_piece(std_view(piece))) error = beast::http::error::end_of_stream;
    return piece.size();
}

template <bool is_request>
std::size_t MessageParser<is_request>::on_chunk_body_impl(std::uint64_t, beast::string_view piece, error_code& error) {
    return on_body_impl(piece, error);
}

template class MessageParser<true>;
template class MessageParser<false>;

void RequestParser::on_request_impl(beast::http::verb verb, beast::string_view, beast::string_view text, int version,
                                    error_code&) {
    request.method = to_method(verb);
    target.assign(text.data(), text.size());
    version_ = version;
}

void RequestParser::on_head_field(std::string_view name, std::string_view value) {
    request.headers.try_emplace(lower(name), value);
}

bool RequestParser::on_body_piece(std::string_view piece) {
    request.body.append(piece);
    return true;
}

void ResponseParser::on_response_impl(int status, beast::string_view, int version, error_code&) {
    response.status = status;
    version_ = version;
}

void ResponseParser::on_head_field(std::string_view name, std::string_view value) { response.headers.emplace_back(name, value); }

void ResponseParser::on_body_begin(std::size_t size) {
    if (on_chunk_ == nullptr) response.body.reserve(size);
}

bool ResponseParser::on_body_piece(std::string_view piece) {
    if (on_chunk_ != nullptr) return (*on_chunk_)(piece);
    response.body.append(piece);
    return true;
}

}  // namespace meshmon::net
