# Compilers that are known to build a wrong meshmon are refused here, with the reason.

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  message(FATAL_ERROR
    "g++ ${CMAKE_CXX_COMPILER_VERSION} miscompiles co_await expressions: it destroys braced temporaries and lambda "
    "captures inside them twice. Use clang 19: cmake --preset dev, or -DCMAKE_CXX_COMPILER=clang++-19.")
endif()

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_SCAN_FOR_MODULES OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

option(MESHMON_UNIT_TESTS "Build and run the tests that are compiled; without it, those that drive the program" ON)
option(MESHMON_BENCH "Build the benchmarks in bench/" OFF)
option(MESHMON_FUZZ "Build the fuzz targets in fuzz/ with libFuzzer" OFF)
option(MESHMON_WERROR "Compiler warnings are errors; the presets say so" OFF)
set(MESHMON_SANITIZE "" CACHE STRING "Sanitizers for every target, for example address,undefined")

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual
                    -Wimplicit-fallthrough -fno-omit-frame-pointer)
if(MESHMON_WERROR)
  add_compile_options(-Werror)
endif()

# Hardening that costs next to nothing; _FORTIFY_SOURCE needs optimisation.
add_compile_options(-fstack-protector-strong)
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  add_compile_definitions(_FORTIFY_SOURCE=2 _GLIBCXX_ASSERTIONS)
  add_link_options(-Wl,-z,relro,-z,now -Wl,--gc-sections)
  add_compile_options(-ffunction-sections -fdata-sections)
endif()

if(MESHMON_SANITIZE)
  # clang's -fsanitize=function reports calls through Asio's erased handlers; they are well defined.
  add_compile_options(-fsanitize=${MESHMON_SANITIZE} -fno-sanitize=function -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${MESHMON_SANITIZE} -fno-sanitize=function)
endif()

if(MESHMON_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)  # coverage of every module; the targets alone get libFuzzer's main
endif()

find_program(MESHMON_CCACHE ccache)
if(MESHMON_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${MESHMON_CCACHE})
endif()
find_program(MESHMON_MOLD mold)
if(MESHMON_MOLD)
  add_link_options(-fuse-ld=mold)
endif()
