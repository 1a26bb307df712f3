#include "cli/completion.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace meshmon::cli {
namespace {

using testing::HasSubstr;

void expect_everything(const std::string& script, bool dashes) {
    std::vector<const CommandSpec*> commands = {&command_tree()};
    for (std::size_t i = 0; i < commands.size(); ++i) {
        for (const CommandSpec& each : commands[i]->commands) commands.push_back(&each);
        EXPECT_THAT(script, HasSubstr(std::string(commands[i]->name)));
        for (const OptionSpec& option : commands[i]->options) {
            EXPECT_THAT(script, HasSubstr(std::string(option.name.substr(dashes ? 0 : 2))));
        }
    }
}

TEST(Completion, NamesEveryCommandAndOption) {
    expect_everything(bash_completion(command_tree()), true);
    expect_everything(zsh_completion(command_tree()), true);
    expect_everything(fish_completion(command_tree()), false);
}

TEST(Completion, QuotesDescriptionsSoThatNoShellReadsThem) {
    CommandSpec tree = command_tree();
    tree.commands.front().summary = "it's $(reboot) [now]: `x`";
    EXPECT_THAT(fish_completion(tree), HasSubstr("'it'\\''s $(reboot) [now]: `x`'"));
    EXPECT_THAT(zsh_completion(tree), HasSubstr("it'\\''s $(reboot) \\[now\\]\\: `x`"));
}

}  // namespace
}  // namespace meshmon::cli
