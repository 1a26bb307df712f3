#include "repo/tree.hpp"

#include <gtest/gtest.h>

namespace meshmon::repo {
namespace {

std::string entry(std::string_view mode, std::string_view path, std::string_view size = "10", std::string_view object = "aa") {
    const std::string_view kind = mode == "160000" ? "commit" : "blob";
    return std::string(mode) + " " + std::string(kind) + " " + std::string(object) + " " + std::string(7 - size.size(), ' ') +
           std::string(size) + "\t" + std::string(path) + std::string(1, '\0');
}

std::string code(const Result<TreePlan>& plan) { return plan ? "none" : std::string(plan.error().code); }

TEST(PlanTree, FindsTheConfigAndTheKeys) {
    const TreePlan plan =
        plan_tree(entry("100644", "README.md", "5", "r") + entry("100755", "config.yml", "7", "c") +
                      entry("100644", "pubkeys/a.pub", "3", "a") + entry("100644", "pubkeys/note.txt", "9", "n") +
                      entry("100644", "pubkeys/deep/b.pub", "9", "d") + entry("100644", "x/config.yml", "9", "x"),
                  {})
            .value();
    EXPECT_EQ(plan.config, "c");
    EXPECT_EQ(plan.keys, (std::map<std::string, std::string>{{"a.pub", "a"}}));
    EXPECT_EQ(plan.read_bytes, 10U);
    EXPECT_EQ(plan_tree("", {}).value().config, "");
}

TEST(PlanTree, RefusesLinksAndSubmodulesInOurPlaces) {
    for (const std::string_view mode : {"120000", "160000"}) {
        for (const std::string_view path : {"config.yml", "pubkeys", "pubkeys/a.pub", "pubkeys/deep"}) {
            EXPECT_EQ(code(plan_tree(entry(mode, path, mode == "160000" ? "-" : "4"), {})), "repo.link") << mode << " " << path;
        }
        EXPECT_TRUE(plan_tree(entry(mode, "docs", "-"), {})) << "elsewhere nobody follows it";
    }
    EXPECT_EQ(plan_tree(entry("120000", "pubkeys/\x1b[2J.pub"), {}).error().message,
              "'pubkeys/?[2J.pub' is a symbolic link, which is never followed");
}

TEST(PlanTree, LimitsCountAndSize) {
    Limits limits;
    limits.files = 3;
    limits.file_bytes = 100;
    limits.read_bytes = 50;
    EXPECT_EQ(code(plan_tree(entry("100644", "a") + entry("100644", "b") + entry("100644", "c"), limits)), "none");
    EXPECT_EQ(code(plan_tree(entry("100644", "a") + entry("100644", "b") + entry("100644", "c") + entry("100644", "d"), limits)),
              "repo.too_many_files");
    EXPECT_EQ(code(plan_tree(entry("100644", "a", "101"), limits)), "repo.too_large");
    EXPECT_EQ(code(plan_tree(entry("100644", "a", "60") + entry("100644", "b", "60"), limits)), "repo.too_large");
    EXPECT_EQ(code(plan_tree(entry("100644", "config.yml", "51"), limits)), "repo.too_large");
    EXPECT_EQ(code(plan_tree(entry("100644", "config.yml", "50"), limits)), "none");
}

TEST(PlanTree, TakesNoOtherForm) {
    for (const std::string_view text :
         {"nonsense", "100644 blob aa 10 path", "1 blob aa 1\tpath", "100644 blob aa x\tpath", "\t\t"})
        EXPECT_EQ(code(plan_tree(text, {})), "repo.damaged") << text;
}

}  // namespace
}  // namespace meshmon::repo
