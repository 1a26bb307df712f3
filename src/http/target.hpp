#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace meshmon::http {

/// The decoded halves of a request target.
struct Target {
    std::string path;                          ///< begins with '/'
    std::map<std::string, std::string> query;  ///< of a repeated key the last value
};

/// Takes "/a/b%20c?x=1" or "http://host/a/b%20c?x=1" apart and decodes it.
///
/// Source: RFC 3986, RFC 9112 section 3.2. Limits: 64 query parameters.
/// Errors: http.target, for anything whose meaning could be disputed: broken escapes, bytes that are not UTF-8, control
/// characters, escaped slashes and backslashes in the path, "." and ".." as path components.
Result<Target> parse_target(std::string_view text);

}  // namespace meshmon::http
