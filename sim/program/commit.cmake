# Writes FILE, which names the commit that is built; leaves it alone where nothing changed, so that nothing is built anew.
execute_process(COMMAND git -C ${CMAKE_CURRENT_LIST_DIR} describe --always --abbrev=12 --dirty
  OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(NOT commit)
  set(commit unknown)
endif()
file(CONFIGURE OUTPUT ${FILE} CONTENT [[#pragma once
namespace meshmon::sim {
inline constexpr const char* kCommit = "@commit@";
}
]] @ONLY)
