#include <unistd.h>

#include <iostream>

#include "cli/commands.hpp"

int main(int argc, char** argv) {
    using namespace meshmon::cli;
    const Environment environment = process_environment();
    Context context{.out = std::cout,
                    .err = std::cerr,
                    .in = std::cin,
                    .out_terminal = terminal_for(isatty(STDOUT_FILENO) != 0, false, environment),
                    .err_terminal = terminal_for(isatty(STDERR_FILENO) != 0, false, environment),
                    .in_is_tty = isatty(STDIN_FILENO) != 0,
                    .environment = environment,
                    .globals = {}};
    const int exit = dispatch(std::vector<std::string>(argv + 1, argv + argc), context);
    if (std::cout.flush()) return exit;
    std::cerr << "error: output: it could not be written to the end\n";
    return exit == kOk ? kFailed : exit;
}
