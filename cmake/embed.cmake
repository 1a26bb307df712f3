# meshmon_embed(target function NAME=FILE ...)
#
# Adds the files to the target, as the function that api/assets.hpp declares. By .incbin, which takes no time to compile.
# The name's ending tells the content type.
# Python is Debian's, whichever other stands first in PATH: it has python3-yaml.

set(MESHMON_PYTHON /usr/bin/python3)

function(meshmon_embed target function)
  set(source "${CMAKE_CURRENT_BINARY_DIR}/${function}.cpp")
  set(files ${ARGN})
  list(TRANSFORM files REPLACE "^[^=]*=" "")
  add_custom_command(OUTPUT ${source}
    COMMAND ${MESHMON_PYTHON} ${CMAKE_SOURCE_DIR}/tools/embed.py ${source} ${function} ${ARGN}
    DEPENDS ${files} ${CMAKE_SOURCE_DIR}/tools/embed.py
    COMMENT "Embedding ${function}" VERBATIM)
  target_sources(${target} PRIVATE ${source})
  set_source_files_properties(${source} PROPERTIES OBJECT_DEPENDS "${files}")
endfunction()

# meshmon_openapi_json(output): the description that /openapi.json serves, from the YAML that people write.
function(meshmon_openapi_json output)
  add_custom_command(OUTPUT ${output}
    COMMAND ${MESHMON_PYTHON} ${CMAKE_SOURCE_DIR}/tools/openapi_to_json.py ${CMAKE_SOURCE_DIR}/openapi/meshmon.yaml ${output}
    DEPENDS ${CMAKE_SOURCE_DIR}/openapi/meshmon.yaml ${CMAKE_SOURCE_DIR}/tools/openapi_to_json.py
    COMMENT "Converting openapi/meshmon.yaml" VERBATIM)
endfunction()

# meshmon_swagger_ui(variable): the folder of swagger-ui-dist, which npm put under web/.
function(meshmon_swagger_ui variable)
  set(folder "${CMAKE_SOURCE_DIR}/web/node_modules/swagger-ui-dist")
  if(NOT EXISTS "${folder}/swagger-ui-bundle.js")
    message(FATAL_ERROR "${folder} is missing: run scripts/setup, which installs the npm packages of web/.")
  endif()
  set(${variable} "${folder}" PARENT_SCOPE)
endfunction()
