#include "cli/parse.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace meshmon::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string refusal(const std::vector<std::string>& arguments) {
    const auto parsed = parse(arguments);
    return parsed ? "accepted" : parsed.error().message;
}

TEST(Parse, BareMeansTheTreeItself) {
    const auto parsed = parse({});
    ASSERT_TRUE(parsed);
    EXPECT_THAT(parsed->path, IsEmpty());
    EXPECT_EQ(parsed->command, &command_tree());
}

TEST(Parse, FindsCommandsOfCommands) {
    const auto parsed = parse({"key", "generate", "--network", "prod"});
    ASSERT_TRUE(parsed);
    EXPECT_THAT(parsed->path, ElementsAre("key", "generate"));
    EXPECT_EQ(parsed->command->name, "generate");
    EXPECT_EQ(parsed->value("--network"), "prod");
}

TEST(Parse, TakesEveryGlobalOptionBeforeAndAfterTheCommand) {
    for (const OptionSpec& option : command_tree().options) {
        const std::string name(option.name);
        std::vector<std::string> words = {name};
        if (!option.value.empty()) words.emplace_back(option.choices.empty() ? "x" : option.choices.back());
        std::vector<std::string> before = words;
        before.insert(before.end(), {"key", "show"});
        std::vector<std::string> after = {"key", "show"};
        after.insert(after.end(), words.begin(), words.end());
        std::vector<std::string> between = {"key"};
        between.insert(between.end(), words.begin(), words.end());
        between.emplace_back("show");
        for (const auto& line : {before, after, between}) {
            const auto parsed = parse(line);
            ASSERT_TRUE(parsed) << name << ": " << parsed.error().message;
            EXPECT_THAT(parsed->path, ElementsAre("key", "show")) << name;
            EXPECT_TRUE(parsed->has(name)) << name;
        }
    }
}

TEST(Parse, TakesShortNamesAndEqualSigns) {
    const auto parsed = parse({"-C", "dir", "status", "--api=http://x:1", "-vv", "-q"});
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->value("--config-dir"), "dir");
    EXPECT_EQ(parsed->value("--api"), "http://x:1");
    EXPECT_EQ(parsed->count("--verbose"), 2);
    EXPECT_EQ(parsed->count("--quiet"), 1);
}

TEST(Parse, TheLastOfARepeatedOptionWins) { EXPECT_EQ(parse({"-C", "a", "status", "-C", "b"})->value("--config-dir"), "b"); }

TEST(Parse, WatchNeedsNoValue) {
    EXPECT_EQ(parse({"status", "--watch"})->value("--watch"), "");
    EXPECT_EQ(parse({"status", "--watch", "--json"})->value("--watch"), "");
    EXPECT_EQ(parse({"status", "--watch", "5"})->value("--watch"), "5");
    EXPECT_FALSE(parse({"status"})->value("--watch"));
}

TEST(Parse, KeepsPositionals) {
    EXPECT_THAT(parse({"check", "/etc/meshmon", "--strict"})->positionals, ElementsAre("/etc/meshmon"));
}

TEST(Parse, SuggestsTheNearestCommandAndOption) {
    EXPECT_THAT(refusal({"statsu"}), HasSubstr("did you mean 'status'?"));
    EXPECT_THAT(refusal({"key", "finger"}), HasSubstr("did you mean 'fingerprint'?"));
    EXPECT_THAT(refusal({"status", "--wathc"}), HasSubstr("did you mean '--watch'?"));
    EXPECT_THAT(refusal({"status", "--jsn"}), HasSubstr("did you mean '--json'?"));
    EXPECT_EQ(parse({"statsu"}).error().hint, "meshmon status");
}

TEST(Parse, SuggestsNothingForWhatIsLikeNothing) { EXPECT_EQ(refusal({"xyzzy"}), "meshmon has no command 'xyzzy'"); }

TEST(Parse, RefusesWhatACommandDoesNotTake) {
    EXPECT_EQ(refusal({"version", "now"}), "meshmon version does not take 'now'");
    EXPECT_EQ(refusal({"check", "a", "b"}), "meshmon check does not take 'b'");
    EXPECT_EQ(refusal({"status", "--api"}), "--api needs a value (URL)");
    EXPECT_EQ(refusal({"--json=3", "version"}), "--json takes no value");
    EXPECT_THAT(refusal({"version", "--strict"}), HasSubstr("meshmon version has no option '--strict'"));
}

TEST(Parse, RefusesValuesOutsideTheirChoices) {
    EXPECT_THAT(refusal({"completion", "bsh"}), HasSubstr("must be one of bash, zsh, fish; did you mean 'bash'?"));
    EXPECT_THAT(refusal({"run", "--log-format", "xml"}), HasSubstr("--log-format is 'xml', but must be one of"));
}

void expect_sound(const CommandSpec& command, std::set<std::string_view> inherited) {
    for (const OptionSpec& option : command.options) {
        EXPECT_TRUE(inherited.insert(option.name).second) << option.name << " twice in " << command.name;
        EXPECT_TRUE(option.short_name.empty() || inherited.insert(option.short_name).second) << option.short_name;
        EXPECT_EQ(option.value.empty(), option.kind == ValueKind::none) << option.name;
    }
    EXPECT_EQ(command.examples.size(), 3U) << command.name;
    for (const CommandSpec& each : command.commands) expect_sound(each, inherited);
}

TEST(Parse, NamesAPositionalThatIsMissing) {
    EXPECT_THAT(parse({"key", "trust", "tok-1", "tok-1.pub"})->positionals, ElementsAre("tok-1", "tok-1.pub"));
    const auto parsed = parse({"key", "trust", "tok-1"});
    ASSERT_FALSE(parsed);
    EXPECT_THAT(parsed.error().message, testing::HasSubstr("meshmon key trust needs FILE"));
    EXPECT_TRUE(parse({"key", "trust", "--help"}));
}

TEST(CommandTree, NamesEveryOptionOnceAndGivesThreeExamples) { expect_sound(command_tree(), {}); }

TEST(CommandTree, ExamplesAreCommandLinesItAccepts) {
    std::vector<const CommandSpec*> commands = {&command_tree()};
    for (std::size_t i = 0; i < commands.size(); ++i) {
        for (const CommandSpec& each : commands[i]->commands) commands.push_back(&each);
        for (const std::string_view example : commands[i]->examples) {
            std::vector<std::string> words;
            std::string word;
            for (const char c : std::string(example.substr(example.find("meshmon ") + 8)) + " ") {
                if (c != ' ') {
                    word += c;
                } else if (!word.empty()) {
                    words.push_back(word);
                    word.clear();
                }
            }
            const auto redirection = std::ranges::find(words, ">");
            words.erase(redirection, words.end());
            if (!words.empty() && words.back().ends_with(')')) words.back().pop_back();
            EXPECT_TRUE(parse(words)) << example << ": " << parse(words).error().message;
        }
    }
}

}  // namespace
}  // namespace meshmon::cli
