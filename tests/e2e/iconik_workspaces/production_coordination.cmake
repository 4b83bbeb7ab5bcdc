# SPDX-License-Identifier: Apache-2.0
flow_e2e_test(production_coordination_e2e_test PLUGINS production-coordination
  SOURCES production_coordination_test.cpp)
