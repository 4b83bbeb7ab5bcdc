# SPDX-License-Identifier: Apache-2.0
# Between installing into the package's folder and packing it: manual pages as Debian wants them.
file(GLOB_RECURSE pages ${CPACK_TEMPORARY_DIRECTORY}/*/usr/share/man/*.[1-9]
  ${CPACK_TEMPORARY_DIRECTORY}/usr/share/man/*.[1-9])
foreach(page IN LISTS pages)
  execute_process(COMMAND gzip -9nf ${page} COMMAND_ERROR_IS_FATAL ANY)
endforeach()
