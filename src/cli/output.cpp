#include "cli/output.hpp"

#include <boost/json.hpp>

#include "cli/json_text.hpp"

namespace meshmon::cli {

int report(Context& context, std::string_view what, const Error& error, int exit) {
    if (context.globals.json) {
        const boost::json::value body = {
            {"schema", 1}, {"error", {{"code", error.code}, {"title", what}, {"detail", error.message}, {"hint", error.hint}}}};
        context.out << json_line(body);
        return exit;
    }
    const Terminal& terminal = context.err_terminal;
    context.err << paint("error:", Colour::red, terminal) << ' ' << what << ": " << sanitise(error.message, terminal, 2000)
                << '\n';
    if (!error.hint.empty())
        context.err << paint("hint:", Colour::bold, terminal) << ' ' << sanitise(error.hint, terminal, 2000) << '\n';
    return exit;
}

void say(Context& context, std::string_view line) {
    if (context.globals.quiet || context.globals.json) return;
    context.err << line << '\n';
}

}  // namespace meshmon::cli
