# SPDX-License-Identifier: Apache-2.0
flow_e2e_test(asset_approval_e2e_test PLUGINS asset-approval SOURCES asset_approval_test.cpp)
