#include "node/setup_peer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "config/access.hpp"
#include "crypto/fingerprint.hpp"
#include "node/checklist.hpp"

namespace meshmon::node {
namespace {

using api::Problem;
using api::SetupStep;
using mesh::Reason;

constexpr int kOkStatus = 200;
constexpr int kNotFound = 404;

/// What stands in the way of an exchange outside this node's own configuration, by link or by probe.
struct Obstacle {
    Reason reason = Reason::none;  ///< none: nothing does
    std::string detail;
};

Reason reason_of(net::Failure failure) {
    switch (failure) {
        case net::Failure::dns: return Reason::dns;
        case net::Failure::connect: return Reason::connect;
        case net::Failure::timeout: return Reason::timeout;
        case net::Failure::tls: return Reason::tls;
        case net::Failure::http: return Reason::http;
    }
    return Reason::connect;
}

class PeerSteps {
public:
    PeerSteps(const SetupFacts& all, std::size_t index, const PeerProbe* probe, std::vector<SetupStep>& out)
        : all_(all),
          facts_(all.network),
          peer_(facts_.loaded->folder->config.peers[index]),
          key_(facts_.loaded->folder->keys[index]),
          probe_(probe),
          self_(facts_.loaded->ref.node_id),
          id_(peer_.node_id.str()),
          list_(out) {
        const auto found = std::ranges::find(facts_.nodes, peer_.node_id, &mesh::NodeView::id);
        if (found != facts_.nodes.end()) node_ = &*found;
        if (node_ != nullptr && node_->link) link_ = &*node_->link;
    }

    void find() {
        list_.done("listed", place());
        find_url();
        find_way();
        find_key();
        find_match();
        find_network();
        find_version();
        find_clock();
        find_config();
        find_reverse();
    }

private:
    [[nodiscard]] const Problem* problem(std::string_view code) const {
        const auto found = std::ranges::find_if(all_.problems, [&](const Problem& each) {
            return each.code == code && each.node == peer_.node_id && each.network == facts_.loaded->network;
        });
        return found == all_.problems.end() ? nullptr : &*found;
    }

    /// Where the new key of this node is what it lacks, the problem that says so; else null.
    [[nodiscard]] const Problem* rotation_that_it_lacks() const {
        if (!facts_.view || !facts_.view->rotation) return nullptr;
        if (std::ranges::find(facts_.view->rotation->lacking, peer_.node_id) == facts_.view->rotation->lacking.end())
            return nullptr;
        return all_.own_problem({"key_rotation"});
    }

    /// Where the node list names it.
    [[nodiscard]] std::string place() const { return fmt::format("{}:{}", peer_.place.file.string(), peer_.place.line); }

    /// By the node list: a link without a key is not dialed either, but would be.
    [[nodiscard]] bool is_dialed() const {
        return peer_.url_state != config::UrlState::none && (link_ == nullptr || link_->dials || !key_.key);
    }
    [[nodiscard]] bool link_is_up() const { return link_ != nullptr && link_->status == mesh::Status::up; }

    /// What is known of the way there; nothing where nobody tried yet.
    [[nodiscard]] std::optional<Obstacle> obstacle() const {
        if (link_is_up()) return Obstacle{};
        const bool tried = link_ != nullptr && (link_->last_success_ago || !link_->detail.empty());
        if (tried && link_->reason != Reason::none && link_->reason != Reason::never_seen)
            return Obstacle{link_->reason, link_->detail};
        if (probe_ == nullptr) return std::nullopt;
        if (probe_->failure) return Obstacle{reason_of(*probe_->failure), probe_->detail};
        if (probe_->status == kNotFound) return Obstacle{Reason::wrong_network, "HTTP 404"};
        if (probe_->status != kOkStatus || !probe_->offered)
            return Obstacle{Reason::http, fmt::format("HTTP {}, no public key", probe_->status)};
        return Obstacle{};
    }

    void find_url() {
        switch (peer_.url_state) {
            case config::UrlState::usable: return list_.done("url_set", peer_.url);
            case config::UrlState::none: return list_.not_needed("url_set", "`url: null`: it dials this node");
            case config::UrlState::placeholder: break;
        }
        const Problem* found = problem("placeholder_url");
        if (found != nullptr) list_.failed("url_set", *found, self_);
        else list_.failed("url_set", "the URL is a placeholder", "put its address into config.yml", self_);
    }

    void find_way() {
        if (!is_dialed() && peer_.url_state == config::UrlState::usable && !facts_.loaded->self_listed) {
            list_.waiting("resolves", "for this node's own entry in `node_config:`");
            list_.possible("connects", {"resolves"});
            return;
        }
        if (!is_dialed() && peer_.url_state != config::UrlState::placeholder) {
            list_.not_needed("resolves", "this node does not dial it");
            list_.not_needed("connects", "this node does not dial it");
            return;
        }
        if (!list_.possible("resolves", {"url_set"})) {
            list_.possible("connects", {"resolves"});
            return;
        }
        const auto found = obstacle();
        if (!found) {
            list_.waiting("resolves", "for the first try");
            list_.possible("connects", {"resolves"});
            return;
        }
        if (found->reason == Reason::dns) {
            list_.failed("resolves", fmt::format("the name in {} does not resolve: {}", peer_.url, found->detail),
                         "mend the url in config.yml, or the name service of this host", self_);
            list_.possible("connects", {"resolves"});
            return;
        }
        list_.done("resolves");
        find_connection(*found);
    }

    void find_connection(const Obstacle& found) {
        if (found.reason == Reason::tls) {
            return list_.failed("connects", fmt::format("TLS with {}: {}", peer_.url, found.detail),
                                fmt::format("mend the certificate on the host of {}, or this host's authorities", id_),
                                peer_.node_id);
        }
        if (found.reason == Reason::connect || found.reason == Reason::timeout || found.reason == Reason::silent) {
            return list_.failed(
                "connects",
                fmt::format("{}: {}", peer_.url, found.detail.empty() ? std::string(mesh::explain(found.reason)) : found.detail),
                fmt::format(
                    "is `meshmon run` running on the host of {}, is the port of its url ({}) the one that it listens on, and "
                    "does a firewall between let it through?",
                    id_, place()),
                peer_.node_id);
        }
        if (link_ != nullptr && link_->rtt_smoothed)
            return list_.done("connects", fmt::format("{:.1f} ms", to_ms(*link_->rtt_smoothed)));
        list_.done("connects",
                   probe_ != nullptr && !probe_->failure ? fmt::format("{:.1f} ms", to_ms(probe_->took)) : std::string());
    }

    void find_key() {
        if (key_.key) return list_.done("key_present", crypto::fingerprint(*key_.key).text());
        const Problem* found = problem(key_.error.empty() ? "key_missing" : "key_unreadable");
        if (found == nullptr) return list_.failed("key_present", key_.file.string(), "put its public key there", self_);
        list_.failed("key_present", *found, self_);
        if (facts_.loaded->ref.type != config::ConfigType::local || !facts_.loaded->network) return;
        SetupStep& step = list_.last();
        if (probe_ != nullptr && probe_->offered) {
            const std::string words = crypto::fingerprint(*probe_->offered).words();
            step.remedy = fmt::format(
                "compare the words {} with what `meshmon key words --network {}` shows on the host of {}; if they are the same, "
                "here: {}",
                words, network_name(), id_,
                config::command_line(all_.config_dir,
                                     fmt::format("key fetch {} --network {} --confirm {}", id_, network_name(), words)));
        }
    }

    void find_match() {
        if (!list_.possible("key_matches", {"connects", "key_present"})) return;
        if (const Problem* found = problem("key_mismatch"); found != nullptr) return list_.failed("key_matches", *found, self_);
        if (const Problem* found = problem("refused_by_peer"); found != nullptr) {
            const Problem* lacks = rotation_that_it_lacks();
            return list_.failed("key_matches", lacks != nullptr ? *lacks : *found, peer_.node_id);
        }
        if (link_is_up()) return list_.done("key_matches");
        const auto found = obstacle();
        if (found && found->reason == Reason::http) {
            return list_.failed("key_matches", fmt::format("what answers at {} is no meshmon: {}", peer_.url, found->detail),
                                "mend the url in config.yml, or the proxy in front of the node", peer_.node_id);
        }
        if (found && found->reason == Reason::wrong_network) return list_.waiting("key_matches", "for `same_network`");
        if (probe_ != nullptr && probe_->offered && key_.key) return find_offered();
        list_.waiting("key_matches", is_dialed() ? "for the first exchange" : fmt::format("for {} to dial this node", id_));
    }

    /// Without a daemon: what the peer says of its key proves nothing, but a difference is one.
    void find_offered() {
        const auto offered = crypto::fingerprint(*probe_->offered);
        const auto known = crypto::fingerprint(*key_.key);
        const bool changes = probe_->offered_before == key_.key || key_.previous == probe_->offered;
        if (offered == known || changes) {
            return list_.done("key_matches",
                              changes ? "it changes its key: this one counts as well" : "by what it says; an exchange proves it");
        }
        list_.failed(
            "key_matches",
            fmt::format("{} answers with the key {}, but {} holds {}", id_, offered.text(), key_.file.string(), known.text()),
            fmt::format("if {} was installed anew, remove {} and fetch its key again; otherwise somebody else answers there", id_,
                        key_.file.string()),
            self_);
        list_.last().file = key_.file.string();
    }

    void find_network() {
        if (const Problem* found = problem("wrong_network"); found != nullptr)
            return list_.failed("same_network", *found, peer_.node_id);
        const auto found = obstacle();
        if (found && found->reason == Reason::wrong_network) {
            return list_.failed(
                "same_network", fmt::format("whoever answers at {} is in no network {}", peer_.url, network_name()),
                fmt::format(
                    "is `network_id:` in config.yml the same on both hosts? If so, mend its url there, or let its node file "
                    "join the network"),
                peer_.node_id);
        }
        if (!list_.possible("same_network", {"connects", "key_matches"})) return;
        if (link_is_up() || (probe_ != nullptr && probe_->offered)) return list_.done("same_network", network_name());
        list_.waiting("same_network", "for the first exchange");
    }

    [[nodiscard]] std::string network_name() const {
        return facts_.loaded->network ? facts_.loaded->network->str() : facts_.loaded->ref.directory;
    }

    void find_version() {
        if (const Problem* found = problem("version_mismatch"); found != nullptr)
            return list_.failed("version", *found, peer_.node_id);
        if (!list_.possible("version", {"same_network"})) return;
        if (!link_is_up()) return wait_for_exchange("version");
        list_.done("version", node_->software_version);
    }

    void find_clock() {
        if (!list_.possible("clock", {"version"})) return;
        if (const Problem* found = problem("clock_offset"); found != nullptr) return list_.failed("clock", *found, peer_.node_id);
        if (link_ == nullptr || !link_->clock_offset) return wait_for_exchange("clock");
        const auto own = std::ranges::find_if(all_.problems, [&](const Problem& each) {
            return each.code == "clock_offset" && !each.node && each.network == facts_.loaded->network;
        });
        const Duration error = link_->clock_error.value_or(Duration::zero());
        if (own != all_.problems.end() && std::chrono::abs(*link_->clock_offset) - error > kClockOffsetMax)
            return list_.failed("clock", *own, self_);
        list_.done("clock", fmt::format("{:+.1f} s", to_seconds(*link_->clock_offset)));
    }

    void find_config() {
        if (!list_.possible("same_config", {"version"})) return;
        if (node_ == nullptr || !node_->roster_hash) return wait_for_exchange("same_config");
        const std::string own = config::Revision::parse(facts_.view->config_revision).content;
        const std::string its = config::Revision::parse(node_->config_revision).content;
        const bool same_roster = *node_->roster_hash == facts_.view->roster_hash;
        if (same_roster && own == its) return list_.done("same_config", node_->config_revision);
        if (const Problem* lacks = rotation_that_it_lacks(); lacks != nullptr && own == its)
            return list_.failed("same_config", *lacks, peer_.node_id);
        const std::string_view words = config::difference_words(own == its, same_roster);
        list_.failed(
            "same_config",
            own == its ? fmt::format("it has {} than this node, for some node or none: both run {}", words, own)
                       : fmt::format("it has {} than this node: it runs {}, this node {}", words, its, own),
            fmt::format("{}; `meshmon config diff {} {} --network {}` shows what differs",
                        facts_.loaded->ref.type == config::ConfigType::git
                            ? "both take the newest commit at their next look; where one does not, `meshmon status` on its "
                              "host says why"
                            : "bring config.yml and pubkeys/ to the same state on both hosts",
                        self_.str(), id_, network_name()),
            peer_.node_id);
    }

    /// Whether the peer reaches this node: by what it says in its record, else because it was heard.
    void find_reverse() {
        if (!list_.possible("sees_us", {"key_matches"})) return;
        const auto self = std::ranges::find(facts_.nodes, self_, &mesh::NodeView::id);
        if (self != facts_.nodes.end()) {
            const auto& all = self->evidence.testimonies;
            const auto says = std::ranges::find(all, peer_.node_id, &mesh::Testimony::observer);
            if (says != all.end() && says->says == mesh::Status::down) {
                return list_.failed(
                    "sees_us",
                    fmt::format("{} cannot reach this node: {}; by config.yml here its url is {}", id_,
                                mesh::explain(says->reason), self->url.empty() ? "null" : self->url),
                    fmt::format(
                        "let its requests in (firewall, NAT), mend this node's url in config.yml on every node, that of {} "
                        "as well, or set it to null: one way is enough to monitor",
                        id_),
                    self_);
            }
        }
        if (link_ != nullptr && !link_->dialed_by) return list_.not_needed("sees_us", "it does not dial this node");
        if (link_ != nullptr && link_->last_heard_ago) return list_.done("sees_us");
        wait_for_exchange("sees_us");
    }

    void wait_for_exchange(std::string_view step) {
        list_.waiting(step, all_.running == Running::yes ? std::string("for the first exchange")
                                                         : "for the daemon: " + config::command_line(all_.config_dir, "run"));
    }

    const SetupFacts& all_;
    const NetworkFacts& facts_;
    const config::Peer& peer_;
    const config::PeerKey& key_;
    const PeerProbe* probe_;
    const NodeId& self_;
    const std::string& id_;
    Checklist list_;
    const mesh::NodeView* node_ = nullptr;
    const mesh::LinkView* link_ = nullptr;
};

}  // namespace

const Problem* SetupFacts::own_problem(std::initializer_list<std::string_view> codes) const {
    const config::LoadedNetwork& loaded = *network.loaded;
    const auto found = std::ranges::find_if(problems, [&](const Problem& each) {
        return std::ranges::find(codes, std::string_view(each.code)) != codes.end() && each.network == loaded.network &&
               (!each.node || each.node == loaded.ref.node_id);
    });
    return found == problems.end() ? nullptr : &*found;
}

void find_peer_steps(const SetupFacts& facts, std::size_t index, const PeerProbe* probe, std::vector<SetupStep>& out) {
    PeerSteps(facts, index, probe, out).find();
}

}  // namespace meshmon::node
