# SPDX-License-Identifier: Apache-2.0
flow_e2e_test(check_online_e2e_test PLUGINS shipped_plugins SOURCES check_online_test.cpp)
