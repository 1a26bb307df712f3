#include <gmock/gmock.h>

#include <algorithm>
#include <deque>

#include "sim/liar.hpp"
#include "sim/scenarios/story_for_tests.hpp"
#include "wire/codec.hpp"

namespace meshmon::sim {
namespace {

using namespace std::chrono_literals;
using mesh::Status;
using testing::IsEmpty;

constexpr std::size_t kViewer = 0;
constexpr std::size_t kSubject = 1;
constexpr std::size_t kRelay = 4;

/// Five nodes, of which the last is a relay that does not do its duty. It keeps every record that it is given.
class Relays : public testing::Test {
protected:
    void SetUp() override {
        ASSERT_TRUE(story.begins());
        story.run_for(3s);
        story.crash(kRelay);
        relay.emplace(Liar::member(story, kRelay));
        say({});
        relay->bend_answer = [this](const wire::Exchange& request, wire::Exchange& answer) {
            for (const wire::SignedRecord& record : request.records) keep(record);
            answer.your_version_held.reset();  // so it is given the whole record, again and again
            answer.records = {own};
            if (give) give(request, answer);
        };
        ASSERT_EQ(relay->tell(kViewer, {own}).status, 200);
    }

    void say(const std::vector<std::size_t>& accused) {
        own = relay->record(1000, ++seq, accused);
        relay->my_version = relay->version_of(own);
    }

    void keep(const wire::SignedRecord& record) {
        const auto head = wire::decode_head(record.head);
        if (!head || head->owner == story.id(kRelay)) return;
        const std::size_t owner = index_of(story.ids(), head->owner);
        auto& kept = hoard[owner];
        const auto same = [&](const wire::SignedRecord& other) { return other.head == record.head; };
        if (std::ranges::none_of(kept, same)) kept.push_back(record);
    }

    std::uint64_t refused(std::size_t node, std::string_view name) const {
        const auto& all = story.counters(node).refused;
        const auto found = all.find(name);
        return found == all.end() ? 0 : found->second;
    }

    Story story{{.nodes = 5, .seed = 141}};
    std::optional<Liar> relay;
    std::uint64_t seq = 0;
    wire::SignedRecord own;
    std::map<std::size_t, std::deque<wire::SignedRecord>> hoard;  ///< by owner, oldest first
    std::function<void(const wire::Exchange& request, wire::Exchange& answer)> give;
};

TEST_F(Relays, ThatOmitRecordsHideNobodyWhileAnHonestPathExists) {
    story.sever(kViewer, kSubject);
    for (int i = 0; i < 30; ++i) {
        EXPECT_TRUE(story.keeps(never_down(kSubject), 5s));
        const auto age = story.node(kViewer, kSubject).head_ago;
        EXPECT_TRUE(age && *age < 35s) << "it speaks every 30 s, and others bring that";
    }
    EXPECT_THAT(story.accusations(), IsEmpty());
}

TEST_F(Relays, ThatOmitRecordsAndAskAllTheTimeKeepNobodyFromAskingOthers) {
    story.sever(kViewer, kSubject);
    for (int i = 0; i < 60 * 20; ++i) {
        (void)relay->ask(kViewer, relay->request(kViewer));
        story.run_for(50ms);
        const auto age = story.node(kViewer, kSubject).head_ago;
        ASSERT_TRUE(age && *age < 35s) << "it speaks every 30 s, and others bring that";
        ASSERT_NE(story.status(kViewer, kSubject), Status::down);
    }
}

TEST_F(Relays, ThatAlterRecordsChangeNothing) {
    story.sever(kViewer, kSubject);
    give = [this](const wire::Exchange&, wire::Exchange& answer) {
        for (const auto& [owner, records] : hoard) {
            wire::SignedRecord altered = records.back();
            altered.head[altered.head.size() / 2] = static_cast<char>(altered.head[altered.head.size() / 2] ^ 1);
            answer.records.push_back(altered);
        }
    };
    EXPECT_TRUE(story.keeps(never_down(kSubject), 3min));
    EXPECT_GT(refused(kViewer, "bad_signature"), 0U);
    EXPECT_LE(refused(kViewer, "bad_signature"), 4U) << "once a minute";
    EXPECT_THAT(story.accusations(), IsEmpty());
}

TEST_F(Relays, ThatBringABadSignatureAreNotListenedToAsRelaysForAMinute) {
    story.run_for(5s);
    ASSERT_TRUE(hoard.contains(kSubject));
    const wire::SignedRecord good = hoard[kSubject].back();
    wire::SignedRecord bad = good;
    bad.head[bad.head.size() - 20] = static_cast<char>(bad.head[bad.head.size() - 20] ^ 1);
    (void)relay->tell(kViewer, {bad, good});
    EXPECT_EQ(refused(kViewer, "bad_signature"), 1U);
    EXPECT_EQ(refused(kViewer, "relay_ignored"), 0U) << "the rest of the message is dropped";
    (void)relay->tell(kViewer, {good});
    EXPECT_EQ(refused(kViewer, "relay_ignored"), 1U);
    say({});
    (void)relay->tell(kViewer, {own});
    EXPECT_EQ(story.node(kViewer, kRelay).head->seq, seq) << "what it signed itself still counts";
    story.run_for(61s);
    (void)relay->tell(kViewer, {good});
    EXPECT_EQ(refused(kViewer, "relay_ignored"), 1U) << "forgiven";
    EXPECT_THAT(story.accusations(), IsEmpty());
}

TEST_F(Relays, ThatHoardHeadsHideNoDeathFromWhoHadAnHonestPath) {
    story.run_for(3min);
    ASSERT_GT(hoard[kSubject].size(), 3U);
    story.crash(kSubject);
    auto& kept = hoard[kSubject];
    give = [&kept](const wire::Exchange&, wire::Exchange& answer) {
        if (kept.empty()) return;
        answer.records.push_back(kept.front());
        kept.pop_front();
    };
    EXPECT_TRUE(story.reaches(see({0, 2, 3}, {kSubject}, Status::down), detection_bound(story)));
    EXPECT_TRUE(story.keeps(see({0, 2, 3}, {kSubject}, Status::down), 1min));
}

/// The viewer hears of all others by the hoarder alone, which brings them what the viewer says of them, so that they answer. It
/// gives the heads of the living as they come, and one of those of the dead at a time.
class SoleRelay : public Relays {
protected:
    void SetUp() override {
        Relays::SetUp();
        for (const std::size_t other : {1U, 2U, 3U}) story.sever(kViewer, other);
        give = [this](const wire::Exchange& request, wire::Exchange& answer) {
            if (request.from != story.id(kViewer)) {
                if (hoard.contains(kViewer)) answer.records.push_back(hoard[kViewer].back());
                return;
            }
            for (const std::size_t owner : {2U, 3U}) {
                if (hoard.contains(owner)) answer.records.push_back(hoard[owner].back());
            }
            auto& kept = hoard[kSubject];
            if (kept.empty() || story.now() < next) return;
            answer.records.push_back(kept.front());
            kept.pop_front();
            next = story.now() + spacing;
        };
        story.run_for(3min);
        story.crash(kSubject);
        say({0, kSubject});
        ASSERT_GT(hoard[kSubject].size(), 2U);
        EXPECT_TRUE(story.reaches(see({2, 3}, {kSubject}, Status::down), detection_bound(story) + 32s))
            << "it hides nothing from those who see for themselves";
        ASSERT_TRUE(lives_for_the_viewer()) << "who hears by the hoarder alone takes the dead for alive";
    }

    [[nodiscard]] bool lives_for_the_viewer() const {
        const Status status = story.status(kViewer, kSubject);
        return status == Status::up || status == Status::degraded;
    }

    MonoTime next;
    Duration spacing = 10s;  // a proof of life counts for 10 s and three polls
};

TEST_F(SoleRelay, HidesADeathNoLongerThanItsHoardLasts) {
    const auto used_up = [this](const World&) { return hoard[kSubject].empty(); };
    ASSERT_TRUE(story.reaches(used_up, 20min));
    const Bounds bounds = bounds_of(story);
    const Duration freshness = 35s + 3 * bounds.poll() + bounds.few_reached();
    EXPECT_TRUE(story.reaches([this](const World&) { return !lives_for_the_viewer(); }, freshness));
    EXPECT_TRUE(story.keeps([this](const World&) { return !lives_for_the_viewer(); }, 2min));
}

TEST_F(SoleRelay, IsDefeatedByAnHonestPath) {
    story.heal();
    const Bounds bounds = bounds_of(story);
    if (!story.run_until(see({0, 2, 3}, {kSubject}, Status::down), bounds.detection() + bounds.late_head()))
        story.broken("L1: a hoard hides a death although there is an honest path");
    EXPECT_TRUE(story.keeps(see({0, 2, 3}, {kSubject}, Status::down), 2min)) << "what is left of the hoard is old news";
}

}  // namespace
}  // namespace meshmon::sim
