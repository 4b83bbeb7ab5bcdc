# SPDX-License-Identifier: Apache-2.0
flow_e2e_test(account_media_links_e2e_test PLUGINS account-media-links
  SOURCES account_media_links_test.cpp)
