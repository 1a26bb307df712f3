#include "repo/objects.hpp"

#include <gtest/gtest.h>

namespace meshmon::repo {
namespace {

constexpr std::string_view kCommit =
    "tree 12\nauthor A <a@b> 5 +0000\ncommitter Ada > <x> 1795341600 +0100\ngpgsig -----BEGIN\n x\n\nadd tok-1\n\nmore\n";

std::string object(std::string_view name, std::string_view kind, std::string_view bytes) {
    return std::string(name) + " " + std::string(kind) + " " + std::to_string(bytes.size()) + "\n" + std::string(bytes) + "\n";
}

TreePlan plan() { return {.config = "c", .keys = {{"a.pub", "ka"}, {"b.pub", "kb"}}, .read_bytes = 9}; }

TEST(ReadBatch, GivesTheFilesAndTheCommit) {
    EXPECT_EQ(batch_request("id", plan()), "id\nc\nka\nkb\n");
    const std::string answer =
        object("id", "commit", kCommit) + object("c", "blob", "x\ny") + object("ka", "blob", "") + object("kb", "blob", "kkk");
    EXPECT_LE(answer.size(), batch_bytes_max("id\nc\nka\nkb\n", plan()));
    const config::NetworkFiles files = read_batch(answer, plan()).value();
    EXPECT_EQ(files.config, "x\ny");
    EXPECT_EQ(files.keys, (std::map<std::string, std::string>{{"a.pub", ""}, {"b.pub", "kkk"}}));
    EXPECT_EQ(files.commit->id, "id");
    EXPECT_EQ(files.commit->subject, "add tok-1");
    EXPECT_EQ(to_rfc3339(files.commit->time), "2026-11-22T10:00:00.000Z");
}

TEST(ReadBatch, LivesWithoutAConfigAndWithoutATime) {
    const config::NetworkFiles files =
        read_batch(object("id", "commit", "committer nobody\n\n" + std::string(900, 's')), TreePlan{}).value();
    EXPECT_FALSE(files.config);
    EXPECT_EQ(files.commit->time, WallTime());
    EXPECT_EQ(files.commit->subject.size(), 200U);
    EXPECT_EQ(read_batch(object("id", "commit", "committer A <b> 99999999999999 +0\n\n"), TreePlan{})->commit->time, WallTime());
}

TEST(ReadBatch, SaysWhatIsMissing) {
    const std::string commit = object("id", "commit", kCommit);
    for (const std::string& answer :
         {std::string(), std::string("id missing\n"), object("id", "blob", "x"), commit, commit + "c missing\n",
          commit + object("c", "tree", "x"), commit + "c blob 100\nxy\n", commit + "c blob -1\nxy\n", commit + "c blob 2\nxy"}) {
        const auto files = read_batch(answer, plan());
        ASSERT_FALSE(files) << answer;
        EXPECT_EQ(files.error().code, "repo.damaged");
    }
}

}  // namespace
}  // namespace meshmon::repo
