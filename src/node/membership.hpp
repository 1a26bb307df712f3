#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "api/feed.hpp"
#include "api/source.hpp"
#include "config/load.hpp"
#include "crypto/sodium.hpp"
#include "mesh/network.hpp"
#include "net/client.hpp"
#include "net/loop.hpp"
#include "node/data_dir.hpp"
#include "node/drift.hpp"
#include "node/log.hpp"
#include "node/problems.hpp"
#include "node/state_writer.hpp"

namespace meshmon::node {

/// What a membership gets from its driver; all of it outlives the membership.
struct Surroundings {
    net::Loop& loop;
    net::HttpClient& client;
    Log& log;
    const DataDir& data;
    api::Feed& feed;
    std::string version;
    std::function<Now()> enter;           ///< the time, after the mesh was told of any pause: head of every callback
    std::function<void()> facts_changed;  ///< what find_problems should look at, and the mesh's generation does not show
    std::function<void()> drained;        ///< something happened, and all that came out of it is on its way
};

/// One network of the node file: it runs, or it waits for something that its facts name.
///
/// Owner: Driver. Threads: loop thread only; no call blocks but start(), which reads the state file.
class Membership {
public:
    Membership(Surroundings& around, config::LoadedNetwork loaded);
    ~Membership();
    Membership(const Membership&) = delete;
    Membership& operator=(const Membership&) = delete;

    /// Runs the network if it is loaded, has a key and wants this version; else nothing happens.
    void start();

    [[nodiscard]] const config::LoadedNetwork& loaded() const { return loaded_; }
    [[nodiscard]] std::string name() const;  ///< of the network; of its folder until that is known

    /// Whether take() can go on with it. False: it runs, and as another node, with another key or in another network, or not in
    /// this version, it has to leave first.
    [[nodiscard]] bool fits(const config::LoadedNetwork& found) const { return misfit(found).empty(); }

    /// Why not, in words: "it has another node_id, b"; empty where it fits.
    [[nodiscard]] std::string misfit(const config::LoadedNetwork& found) const;

    /// Another state of its files, which fits. A running network goes on with it and keeps all that still applies; where it is
    /// one that does not load, as if it had not come, but for what is said about it. Answers what changed, in words; empty:
    /// nothing.
    std::string take(config::LoadedNetwork found);

    [[nodiscard]] bool running() const { return network_.has_value(); }

    /// Precondition of all below: it runs.
    [[nodiscard]] const mesh::Network& network() const { return *network_; }
    [[nodiscard]] Duration poll() const { return poll_; }
    mesh::Network::Reply exchange(std::string_view address, ByteView body, Now now);
    void pause(Duration pause, Now now);
    void lag(Duration lag, Now now);
    void leave(Now now);

    /// How it stands with its repository, in git mode; null otherwise. The others are told where it cannot be asked.
    void take_pull(const PullState* pull);

    /// Whether a clean stop is done: peers told, floors saved. True where it does not run.
    [[nodiscard]] bool left() const;
    [[nodiscard]] bool saved() const { return !writer_ || writer_->idle(); }

    /// What is known of it; `nodes` only if asked for.
    [[nodiscard]] NetworkFacts facts(Now now);
    /// What each node of the network runs; empty where it does not run.
    [[nodiscard]] std::vector<api::NodeConfig> configs(Now now);
    [[nodiscard]] const std::optional<std::string>& save_error() const { return save_error_; }
    [[nodiscard]] api::NetworkEntry entry() const;

    /// Its state in one line, for SIGUSR2.
    [[nodiscard]] LogLine dump(Now now) const;

private:
    void keep_own_key(config::LoadedNetwork& found);
    [[nodiscard]] bool is_own(const crypto::PublicKey& key) const;
    void take_keys(config::OwnKey& found);
    void use_next_key_if_due();
    void used_next_key(const Result<void>& stored);
    crypto::SodiumCrypto* hold(Bytes& private_pem);
    [[nodiscard]] mesh::Network::SecondKey second_key() const { return {.crypto = second_, .is_next = second_is_next_}; }
    void put_in_use(crypto::SodiumCrypto* signing, crypto::SodiumCrypto* second, bool second_is_next);
    [[nodiscard]] mesh::Roster roster() const;
    std::string adopt();
    void drain(Now now);
    void send(mesh::Network::Transmit transmit);
    void publish(const mesh::Event& event, Now now);
    void note(const mesh::Event& event, MonoTime now);
    void arm();
    [[nodiscard]] bool quorum_expected(const mesh::NetworkView& view, MonoTime now);

    Surroundings& around_;
    config::LoadedNetwork loaded_;
    std::optional<std::string> unmet_range_;
    std::string pull_trouble_;  ///< as Revision::trouble; empty: its repository answers, or there is none
    std::vector<std::unique_ptr<crypto::SodiumCrypto>> cryptos_;  ///< every key since the start; the network refers to them
    crypto::SodiumCrypto* signing_ = nullptr;
    crypto::SodiumCrypto* second_ = nullptr;
    bool second_is_next_ = false;
    bool uses_next_key_ = false;      ///< a worker puts it in use on the disk
    crypto::PublicKey going_over_{};  ///< to this one, then
    std::optional<MonoTime> next_key_again_;
    std::optional<Error> key_error_;  ///< why it could not
    std::optional<mesh::Network> network_;
    std::unique_ptr<StateWriter> writer_;
    std::optional<std::string> save_error_;
    net::Timer timer_;
    std::optional<MonoTime> armed_;
    Duration poll_{};
    MonoTime quorum_seen_;     ///< at the last look, or the start
    bool reached_ = false;     ///< another node was up once
    bool had_quorum_ = false;  ///< of more than this node
    bool leaving_ = false;
    DriftTracker drift_;
    std::map<NodeId, MonoTime> clones_;  ///< when last suspected
    std::shared_ptr<int> alive_;         ///< what comes back from the client after our end finds it gone
};

/// An HTTP client's result in the mesh's words.
[[nodiscard]] mesh::Network::Answer to_answer(net::ClientResult result);

}  // namespace meshmon::node
