// Plays all peers of one real node: 999 puppets, each with an address of its own on loopback, for figures.py.
//
//   crowd CONFIG_DIR NODES NODE_PORT CROWD_PORT POLL_SECONDS
//
// Writes the real node's configuration and keys to CONFIG_DIR, prints "ready", and plays until standard input ends. Puppet i
// listens at 127.1.x.y:CROWD_PORT and dials the real node at 127.2.x.y:NODE_PORT, so that each has connections of its own
// both ways, as on separate machines. At the end it prints what it saw, as JSON.

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

#include "base/check.hpp"
#include "crypto/pem.hpp"
#include "net/client.hpp"
#include "net/loop.hpp"
#include "net/server.hpp"
#include "puppet.hpp"

namespace meshmon::bench {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kReal = 0;
constexpr std::string_view kNetwork = "crowd";
constexpr Duration kDeadline = std::chrono::seconds(5);

struct Options {
    fs::path config;
    std::size_t nodes = 0;
    std::uint16_t node_port = 0;
    std::uint16_t crowd_port = 0;
    double poll_seconds = 0;
};

std::string address_of(int block, std::size_t index) { return fmt::format("127.{}.{}.{}", block, index / 250, index % 250 + 1); }

void write_file(const fs::path& path, std::string_view text, fs::perms mode = fs::perms::owner_read | fs::perms::owner_write) {
    fs::create_directories(path.parent_path());
    std::ofstream(path) << text;
    fs::permissions(path, mode);
}

void write_config(const Options& options, const mesh::Roster& roster) {
    const fs::path folder = options.config / "networks" / kNetwork;
    write_file(options.config / "nodeconf.yml",
               fmt::format("listen: 0.0.0.0:{}\nnetworks:\n  - directory: {}\n    node_id: {}\n    config_type: local\n",
                           options.node_port, kNetwork, node_name(kReal).str()));
    std::string config =
        fmt::format("network_id: {}\ndefaults:\n  nodes:\n    poll_rate: {}\nnode_config:\n", kNetwork, options.poll_seconds);
    for (std::size_t i = 0; i < options.nodes; ++i) {
        config += fmt::format("  - node_id: {}\n    url: {}\n", node_name(i).str(), roster.nodes[i].url);
        write_file(folder / "pubkeys" / (node_name(i).str() + ".pub"), crypto::to_pem(*roster.nodes[i].key));
    }
    write_file(folder / "config.yml", config);
    const fs::path secrets = options.config / ".private_keys";
    write_file(secrets / kNetwork / (node_name(kReal).str() + ".key"), crypto::to_pem(node_key(kReal).secret_key));
    fs::permissions(secrets, fs::perms::owner_all);
    fs::permissions(secrets / kNetwork, fs::perms::owner_all);
}

class Crowd final : public net::HttpHandler {
public:
    Crowd(net::Loop& loop, const Options& options, const mesh::Roster& roster)
        : loop_(loop),
          options_(options),
          stage_(Puppet::make_stage(roster, kReal)),
          server_(loop, {.address = "0.0.0.0", .port = options.crowd_port}, *this),
          client_(loop, {}) {
        const Now now = net::Loop::now();
        for (std::size_t i = 1; i < options.nodes; ++i) stage_.puppets[i] = &puppets_.emplace_back(stage_, i, now);
        MM_CHECK(server_.listen().has_value(), "the crowd cannot listen");
    }

    ~Crowd() override {
        client_.stop();
        server_.stop();
    }

    Crowd(const Crowd&) = delete;
    Crowd& operator=(const Crowd&) = delete;

    void begin() {
        const Duration spacing = from_seconds(options_.poll_seconds / static_cast<double>(options_.nodes));
        const MonoTime start = net::Loop::now().mono;
        for (std::size_t i = 0; i < puppets_.size(); ++i) {
            timers_.push_back(std::make_unique<net::Timer>(loop_));
            dial_later(i, start + spacing * static_cast<Duration::rep>(i));
        }
    }

    std::size_t body_limit(const http::Request&, std::string_view) override { return 1 << 20; }

    http::Response handle(http::Request request) override {
        http::Response response;
        const std::string_view host = request.header("host").value_or("");
        const std::size_t dot = host.rfind('.');
        const std::size_t dot_before = dot == std::string_view::npos ? dot : host.rfind('.', dot - 1);
        const bool reads = dot_before != std::string_view::npos;
        const auto number = [&](std::size_t at) {
            return static_cast<std::size_t>(std::atoi(std::string(host.substr(at)).c_str()));
        };
        const std::size_t index = reads ? number(dot_before + 1) * 250 + number(dot + 1) - 1 : 0;
        response.status = 404;
        if (index < 1 || index > puppets_.size()) return response;
        ++answered_;
        response.status = 200;
        response.set("Content-Type", "application/octet-stream");
        response.body = puppets_[index - 1].answer(request.body, net::Loop::now());
        return response;
    }

    void report() const {
        fmt::print("{{\"answered\":{},\"asked\":{},\"accepted\":{},\"failed\":{}}}\n", answered_, asked_, accepted_, failed_);
    }

private:
    void dial_later(std::size_t i, MonoTime when) {
        timers_[i]->set(when, [this, i, when] {
            dial(i);
            dial_later(i, when + from_seconds(options_.poll_seconds));
        });
    }

    void dial(std::size_t i) {
        net::ClientRequest request;
        request.method = http::Method::post;
        request.url = fmt::format("http://{}:{}/mesh/v1/{}", address_of(2, i + 1), options_.node_port, kNetwork);
        request.headers.emplace_back("Content-Type", "application/octet-stream");
        const Now now = net::Loop::now();
        request.body = puppets_[i].request(now);
        request.deadline = now.mono + kDeadline;
        ++asked_;
        client_.start(std::move(request), [this, i](net::ClientResult result) {
            const bool answered = result.outcome == net::Outcome::answered && result.response.status == 200;
            if (!answered) {
                ++failed_;
                return;
            }
            const bool accepted = puppets_[i].take_answer(result.response.body, net::Loop::now());
            accepted_ += accepted ? 1 : 0;
            if (!accepted) dial(i);
        });
    }

    net::Loop& loop_;
    Options options_;
    Puppet::Stage stage_;
    std::deque<Puppet> puppets_;
    std::deque<std::unique_ptr<net::Timer>> timers_;
    std::uint64_t answered_ = 0, asked_ = 0, accepted_ = 0, failed_ = 0;
    net::HttpServer server_;
    net::HttpClient client_;
};

int play(const Options& options) {
    net::raise_open_file_limit();
    const mesh::Roster roster =
        make_roster(kNetwork, options.nodes, kReal, from_seconds(options.poll_seconds), [&](std::size_t i) {
            return i == kReal ? fmt::format("http://127.0.0.1:{}", options.node_port)
                              : fmt::format("http://{}:{}", address_of(1, i), options.crowd_port);
        });
    write_config(options, roster);
    net::Loop loop;
    Crowd crowd(loop, options, roster);
    crowd.begin();
    fmt::print("ready\n");
    std::fflush(stdout);
    std::thread watcher([&loop] {  // ends with standard input
        char byte = 0;
        while (read(STDIN_FILENO, &byte, 1) > 0) {
        }
        loop.stop();
    });
    loop.run();
    watcher.join();
    crowd.report();
    return 0;
}

}  // namespace
}  // namespace meshmon::bench

int main(int count, char** values) {
    if (count != 6) {
        fmt::print(stderr, "usage: crowd CONFIG_DIR NODES NODE_PORT CROWD_PORT POLL_SECONDS\n");
        return 2;
    }
    return meshmon::bench::play({values[1], static_cast<std::size_t>(std::atoi(values[2])),
                                 static_cast<std::uint16_t>(std::atoi(values[3])),
                                 static_cast<std::uint16_t>(std::atoi(values[4])), std::atof(values[5])});
}
