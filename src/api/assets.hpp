#pragma once

#include <span>
#include <string_view>

namespace meshmon::api {

/// A file inside the program. The views last as long as the process, and cost memory only where they are read.
struct Asset {
    std::string_view name;  ///< last component of its path
    std::string_view content_type;
    std::string_view plain;
    std::string_view plain_etag;  ///< strong, with its quotes
    std::string_view gzip;        ///< empty where packing saves little
    std::string_view gzip_etag;
};

/// /docs: Swagger UI, its page and its licences. Written by tools/embed.py.
[[nodiscard]] std::span<const Asset> docs_assets();

/// openapi.json. Written by tools/embed.py.
[[nodiscard]] std::span<const Asset> openapi_assets();

}  // namespace meshmon::api
