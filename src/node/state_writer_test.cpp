#include "node/state_writer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "node/folder_for_tests.hpp"
#include "node/state_file.hpp"

namespace meshmon::node {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using namespace std::chrono_literals;

class StateWriterTest : public testing::Test {
protected:
    StateWriter make(const std::filesystem::path& name = "a.state") {
        return StateWriter(
            loop_, folder_.path() / name, [this](std::uint64_t ticket) { saved_.push_back(ticket); },
            [this](const std::optional<std::string>& why) { troubles_.push_back(why.has_value()); });
    }
    bool wait(const std::function<bool()>& condition) { return loop_.run_until(condition, 20s); }

    FolderForTests folder_;
    net::Loop loop_;
    std::vector<std::uint64_t> saved_;
    std::vector<bool> troubles_;
};

TEST_F(StateWriterTest, TellsWhatIsDurable) {
    StateWriter writer = make();
    EXPECT_TRUE(writer.idle());
    writer.save(1, "one");
    EXPECT_FALSE(writer.idle());
    ASSERT_TRUE(wait([&] { return writer.idle(); }));
    EXPECT_EQ(folder_.read("a.state"), to_state_file("one"));
    EXPECT_THAT(saved_, ElementsAre(1));
    EXPECT_THAT(troubles_, IsEmpty());
}

TEST_F(StateWriterTest, LetsANewerStateSupersedeOneThatWaits) {
    StateWriter writer = make();
    for (std::uint64_t ticket = 1; ticket <= 5; ++ticket) writer.save(ticket, std::to_string(ticket));
    ASSERT_TRUE(wait([&] { return writer.idle(); }));
    EXPECT_THAT(saved_, ElementsAre(1, 5)) << "the first was under way, those between were never needed";
    EXPECT_EQ(folder_.read("a.state"), to_state_file("5"));
}

TEST_F(StateWriterTest, TriesAgainWithTheNewestAfterATrouble) {
    StateWriter writer = make("missing/a.state");
    writer.save(1, "one");
    ASSERT_TRUE(wait([&] { return !troubles_.empty(); }));
    writer.save(2, "two");
    EXPECT_FALSE(writer.idle());
    std::filesystem::create_directories(folder_.path() / "missing");
    ASSERT_TRUE(wait([&] { return writer.idle(); }));
    EXPECT_THAT(troubles_, ElementsAre(true, false));
    EXPECT_THAT(saved_, ElementsAre(2));
    EXPECT_EQ(folder_.read("missing/a.state"), to_state_file("two"));
}

TEST_F(StateWriterTest, MayGoWhileAWriteIsUnderWay) {
    {
        StateWriter writer = make();
        writer.save(1, "one");
    }
    ASSERT_TRUE(wait([&] { return std::filesystem::exists(folder_.path() / "a.state"); }));
    EXPECT_EQ(folder_.read("a.state"), to_state_file("one"));
    EXPECT_THAT(saved_, IsEmpty());
}

}  // namespace
}  // namespace meshmon::node
