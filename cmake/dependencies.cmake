# Every library that is not ours, from Debian 12's packages; scripts/setup installs them.
# Static where Debian ships the archive: each shared library costs resident memory in a small daemon.

set(Boost_USE_STATIC_LIBS ON)
set(Protobuf_USE_STATIC_LIBS ON)

find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json url)
find_package(OpenSSL 3 REQUIRED)
find_package(Protobuf 3.21 REQUIRED)
find_package(fmt 9 REQUIRED)
find_package(spdlog REQUIRED)
find_package(CLI11 REQUIRED)
find_package(GTest REQUIRED)

function(meshmon_archive target header library)
  find_path(${target}_INCLUDE ${header} REQUIRED)
  find_library(${target}_LIBRARY NAMES ${library} REQUIRED)
  add_library(dep::${target} UNKNOWN IMPORTED)
  set_target_properties(dep::${target} PROPERTIES
    IMPORTED_LOCATION "${${target}_LIBRARY}" INTERFACE_INCLUDE_DIRECTORIES "${${target}_INCLUDE}")
endfunction()

meshmon_archive(sodium sodium.h libsodium.a)
meshmon_archive(yaml yaml-cpp/yaml.h libyaml-cpp.a)
meshmon_archive(prometheus prometheus/registry.h prometheus-cpp-core)
set_target_properties(dep::sodium PROPERTIES INTERFACE_COMPILE_DEFINITIONS SODIUM_STATIC)

add_library(dep::protobuf UNKNOWN IMPORTED)
find_library(PROTOBUF_LITE_ARCHIVE NAMES libprotobuf-lite.a REQUIRED)
set_target_properties(dep::protobuf PROPERTIES
  IMPORTED_LOCATION "${PROTOBUF_LITE_ARCHIVE}" INTERFACE_INCLUDE_DIRECTORIES "${Protobuf_INCLUDE_DIRS}"
  INTERFACE_LINK_LIBRARIES Threads::Threads)

if(MESHMON_BENCH)
  find_package(benchmark REQUIRED)
endif()
