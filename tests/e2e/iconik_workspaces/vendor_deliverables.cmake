# SPDX-License-Identifier: Apache-2.0
flow_e2e_test(vendor_deliverables_e2e_test PLUGINS vendor-deliverables
  SOURCES vendor_deliverables_test.cpp)
