#include "http/target.hpp"

#include <cstddef>
#include <optional>
#include <utility>

namespace meshmon::http {
namespace {

constexpr std::size_t kQueryMax = 64;  // more parameters than any route of ours has, by far

std::optional<unsigned> hex_digit(char c) {
    if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
    if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
    if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
    return std::nullopt;
}

/// Whether `text` is well-formed UTF-8 (RFC 3629): what we echo into JSON must be.
bool is_utf8(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        const auto lead = static_cast<unsigned char>(text[i++]);
        if (lead < 0x80) continue;
        const std::size_t more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
        if (lead < 0xc2 || lead > 0xf4 || text.size() - i < more) return false;
        const auto second = static_cast<unsigned char>(text[i]);
        const bool too_long = (lead == 0xe0 && second < 0xa0) || (lead == 0xf0 && second < 0x90);
        const bool too_large = (lead == 0xed && second > 0x9f) || (lead == 0xf4 && second > 0x8f);
        if (too_long || too_large) return false;
        for (std::size_t end = i + more; i < end; ++i)
            if ((static_cast<unsigned char>(text[i]) & 0xc0U) != 0x80) return false;
    }
    return true;
}

enum class Part { path, query };

std::optional<std::string> decode(std::string_view text, Part part) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        char c = text[i];
        const bool escaped = c == '%';
        if (escaped) {
            if (i + 2 >= text.size()) return std::nullopt;
            const auto high = hex_digit(text[i + 1]);
            const auto low = hex_digit(text[i + 2]);
            if (!high || !low) return std::nullopt;
            c = static_cast<char>(*high << 4U | *low);
            i += 2;
        } else if (c == '+' && part == Part::query) {
            c = ' ';
        }
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return std::nullopt;
        // A decoded slash would look like a separator to whoever splits the path after us.
        if (part == Part::path && (c == '\\' || (escaped && c == '/'))) return std::nullopt;
        out.push_back(c);
    }
    if (!is_utf8(out)) return std::nullopt;
    return out;
}

bool has_dot_component(std::string_view path) {
    while (!path.empty()) {
        path.remove_prefix(1);
        const std::string_view component = path.substr(0, path.find('/'));
        if (component == "." || component == "..") return true;
        path.remove_prefix(component.size());
    }
    return false;
}

bool parse_query(std::string_view text, std::map<std::string, std::string>& query) {
    std::size_t count = 0;
    while (!text.empty()) {
        const std::string_view pair = text.substr(0, text.find('&'));
        text.remove_prefix(pair.size() == text.size() ? pair.size() : pair.size() + 1);
        if (pair.empty()) continue;
        if (++count > kQueryMax) return false;
        const std::size_t equals = pair.find('=');
        auto key = decode(pair.substr(0, equals), Part::query);
        auto value = decode(equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1), Part::query);
        if (!key || !value) return false;
        query[std::move(*key)] = std::move(*value);
    }
    return true;
}

/// "http://host/path" to "/path"; a server must take both.
std::string_view without_authority(std::string_view text) {
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (!text.starts_with(scheme)) continue;
        text.remove_prefix(scheme.size());
        const std::size_t end = text.find_first_of("/?");
        return end == std::string_view::npos ? "/" : text.substr(end);
    }
    return text;
}

}  // namespace

Result<Target> parse_target(std::string_view text) {
    text = without_authority(text);
    text = text.substr(0, text.find('#'));
    const std::size_t mark = text.find('?');
    const std::string_view path = text.substr(0, mark);
    if (!path.starts_with('/') && !(path.empty() && mark == 0))
        return fail("http.target", "the request's path does not begin with '/'");

    auto decoded = decode(path.empty() ? "/" : path, Part::path);
    if (!decoded || has_dot_component(*decoded)) return fail("http.target", "the request's path has a form that is not accepted");
    Target target;
    target.path = std::move(*decoded);
    if (mark != std::string_view::npos && !parse_query(text.substr(mark + 1), target.query))
        return fail("http.target", "the request's query has a form that is not accepted");
    return target;
}

}  // namespace meshmon::http
