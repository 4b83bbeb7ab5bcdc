# SPDX-License-Identifier: Apache-2.0
# The way of docs/first-connector.md: install, make a project, build it against what was installed,
# test it, validate it. Run as
#   cmake -DBUILD=<build folder> -DKIND=connector|flow -DNAME=<name> -DWORK=<folder> -P first_project.cmake
cmake_minimum_required(VERSION 3.25)

function(step)
  execute_process(COMMAND ${ARGV} RESULT_VARIABLE rc OUTPUT_VARIABLE out ERROR_VARIABLE out)
  if(NOT rc EQUAL 0)
    list(JOIN ARGV " " words)
    message(FATAL_ERROR "${words}\nended with ${rc}:\n${out}")
  endif()
  set(output "${out}" PARENT_SCOPE)
endfunction()

file(REMOVE_RECURSE ${WORK})
file(MAKE_DIRECTORY ${WORK})
set(prefix ${WORK}/prefix)
step(${CMAKE_COMMAND} --install ${BUILD} --prefix ${prefix} --component sdk)
step(${CMAKE_COMMAND} --install ${BUILD} --prefix ${prefix} --component host)
set(mortise ${prefix}/bin/mortise)

set(project ${WORK}/${NAME})
step(${mortise} new ${KIND} ${NAME} --dir ${project})
set(launcher "")
if(LAUNCHER)
  set(launcher -DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER})
endif()
step(${CMAKE_COMMAND} -S ${project} -B ${project}/build -G Ninja -DCMAKE_PREFIX_PATH=${prefix}
  -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG=-O0 ${launcher})
step(${CMAKE_COMMAND} --build ${project}/build)
step(${CMAKE_CTEST_COMMAND} --test-dir ${project}/build --output-on-failure --no-tests=error)
step(${mortise} validate ${project}/build/plugins/${NAME}.so)
if(NOT output MATCHES "conforms: [1-9][0-9]* passed, 0 failed")
  message(FATAL_ERROR "mortise validate said:\n${output}")
endif()
# It arrives where the installed host looks for plugins.
step(${CMAKE_COMMAND} --install ${project}/build --prefix ${prefix})
file(GLOB_RECURSE installed ${prefix}/lib*/${NAME}.so)
get_filename_component(folder "${installed}" DIRECTORY)
if(NOT folder MATCHES "/mortise/plugins$")
  message(FATAL_ERROR "the plugin was installed to \"${installed}\"")
endif()
step(${mortise} --plugins ${folder} plugins)
if(NOT output MATCHES "${NAME} ")
  message(FATAL_ERROR "mortise plugins does not list ${NAME}:\n${output}")
endif()
# The second try must not overwrite the first.
execute_process(COMMAND ${mortise} new ${KIND} ${NAME} --dir ${project} RESULT_VARIABLE rc
  OUTPUT_QUIET ERROR_VARIABLE said)
if(NOT rc EQUAL 2 OR NOT said MATCHES "not empty")
  message(FATAL_ERROR "making the project again ended with ${rc}: ${said}")
endif()
file(REMOVE_RECURSE ${WORK})
