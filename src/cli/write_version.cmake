# cmake -D SOURCE_DIR=... -D OUTPUT=... -D MESHMON_VERSION=... -P write_version.cmake
# Run at each build, because a commit does not touch a file that Ninja knows. configure_file() leaves an unchanged file alone.

set(MESHMON_COMMIT "unknown")
find_program(GIT git)
if(GIT AND EXISTS "${SOURCE_DIR}/.git")
  execute_process(COMMAND ${GIT} -C "${SOURCE_DIR}" rev-parse --short=7 HEAD
                  OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
  if(NOT failed)
    set(MESHMON_COMMIT "${commit}")
  endif()
endif()
configure_file("${SOURCE_DIR}/src/cli/version.hpp.in" "${OUTPUT}" @ONLY)
