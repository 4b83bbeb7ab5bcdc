// SPDX-License-Identifier: Apache-2.0
// The spelling rules of ids and versions; the words for people stand in docs/compatibility.md.
#pragma once

#include <string_view>

namespace mortise::host {

// "com.example.acme-crm": at least two labels of a-z 0-9 '-', up to 128 bytes.
bool is_plugin_id(std::string_view id) noexcept;
// "iconik", "campaign-asset-references": a-z first, then a-z 0-9 - _ ., up to 64 bytes.
bool is_factory_id(std::string_view id) noexcept;
// Operations, triggers, event types: words of A-Z a-z 0-9 - _ joined by single dots, up to 128
// bytes.
bool is_member_id(std::string_view id) noexcept;
// "mortise.http/1": a dotted name, '/', a number.
bool is_service_id(std::string_view id) noexcept;
// Semantic Versioning 2.0.0, up to 64 bytes.
bool is_version(std::string_view version) noexcept;
bool is_utf8(std::string_view text) noexcept;

} // namespace mortise::host
