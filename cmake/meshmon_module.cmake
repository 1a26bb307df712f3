# meshmon_module(name SRCS a.cpp ... TESTS a_test.cpp ... DEPS meshmon::base ... PRIVATE_DEPS OpenSSL::Crypto ...)
#
# Makes the library meshmon_<name> (alias meshmon::<name>) of the folder src/<name>, and the test program <name>_test.
# Without SRCS the library is header-only. Includes are written from src/: #include "mesh/network.hpp".
# Tests are found one by one, so that ctest names and counts each of them.

include(GoogleTest)

function(meshmon_module name)
  cmake_parse_arguments(ARG "" "" "SRCS;TESTS;DEPS;PRIVATE_DEPS;TEST_DEPS" ${ARGN})
  set(target meshmon_${name})
  if(ARG_SRCS)
    add_library(${target} STATIC ${ARG_SRCS})
    target_include_directories(${target} PUBLIC ${CMAKE_SOURCE_DIR}/src)
    target_link_libraries(${target} PUBLIC ${ARG_DEPS} PRIVATE ${ARG_PRIVATE_DEPS})
  else()
    add_library(${target} INTERFACE)
    target_include_directories(${target} INTERFACE ${CMAKE_SOURCE_DIR}/src)
    target_link_libraries(${target} INTERFACE ${ARG_DEPS})
  endif()
  add_library(meshmon::${name} ALIAS ${target})
  if(ARG_TESTS)
    meshmon_test(${name}_test SRCS ${ARG_TESTS} DEPS meshmon::${name} ${ARG_TEST_DEPS})
  endif()
endfunction()

# meshmon_test(program SRCS ... DEPS ... LABEL sim TIMEOUT 300): one GoogleTest program; its tests carry the label "unit"
# unless another is given. Where MESHMON_UNIT_TESTS is off it is built only by its name.
function(meshmon_test program)
  cmake_parse_arguments(ARG "" "LABEL;TIMEOUT" "SRCS;DEPS" ${ARGN})
  if(NOT ARG_LABEL)
    set(ARG_LABEL unit)
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  add_executable(${program} ${ARG_SRCS})
  target_link_libraries(${program} PRIVATE ${ARG_DEPS} GTest::gmock GTest::gtest_main)
  target_compile_definitions(${program} PRIVATE MESHMON_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  if(MESHMON_UNIT_TESTS)
    gtest_discover_tests(${program} DISCOVERY_TIMEOUT 60 PROPERTIES LABELS ${ARG_LABEL} TIMEOUT ${ARG_TIMEOUT})
  else()
    set_target_properties(${program} PROPERTIES EXCLUDE_FROM_ALL ON)
  endif()
endfunction()
