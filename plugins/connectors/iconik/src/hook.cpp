// SPDX-License-Identifier: Apache-2.0
#include "hook.hpp"

#include "address.hpp"
#include "client.hpp"

namespace iconik {

namespace json = mortise::json;
using mortise::category;
using mortise::error;

namespace {

// The first of these that is there, as an id.
std::string id_from(std::string first, std::string second, std::string_view what) {
    std::string id = first.empty() ? std::move(second) : std::move(first);
    if (!is_id(id)) {
        throw error(category::input, "iconik.webhook.id",
                    "The webhook names no usable " + std::string(what) + " id.");
    }
    return id;
}

claim claim_of_entity(std::string_view operation) noexcept {
    if (operation == "create") return claim::created;
    if (operation == "delete" || operation == "purge") return claim::deleted;
    return claim::updated;
}

} // namespace

notice read_notice(const json::value& body) {
    const std::string event_type = mortise::require_string(body, "event_type", category::input);
    const std::string realm = mortise::require_string(body, "realm", category::input);
    const std::string operation = mortise::require_string(body, "operation", category::input);
    const json::value data(mortise::require_object(body, "data", category::input));
    const std::string object_id = text_at(body, "object_id");
    const std::string data_type = text_at(data, "object_type");

    notice out;
    out.hint.user_id = text_at(body, "user_id");
    const auto asset = [&](claim what, std::string id) {
        out.about = notice::target::asset;
        out.hint.what = what;
        out.id = id_from(std::move(id), object_id, "asset");
    };
    if (realm == "contents") {
        // Seen with event_type "collections"; the object put in may be a collection itself.
        if (data_type != "assets") return out;
        out.hint.collection_id = id_from(text_at(data, "collection_id"), {}, "collection");
        asset(claim::contents, text_at(data, "object_id"));
    } else if (event_type == "collections") {
        if (realm != "metadata") return out;
        out.about = notice::target::collection;
        out.hint.what = claim::metadata;
        out.id = id_from(text_at(data, "object_id"), object_id, "collection");
    } else if (event_type == "assets") {
        if (realm == "entity") {
            asset(claim_of_entity(operation), text_at(data, "id"));
        } else if (realm == "metadata") {
            asset(claim::metadata, text_at(data, "object_id"));
        } else if (realm == "versions") {
            out.hint.version_id = text_at(data, "id");
            asset(operation == "create" ? claim::version : claim::updated,
                  text_at(data, "asset_id"));
        } else if (realm == "approvals") {
            if (!data_type.empty() && data_type != "assets") return out;
            asset(claim::approval, text_at(data, "object_id"));
        } else if (realm == "segments") {
            const bool comment = text_at(data, "segment_type") == "COMMENT";
            if (operation != "create" || !comment) return out;
            out.hint.comment_id = id_from(text_at(data, "id"), {}, "comment");
            asset(claim::comment, text_at(data, "asset_id"));
        }
    }
    return out;
}

} // namespace iconik
