#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>

/// The sources and docs/reference/configuration.md name the same codes and keys.
namespace meshmon::config {
namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& file) {
    std::ostringstream text;
    text << std::ifstream(fs::path(MESHMON_SOURCE_DIR) / file).rdbuf();
    return text.str();
}

/// What the first group of `pattern` matches in `text`.
std::set<std::string> matches(const std::string& text, const std::string& pattern) {
    std::set<std::string> out;
    const std::regex regex(pattern);
    for (std::sregex_iterator it(text.begin(), text.end(), regex), end; it != end; ++it) out.insert((*it)[1].str());
    return out;
}

std::string sources() {
    std::string text;
    for (const auto& entry : fs::directory_iterator(fs::path(MESHMON_SOURCE_DIR) / "src/config")) {
        const std::string name = entry.path().filename().string();
        if (name.ends_with(".cpp") && !name.ends_with("_test.cpp")) text += read(entry.path());
    }
    return text;
}

TEST(Reference, NamesEveryCodeOnce) {
    const std::set<std::string> codes = matches(read("src/config/codes.hpp"), "\"([EWN][0-9]{3})\"");
    const std::set<std::string> named = matches(read("docs/reference/configuration.md"), "\n\\| `([EWN][0-9]{3})` \\|");
    EXPECT_GT(codes.size(), 40U);
    EXPECT_EQ(codes, named);
}

TEST(Reference, HasNoCodeThatNothingSays) {
    const std::string text = sources() + read("src/cli/check_command.cpp");  // which reads what was fetched
    for (const std::string& name : matches(read("src/config/codes.hpp"), "string_view (k[A-Za-z]+) =")) {
        EXPECT_NE(text.find("code::" + name), std::string::npos) << name;
    }
}

TEST(Reference, NamesEveryKey) {
    const std::string page = read("docs/reference/configuration.md");
    const std::set<std::string> keys = matches(sources(), "(?:find|require|find_value)\\(\"([a-z_]+)\"");
    EXPECT_GT(keys.size(), 25U);
    for (const std::string& key : keys) EXPECT_NE(std::min(page.find(key + "`"), page.find(key + ".")), std::string::npos) << key;
}

}  // namespace
}  // namespace meshmon::config
