#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace meshmon {

/// An expected failure: what a caller, a peer or a person did, never a mistake of ours (that is MM_CHECK).
struct Error {
    std::string_view code;  ///< stable word, `module.what`, a string literal; for counters, tests and the API
    std::string message;    ///< one sentence: what failed, where and why
    std::string hint;       ///< how to mend it, a command where there is one; may be empty
};

/// A value or an Error. Not to be ignored.
template <typename T = void>
class [[nodiscard]] Result : public std::expected<T, Error> {
public:
    using std::expected<T, Error>::expected;
    Result(Error error) : std::expected<T, Error>(std::unexpected(std::move(error))) {}  // NOLINT: implicit by design
};

[[nodiscard]] inline Error fail(std::string_view code, std::string message, std::string hint = {}) {
    return Error{code, std::move(message), std::move(hint)};
}

}  // namespace meshmon
