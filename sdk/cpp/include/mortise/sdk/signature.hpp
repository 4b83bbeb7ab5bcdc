// SPDX-License-Identifier: Apache-2.0
//
// Signatures of webhooks and requests without a crypto library in the plugin: HMAC with SHA-256.
// [any-thread]
#pragma once

#include <string>
#include <string_view>

namespace mortise {

// RFC 2104 over FIPS 180-4: 32 bytes, as they are.
std::string hmac_sha256(std::string_view key, std::string_view message);

// Lower-case hex.
std::string hex_encode(std::string_view bytes);

// Whether signature is the hex (either case) HMAC-SHA-256 of the message, compared in a time that
// does not tell where they differ. False for an empty key or signature. A prefix such as "sha256="
// is the caller's to take off.
bool is_signed(std::string_view message, std::string_view signature, std::string_view key);

} // namespace mortise
