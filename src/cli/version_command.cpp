#include <fmt/format.h>
#include <openssl/crypto.h>

#include <boost/json.hpp>

#include "cli/commands.hpp"
#include "cli/json_text.hpp"
#include "cli/version.hpp"
#include "wire/messages.hpp"

namespace meshmon::cli {

int version_command(const Invocation&, Context& context) {
    const int protocol = wire::kProtocolVersion;
    if (!context.globals.json) {
        context.out << fmt::format("meshmon {} (commit {}, {}, {}, protocol {})\n", kVersion, kCommit, kBuildType, kCompiler,
                                   protocol);
        return kOk;
    }
    boost::json::array features = {"https", "local-config", "git-config"};
    if (*kSanitizers != '\0') features.push_back(boost::json::string(fmt::format("sanitize={}", kSanitizers)));
    const boost::json::value body = {{"schema", 1},
                                     {"name", "meshmon"},
                                     {"version", kVersion},
                                     {"commit", kCommit},
                                     {"build_type", kBuildType},
                                     {"compiler", kCompiler},
                                     {"protocol_version", protocol},
                                     {"tls_library", OpenSSL_version(OPENSSL_VERSION)},
                                     {"features", features}};
    context.out << json_line(body);
    return kOk;
}

}  // namespace meshmon::cli
