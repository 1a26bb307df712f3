#include "node/machine_slept.hpp"

#include <gtest/gtest.h>

namespace meshmon::node {
namespace {

TEST(MachineSlept, IsNotNegative) { EXPECT_GE(machine_slept(), -std::chrono::milliseconds(1)); }

}  // namespace
}  // namespace meshmon::node
