#include "mesh/admission.hpp"

#include <gtest/gtest.h>

namespace meshmon::mesh {
namespace {

using namespace std::chrono_literals;

void fail_often(Admission& admission, std::string_view address, int times, MonoTime now) {
    for (int i = 0; i < times; ++i) admission.failed(address, now);
}

TEST(Admission, BlocksAnAddressAfterTwentyFailuresInASecond) {
    Admission admission;
    const MonoTime now(1h);
    fail_often(admission, "192.0.2.1", 19, now);
    EXPECT_FALSE(admission.is_blocked("192.0.2.1", now));
    fail_often(admission, "192.0.2.1", 1, now);
    EXPECT_TRUE(admission.is_blocked("192.0.2.1", now));
    EXPECT_FALSE(admission.is_blocked("192.0.2.2", now));
    EXPECT_FALSE(admission.is_blocked("192.0.2.1", now + 1s)) << "failures are forgotten at 20 a second";
}

TEST(Admission, KnowsProvenPairsApartFromTheirAddress) {
    Admission admission;
    admission.proven("192.0.2.1", 7);
    EXPECT_TRUE(admission.is_proven("192.0.2.1"));
    EXPECT_TRUE(admission.is_proven("192.0.2.1", 7));
    EXPECT_FALSE(admission.is_proven("192.0.2.1", 8)) << "a key is public: knowing it proves nothing";
    EXPECT_FALSE(admission.is_proven("192.0.2.2", 7));
}

TEST(Admission, APassAdmitsItsPairUntilAllPairsAreForgotten) {
    Admission admission;
    Admission::Pass pass;
    EXPECT_FALSE(admission.admits(pass, "", 0)) << "an empty one admits nobody";
    admission.proven("192.0.2.1", 7, pass);
    EXPECT_TRUE(admission.is_proven("192.0.2.1", 7));
    EXPECT_TRUE(admission.admits(pass, "192.0.2.1", 7));
    EXPECT_FALSE(admission.admits(pass, "192.0.2.2", 7));
    EXPECT_FALSE(admission.admits(pass, "192.0.2.1", 8));
    for (std::uint64_t sender = 100; admission.is_proven("192.0.2.1", 7); ++sender) admission.proven("192.0.2.9", sender);
    EXPECT_FALSE(admission.admits(pass, "192.0.2.1", 7));
    admission.proven("192.0.2.1", 7, pass);
    EXPECT_TRUE(admission.admits(pass, "192.0.2.1", 7));
    EXPECT_TRUE(admission.is_proven("192.0.2.1", 7));
}

TEST(Admission, ManyAddressesShareOneCountInsteadOfMemory) {
    Admission admission;
    const MonoTime now(1h);
    for (std::size_t i = 0; i < Admission::kAddressesMax + 30; ++i) admission.failed("host-" + std::to_string(i), now);
    EXPECT_TRUE(admission.is_blocked("never seen before", now));
    EXPECT_FALSE(admission.is_blocked("host-1", now)) << "who has its own count keeps it";
    EXPECT_FALSE(admission.is_blocked("never seen before", now + 5s));
}

}  // namespace
}  // namespace meshmon::mesh
