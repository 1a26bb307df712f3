#include "cli/globals.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace meshmon::cli {
namespace {

using testing::HasSubstr;

using Variables = std::map<std::string, std::string, std::less<>>;

Result<Globals> resolve(const std::vector<std::string>& arguments, const Variables& variables) {
    const Environment environment = [&](std::string_view name) -> std::optional<std::string> {
        const auto found = variables.find(name);
        if (found == variables.end()) return std::nullopt;
        return found->second;
    };
    return resolve_globals(*parse(arguments), environment);
}

TEST(Globals, DefaultsWithoutAnything) {
    const auto globals = resolve({}, {});
    ASSERT_TRUE(globals);
    EXPECT_EQ(globals->config_dir, "config");
    EXPECT_EQ(globals->config_file_name, "nodeconf.yml");
    EXPECT_EQ(globals->log_level, "info");
    EXPECT_EQ(globals->log_format, "auto");
    EXPECT_FALSE(globals->data_dir || globals->listen || globals->api || globals->network);
}

TEST(Globals, AVariableBeatsTheDefaultAndAFlagBeatsTheVariable) {
    const Variables variables = {{"MESHMON_CONFIG_DIR", "/env"},
                                 {"MESHMON_DATA_DIR", "/env-data"},
                                 {"MESHMON_LISTEN", "env:1"},
                                 {"MESHMON_API", "http://env"},
                                 {"MESHMON_LOG_FORMAT", "json"}};
    const auto by_variable = resolve({"status"}, variables);
    EXPECT_EQ(by_variable->config_dir, "/env");
    EXPECT_EQ(by_variable->data_dir, "/env-data");
    EXPECT_EQ(by_variable->listen, "env:1");
    EXPECT_EQ(by_variable->api, "http://env");
    EXPECT_EQ(by_variable->log_format, "json");
    const auto by_flag = resolve({"-C", "/flag", "status", "--data-dir", "/flag-data", "--listen", "flag:1", "--api",
                                  "http://flag", "--log-format", "logfmt"},
                                 variables);
    EXPECT_EQ(by_flag->config_dir, "/flag");
    EXPECT_EQ(by_flag->data_dir, "/flag-data");
    EXPECT_EQ(by_flag->listen, "flag:1");
    EXPECT_EQ(by_flag->api, "http://flag");
    EXPECT_EQ(by_flag->log_format, "logfmt");
}

TEST(Globals, AnEmptyVariableIsNotSet) { EXPECT_EQ(resolve({}, {{"MESHMON_CONFIG_DIR", ""}})->config_dir, "config"); }

TEST(Globals, LogLevelComesInAnyCaseAndFlagsBeatIt) {
    EXPECT_EQ(resolve({}, {{"LOG_LEVEL", "Warning"}})->log_level, "warning");
    EXPECT_EQ(resolve({}, {{"LOG_LEVEL", "CRITICAL"}})->log_level, "critical");
    EXPECT_EQ(resolve({"-v"}, {{"LOG_LEVEL", "ERROR"}})->log_level, "debug");
    EXPECT_EQ(resolve({"-vv"}, {{"LOG_LEVEL", "ERROR"}})->log_level, "trace");
    EXPECT_EQ(resolve({"-q"}, {{"LOG_LEVEL", "trace"}})->log_level, "warning");
}

TEST(Globals, NamesTheVariableThatCannotBe) {
    EXPECT_THAT(resolve({}, {{"LOG_LEVEL", "loud"}}).error().message, HasSubstr("LOG_LEVEL is 'loud'"));
    EXPECT_THAT(resolve({}, {{"LOG_LEVEL", "dbug"}}).error().message, HasSubstr("did you mean 'debug'?"));
    EXPECT_THAT(resolve({}, {{"MESHMON_LOG_FORMAT", "xml"}}).error().message, HasSubstr("MESHMON_LOG_FORMAT is 'xml'"));
    EXPECT_THAT(resolve({}, {{"CONFIG_FILE_NAME", "../x.yml"}}).error().message, HasSubstr("without '/'"));
}

}  // namespace
}  // namespace meshmon::cli
