#include "cli/json_text.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace meshmon::cli {
namespace {

TEST(JsonLine, KeepsEveryKindOfValueAndItsOrder) {
    const std::string text = R"({"b":[1,-2,18446744073709551615,true,false,null,{}],"a":"q\"uote","c":{"d":[]}})";
    EXPECT_EQ(json_line(boost::json::parse(text)), text + "\n");
}

TEST(JsonLine, WritesNumbersAsPeopleDo) { EXPECT_EQ(json_line(boost::json::parse("[5.599,1e3,0.25]")), "[5.599,1000,0.25]\n"); }

}  // namespace
}  // namespace meshmon::cli
