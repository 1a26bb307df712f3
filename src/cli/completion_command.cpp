#include "cli/commands.hpp"
#include "cli/completion.hpp"

namespace meshmon::cli {

int completion_command(const Invocation& invocation, Context& context) {
    const std::string& shell = invocation.positionals.front();
    if (shell == "bash") context.out << bash_completion(command_tree());
    if (shell == "zsh") context.out << zsh_completion(command_tree());
    if (shell == "fish") context.out << fish_completion(command_tree());
    return kOk;
}

}  // namespace meshmon::cli
