# SPDX-License-Identifier: Apache-2.0
# `npm ci` once for each lock file, whichever build folder asks first: cmake -D NPM=... -P install.cmake
set(here ${CMAKE_CURRENT_LIST_DIR}/..)
file(SHA256 ${here}/package-lock.json wanted)
set(mark ${here}/node_modules/.mortise-lock)
file(LOCK ${here}/.npm-install GUARD PROCESS TIMEOUT 600)
if(EXISTS ${mark})
  file(READ ${mark} have)
  if(have STREQUAL wanted)
    return()
  endif()
endif()
execute_process(COMMAND ${NPM} ci --no-audit --no-fund --loglevel=error WORKING_DIRECTORY ${here}
  RESULT_VARIABLE failed OUTPUT_VARIABLE said ERROR_VARIABLE said)
if(failed)
  message(FATAL_ERROR "npm ci in host/console failed:\n${said}\n"
    "The console's libraries come from the npm registry. Without a way there, configure with -DMORTISE_CONSOLE=OFF.")
endif()
file(WRITE ${mark} ${wanted})
