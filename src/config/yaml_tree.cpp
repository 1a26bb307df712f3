#include "config/yaml_tree.hpp"

#include <algorithm>
#include <istream>
#include <streambuf>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include "base/check.hpp"
#include "config/codes.hpp"

namespace meshmon::config {

namespace {

/// Ends the parsing from within an event; the finding is recorded already.
struct Stop {};

/// Where the quote that `text` begins with is closed, or npos.
std::size_t closing_quote(std::string_view text) {
    const char quote = text.front();
    for (std::size_t at = 1; at < text.size(); ++at) {
        if (quote == '"' && text[at] == '\\') {
            ++at;
        } else if (text[at] == quote) {
            const bool doubled = quote == '\'' && at + 1 < text.size() && text[at + 1] == quote;
            if (!doubled) return at;
            ++at;
        }
    }
    return std::string_view::npos;
}

/// Lets the parser read a text without a copy of it.
class TextBuffer : public std::streambuf {
public:
    explicit TextBuffer(std::string_view text) {
        char* begin = const_cast<char*>(text.data());  // NOLINT: streambuf's interface; nothing is written
        setg(begin, begin, begin + text.size());
    }
};

}  // namespace

/// Takes the events, counts before it keeps, and remembers places.
class TreeBuilder : public YAML::EventHandler {
public:
    explicit TreeBuilder(std::string_view text, Findings& findings) : text_(text), findings_(findings) {}

    void OnDocumentStart(const YAML::Mark& mark) override {
        if (++documents_ == 2) {
            stop(code::kSeveralDocuments, spot_of(mark), "a second document begins here",
                 "one file is one document: remove the '---' and what does not belong to it");
        }
    }
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        const std::uint32_t index = add(YamlKind::null, mark, anchor);
        tree_.values_[index].spot.length = std::max(1, plain_length(mark));
    }
    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, const std::string& value) override;
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override;
    void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor, YAML::EmitterStyle::value) override {
        open(YamlKind::list, mark, anchor);
    }
    void OnSequenceEnd() override { close(); }
    void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor, YAML::EmitterStyle::value) override {
        open(YamlKind::map, mark, anchor);
    }
    void OnMapEnd() override {
        check_keys(tree_.values_[open_.back()]);
        close();
    }

    YamlTree take() { return std::move(tree_); }

private:
    [[noreturn]] void stop(std::string_view code, const Spot& spot, std::string text, std::string hint) {
        findings_.error(code, spot, std::move(text), std::move(hint));
        throw Stop{};
    }
    [[nodiscard]] Spot spot_of(const YAML::Mark& mark) const;
    [[nodiscard]] int plain_length(const YAML::Mark& mark) const;
    [[nodiscard]] int quoted_length(const YAML::Mark& mark);
    [[nodiscard]] std::string_view rest_of_line(const YAML::Mark& mark) const;

    std::uint32_t add(YamlKind kind, const YAML::Mark& mark, YAML::anchor_t anchor);
    void open(YamlKind kind, const YAML::Mark& mark, YAML::anchor_t anchor);
    void close();
    void attach(std::uint32_t index);
    void check_keys(const YamlTree::Value& map);

    std::string_view text_;
    Findings& findings_;
    YamlTree tree_;
    std::vector<std::uint32_t> open_;  ///< the lists and maps that the next value stands in, the innermost last
    std::unordered_map<YAML::anchor_t, std::uint32_t> anchors_;
    std::size_t aliased_ = 0;
    int documents_ = 0;
};

void TreeBuilder::OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, const std::string& value) {
    const std::uint32_t index = add(YamlKind::scalar, mark, anchor);
    YamlTree::Value& scalar = tree_.values_[index];
    scalar.text = value;
    const bool plain = tag != "!" && rest_of_line(mark).starts_with(value);
    scalar.spot.length = std::max(1, plain ? character_count(value) : quoted_length(mark));
}

void TreeBuilder::OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) {
    const auto found = anchors_.find(anchor);
    MM_CHECK(found != anchors_.end(), "yaml-cpp names only anchors that it announced");
    const std::uint32_t index = found->second;
    if (std::ranges::find(open_, index) != open_.end()) {
        stop(code::kAliasCycle, spot_of(mark), "this alias stands within the value that it names",
             "write the value out instead of repeating it by '*'");
    }
    aliased_ += tree_.values_[index].weight;
    if (aliased_ > YamlTree::kAliasedMax) {
        stop(code::kTooManyValues, spot_of(mark), fmt::format("aliases repeat more than {} values", YamlTree::kAliasedMax),
             "write the values out, or repeat smaller ones");
    }
    attach(index);
}

Spot TreeBuilder::spot_of(const YAML::Mark& mark) const {
    if (mark.is_null() || mark.line < 0) return {};
    const int line = std::min(mark.line + 1, findings_.lines().count());
    return {.line = line, .column = findings_.lines().column_of(line, static_cast<std::size_t>(std::max(0, mark.column)))};
}

std::string_view TreeBuilder::rest_of_line(const YAML::Mark& mark) const {
    const std::string_view line = findings_.lines().line(mark.line + 1);
    return line.substr(std::min(line.size(), static_cast<std::size_t>(std::max(0, mark.column))));
}

int TreeBuilder::plain_length(const YAML::Mark& mark) const {
    const std::string_view rest = rest_of_line(mark);
    return character_count(rest.substr(0, std::min(rest.find_first_of(" \t,]}#"), rest.size())));
}

/// What a quoted scalar takes of its first line. The parser takes a quote that is never closed for one that ends with the file.
int TreeBuilder::quoted_length(const YAML::Mark& mark) {
    const std::string_view rest = rest_of_line(mark);
    if (!rest.starts_with('"') && !rest.starts_with('\'')) return 1;
    const std::string_view text = text_.substr(static_cast<std::size_t>(rest.data() - text_.data()));
    const std::size_t end = closing_quote(text);
    if (end == std::string_view::npos) {
        stop(code::kSyntax, spot_of(mark), "no valid YAML: a quote that is never closed", "close it where the text ends");
    }
    return character_count(text.substr(0, std::min(end + 1, rest.size())));
}

std::uint32_t TreeBuilder::add(YamlKind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (tree_.values_.size() >= YamlTree::kValuesMax) {
        stop(code::kTooManyValues, spot_of(mark), fmt::format("more than {} values in one file", YamlTree::kValuesMax),
             "no configuration needs that many: is this the right file?");
    }
    const auto index = static_cast<std::uint32_t>(tree_.values_.size());
    tree_.values_.push_back({.text = {}, .items = {}, .spot = spot_of(mark), .weight = 1, .kind = kind});
    if (anchor != YAML::NullAnchor) anchors_[anchor] = index;
    if (kind == YamlKind::null || kind == YamlKind::scalar) attach(index);
    return index;
}

void TreeBuilder::open(YamlKind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (open_.size() >= static_cast<std::size_t>(YamlTree::kDepthMax)) {
        stop(code::kTooDeep, spot_of(mark), fmt::format("nested deeper than {} levels", YamlTree::kDepthMax),
             "no key of this file stands that deep: look at the indentation and the brackets");
    }
    open_.push_back(add(kind, mark, anchor));
}

void TreeBuilder::close() {
    const std::uint32_t index = open_.back();
    open_.pop_back();
    attach(index);
}

/// Puts a finished value into the list or map that it stands in.
void TreeBuilder::attach(std::uint32_t index) {
    if (open_.empty()) return;
    YamlTree::Value& parent = tree_.values_[open_.back()];
    parent.items.push_back(index);
    parent.weight += tree_.values_[index].weight;  // at most kValuesMax + kAliasedMax
}

void TreeBuilder::check_keys(const YamlTree::Value& map) {
    std::unordered_map<std::string_view, const YamlTree::Value*> seen;
    for (std::size_t i = 0; i < map.items.size(); i += 2) {
        const YamlTree::Value& key = tree_.values_[map.items[i]];
        if (key.kind != YamlKind::scalar) {
            findings_.error(code::kWrongKind, key.spot, "a key must be plain text", "write key: value");
            continue;
        }
        const auto [first, is_new] = seen.emplace(key.text, &key);
        if (is_new) continue;
        findings_.error(code::kDuplicateKey, key.spot, fmt::format("key {} stands here a second time", in_quotes(key.text)),
                        fmt::format("the first is in line {}: remove one of them", first->second->spot.line));
    }
}

namespace {

bool is_indented_by_tab(std::string_view line) {
    return line.substr(0, std::min(line.find_first_not_of(" \t"), line.size())).contains('\t');
}

/// The parser's own finding. A tab in the indentation is named as such, where the parser often blames what comes after it.
void add_syntax_error(const YAML::Exception& exception, Findings& findings) {
    if (exception.mark.is_null()) {
        findings.error(code::kSyntax, {}, "no valid YAML: " + exception.msg);
        return;
    }
    const Lines& lines = findings.lines();
    const int line = std::clamp(exception.mark.line + 1, 1, lines.count());
    const std::string_view source = lines.line(line);
    if (is_indented_by_tab(source)) {
        const std::size_t tab = source.find('\t');
        findings.error(code::kSyntax, {.line = line, .column = lines.column_of(line, tab)}, "a tab in the indentation",
                       "YAML is indented by spaces only");
        return;
    }
    const int column = lines.column_of(line, static_cast<std::size_t>(std::max(0, exception.mark.column)));
    findings.error(code::kSyntax, {.line = line, .column = column}, "no valid YAML: " + exception.msg,
                   "look at the indentation, brackets, quotes and colons here and just above");
}

/// Whether the bytes are a text of ours at all; an error in `findings` otherwise.
bool is_text(std::string_view text, Findings& findings) {
    if (text.size() > YamlTree::kTextMax) {
        findings.error(code::kTooLarge, {},
                       fmt::format("the file has {} bytes; the limit is {}", text.size(), YamlTree::kTextMax),
                       "is this the right file?");
        return false;
    }
    if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
        findings.error(code::kNotText, {}, "the file is UTF-16", "save it as UTF-8");
        return false;
    }
    const std::size_t bad = std::min(find_invalid_utf8(text), text.find('\0'));
    if (bad == std::string_view::npos) return true;
    const Lines& lines = findings.lines();
    const int line = lines.line_of(bad);
    const Spot spot{.line = line, .column = lines.column_of(line, bad - lines.start_of(line))};
    const bool is_nul = text[bad] == '\0';
    findings.error(code::kNotText, spot, is_nul ? "a NUL byte: this is no text file" : "a byte that is not UTF-8",
                   is_nul ? "restore the file" : "save the file as UTF-8");
    return false;
}

}  // namespace

std::optional<YamlTree> YamlTree::parse(std::string_view text, Findings& findings) {
    if (!is_text(text, findings)) return std::nullopt;
    TreeBuilder builder(text, findings);
    try {
        TextBuffer buffer(text);
        std::istream stream(&buffer);
        YAML::Parser parser(stream);
        while (parser.HandleNextDocument(builder)) {
        }
    } catch (const Stop&) {
        return std::nullopt;
    } catch (const YAML::Exception& exception) {
        add_syntax_error(exception, findings);
        return std::nullopt;
    } catch (const std::exception& exception) {
        findings.error(code::kSyntax, {}, fmt::format("no valid YAML: {}", exception.what()));
        return std::nullopt;
    }
    YamlTree tree = builder.take();
    if (tree.values_.empty() || tree.root().kind() == YamlKind::null) {
        findings.error(code::kEmptyFile, {}, "the file is empty");
        return std::nullopt;
    }
    return tree;
}

YamlKind YamlNode::kind() const { return tree_->values_[index_].kind; }
std::string_view YamlNode::text() const { return tree_->values_[index_].text; }
Spot YamlNode::spot() const { return tree_->values_[index_].spot; }
std::size_t YamlNode::size() const { return tree_->values_[index_].items.size(); }
YamlNode YamlNode::at(std::size_t i) const { return {tree_, tree_->values_[index_].items[i]}; }

}  // namespace meshmon::config
