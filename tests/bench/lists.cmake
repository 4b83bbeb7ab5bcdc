# SPDX-License-Identifier: Apache-2.0
mortise_add_bench(lists_bench LIBS mortise_journal)
