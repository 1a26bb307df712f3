#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.hpp"
#include "base/time.hpp"

namespace meshmon::api {

/// Writes JSON straight into a string: no tree in between, numbers as people write them (84.2, not 8.42E1).
///
/// Source: RFC 8259.
/// Memory: the text alone, so a matrix of a million cells costs what it weighs on the wire.
/// Input: any bytes; what is not UTF-8 becomes U+FFFD, because names and texts come from peers.
/// Use: a member is key() and one value; commas come by themselves. Unbalanced brackets are our own mistake (MM_CHECK in take()).
class JsonWriter {
public:
    explicit JsonWriter(std::size_t expected_bytes = 1024) { text_.reserve(expected_bytes); }

    void begin_object() { open('{'); }
    void end_object() { close('}'); }
    void begin_array() { open('['); }
    void end_array() { close(']'); }
    void key(std::string_view name);

    void null();
    /// At most `decimals` (up to 6) digits after the point, no trailing zeros. Infinite and NaN become null.
    void number(double value, int decimals = 3);

    void value(std::string_view text);
    void value(const char* text) { value(std::string_view(text)); }
    void value(const std::string& text) { value(std::string_view(text)); }
    void value(std::same_as<bool> auto flag) { word(flag ? "true" : "false"); }
    void value(std::signed_integral auto number) { signed_number(number); }
    void value(std::unsigned_integral auto number)
        requires(!std::same_as<decltype(number), bool>)
    {
        unsigned_number(number);
    }
    void value(double number_) { number(number_); }
    void value(WallTime time) { value(to_rfc3339(time)); }
    template <typename Tag>
    void value(const Name<Tag>& name) {
        value(name.str());
    }
    template <typename T>
    void value(const std::optional<T>& optional) {
        if (optional) value(*optional);
        else null();
    }

    template <typename T>
    void member(std::string_view name, const T& content) {
        key(name);
        value(content);
    }

    /// The whole text; the writer is empty afterwards.
    [[nodiscard]] std::string take();

private:
    void open(char bracket);
    void close(char bracket);
    void separate();
    void word(std::string_view literal);
    void signed_number(std::int64_t number);
    void unsigned_number(std::uint64_t number);
    void escaped(std::string_view text);

    std::string text_;
    std::size_t depth_ = 0;
    bool comma_ = false;  ///< a value stands before what comes next
};

}  // namespace meshmon::api
