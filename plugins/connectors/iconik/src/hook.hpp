// SPDX-License-Identifier: Apache-2.0
//
// A webhook of iconik, read without I/O: which object it hints at. Envelope: system_domain_id,
// event_type, object_id, user_id, realm, operation, data, request_id. The envelope's object_id is
// not always the object the event is about, so ids come from data where data has them.
#pragma once

#include "facts.hpp"

#include <mortise/sdk/json.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

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

// A click on a custom action: {action_id, context, user_id, asset_ids, collection_ids,
// metadata_view_id, metadata_values, date_created, auth_token, ...}. It comes to the same address
// as webhooks and is told from them by its keys. The token of the person who clicked is dropped.
struct click {
    std::string action_id;
    std::string context;
    std::string user_id;
    std::string date;
    std::vector<std::string> assets;
    std::vector<std::string> collections;
    mortise::json::object values; // of the form shown first: {field: [values]}
};
// Nothing: not a click. Throws INPUT for one that is malformed.
std::optional<click> read_click(const mortise::json::value& body);
// One event for each object, or one about the action when it was started on none.
std::vector<mortise::event>
events_of(const click& what, const std::string& title, const std::string& email);

// Throws INPUT when the body is not iconik's envelope or an id in it cannot be one.
notice read_notice(const mortise::json::value& body);

} // namespace iconik
