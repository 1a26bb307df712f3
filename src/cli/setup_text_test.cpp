#include "cli/setup_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace meshmon::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr Terminal kPlain{.tty = false, .colour = false, .unicode = true};

boost::json::object setup() {
    return boost::json::parse(R"({"complete": false,
        "steps": [{"name": "node_file", "state": "done"}, {"name": "daemon", "state": "done"}],
        "networks": [{"network_id": "home", "directory": "home", "node_id": "a", "key_words": "amber-falcon", "fingerprint": "SHA256:x",
            "steps": [{"name": "config", "state": "done"}],
            "peers": [
                {"node_id": "b", "ready": true, "steps": [{"name": "listed", "state": "done"}]},
                {"node_id": "tok-1", "ready": false, "steps": [
                    {"name": "url_set", "state": "failed", "detail": "a\u001b[31mb", "remedy": "mend it", "host": "tok-1"},
                    {"name": "key_present", "state": "failed", "detail": "missing", "remedy": "fetch it", "host": "a"},
                    {"name": "connects", "state": "waiting"},
                    {"name": "sees_us", "state": "not_needed"}]}]}]})")
        .as_object();
}

TEST(SetupText, ShowsALineOfStepsForEachPeer) {
    const std::string text = setup_text(setup(), kPlain);
    EXPECT_THAT(text, HasSubstr("home  1 of 2 peers ready"));
    EXPECT_THAT(text, HasSubstr("  a (this)  ✓ config\n"));
    EXPECT_THAT(text, HasSubstr("  b         ✓ listed\n"));
    EXPECT_THAT(text, HasSubstr("✕ url_set  ✕ key_present  … connects  – sees_us"));
    EXPECT_THAT(text, Not(HasSubstr("All is set up")));
}

TEST(SetupText, SaysWhatToDoAndOnWhichOtherHost) {
    const std::string text = setup_text(setup(), kPlain);
    EXPECT_THAT(text, HasSubstr("→ on tok-1: mend it"));
    EXPECT_THAT(text, HasSubstr("→ fetch it"));
}

TEST(SetupText, SaysWhatIsWaitedForWhereNothingFailed) {
    boost::json::object all = setup();
    auto& network = all["networks"].as_array()[0].as_object();
    network["steps"] = boost::json::parse(R"([{"name": "config", "state": "waiting", "detail": "no commit is here yet"}])");
    network["peers"].as_array()[0].as_object()["steps"] =
        boost::json::parse(R"([{"name": "connects", "state": "waiting", "detail": "for the first try"},
                               {"name": "version", "state": "waiting", "detail": "for `connects`"}])");
    const std::string text = setup_text(all, kPlain);
    EXPECT_THAT(text, HasSubstr("    config waits: no commit is here yet\n"));
    EXPECT_THAT(text, HasSubstr("    connects waits for the first try\n"));
    EXPECT_THAT(text, Not(HasSubstr("version waits")));
}

TEST(SetupText, ShowsARemedyOfSeveralLinesAsSuch) {
    boost::json::object all = setup();
    auto& step = all["networks"].as_array()[0].as_object()["peers"].as_array()[1].as_object()["steps"].as_array()[1].as_object();
    step["remedy"] = "add these lines:\n  - node_id: b\n    url: x\x1b";
    EXPECT_THAT(setup_text(all, kPlain), HasSubstr("→ add these lines:\n          - node_id: b\n            url: x?\n"));
}

TEST(SetupText, ShowsNoControlCharactersAndNoUnicodeWhereThereIsNone) {
    const std::string text = setup_text(setup(), Terminal{});
    for (const char c : text) EXPECT_TRUE(c == '\n' || (c >= ' ' && c < 127)) << static_cast<int>(c);
}

TEST(SetupText, TakesAnythingThatADaemonOfAnotherVersionSays) {
    for (const char* json : {"{}", R"({"steps": 3, "networks": {}})", R"({"networks": [1, {"peers": [null], "steps": [[]]}]})"})
        EXPECT_FALSE(setup_text(boost::json::parse(json).as_object(), kPlain).empty());
}

}  // namespace
}  // namespace meshmon::cli
