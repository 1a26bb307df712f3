#include "cli/daemon_client.hpp"

#include <gtest/gtest.h>

#include "cli/node_file.hpp"

namespace meshmon::cli {
namespace {

std::string hint_for(const std::string& api) {
    Globals globals;
    globals.api = api;
    const auto url = daemon_url(globals);
    return url ? "none" : url.error().hint;
}

TEST(DaemonUrl, SaysHowAnAddressOfAnotherKindIsWritten) {
    EXPECT_EQ(hint_for("localhost:8000"), "take --api http://localhost:8000");
    EXPECT_EQ(hint_for("ftp://x"), "take --api http://x");
    EXPECT_EQ(hint_for("a b"), "take --api http://'a b'");
}

TEST(WithHint, DoesNotStartASecondDaemonBesideOneThatHangs) {
    const std::string url = "http://127.0.0.1:8000";
    const Globals globals;
    EXPECT_EQ(with_hint(fail("cli.unreachable", "refused"), url, globals).hint, "meshmon run");
    EXPECT_EQ(with_hint(fail("cli.no_answer", "no answer"), url, globals).hint, "curl -v http://127.0.0.1:8000/healthz");
    EXPECT_EQ(with_hint(fail("cli.answer", "500", "as it was"), url, globals).hint, "as it was");
}

TEST(CommandLine, CanBeCopiedWhateverTheFolderIsNamed) {
    Globals globals;
    EXPECT_EQ(command_line(globals, "run"), "meshmon run");
    globals.config_dir = "/etc/meshmon";
    EXPECT_EQ(command_line(globals, "run"), "meshmon run --config-dir /etc/meshmon");
    globals.config_dir = "sp ace/it's";
    EXPECT_EQ(command_line(globals, "check"), "meshmon check --config-dir 'sp ace/it'\\''s'");
}

}  // namespace
}  // namespace meshmon::cli
