#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include "config/config.hpp"
#include "config/text.hpp"
#include "config/url.hpp"

namespace meshmon::config {

namespace {

namespace urls = boost::urls;

constexpr std::size_t kUrlMax = 2048;
constexpr std::string_view kExample = "write it like https://host.example.com:8000";

Error url_error(std::string_view text, std::string_view why, std::string hint = std::string(kExample)) {
    return fail("config.url", fmt::format("{} is no usable URL: {}", in_quotes(text), why), std::move(hint));
}

std::string_view view_of(urls::string_view text) { return {text.data(), text.size()}; }

std::string without_quotes(const std::string& text) { return text.substr(1, text.size() - 2); }

bool has_scheme(std::string_view text) { return text.contains("://"); }

/// Boost's own number wraps above 65535.
bool has_usable_port(const urls::url_view& url) {
    const std::string_view digits = view_of(url.port());
    std::uint16_t port = 0;
    const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    return failed == std::errc() && end == digits.data() + digits.size() && port != 0;
}

/// What every URL of ours must be: well formed, http or https, a host, a port that exists, no user.
Result<urls::url_view> parse_http(std::string_view text) {
    if (text.size() > kUrlMax) return url_error(text, fmt::format("it has more than {} characters", kUrlMax));
    if (!has_scheme(text)) {
        return url_error(text, "http:// or https:// is missing", "did you mean http://" + without_quotes(in_quotes(text)) + "?");
    }
    const auto parsed = urls::parse_uri({text.data(), text.size()});
    if (parsed.has_error()) return url_error(text, "it is not well formed");
    const urls::url_view url = parsed.value();
    if (url.scheme_id() != urls::scheme::http && url.scheme_id() != urls::scheme::https) {
        return url_error(text, fmt::format("'{}' is neither http nor https", view_of(url.scheme())));
    }
    if (url.encoded_host().empty()) return url_error(text, "the host is missing");
    if (url.has_userinfo()) return url_error(text, "user and password do not belong here");
    if (url.has_port() && !has_usable_port(url)) return url_error(text, "the port must be 1 to 65535");
    return url;
}

}  // namespace

Result<std::string> parse_peer_url(std::string_view text) {
    const Result<urls::url_view> url = parse_http(text);
    if (!url) return url.error();
    if (url->has_query()) return url_error(text, "it must end before the '?'");
    if (url->has_fragment()) return url_error(text, "it must end before the '#'");
    while (text.ends_with('/')) text.remove_suffix(1);
    return std::string(text);
}

Result<void> check_target_url(std::string_view text) {
    const Result<urls::url_view> url = parse_http(text);
    if (!url) return url.error();
    return {};
}

namespace {

/// user@host:path, as ssh and git write it; absent if it is not of that form.
bool is_scp_form(std::string_view text) {
    const std::size_t colon = text.find(':');
    const std::size_t at = text.find('@');
    if (at == std::string_view::npos || colon == std::string_view::npos || at == 0 || at > colon) return false;
    const std::string_view host = text.substr(at + 1, colon - at - 1);
    return !host.empty() && !host.starts_with('-') && !host.contains('/') && colon + 1 < text.size() &&
           !text.substr(colon).starts_with("::");
}

bool has_space_or_control(std::string_view text) {
    for (const char c : text) {
        if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7F) return true;
    }
    return false;
}

}  // namespace

namespace {

/// For messages, whatever else is wrong with the URL: what may be a secret in front of '@' goes.
std::string without_password(std::string_view text) {
    const std::size_t at = text.rfind('@');
    const std::size_t mark = text.find("://");
    const std::size_t begin = mark == std::string_view::npos ? 0 : mark + 3;
    if (at == std::string_view::npos || at < begin || !text.substr(begin, at - begin).contains(':')) return std::string(text);
    return fmt::format("{}***{}", text.substr(0, begin), text.substr(at));
}

/// git's own daemon has neither certificate nor host key.
Error refuse_git_daemon(std::string_view text, const urls::url_view& url) {
    const std::string rest = fmt::format("{}{}", view_of(url.encoded_host()), view_of(url.encoded_path()));
    return fail(
        "config.git_url",
        fmt::format("{} is no usable repository: with git:// nothing proves who answers", in_quotes(without_password(text))),
        fmt::format("take https or ssh: https://{} or ssh://git@{}", rest, rest));
}

}  // namespace

Result<std::string> parse_git_url(std::string_view text) {
    const auto refuse = [text](std::string_view why) {
        return fail("config.git_url", fmt::format("{} is no usable repository: {}", in_quotes(without_password(text)), why),
                    "write it like https://git.example.com/team/meshmon.git");
    };
    if (text.empty() || text.size() > kUrlMax) return refuse(fmt::format("it must have 1 to {} characters", kUrlMax));
    if (text.starts_with('-')) return refuse("it begins with '-'");
    if (has_space_or_control(text)) return refuse("it holds a space or a control character");
    if (!has_scheme(text)) {
        if (is_scp_form(text)) return std::string(text);
        return refuse("https://, http://, ssh:// or file:// is missing");
    }
    const auto parsed = urls::parse_uri({text.data(), text.size()});
    if (parsed.has_error()) return refuse("it is not well formed");
    const urls::url_view url = parsed.value();
    const std::string_view scheme = view_of(url.scheme());
    if (scheme == "git" && !url.encoded_host().empty()) return refuse_git_daemon(text, url);
    if (scheme != "https" && scheme != "http" && scheme != "ssh" && scheme != "file") {
        return refuse(fmt::format("'{}' is none of https, http, ssh, file", scheme));
    }
    if (scheme != "file" && url.encoded_host().empty()) return refuse("the host is missing");
    if (view_of(url.encoded_host()).starts_with('-')) return refuse("its host begins with '-'");
    if (!url.port().empty() && !has_usable_port(url)) return refuse("the port must be 1 to 65535");
    if (url.has_password()) {
        return fail("config.git_url",
                    fmt::format("{} holds a password, which does not belong into a configuration file",
                                in_quotes(without_password(text))),
                    "put a token into .git_tokens/<directory> beside the node file, or into the variable MESHMON_GIT_TOKEN");
    }
    return std::string(text);
}

std::string cover_passwords(std::string line) {
    constexpr std::string_view kEnds = " \t\"'";  // not '/': an unquoted one in a password must not uncover the rest
    std::size_t at = 0;
    while ((at = line.find("://", at)) != std::string::npos) {
        at += 3;
        const std::size_t end = std::min(line.find_first_of(kEnds, at), line.size());
        const std::size_t user_end = line.find(':', at);
        const std::size_t host = line.rfind('@', end);
        if (user_end >= end || host == std::string::npos || host < user_end) continue;
        std::string covered;
        for (const char c : line.substr(user_end + 1, host - user_end - 1)) {
            if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) covered += '*';  // one for a character
        }
        line.replace(user_end + 1, host - user_end - 1, covered);
    }
    return line;
}

}  // namespace meshmon::config
