# SPDX-License-Identifier: Apache-2.0
mortise_add_bench(http_bench LIBS mortise_http)
