#pragma once

#include <istream>
#include <ostream>
#include <string>

#include "base/result.hpp"
#include "cli/globals.hpp"
#include "cli/terminal.hpp"

namespace meshmon::cli {

/// Exit codes that several commands share.
enum Exit : int { kOk = 0, kFailed = 1, kUsage = 2, kStrictWarnings = 3, kDegraded = 10, kDown = 11 };

/// What a command works with. Results go to `out`, talk goes to `err`.
struct Context {
    std::ostream& out;
    std::ostream& err;
    std::istream& in;
    Terminal out_terminal;
    Terminal err_terminal;
    bool in_is_tty = false;
    Environment environment;
    Globals globals;
};

/// Says that `what` did not work and why: on `err` as
///     error: <what>: <why>
///     hint: <command>
/// or with --json on `out` as {"schema":1,"error":{"code","title","detail","hint"}}. Returns `exit`.
int report(Context& context, std::string_view what, const Error& error, int exit);

/// Talk, which --quiet and --json silence.
void say(Context& context, std::string_view line);

}  // namespace meshmon::cli
