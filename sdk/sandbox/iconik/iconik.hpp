// SPDX-License-Identifier: Apache-2.0
// The iconik emulator: media asset management over its REST API, with seed data that tells the
// sandbox's story (two campaigns, their assets, reviewers). Options in `extra`: "job_delay_ms" (how
// long a job stays in each state), "webhook_retry_ms" (first pause before a failed delivery is
// repeated), "url_life_s" (how long signed URLs are good).
#pragma once

#include "kit/registry.hpp"

namespace mortise::sandbox {

std::unique_ptr<emulator> make_iconik(emulator_options options = {});
system_entry describe_iconik();

// Seeded credentials and ids, the same in every run.
namespace iconik_seed {
inline constexpr const char* app_id = "0b5e1c1e-6b1d-11f0-9a3e-0242ac1d00a1";
inline constexpr const char* integration_token = "sandbox-integration-token";
inline constexpr const char* admin_token = "sandbox-admin-token";
inline constexpr const char* editor_token = "sandbox-editor-token";
inline constexpr const char* legal_token = "sandbox-legal-token";
inline constexpr const char* viewer_token = "sandbox-viewer-token"; // read-only roles
inline constexpr const char* password = "sandbox";                  // of every user
// UUID of a seeded object by its story name: "user/editor", "collection/spring-launch",
// "asset/hero-film", "view/marketing", "storage/s3", "group/legal".
std::string id(const std::string& story_name);
} // namespace iconik_seed

} // namespace mortise::sandbox
