#include "cli/status_text.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/table.hpp"
#include "config/revision.hpp"

namespace meshmon::cli {
namespace {

constexpr std::size_t kObserversShown = 3;
constexpr std::size_t kNamesShown = 12;
constexpr std::size_t kRevisionShown = 7;

std::string_view dash(const Terminal& terminal) { return terminal.unicode ? "–" : "-"; }
std::string_view dot(const Terminal& terminal) { return terminal.unicode ? " · " : " | "; }
std::string_view arrow(const Terminal& terminal) { return terminal.unicode ? "→" : "->"; }

std::string_view glyph(const std::string& status, const Terminal& terminal) {
    if (status == "up") return terminal.unicode ? "●" : "*";
    if (status == "degraded") return terminal.unicode ? "◐" : "~";
    if (status == "down") return terminal.unicode ? "✕" : "x";
    return "?";
}

Colour colour_of(const NodeLine& node) {
    if (node.status == "down") return Colour::red;
    if (node.status == "degraded" || node.contested) return Colour::yellow;
    if (node.status == "up") return Colour::green;
    return Colour::grey;
}

std::string shorter(std::string_view revision, const Terminal& terminal) {
    return sanitise(revision.substr(0, kRevisionShown), terminal);
}

std::string milliseconds(double ms) { return ms < 10 ? fmt::format("{:.1f} ms", ms) : fmt::format("{:.0f} ms", ms); }

/// "+0.4 s": how far the peer's clock is ahead of this node's.
std::string clock_text(const NodeLine& node) {
    if (node.self) return "ref";
    if (!node.clock_offset_ms) return "?";
    const double ms = *node.clock_offset_ms;
    if (std::abs(ms) < 0.5) return "0 ms";
    return std::abs(ms) < 100 ? fmt::format("{:+.0f} ms", ms) : fmt::format("{:+.1f} s", ms / 1000);
}

std::string up_of(std::size_t up, std::size_t total, bool known, const Terminal& terminal) {
    if (total == 0) return std::string(dash(terminal));
    return known ? fmt::format("{}/{}", up, total) : "?";
}

std::string joined(const std::vector<std::string>& names, const Terminal& terminal) {
    std::vector<std::string> shown;
    for (const std::string& name : names) {
        if (shown.size() == kNamesShown) break;
        shown.push_back(sanitise(name, terminal));
    }
    const std::string more = names.size() > shown.size() ? fmt::format(" and {} more", names.size() - shown.size()) : "";
    return fmt::format("{}{}", fmt::join(shown, ", "), more);
}

/// What an observer found: "timeout, 12 s", "one-way", "no vote: stale".
std::string finding(const TestimonyLine& testimony, const Terminal& terminal) {
    std::vector<std::string> parts;
    if (!testimony.reason.empty()) parts.push_back(sanitise(testimony.reason, terminal));
    const bool down = testimony.says == "down";  // then how well it is reached otherwise adds nothing
    if (testimony.one_way && !down) parts.emplace_back("one-way");
    if (testimony.lossy && !down) parts.emplace_back("loss");
    if (testimony.slow && !down) parts.emplace_back("slow");
    if (testimony.since_ago && down) parts.push_back(to_short_text(*testimony.since_ago));
    if (!testimony.counts && !testimony.why_not.empty()) parts.push_back("no vote: " + sanitise(testimony.why_not, terminal));
    return fmt::format("{}", fmt::join(parts, ", "));
}

bool has_complaint(const TestimonyLine& testimony) {
    return testimony.says == "down" || testimony.one_way || testimony.lossy || testimony.slow;
}

std::string complaints(const NodeLine& node, const Terminal& terminal) {
    std::vector<std::string> shown;
    std::size_t total = 0;
    for (const TestimonyLine& testimony : node.testimonies) {
        if (!has_complaint(testimony)) continue;
        if (++total > kObserversShown) continue;
        const std::string found = finding(testimony, terminal);
        shown.push_back(sanitise(testimony.observer, terminal) + (found.empty() ? "" : fmt::format(" ({})", found)));
    }
    if (shown.empty()) return "";
    const std::string more = total > kObserversShown ? fmt::format(" and {} more", total - kObserversShown) : "";
    return fmt::format("said by {}{}", fmt::join(shown, ", "), more);
}

std::string why(const NodeLine& node, const Terminal& terminal) {
    return sanitise(node.reason_text.empty() ? node.reason : node.reason_text, terminal);
}

std::vector<Cell> row(const NodeLine& node, const Terminal& terminal) {
    const std::string mark(dash(terminal));
    const bool speaks = node.status == "up" || node.status == "degraded";
    const std::string name =
        fmt::format("{} {}{}", glyph(node.status, terminal), sanitise(node.id, terminal), node.self ? " (this)" : "");
    return {{name, colour_of(node)},
            {node.rtt_ms && speaks ? milliseconds(*node.rtt_ms) : mark},
            {node.loss && speaks ? fmt::format("{:.0f} %", *node.loss * 100) : mark},
            {up_of(node.in_up, node.in_total, true, terminal)},
            {up_of(node.out_up, node.out_total, speaks, terminal)},
            {node.config_revision.empty() ? "?" : shorter(node.config_revision, terminal)},
            {clock_text(node)},
            {node.version.empty() ? "?" : sanitise(node.version, terminal, 24)},
            {remark(node, terminal), node.status == "up" && !node.contested ? Colour::none : colour_of(node)}};
}

/// How old the least fresh word from a node that is up is.
std::optional<Duration> age(const NetworkStatus& network) {
    std::optional<Duration> oldest;
    for (const NodeLine& node : network.nodes) {
        if (node.self || node.status != "up" || !node.heard_ago) continue;
        oldest = std::max(oldest.value_or(Duration::zero()), *node.heard_ago);
    }
    return oldest;
}

std::string headline(const NetworkStatus& network, const Terminal& terminal) {
    const std::string separator(dot(terminal));
    std::string out = paint(sanitise(network.id.empty() ? network.directory : network.id, terminal), Colour::bold, terminal);
    out += fmt::format("  as seen by {}", sanitise(network.viewer, terminal));
    if (!network.running) return out + separator + "waiting for its configuration (see Health)";
    out += fmt::format("{}{}{}config {} ({}/{})", separator, sanitise(network.at, terminal), separator,
                       shorter(network.config_revision, terminal), network.same_revision, network.node_count);
    if (const auto oldest = age(network)) out += fmt::format("{}{} old", separator, to_short_text(*oldest));
    return out;
}

std::vector<std::string> partition_lines(const NetworkStatus& network, const Terminal& terminal) {
    const PartitionLines& partition = network.partition;
    std::vector<std::string> lines;
    if (!network.listed)
        lines.push_back(sanitise(network.viewer, terminal) + " is not in the network's node list: it dials and judges nobody");
    if (!network.has_quorum) {
        lines.push_back(fmt::format("ISOLATED this node sees {} of {}, {} are needed to judge", network.seen, network.node_count,
                                    network.quorum));
    }
    if (partition.sides.size() > 1) {
        lines.push_back(fmt::format("PARTITION into {} sides", partition.sides.size()));
        for (std::size_t i = 0; i < partition.sides.size(); ++i) {
            lines.push_back(fmt::format("  side {}{}: {}", i + 1, partition.own_side == i ? " (this)" : "",
                                        joined(partition.sides[i], terminal)));
        }
    }
    if (!partition.groups.empty()) {
        lines.emplace_back("PARTIAL PARTITION, no link between these groups");
        for (std::size_t i = 0; i < partition.groups.size(); ++i) {
            lines.push_back(fmt::format("  group {}: {}", i + 1, joined(partition.groups[i], terminal)));
        }
        if (!partition.bridges.empty()) lines.push_back("  bridges: " + joined(partition.bridges, terminal));
    }
    if (!partition.broken_links.empty()) {
        std::vector<std::string> links;
        links.reserve(partition.broken_links.size());
        for (const auto& [a, b] : partition.broken_links) links.push_back(a + " - " + b);
        lines.push_back("BROKEN LINKS " + joined(links, terminal));
    }
    const bool split = partition.sides.size() > 1 || !partition.groups.empty();
    if (split && !partition.silent.empty()) lines.push_back("  silent: " + joined(partition.silent, terminal));
    return lines;
}

/// Behind the row of a node asked for by --node: every observer, one a line.
std::vector<std::string> testimony_lines(const NodeLine& node, const Terminal& terminal) {
    std::vector<std::string> lines = {fmt::format("{}: {} of {} votes say up, {} say down", sanitise(node.id, terminal),
                                                  node.says_up, node.votes, node.says_down)};
    for (const TestimonyLine& testimony : node.testimonies) {
        const std::string found = finding(testimony, terminal);
        lines.push_back(fmt::format("  {} says {}{}", sanitise(testimony.observer, terminal), sanitise(testimony.says, terminal),
                                    found.empty() ? "" : fmt::format(" ({})", found)));
    }
    if (!node.contradiction.empty()) {
        lines.push_back(fmt::format("  it signed two states of version {}: its opinions do not count; --json shows the proof",
                                    node.contradiction));
    }
    return lines;
}

/// The line of a file with its caret, each on a line of its own.
std::string excerpt_lines(std::string_view excerpt, const Terminal& terminal) {
    std::string out;
    while (!excerpt.empty()) {
        const std::size_t end = excerpt.find('\n');
        out += "\n#    " + sanitise(excerpt.substr(0, end), terminal, 200);
        excerpt.remove_prefix(end == std::string_view::npos ? excerpt.size() : end + 1);
    }
    return out;
}

std::vector<std::string> problem_lines(const std::vector<ProblemLine>& problems, const Terminal& terminal) {
    std::vector<std::string> lines;
    for (const ProblemLine& problem : problems) {
        std::string line = fmt::format(" - {}", sanitise(problem.title, terminal));
        if (!problem.detail.empty()) line += ": " + sanitise(problem.detail, terminal, 400);
        if (!problem.remedy.empty())
            line += fmt::format("  {} {}", arrow(terminal), sanitise_lines(problem.remedy, terminal, "#      "));
        line += excerpt_lines(problem.excerpt, terminal);
        lines.push_back(std::move(line));
    }
    return lines;
}

void add_drift(const NodeLine& node, const Terminal& terminal, std::vector<std::string>& parts) {
    if (!node.drift.empty() && node.drift != "same") {
        const std::string which = node.drift == "behind"  ? "older config"
                                  : node.drift == "ahead" ? "newer config"
                                                          : node.difference;
        parts.push_back(which + (node.differs_for ? " for " + to_short_text(*node.differs_for) : ""));
    }
    if (!node.trouble.empty()) parts.push_back(sanitise(config::trouble_words(node.trouble), terminal));
}

std::size_t count_up(const NetworkStatus& network) {
    return static_cast<std::size_t>(std::ranges::count(network.nodes, "up", &NodeLine::status));
}

std::string network_text(const NetworkStatus& network, bool one_node, const Terminal& terminal) {
    std::string out = headline(network, terminal) + "\n";
    if (!network.running) return out;
    using enum Table::Align;
    const std::string title = one_node ? "NODE" : fmt::format("NODES {}/{} up", count_up(network), network.nodes.size());
    Table table({{title, left},
                 {"RTT", right},
                 {"LOSS", right},
                 {"IN", right},
                 {"OUT", right},
                 {"CONFIG", left},
                 {"CLOCK", left},
                 {"VERSION", left},
                 {"", left}});
    for (const NodeLine& node : network.nodes) table.add(row(node, terminal));
    out += table.text(terminal);
    if (one_node) {
        for (const NodeLine& node : network.nodes) {
            for (const std::string& line : testimony_lines(node, terminal)) out += line + "\n";
        }
        return out;
    }
    for (const std::string& line : partition_lines(network, terminal)) out += paint(line, Colour::red, terminal) + "\n";
    return out;
}

std::string number_or_nothing(std::optional<double> number) { return number ? fmt::format("{:.3f}", *number) : ""; }

/// For programs: raw numbers with their unit in the heading, nothing cut off.
std::string tabbed_text(const StatusReport& report, const Terminal& terminal) {
    std::string out;
    Table table({{"NETWORK"},
                 {"NODE"},
                 {"STATUS"},
                 {"REASON"},
                 {"CONTESTED"},
                 {"RTT_MS"},
                 {"LOSS"},
                 {"IN"},
                 {"OUT"},
                 {"CONFIG"},
                 {"CLOCK_OFFSET_MS"},
                 {"VERSION"},
                 {"REMARK"}});
    for (const NetworkStatus& network : report.networks) {
        out += fmt::format("# {}\n", headline(network, terminal));
        if (!report.one_node) {
            for (const std::string& line : partition_lines(network, terminal)) out += fmt::format("# {}\n", line);
        }
        for (const NodeLine& node : network.nodes) {
            table.add({{sanitise(network.id, terminal)},
                       {sanitise(node.id, terminal)},
                       {sanitise(node.status, terminal)},
                       {sanitise(node.reason, terminal)},
                       {node.contested ? "yes" : "no"},
                       {number_or_nothing(node.rtt_ms)},
                       {number_or_nothing(node.loss)},
                       {fmt::format("{}/{}", node.in_up, node.in_total)},
                       {fmt::format("{}/{}", node.out_up, node.out_total)},
                       {sanitise(node.config_revision, terminal)},
                       {number_or_nothing(node.clock_offset_ms)},
                       {sanitise(node.version, terminal)},
                       {remark(node, terminal)}});
            if (!report.one_node) continue;
            for (const std::string& line : testimony_lines(node, terminal)) out += fmt::format("# {}\n", line);
        }
    }
    return out + table.text(terminal);
}

}  // namespace

std::string remark(const NodeLine& node, const Terminal& terminal) {
    std::vector<std::string> parts;
    const std::string who = complaints(node, terminal);
    if (node.status == "down" && node.reason == "left") {
        parts.push_back(fmt::format("left{}", node.since_ago ? " " + to_short_text(*node.since_ago) + " ago" : ""));
    } else if (node.status == "down") {
        if (node.heard_ago) parts.push_back(fmt::format("last heard {} ago", to_short_text(*node.heard_ago)));
        parts.push_back(who.empty() ? "down: " + why(node, terminal) : "down: " + who);
    } else if (node.status == "degraded") {
        parts.push_back(node.self_health.empty() || node.self_health == "healthy"
                            ? "degraded"
                            : "degraded, " + sanitise(node.self_health, terminal));
        if (!who.empty()) parts.back() += ": " + who;
    } else if (node.status != "up") {
        const std::string reason = why(node, terminal);
        parts.push_back(reason.empty() ? "unknown" : "unknown: " + reason);
    }
    if (node.contested) {
        const bool said = node.status == "down" || node.status == "degraded";
        parts.push_back(who.empty() || said ? "contested" : "contested: " + who);
    }
    add_drift(node, terminal, parts);
    return fmt::format("{}", fmt::join(parts, "; "));
}

std::string status_text(const StatusReport& report, const Terminal& terminal) {
    std::string out;
    if (terminal.tty) {
        for (const NetworkStatus& network : report.networks) {
            if (!out.empty()) out += '\n';
            out += network_text(network, report.one_node, terminal);
        }
    } else {
        out = tabbed_text(report, terminal);
    }
    if (report.networks.empty()) out += "# this node is in no network\n";
    if (report.problems.empty()) return out;
    out += "# Health:\n";
    const std::vector<std::string> lines = problem_lines(report.problems, terminal);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const bool error = report.problems[i].severity == "error";
        out += paint("# " + lines[i], error ? Colour::red : Colour::none, terminal) + "\n";
    }
    return out;
}

}  // namespace meshmon::cli
