# SPDX-License-Identifier: Apache-2.0
flow_e2e_test(project_archive_e2e_test PLUGINS project-archive SOURCES project_archive_test.cpp)
