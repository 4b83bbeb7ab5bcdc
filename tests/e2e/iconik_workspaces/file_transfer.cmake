# SPDX-License-Identifier: Apache-2.0
flow_e2e_test(file_transfer_e2e_test PLUGINS file_mover
  SOURCES file_transfer_test.cpp moved_file.cpp)
target_compile_definitions(file_transfer_e2e_test PRIVATE
  MORTISE_FILE_PLUGINS="${PROJECT_BINARY_DIR}/test-plugins-files")
