// SPDX-License-Identifier: Apache-2.0
//
// A webhook of iconik, read without I/O: which object it hints at. Envelope: system_domain_id,
// event_type, object_id, user_id, realm, operation, data, request_id. The envelope's object_id is
// not always the object the event is about, so ids come from data where data has them.
#pragma once

#include "facts.hpp"

#include <mortise/sdk/json.hpp>

#include <string>
#include <string_view>

namespace iconik {

// The header webhooks carry the secret in.
inline constexpr std::string_view secret_header = "X-Mortise-Secret";
inline constexpr std::string_view secret_header_lower = "x-mortise-secret";

struct notice {
    enum class target { none, asset, collection };
    target about = target::none; // none: of no concern here (files, jobs, shares, ...)
    std::string id;
    struct hint hint;
};

// Throws INPUT when the body is not iconik's envelope or an id in it cannot be one.
notice read_notice(const mortise::json::value& body);

} // namespace iconik
