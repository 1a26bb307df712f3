#include "cli/json_text.hpp"

#include "api/json_writer.hpp"

namespace meshmon::cli {
namespace {

namespace json = boost::json;

constexpr int kDecimals = 6;

// As deep as the parser let it become: 32 levels.
void write(const json::value& value, api::JsonWriter& writer) {
    switch (value.kind()) {
        case json::kind::null: return writer.null();
        case json::kind::bool_: return writer.value(value.get_bool());
        case json::kind::int64: return writer.value(value.get_int64());
        case json::kind::uint64: return writer.value(value.get_uint64());
        case json::kind::double_: return writer.number(value.get_double(), kDecimals);
        case json::kind::string: return writer.value(std::string_view(value.get_string()));
        case json::kind::array:
        case json::kind::object: break;
    }
    if (value.is_array()) {
        writer.begin_array();
        for (const json::value& each : value.get_array()) write(each, writer);
        return writer.end_array();
    }
    writer.begin_object();
    for (const auto& member : value.get_object()) {
        writer.key(member.key());
        write(member.value(), writer);
    }
    writer.end_object();
}

}  // namespace

std::string json_line(const boost::json::value& value) {
    api::JsonWriter writer;
    write(value, writer);
    return writer.take() + "\n";
}

}  // namespace meshmon::cli
