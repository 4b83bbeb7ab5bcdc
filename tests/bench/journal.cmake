# SPDX-License-Identifier: Apache-2.0
mortise_add_bench(journal_bench LIBS mortise_journal)
