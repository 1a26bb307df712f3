# Key files, and the simulator's stand-in. Included by the root after the modules.
set(folder ${CMAKE_SOURCE_DIR}/src/crypto)
target_sources(meshmon_crypto PRIVATE ${folder}/pem.cpp)
meshmon_test(pem_test SRCS ${folder}/pem_test.cpp DEPS meshmon::crypto)

# No cryptography, and so a library of its own: linked by the simulator and by tests alone.
add_library(meshmon_stand_in STATIC ${folder}/stand_in.cpp)
target_compile_options(meshmon_stand_in PRIVATE -O2)  # it is most of what a simulation does, in dev builds too
target_include_directories(meshmon_stand_in PUBLIC ${CMAKE_SOURCE_DIR}/src)
target_link_libraries(meshmon_stand_in PUBLIC meshmon::base)
add_library(meshmon::stand_in ALIAS meshmon_stand_in)
meshmon_test(stand_in_test SRCS ${folder}/stand_in_test.cpp DEPS meshmon::stand_in)
