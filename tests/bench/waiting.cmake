# SPDX-License-Identifier: Apache-2.0
mortise_add_host_bench(waiting_bench)
