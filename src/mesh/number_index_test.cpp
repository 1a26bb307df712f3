#include "mesh/number_index.hpp"

#include <gtest/gtest.h>

#include <map>

#include "base/random.hpp"

namespace meshmon::mesh {
namespace {

TEST(NumberIndex, FindsWhatAMapFinds) {
    constexpr unsigned kBits = 48;
    Random random(1);
    const auto draw = [&random] { return random.next() >> (64 - kBits); };
    for (const std::size_t size : {0U, 1U, 2U, 3U, 100U, 1000U}) {
        std::vector<NumberIndex::Entry> entries;
        std::map<std::uint64_t, std::size_t> model;
        for (std::size_t i = 0; i < size; ++i) {
            // Some numbers come twice, and some lie as no random ones would.
            const std::uint64_t number = i % 10 == 3 ? entries.back().first : i % 10 == 7 ? i : draw();
            entries.emplace_back(number, i);
            model[number] = i;
        }
        NumberIndex index(entries, kBits);
        const auto compare = [&](std::uint64_t number) {
            const auto expected = model.find(number);
            const auto found = index.find(number);
            ASSERT_EQ(found.has_value(), expected != model.end()) << size << ": " << number;
            if (found) ASSERT_EQ(*found, expected->second) << size << ": " << number;
        };
        for (int round = 0; round < 50; ++round) {
            for (const auto& [number, i] : entries) compare(number);
            for (std::uint64_t number : {std::uint64_t{0}, (std::uint64_t{1} << kBits) - 1, draw(), ~std::uint64_t{0}})
                compare(number);
            if (entries.empty() || round % 2 == 0) {
                entries.emplace_back(draw(), size);
                model[entries.back().first] = size;
                index.set(entries.back().first, size);
            } else {
                const std::uint64_t gone = entries[random.below(entries.size())].first;
                model.erase(gone);
                index.erase(gone);
            }
        }
    }
}

TEST(NumberIndex, KnowsNothingBeforeItIsTold) { EXPECT_EQ(NumberIndex().find(7), std::nullopt); }

}  // namespace
}  // namespace meshmon::mesh
