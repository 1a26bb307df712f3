#include "node/state_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "node/folder_for_tests.hpp"
#include "wire/codec.hpp"

namespace meshmon::node {
namespace {

using testing::HasSubstr;

class StateFile : public testing::Test {
protected:
    static Bytes content(std::uint64_t epoch) {
        wire::SavedState state;
        state.network = *NetworkId::parse("prod");
        state.node = *NodeId::parse("a");
        state.epoch = epoch;
        return wire::encode(state);
    }
    [[nodiscard]] LoadedState load(std::string_view node = "a") const {
        return load_state_file(folder_.path() / "prod.state", *NetworkId::parse("prod"), *NodeId::parse(node));
    }
    void write(std::string_view bytes) const { folder_.write("prod.state", bytes); }

    FolderForTests folder_;
};

TEST_F(StateFile, ComesBackAsItWasWritten) {
    write(to_state_file(content(7)));
    const LoadedState loaded = load();
    ASSERT_TRUE(loaded.saved);
    EXPECT_EQ(loaded.saved->epoch, 7u);
    EXPECT_EQ(loaded.warning, "");
}

TEST_F(StateFile, ThatIsAbsentIsAFirstStart) {
    const LoadedState loaded = load();
    EXPECT_FALSE(loaded.saved);
    EXPECT_EQ(loaded.warning, "");
}

TEST_F(StateFile, ThatIsTornAnywhereIsKeptAsideAndNotBelieved) {
    const std::string whole = to_state_file(content(7));
    for (std::size_t length = 0; length < whole.size(); ++length) {
        write(whole.substr(0, length));
        const LoadedState loaded = load();
        EXPECT_FALSE(loaded.saved) << length;
        EXPECT_NE(loaded.warning, "") << length;
        EXPECT_FALSE(std::filesystem::exists(folder_.path() / "prod.state"));
    }
    EXPECT_TRUE(std::filesystem::exists(folder_.path() / "prod.state.corrupt-1"));
    EXPECT_TRUE(std::filesystem::exists(folder_.path() / "prod.state.corrupt-5"));
    EXPECT_FALSE(std::filesystem::exists(folder_.path() / "prod.state.corrupt-6")) << "damaged files do not pile up";
}

TEST_F(StateFile, WithOneBitChangedIsNotBelieved) {
    const std::string whole = to_state_file(content(7));
    for (std::size_t at = 0; at < whole.size(); ++at) {
        std::string changed = whole;
        changed[at] = static_cast<char>(changed[at] ^ 0x10);
        write(changed);
        EXPECT_FALSE(load().saved) << at;
    }
}

TEST_F(StateFile, OfAnotherNodeIsNotBelieved) {
    write(to_state_file(content(7)));
    const LoadedState loaded = load("b");
    EXPECT_FALSE(loaded.saved);
    EXPECT_THAT(loaded.warning, HasSubstr("it belongs to a in prod; it is kept as "));
}

TEST_F(StateFile, ThatIsAFolderDoesNotKeepTheNodeFromStarting) {
    std::filesystem::create_directories(folder_.path() / "prod.state" / "inside");
    EXPECT_FALSE(load().saved);
    EXPECT_FALSE(std::filesystem::exists(folder_.path() / "prod.state"));
}

}  // namespace
}  // namespace meshmon::node
