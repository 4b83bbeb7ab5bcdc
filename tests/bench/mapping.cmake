# SPDX-License-Identifier: Apache-2.0
mortise_add_bench(mapping_bench LIBS mortise_mapping)
target_compile_definitions(mapping_bench PRIVATE MORTISE_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
