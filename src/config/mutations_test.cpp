#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "base/random.hpp"
#include "config/config.hpp"

/// A small fuzzer that every run of the tests contains; the large one is fuzz/.
namespace meshmon::config {
namespace {

constexpr int kMutations = 2'000;

constexpr std::string_view kNodeFile =
    "networks:\n"
    "  - &first {directory: prod, node_id: fra-1, config_type: local}\n"
    "  - {<<: *first, directory: \"\xC3\xA9 x\", config_type: git, git_repo: 'https://h/x.git', git_interval: 7.5}\n"
    "data_dir: /var/lib/meshmon\n"
    "listen: '[::]:8000'\n";

constexpr std::string_view kNetworkFile =
    "network_id: prod\n"
    "defaults: {nodes: {poll_rate: 10, retry: 3}, monitors: {interval: 30, retry: 2}}\n"
    "node_config:\n"
    "  - node_id: fra-1   # comment\n"
    "    url: https://fra-1.example.com:8000/\n"
    "    block: &b [nyc-1]\n"
    "  - node_id: nyc-1\n"
    "    url: replace_me\n"
    "    poll_rate: 0.5\n"
    "    allow: *b\n"
    "node_version: ['>=0.2.0', <2.0.0]\n"
    "monitors:\n"
    "  - {name: \"site\", type: http, host: 'http://example.com/'}\n"
    "cluster: |\n  text\n  more\n"
    "rebroadcasts: ~\n";

void mutate(std::string& text, Random& random) {
    constexpr std::string_view kTokens[] = {"\n",           ": ", "- ",  "[", "]",    "{",     "}",    "&b ",  "*b",  "'",
                                            "\"",           "\t", "#",   "|", "? ",   "---\n", "null", "<<: ", "\0",  "\xFF",
                                            "\xE6\x97\xA5", "%",  "!t ", ">", "\r\n", ",",     "~",    "-1",   "9e99"};
    const auto at = [&] { return static_cast<std::size_t>(random.below(text.size() + 1)); };
    switch (random.below(5)) {
        case 0: text.insert(at(), kTokens[random.below(std::size(kTokens))]); break;
        case 1: text.erase(at(), 1 + random.below(6)); break;
        case 2: text.insert(at(), text.substr(at(), random.below(60))); break;
        case 3:
            if (!text.empty()) text[random.below(text.size())] = static_cast<char>(random.below(256));
            break;
        case 4:
            if (!text.empty()) text[random.below(text.size())] ^= static_cast<char>(1 << random.below(8));
            break;
    }
}

/// What must hold for any text: a value or errors, and findings that can be shown.
template <typename T>
void expect_sound(const Parsed<T>& parsed, std::string_view text) {
    bool errors = false;
    for (const Diagnostic& diagnostic : parsed.diagnostics) {
        errors = errors || diagnostic.severity == Severity::error;
        const std::string shown = format(diagnostic);
        ASSERT_TRUE(shown.starts_with("f.yml") && shown.ends_with("\n")) << text;
        ASSERT_EQ(shown.find_first_of("\r\t\x1b"), std::string::npos) << text;
    }
    ASSERT_EQ(parsed.ok(), !errors) << text;
}

template <typename T>
void run_mutations(std::string_view sample, Parsed<T> (*parse)(std::string_view, const std::filesystem::path&)) {
    ASSERT_TRUE(parse(sample, "f.yml").ok());
    Random random(1);
    int accepted = 0;
    for (int i = 0; i < kMutations; ++i) {
        std::string text(sample);
        for (std::uint64_t count = 1 + random.below(3); count > 0; --count) mutate(text, random);
        const Parsed<T> parsed = parse(text, "f.yml");
        expect_sound(parsed, text);
        accepted += parsed.ok() ? 1 : 0;
    }
    // Both paths were walked; otherwise the mutations are too coarse or the parser checks nothing.
    EXPECT_GT(accepted, kMutations / 100);
    EXPECT_LT(accepted, kMutations * 9 / 10);
}

TEST(Mutations, OfANodeFileAreLoadedOrExplained) { run_mutations(kNodeFile, parse_node_config); }

TEST(Mutations, OfANetworkFileAreLoadedOrExplained) { run_mutations(kNetworkFile, parse_network_config); }

TEST(Mutations, EveryTruncationIsLoadedOrExplained) {
    for (std::size_t size = 0; size < kNetworkFile.size(); ++size) {
        expect_sound(parse_network_config(kNetworkFile.substr(0, size), "f.yml"), kNetworkFile.substr(0, size));
    }
    for (std::size_t size = 0; size < kNodeFile.size(); ++size) {
        expect_sound(parse_node_config(kNodeFile.substr(0, size), "f.yml"), kNodeFile.substr(0, size));
    }
}

}  // namespace
}  // namespace meshmon::config
