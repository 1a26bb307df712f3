#include "cli/setup_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "cli/json_reader.hpp"

namespace meshmon::cli {
namespace {

using boost::json::array;
using boost::json::object;

constexpr std::size_t kTextMax = 1000;

struct Mark {
    std::string_view unicode, ascii;
    Colour colour;
};

Mark mark_of(std::string_view state) {
    if (state == "done") return {"✓", "+", Colour::green};
    if (state == "failed") return {"✕", "x", Colour::red};
    if (state == "not_needed") return {"–", "-", Colour::grey};
    return {"…", "?", Colour::grey};
}

std::string clean(const object& step, std::string_view name, const Terminal& terminal) {
    return sanitise(read_text(step, name), terminal, kTextMax);
}

/// "✓ listed  ✓ url_set  ✕ resolves": all steps in a line.
std::string overview(const array& steps, const Terminal& terminal) {
    std::string out;
    for (const auto& value : steps) {
        if (!value.is_object()) continue;
        const object& step = value.get_object();
        const Mark mark = mark_of(read_text(step, "state"));
        const std::string text =
            fmt::format("{} {}", terminal.unicode ? mark.unicode : mark.ascii, clean(step, "name", terminal));
        out += fmt::format("{}{}", out.empty() ? "" : "  ", paint(text, mark.colour, terminal));
    }
    return out;
}

/// What is waited for where nothing failed: the steps behind it wait for the first.
std::string first_wait(const array& steps, const Terminal& terminal) {
    for (const auto& value : steps) {
        if (!value.is_object() || read_text(value.get_object(), "state") != "waiting") continue;
        const std::string what = clean(value.get_object(), "detail", terminal);
        if (what.empty()) return {};
        return fmt::format("    {} waits{} {}\n", clean(value.get_object(), "name", terminal),
                           what.starts_with("for ") ? "" : ":", what);
    }
    return {};
}

/// What each failed step found, and what to do: on which host, where that is not this one.
std::string remedies(const array& steps, std::string_view self, const Terminal& terminal) {
    std::string out;
    for (const auto& value : steps) {
        if (!value.is_object() || read_text(value.get_object(), "state") != "failed") continue;
        const object& step = value.get_object();
        out += fmt::format("    {}: {}\n", clean(step, "name", terminal), clean(step, "detail", terminal));
        const std::string host = clean(step, "host", terminal);
        const std::string remedy = sanitise_lines(read_text(step, "remedy"), terminal, "        ");
        if (remedy.empty()) continue;
        out += fmt::format("      {} {}{}\n", terminal.unicode ? "→" : "->",
                           host.empty() || host == self ? "" : fmt::format("on {}: ", host), remedy);
    }
    return out.empty() ? first_wait(steps, terminal) : out;
}

std::string section(std::string_view title, const object& owner, std::string_view self, const Terminal& terminal) {
    const array& steps = read_array(owner, "steps");
    return fmt::format("  {}  {}\n{}", title, overview(steps, terminal), remedies(steps, self, terminal));
}

std::size_t longest_name(const array& peers, const Terminal& terminal) {
    std::size_t width = 0;
    for (const auto& value : peers) {
        if (value.is_object()) width = std::max(width, columns(clean(value.get_object(), "node_id", terminal)));
    }
    return width;
}

std::string network_text(const object& network, const Terminal& terminal) {
    const array& peers = read_array(network, "peers");
    const std::size_t ready = static_cast<std::size_t>(
        std::ranges::count_if(peers, [](const auto& peer) { return peer.is_object() && read_flag(peer.get_object(), "ready"); }));
    const std::string id = clean(network, "network_id", terminal);
    std::string out =
        fmt::format("\n{}  {} of {} peers ready\n",
                    paint(id.empty() ? clean(network, "directory", terminal) : id, Colour::bold, terminal), ready, peers.size());
    const std::string self = clean(network, "node_id", terminal);
    const std::size_t width = std::max(longest_name(peers, terminal), columns(self) + std::string_view(" (this)").size());
    out += section(fmt::format("{:<{}}", self + " (this)", width), network, self, terminal);
    const std::string words = clean(network, "key_words", terminal);
    if (!words.empty()) out += fmt::format("    key {}\n    words {}\n", clean(network, "fingerprint", terminal), words);
    for (const auto& value : peers) {
        if (!value.is_object()) continue;
        const object& peer = value.get_object();
        out += section(fmt::format("{:<{}}", clean(peer, "node_id", terminal), width), peer, self, terminal);
    }
    return out;
}

}  // namespace

std::string setup_text(const object& setup, const Terminal& terminal) {
    std::string out = section("this node", setup, "", terminal);
    for (const auto& network : read_array(setup, "networks")) {
        if (network.is_object()) out += network_text(network.get_object(), terminal);
    }
    out += read_flag(setup, "complete") ? "\nAll is set up.\n" : "\n";
    return out;
}

}  // namespace meshmon::cli
