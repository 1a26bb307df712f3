// The stories on a mesh that makes the mistake which MESHMON_MISTAKE names; and which probes no story passed.

#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

#include "base/check.hpp"
#include "sim/program/mistakes.hpp"

namespace meshmon::sim {
namespace {

class Mistakes : public testing::Environment {
public:
    void SetUp() override {
        const char* name = std::getenv("MESHMON_MISTAKE");
        if (name != nullptr) MM_CHECK(make_mistake(name), "MESHMON_MISTAKE names no mistake");
    }
    void TearDown() override { std::cout << probes_never_passed() << '\n'; }
};

const auto* const kMistakes = testing::AddGlobalTestEnvironment(new Mistakes);

}  // namespace
}  // namespace meshmon::sim
