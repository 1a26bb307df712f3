#include "config/good_copies.hpp"

#include <charconv>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "base/bytes.hpp"
#include "config/write_whole.hpp"
#include "crypto/hash.hpp"

namespace meshmon::config {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFormat = "meshmon config 1\n";
constexpr std::string_view kNodeFile = "node";
constexpr std::string_view kNetworkSuffix = ".network";
constexpr std::string_view kKeyPrefix = "key/";
constexpr std::size_t kHashBytes = 32;
constexpr std::size_t kBytesMax = 16 * 1024 * 1024;  // a config.yml of 2 MiB and 10,000 keys of two blocks each

using Fields = std::map<std::string, std::string>;

fs::path copies_folder(const fs::path& data_dir) { return data_dir / "config"; }
fs::path network_file(const fs::path& data_dir, const std::string& directory) {
    return copies_folder(data_dir) / (directory + std::string(kNetworkSuffix));
}

// ---- bytes -----------------------------------------------------------------------------------------------------------

/// Each name and value with its length in front.
std::string encode(const Fields& fields) {
    std::string content;
    for (const auto& [name, value] : fields) content += fmt::format("{}:{}{}:{}", name.size(), name, value.size(), value);
    return fmt::format("{}{}{}", kFormat, view(crypto::blake2b_256(content)), content);
}

std::optional<std::string> take_part(std::string_view& rest) {
    std::size_t length = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), length);
    if (error != std::errc()) return std::nullopt;
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    if (rest.empty() || rest.front() != ':' || length > rest.size() - 1) return std::nullopt;
    std::string part(rest.substr(1, length));
    rest.remove_prefix(1 + length);
    return part;
}

Result<Fields> decode(std::string_view bytes) {
    if (!bytes.starts_with(kFormat) || bytes.size() < kFormat.size() + kHashBytes)
        return fail("config.copy", "it is no copy of a configuration, or torn");
    std::string_view rest = bytes.substr(kFormat.size() + kHashBytes);
    if (view(crypto::blake2b_256(rest)) != bytes.substr(kFormat.size(), kHashBytes))
        return fail("config.copy", "its checksum does not fit its content");
    Fields fields;
    while (!rest.empty()) {
        std::optional<std::string> name = take_part(rest);
        std::optional<std::string> value = name ? take_part(rest) : std::nullopt;
        if (!value) return fail("config.copy", "it cannot be read");
        fields.insert_or_assign(*std::move(name), *std::move(value));
    }
    return fields;
}

std::string take(Fields& fields, const std::string& name) {
    const auto node = fields.extract(name);
    return node.empty() ? std::string() : std::move(node.mapped());
}

Fields to_fields(const NetworkFiles& files) {
    Fields fields;
    if (files.config) fields["config"] = *files.config;
    for (const auto& [name, bytes] : files.keys) fields[std::string(kKeyPrefix) + name] = bytes;
    if (!files.commit) return fields;
    fields["commit"] = files.commit->id;
    fields["branch"] = files.commit->branch;
    fields["subject"] = files.commit->subject;
    fields["time"] = std::to_string(files.commit->time.time_since_epoch().count());
    return fields;
}

NetworkFiles to_files(Fields fields) {
    NetworkFiles files;
    if (fields.contains("config")) files.config = take(fields, "config");
    if (fields.contains("commit")) {
        Commit& commit = files.commit.emplace();
        commit.id = take(fields, "commit");
        commit.branch = take(fields, "branch");
        commit.subject = take(fields, "subject");
        const std::string time = take(fields, "time");
        WallTime::rep ticks = 0;
        std::from_chars(time.data(), time.data() + time.size(), ticks);
        commit.time = WallTime(WallTime::duration(ticks));
    }
    for (auto& [name, value] : fields) {
        if (name.starts_with(kKeyPrefix)) files.keys.emplace(name.substr(kKeyPrefix.size()), std::move(value));
    }
    return files;
}

// ---- files -----------------------------------------------------------------------------------------------------------

std::optional<Fields> read(const fs::path& file, std::vector<std::string>& warnings) {
    const Result<std::string> bytes = read_whole(file, kBytesMax, false);
    if (!bytes && bytes.error().code == "config.file_missing") return std::nullopt;
    Result<Fields> fields = bytes ? decode(*bytes) : Result<Fields>(bytes.error());
    if (fields) return *std::move(fields);
    warnings.push_back(fmt::format("the good copy {} is not used: {}", file.string(), fields.error().message));
    return std::nullopt;
}

bool same(const std::shared_ptr<const NetworkFiles>& a, const std::shared_ptr<const NetworkFiles>& b) {
    return a == b || (a && b && *a == *b);
}

}  // namespace

KeptCopies load_good_copies(const fs::path& data_dir) {
    KeptCopies out;
    const fs::path folder = copies_folder(data_dir);
    if (auto node = read(folder / kNodeFile, out.warnings)) out.copies.node_file = take(*node, "node");
    std::error_code ignored;
    for (fs::directory_iterator it(folder, ignored), end; it != end && !ignored; it.increment(ignored)) {
        const std::string name = it->path().filename().string();
        if (!name.ends_with(kNetworkSuffix)) continue;
        auto fields = read(it->path(), out.warnings);
        if (!fields) continue;
        out.copies.networks.emplace(name.substr(0, name.size() - kNetworkSuffix.size()),
                                    std::make_shared<const NetworkFiles>(to_files(*std::move(fields))));
    }
    return out;
}

Result<> save_good_copies(const fs::path& data_dir, const GoodCopies& copies, const GoodCopies& before) {
    Result<> first = make_folder(copies_folder(data_dir), 0700);
    const auto note = [&](Result<> result) {
        if (first && !result) first = std::move(result);
    };
    if (copies.node_file && copies.node_file != before.node_file)
        note(write_whole(copies_folder(data_dir) / kNodeFile, encode({{"node", *copies.node_file}}), 0600));
    for (const auto& [directory, files] : copies.networks) {
        const auto old = before.networks.find(directory);
        if (old == before.networks.end() || !same(old->second, files))
            note(write_whole(network_file(data_dir, directory), encode(to_fields(*files)), 0600));
    }
    for (const auto& [directory, files] : before.networks) {
        std::error_code ignored;
        if (!copies.networks.contains(directory)) fs::remove(network_file(data_dir, directory), ignored);
    }
    return first;
}

GoodCopies good_copies_of(const Loaded& loaded, const GoodCopies& before) {
    GoodCopies out;
    out.node_file = loaded.node ? std::optional(loaded.node_text) : before.node_file;
    if (!loaded.node) out.networks = before.networks;
    for (const LoadedNetwork& network : loaded.networks) {
        const auto old = before.networks.find(network.ref.directory);
        const bool kept = old != before.networks.end();
        if (kept && (!network.loaded() || same(old->second, network.files))) out.networks.insert(*old);
        else if (network.loaded()) out.networks.emplace(network.ref.directory, network.files);
    }
    return out;
}

}  // namespace meshmon::config
