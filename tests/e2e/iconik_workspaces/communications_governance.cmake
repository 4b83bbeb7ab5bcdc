# SPDX-License-Identifier: Apache-2.0
flow_e2e_test(communications_governance_e2e_test PLUGINS communications-governance
  SOURCES communications_governance_test.cpp)
