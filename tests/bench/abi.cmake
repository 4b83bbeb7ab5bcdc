# SPDX-License-Identifier: Apache-2.0
mortise_add_bench(abi_bench LIBS mortise_instance)
target_sources(abi_bench PRIVATE ${PROJECT_SOURCE_DIR}/tests/support/temp_dir.cpp)
target_include_directories(abi_bench PRIVATE ${PROJECT_SOURCE_DIR}/tests
  ${PROJECT_SOURCE_DIR}/tests/host/engine)
target_compile_definitions(abi_bench PRIVATE MORTISE_BINARY_DIR="${PROJECT_BINARY_DIR}")
add_dependencies(abi_bench mortise_fixtures)
