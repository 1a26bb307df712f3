#include "cli/json_reader.hpp"

#include <boost/json.hpp>

namespace meshmon::cli {

namespace json = boost::json;

std::string read_text(const json::object& object, std::string_view name) {
    const auto* found = object.if_contains(name);
    return found != nullptr && found->is_string() ? std::string(found->get_string()) : std::string();
}

std::optional<double> read_number(const json::object& object, std::string_view name) {
    const auto* found = object.if_contains(name);
    if (found == nullptr || !found->is_number()) return std::nullopt;
    return found->to_number<double>();
}

std::size_t read_count(const json::object& object, std::string_view name) {
    const auto* found = object.if_contains(name);
    if (found == nullptr) return 0;
    boost::system::error_code failed;
    const auto count = found->to_number<std::uint32_t>(failed);
    return failed ? 0 : count;
}

bool read_flag(const json::object& object, std::string_view name, bool otherwise) {
    const auto* found = object.if_contains(name);
    return found != nullptr && found->is_bool() ? found->get_bool() : otherwise;
}

const json::object& read_object(const json::object& object, std::string_view name) {
    static const json::object empty;
    const auto* found = object.if_contains(name);
    return found != nullptr && found->is_object() ? found->get_object() : empty;
}

const json::array& read_array(const json::object& object, std::string_view name) {
    static const json::array empty;
    const auto* found = object.if_contains(name);
    return found != nullptr && found->is_array() ? found->get_array() : empty;
}

std::vector<std::string> read_texts(const json::array& array) {
    std::vector<std::string> texts;
    for (const json::value& each : array) {
        if (each.is_string()) texts.emplace_back(each.get_string());
    }
    return texts;
}

}  // namespace meshmon::cli
