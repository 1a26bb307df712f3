#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

/// Members of an answer that may be absent, null or of another kind, because another version of meshmon may have written it:
/// each reads as nothing then.
namespace meshmon::cli {

[[nodiscard]] std::string read_text(const boost::json::object& object, std::string_view name);
[[nodiscard]] std::optional<double> read_number(const boost::json::object& object, std::string_view name);
[[nodiscard]] std::size_t read_count(const boost::json::object& object, std::string_view name);
[[nodiscard]] bool read_flag(const boost::json::object& object, std::string_view name, bool otherwise = false);

/// Empty ones for what is not there. The references live as long as `object`.
[[nodiscard]] const boost::json::object& read_object(const boost::json::object& object, std::string_view name);
[[nodiscard]] const boost::json::array& read_array(const boost::json::object& object, std::string_view name);

[[nodiscard]] std::vector<std::string> read_texts(const boost::json::array& array);

}  // namespace meshmon::cli
