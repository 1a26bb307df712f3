#include <fmt/format.h>
#include <fmt/ranges.h>
#include <boost/json.hpp>

#include <algorithm>
#include <filesystem>

#include "cli/commands.hpp"
#include "cli/json_text.hpp"
#include "cli/node_file.hpp"
#include "config/access.hpp"
#include "config/example.hpp"
#include "config/folder.hpp"
#include "config/keys.hpp"
#include "crypto/fingerprint.hpp"
#include "crypto/pem.hpp"

namespace meshmon::cli {
namespace {

namespace fs = std::filesystem;

struct Answers {
    NetworkId network;
    NodeId node;
    std::string url;
    std::string git;
};

struct Made {
    std::vector<fs::path> files;
    config::OwnKeyPlace place;
    config::OwnKey key;
};

/// The flag's value; without one the answer to a question, where somebody sits at the terminal.
std::string ask(const std::optional<std::string>& given, std::string_view question, Context& context) {
    if (given || !context.in_is_tty) return given.value_or("");
    context.err << question << ": " << std::flush;
    std::string answer;
    std::getline(context.in, answer);
    return answer;
}

/// The first error that the generated files would have: a URL or repository that nobody could use.
Result<void> check_text(std::string_view option, const std::vector<config::Diagnostic>& diagnostics) {
    const auto found = std::ranges::find(diagnostics, config::Severity::error, &config::Diagnostic::severity);
    if (found == diagnostics.end()) return {};
    return fail("cli.usage", fmt::format("{}: {}", option, found->text), found->hint);
}

/// What was given, with an example where something is missing.
std::string completed_line(const std::string& network, const std::string& node, const std::string& url,
                           const std::optional<std::string>& git, const Globals& globals) {
    const std::string id = node.empty() ? "server-01" : node;
    return command_line(
        globals, fmt::format("init --network {} --node-id {} --url {}{}", config::shell_word(network.empty() ? "home" : network),
                             config::shell_word(id), url.empty() ? "http://ADDRESS-OF-THIS-HOST:8000" : config::shell_word(url),
                             git ? " --git " + config::shell_word(*git) : ""));
}

Result<Answers> answers(const Invocation& invocation, Context& context) {
    const std::string network = ask(context.globals.network, "Name of the network (the same on all its nodes)", context);
    const std::string node = ask(invocation.value("--node-id"), "Name of this node in it", context);
    const std::string url = ask(invocation.value("--url"), "URL at which the other nodes reach this one", context);
    std::vector<std::string_view> missing;
    if (network.empty()) missing.emplace_back("--network");
    if (node.empty()) missing.emplace_back("--node-id");
    if (url.empty()) missing.emplace_back("--url");
    if (!missing.empty()) {
        return fail("cli.usage", fmt::format("meshmon init needs {}", fmt::join(missing, ", ")),
                    completed_line(network, node, url, invocation.value("--git"), context.globals));
    }
    Answers out{.network = {}, .node = {}, .url = url, .git = invocation.value("--git").value_or("")};
    auto network_id = NetworkId::parse(network);
    if (!network_id) return fail("cli.usage", "--network: " + network_id.error().message, network_id.error().hint);
    auto node_id = NodeId::parse(node);
    if (!node_id) return fail("cli.usage", "--node-id: " + node_id.error().message, node_id.error().hint);
    out.network = *network_id;
    out.node = *node_id;
    const auto network_file = config::parse_network_config(config::example_network_config(out.network, out.node, url), "--url");
    if (auto checked = check_text("--url", network_file.diagnostics); !checked) return checked.error();
    const auto node_file = config::parse_node_config(config::example_node_config(out.network.str(), out.node, out.git), "--git");
    if (auto checked = check_text("--git", node_file.diagnostics); !checked) return checked.error();
    return out;
}

/// All that stands in the way is named before anything is written.
Result<void> nothing_there(const Answers& answers, const Globals& globals) {
    const fs::path node_file = globals.config_dir / globals.config_file_name;
    std::error_code ignored;
    if (fs::exists(node_file, ignored)) {
        return fail("cli.exists",
                    fmt::format("{} exists and is not overwritten; to join one more network add this under its networks: "
                                "{{directory: {}, node_id: {}}}",
                                node_file.string(), answers.network.str(), answers.node.str()),
                    command_line(globals, "check"));
    }
    const fs::path folder = config::network_folder(globals.config_dir, answers.network.str());
    if (answers.git.empty() && fs::exists(folder / "config.yml", ignored)) {
        return fail("cli.exists", fmt::format("{} exists and is not overwritten", (folder / "config.yml").string()),
                    command_line(globals, "check"));
    }
    return {};
}

Result<Made> make(const Answers& answers, const Globals& globals) {
    if (auto free = nothing_there(answers, globals); !free) return free.error();
    config::NetworkRef ref;
    ref.directory = answers.network.str();
    ref.node_id = answers.node;
    ref.git_repo = answers.git;
    ref.type = answers.git.empty() ? config::ConfigType::local : config::ConfigType::git;

    Made made;
    made.place = config::own_key_place(globals.config_dir, ref, answers.network);
    auto key = config::ensure_own_key(made.place);
    if (!key) return key.error();
    made.key = std::move(*key);
    if (ref.type == config::ConfigType::local) {
        auto file = config::create_network_example(globals.config_dir, ref, answers.url);
        if (!file) return file.error();
        made.files.push_back(*file);
    }
    if (auto published = config::publish_own_key(made.place, made.key); !published) return published.error();
    const std::string text = config::example_node_config(ref.directory, ref.node_id, answers.git);
    auto file = config::create_node_file(globals.config_dir, globals.config_file_name, text);
    if (!file) return file.error();
    made.files.insert(made.files.begin(), *file);
    made.files.push_back(made.place.public_file());
    made.files.push_back(made.key.file);
    return made;
}

std::vector<std::string> next_steps(const Answers& answers, const Made& made, const Globals& globals) {
    const std::string folder = config::network_folder(globals.config_dir, answers.network.str()).string();
    std::vector<std::string> steps;
    if (answers.git.empty()) {
        steps.push_back(
            fmt::format("Add the other nodes to {}/config.yml, and their public keys to {}/pubkeys/.", folder, folder));
        steps.push_back(fmt::format("Give them this config.yml and {}.", made.place.public_file().string()));
    } else {
        steps.push_back(fmt::format("In {} add to node_config of config.yml:  - {{node_id: {}, url: \"{}\"}}", answers.git,
                                    answers.node.str(), answers.url));
        steps.push_back(fmt::format("Add {} there as pubkeys/{}.pub, commit and push.", made.place.public_file().string(),
                                    answers.node.str()));
    }
    // In git mode there is nothing to check before a node that runs has cloned the repository.
    if (answers.git.empty()) steps.push_back(command_line(globals, "check"));
    steps.push_back(command_line(globals, "run"));
    if (!answers.git.empty())
        steps.push_back(fmt::format("Beside it: {} says what is still missing.", command_line(globals, "doctor")));
    return steps;
}

void print(const Answers& answers, const Made& made, Context& context) {
    const auto fingerprint = crypto::fingerprint(made.key.public_key).text();
    const auto steps = next_steps(answers, made, context.globals);
    if (context.globals.json) {
        boost::json::array files;
        for (const fs::path& file : made.files) files.push_back(boost::json::string(file.string()));
        boost::json::array next;
        for (const std::string& step : steps) next.push_back(boost::json::string(step));
        const boost::json::value body = {{"schema", 1},
                                         {"network_id", answers.network.str()},
                                         {"node_id", answers.node.str()},
                                         {"fingerprint", fingerprint},
                                         {"public_key_pem", crypto::to_pem(made.key.public_key)},
                                         {"key_generated", made.key.generated},
                                         {"files", std::move(files)},
                                         {"next", std::move(next)}};
        context.out << json_line(body);
        return;
    }
    context.out << fmt::format("Node {} of network {}, key {}{}\n\nFiles\n", answers.node.str(), answers.network.str(),
                               fingerprint, made.key.generated ? "" : " (kept: it existed)");
    for (const fs::path& file : made.files) {
        context.out << fmt::format("  {}{}\n", file.string(), file == made.key.file ? "  (private: it stays here)" : "");
    }
    if (!answers.git.empty()) context.out << "\nPublic key\n" << crypto::to_pem(made.key.public_key);
    context.out << "\nNext\n";
    for (std::size_t i = 0; i < steps.size(); ++i) context.out << fmt::format("  {}. {}\n", i + 1, steps[i]);
}

}  // namespace

int init_command(const Invocation& invocation, Context& context) {
    const auto asked = answers(invocation, context);
    if (!asked) return report(context, "usage", asked.error(), kUsage);
    const auto made = make(*asked, context.globals);
    if (!made) return report(context, "init", made.error(), kFailed);
    print(*asked, *made, context);
    return kOk;
}

}  // namespace meshmon::cli
