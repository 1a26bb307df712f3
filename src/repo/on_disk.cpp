#include "repo/on_disk.hpp"

#include <fmt/format.h>

#include "config/access.hpp"
#include "config/folder.hpp"
#include "config/keys.hpp"

namespace meshmon::repo {

namespace {

constexpr auto kStartMax = std::chrono::seconds(10);  // a disk that hangs must not keep a daemon from its start

}  // namespace

Result<Clone> clone_of(const std::filesystem::path& config_dir, const config::NetworkRef& ref, Limits limits) {
    Result<Remote> remote = parse_remote(ref.git_repo);
    if (!remote) return remote.error();
    Result<Credentials> credentials = find_credentials(config_dir, ref.directory);
    if (!credentials) return credentials.error();
    return Clone(Git(config::network_folder(config_dir, ref.directory), *std::move(remote), *std::move(credentials), limits),
                 ref.git_branch);
}

config::FilesByDirectory files_on_disk(const std::filesystem::path& config_dir, const std::vector<config::NetworkRef>& networks) {
    config::FilesByDirectory out;
    Limits limits;
    limits.time = kStartMax;
    for (const config::NetworkRef& ref : networks) {
        if (ref.type != config::ConfigType::git) continue;
        const Result<Clone> clone = clone_of(config_dir, ref, limits);
        if (!clone) continue;  // the first look says why
        Result<config::NetworkFiles> files = clone->read_on_disk(Stop());
        if (files) out[ref.directory] = std::make_shared<const config::NetworkFiles>(*std::move(files));
    }
    return out;
}

NewestOnDisk newest_on_disk(const std::filesystem::path& config_dir, const std::vector<config::NetworkRef>& networks) {
    NewestOnDisk out;
    Limits limits;
    limits.time = kStartMax;
    for (const config::NetworkRef& ref : networks) {
        if (ref.type != config::ConfigType::git) continue;
        const Result<Clone> clone = clone_of(config_dir, ref, limits);
        if (!clone) {
            out.unread.emplace(ref.directory, clone.error());
            continue;
        }
        Result<std::optional<config::NetworkFiles>> files = clone->read_newest(Stop());
        if (!files) (is_about_commit(files.error()) ? out.refused : out.unread).emplace(ref.directory, files.error());
        else if (*files) out.files[ref.directory] = std::make_shared<const config::NetworkFiles>(**std::move(files));
    }
    return out;
}

std::string add_key_commands(const std::filesystem::path& config_dir, const config::NetworkRef& ref) {
    const std::filesystem::path key = config::own_key_place(config_dir, ref).public_file();
    const std::string branch = ref.git_branch.empty() ? "" : "-b " + config::shell_word(ref.git_branch) + " ";
    return fmt::format(
        "git clone {}{} mesh-config && mkdir -p mesh-config/pubkeys && cp {} mesh-config/pubkeys/ && cd mesh-config && "
        "git add pubkeys/{}.pub && git commit -m 'Add the key of {}' && git push",
        branch, config::shell_word(ref.git_repo), config::shell_word(key), ref.node_id.str(), ref.node_id.str());
}

}  // namespace meshmon::repo
