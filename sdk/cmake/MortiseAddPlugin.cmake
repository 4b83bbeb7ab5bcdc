# SPDX-License-Identifier: Apache-2.0
#
# mortise_add_plugin(name SOURCES file... [LIBS target...])
#
# The only way to build a plugin. The linker version script exports the entry symbol and nothing else
# (hidden visibility alone leaves standard library templates exported); the result is checked after
# linking. The library is written to <build>/plugins.
get_filename_component(MORTISE_CMAKE_DIR "${CMAKE_CURRENT_LIST_DIR}" ABSOLUTE)

function(mortise_add_plugin name)
  cmake_parse_arguments(arg "" "OUTPUT_DIRECTORY" "SOURCES;LIBS" ${ARGN})
  if(NOT arg_SOURCES)
    message(FATAL_ERROR "mortise_add_plugin(${name}): SOURCES is empty")
  endif()
  if(NOT arg_OUTPUT_DIRECTORY)
    set(arg_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/plugins)
  endif()
  add_library(${name} MODULE ${arg_SOURCES})
  set_target_properties(${name} PROPERTIES
    PREFIX "" C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    NO_SONAME ON LIBRARY_OUTPUT_DIRECTORY ${arg_OUTPUT_DIRECTORY})
  target_link_libraries(${name} PRIVATE mortise::plugin_api ${arg_LIBS})
  target_compile_options(${name} PRIVATE
    $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<CXX_COMPILER_ID:GNU>>:-fno-gnu-unique>)
  set(script ${MORTISE_CMAKE_DIR}/plugin.map)
  set_property(TARGET ${name} APPEND PROPERTY LINK_DEPENDS ${script})
  target_link_options(${name} PRIVATE -Wl,--version-script=${script} -Wl,--exclude-libs,ALL)
  if(NOT MORTISE_SANITIZE)
    # Sanitizer runtimes leave their symbols to the executable.
    target_link_options(${name} PRIVATE -Wl,-z,defs)
  endif()
  add_custom_command(TARGET ${name} POST_BUILD
    COMMAND ${CMAKE_COMMAND} -DNM=${CMAKE_NM} -DPLUGIN=$<TARGET_FILE:${name}>
            -P ${MORTISE_CMAKE_DIR}/CheckPluginExports.cmake
    VERBATIM)
endfunction()
