# SPDX-License-Identifier: Apache-2.0
flow_e2e_test(rights_metadata_sync_e2e_test PLUGINS rights-metadata-sync
  SOURCES rights_metadata_sync_test.cpp rights_restriction_test.cpp)
