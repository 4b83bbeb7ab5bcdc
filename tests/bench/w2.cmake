# SPDX-License-Identifier: Apache-2.0
# Prints what Google Benchmark has no place for: two programs beside each other.
add_executable(w2_bench w2_bench.cpp ${PROJECT_SOURCE_DIR}/tests/support/file_server.cpp)
target_include_directories(w2_bench PRIVATE ${PROJECT_SOURCE_DIR}/tests)
target_link_libraries(w2_bench PRIVATE Threads::Threads OpenSSL::Crypto mortise_app
  mortise_allocator mortise_warnings)
target_compile_definitions(w2_bench PRIVATE MORTISE_BINARY_DIR="${PROJECT_BINARY_DIR}")
add_dependencies(w2_bench probe mortise)
