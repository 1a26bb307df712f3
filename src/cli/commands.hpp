#pragma once

#include "cli/output.hpp"
#include "cli/parse.hpp"

/// One function a command; each answers with the exit code.
namespace meshmon::cli {

int run_command(const Invocation& invocation, Context& context);
int init_command(const Invocation& invocation, Context& context);
int check_command(const Invocation& invocation, Context& context);
int config_command(const Invocation& invocation, Context& context);
int doctor_command(const Invocation& invocation, Context& context);
int status_command(const Invocation& invocation, Context& context);
int key_command(const Invocation& invocation, Context& context);
int key_rotate_command(const Invocation& invocation, Context& context);
int key_fetch_command(const Invocation& invocation, Context& context);
int key_trust_command(const Invocation& invocation, Context& context);
int healthcheck_command(const Invocation& invocation, Context& context);
int version_command(const Invocation& invocation, Context& context);
int completion_command(const Invocation& invocation, Context& context);

/// Parses `arguments` (without the program's name), resolves the global options and runs the command.
/// `context.globals` is filled in here.
int dispatch(const std::vector<std::string>& arguments, Context& context);

}  // namespace meshmon::cli
