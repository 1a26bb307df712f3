#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "node/problems.hpp"

namespace meshmon::node {
namespace {

using api::Problem;
using api::Severity;
using mesh::NodeView;

constexpr std::size_t kDriftShown = 5;

class Finder {
public:
    Finder(const NetworkFacts& facts, WallTime now, std::vector<Problem>& out)
        : facts_(facts), view_(*facts.view), now_(now), out_(out) {}

    void find() {
        find_self_health();
        for (const NodeView& node : facts_.nodes) {
            if (node.link && node.link->status != mesh::Status::up) find_link(node, *node.link);
        }
        find_drift();
        find_clocks();
        if (view_.epochs_used_up) find_used_up_epochs();
        for (const NodeId& node : facts_.clones) {
            if (!view_.epochs_used_up || node != view_.self) find_clone(node);
        }
        for (const NodeView& node : facts_.nodes) {
            if (node.contradiction) find_equivocation(node.id, *node.contradiction);
        }
    }

private:
    Problem& add(std::string_view code, Severity severity, std::string title) {
        Problem& problem = out_.emplace_back(make_problem(code, severity, std::move(title)));
        problem.network = view_.id;
        return problem;
    }

    void find_self_health() {
        if (view_.self_health == mesh::SelfHealth::isolated && view_.listed && facts_.quorum_expected) {
            // While a mesh is set up, that the others are not there yet is no error.
            Problem& problem = add("isolated", facts_.had_quorum ? Severity::error : Severity::warning,
                                   facts_.had_quorum ? "This node is cut off" : "This node waits for the others");
            problem.detail = fmt::format(
                "it sees {} of {} nodes (itself included) and needs {}: it judges nobody, and what it does not reach is unknown",
                view_.seen, view_.nodes, view_.quorum);
            problem.remedy = "look at this host's network first: address, route, firewall, DNS; then at the other nodes";
            if (!facts_.had_quorum)
                problem.remedy = "`meshmon doctor` says of each node what is missing; once set up, " + problem.remedy;
        }
        if (view_.self_health == mesh::SelfHealth::unhealthy) {
            Problem& problem = add("unhealthy", Severity::warning, "This node lost many peers that others still reach");
            problem.detail =
                fmt::format("it sees {} of {} nodes and has no vote until it reaches them again", view_.seen, view_.nodes);
            problem.remedy = "look at the load and the network of this host";
        }
    }

    void find_link(const NodeView& node, const mesh::LinkView& link) {
        const std::string& id = node.id.str();
        const std::string where = node.url.empty() ? id : fmt::format("{} ({})", id, node.url);
        if (link.reason == mesh::Reason::refused_by_peer) {
            Problem& problem = add_about(node, "refused_by_peer", fmt::format("{} does not know this node's key", id));
            problem.detail =
                fmt::format("{} refuses what {} sends, because its pubkeys/ lacks this node's key or holds another one", where,
                            view_.self.str());
            problem.remedy = fmt::format(
                "put what `meshmon key show --network {}` prints on the host of {} into pubkeys/{}.pub of that network on the "
                "host "
                "of {}; it is read by itself there",
                view_.id.str(), view_.self.str(), view_.self.str(), id);
            if (from_repository()) {
                problem.remedy = fmt::format(
                    "see that pubkeys/{}.pub in the repository is what `meshmon key show --network {}` prints on the host of {}, "
                    "and by "
                    "`meshmon status` on the host of {} that it runs the newest commit",
                    view_.self.str(), view_.id.str(), view_.self.str(), id);
            }
        }
        if (link.reason == mesh::Reason::key_mismatch) {
            Problem& problem = add_about(node, "key_mismatch", fmt::format("{} answers with another key", id));
            problem.detail = fmt::format("whoever answers at {} does not hold the key {} that pubkeys/{}.pub names", where,
                                         node.fingerprint, id);
            problem.remedy =
                fmt::format("run `meshmon key fingerprint --network {}` on the host of {} and compare; then mend the URL, or {}",
                            view_.id.str(), id,
                            from_repository() ? "put its public key into the repository anew" : "copy its public key here anew");
        }
        if (link.reason == mesh::Reason::wrong_network) {
            Problem& problem = add_about(node, "wrong_network", fmt::format("{} does not serve {}", id, view_.id.str()));
            problem.detail = fmt::format("whoever answers at {} does not know the network {}", where, view_.id.str());
            problem.remedy = fmt::format(
                "is `network_id:` in config.yml the same here and on the host of {}? If so, mend its url here, or let its "
                "node file there join the network",
                id);
        }
        if (link.reason == mesh::Reason::version_mismatch) {
            Problem& problem = add_about(node, "version_mismatch", fmt::format("{} speaks another protocol version", id));
            problem.detail =
                fmt::format("{} and this node do not understand each other{}", where,
                            node.software_version.empty() ? "" : fmt::format("; it last ran meshmon {}", node.software_version));
            problem.remedy = fmt::format("install the same meshmon release here and on the host of {}", id);
        }
    }

    Problem& add_about(const NodeView& node, std::string_view code, std::string title) {
        Problem& problem = add(code, Severity::warning, std::move(title));
        problem.node = node.id;
        return problem;
    }

    void find_drift() {
        std::vector<NodeId> others;
        std::string each;
        bool roster = false;
        bool content = false;
        const std::string own = config::Revision::parse(view_.config_revision).content;
        for (const api::NodeConfig& config : facts_.configs) {
            const Duration grace = config.revision.committed ? kDriftGraceGit : kDriftGrace;
            if (!config.differs_since || now_ - *config.differs_since < grace) continue;
            others.push_back(config.node);
            roster = roster || config.roster_hash != view_.roster_hash;
            content = content || config.revision.content != own;
            if (others.size() <= kDriftShown) each += "; " + describe(config);
        }
        if (others.empty()) return;
        Problem& problem = add("config_drift", roster ? Severity::warning : Severity::info,
                               roster ? "Nodes disagree about who belongs to the network" : "Nodes run different configurations");
        problem.detail = fmt::format("{} {} {} than this node, which runs {}{}", list_names(others),
                                     others.size() == 1 ? "has" : "have", config::difference_words(!content, !roster), own, each);
        problem.remedy = fmt::format(
            "bring config.yml and pubkeys/ to the same state here and on the {} of {}; `meshmon config diff {} {} --network {}` "
            "shows what differs",
            others.size() == 1 ? "host" : "hosts", list_names(others), view_.self.str(), others.front().str(), view_.id.str());
        if (from_repository()) {
            problem.remedy = fmt::format(
                "each takes the newest commit at its next look; where it does not, `meshmon status` on its host says why. "
                "`meshmon "
                "config diff {} {} --network {}` shows what differs",
                view_.self.str(), others.front().str(), view_.id.str());
        }
        if (others.size() == 1) problem.node = others.front();
    }

    [[nodiscard]] bool from_repository() const { return facts_.loaded->ref.type == config::ConfigType::git; }

    static std::string describe(const api::NodeConfig& config) {
        std::string out = fmt::format("{} runs {}", config.node.str(), config.revision.content);
        if (!config.revision.commit.empty()) out += fmt::format(" of commit {}", config.revision.commit);
        if (config.drift == api::Drift::behind) out += ", an older one,";
        if (config.drift == api::Drift::ahead) out += ", a newer one,";
        out += fmt::format(" and differs since {}", to_rfc3339(*config.differs_since));
        if (!config.revision.trouble.empty()) out += "; it " + config::trouble_words(config.revision.trouble);
        return out;
    }

    void find_clocks() {
        std::vector<const NodeView*> off;
        std::size_t measured = 0;
        for (const NodeView& node : facts_.nodes) {
            if (!node.link || !node.link->clock_offset) continue;
            ++measured;
            const Duration error = node.link->clock_error.value_or(Duration::zero());
            if (std::chrono::abs(*node.link->clock_offset) - error > kClockOffsetMax) off.push_back(&node);
        }
        if (off.size() >= 2 && off.size() * 2 > measured) {
            find_own_clock(off.size(), measured, *off.front());
            return;
        }
        for (const NodeView* node : off) find_clock(*node);
    }

    /// Where most clocks differ from ours, ours is the wrong one.
    void find_own_clock(std::size_t off, std::size_t measured, const NodeView& example) {
        const Duration offset = *example.link->clock_offset;
        Problem& problem = add("clock_offset", Severity::warning, "This host's clock seems to be wrong");
        problem.detail = fmt::format("it differs by more than 2 s from {} of {} peers; it is {} {} that of {}", off, measured,
                                     to_short_text(std::chrono::abs(offset)), offset > Duration::zero() ? "behind" : "ahead of",
                                     example.id.str());
        problem.remedy = "set up time synchronisation (NTP) on this host; `timedatectl` shows its state";
    }

    void find_clock(const NodeView& node) {
        const mesh::LinkView& link = *node.link;
        Problem& problem = add_about(node, "clock_offset", fmt::format("The clock of {} is off", node.id.str()));
        problem.detail =
            fmt::format("it is {} {} this host's, give or take {}", to_short_text(std::chrono::abs(*link.clock_offset)),
                        *link.clock_offset > Duration::zero() ? "ahead of" : "behind",
                        to_short_text(link.clock_error.value_or(Duration::zero())));
        problem.remedy = fmt::format(
            "set up time synchronisation (NTP) on the host of {} or on this one; `timedatectl` shows its state", node.id.str());
    }

    void find_clone(const NodeId& node) {
        Problem& problem = add("clone_suspected", Severity::error, fmt::format("{} lives twice", node.str()));
        problem.detail = fmt::format("two processes sign as {} in {}", node.str(), view_.id.str());
        problem.remedy = "stop the second process; a copied machine needs a node_id and a key of its own";
        problem.node = node;
    }

    void find_used_up_epochs() {
        Problem& problem = add("clone_suspected", Severity::error, "This node's highest epoch is used up");
        problem.detail = fmt::format(
            "somebody signed the highest epoch there is under the key of {} in {}, by mistake or with a stolen key: this node "
            "can "
            "sign nothing newer, so the others hear nothing new of what it sees",
            view_.self.str(), view_.id.str());
        problem.remedy = fmt::format("give it another key: meshmon key rotate --network {}", view_.id.str());
        problem.node = view_.self;
    }

    void find_equivocation(const NodeId& node, const mesh::Contradiction& proof) {
        Problem& problem = add("equivocation", Severity::warning, fmt::format("{} contradicts itself", node.str()));
        problem.detail = fmt::format(
            "{0} signed two different states of one version, {1}.{2}: its opinions have no weight until it restarts; `meshmon "
            "status "
            "--network {3} --node {0} --json` shows both, with their signatures",
            node.str(), proof.epoch, proof.seq, view_.id.str());
        problem.remedy = fmt::format(
            "find out whether the memory of its host was rolled back (a snapshot), or its key stolen; then restart {}",
            node.str());
        problem.node = node;
    }

    const NetworkFacts& facts_;
    const mesh::NetworkView& view_;
    WallTime now_;
    std::vector<Problem>& out_;
};

}  // namespace

void find_mesh_problems(const NetworkFacts& facts, WallTime now, std::vector<Problem>& out) {
    if (facts.view) Finder(facts, now, out).find();
}

}  // namespace meshmon::node
