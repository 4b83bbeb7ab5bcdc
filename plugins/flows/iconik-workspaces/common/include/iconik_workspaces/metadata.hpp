// SPDX-License-Identifier: Apache-2.0
//
// Metadata fields of iconik's assets and collections: reading them, writing what differs, and
// finding in them the ids of business objects.
#pragma once

#include <mortise/sdk/schema.hpp>

#include <iconik_workspaces/asset.hpp>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace iconik_workspaces {

// Step "metadata:<id>". object_type: "assets" or "collections". As metadata.get answers.
mortise::task<mortise::json::value> read_metadata(mortise::flow_run run,
                                                  std::string object_type,
                                                  std::string object_id,
                                                  std::string view);

// The texts of a field, as metadata.get answers it; other values as JSON text.
std::vector<std::string> texts(const mortise::json::value& metadata, const std::string& field);
// The first of them, "" without one.
std::string text(const mortise::json::value& metadata, const std::string& field);

using field_texts = std::map<std::string, std::vector<std::string>>;

// Writes those fields that differ, and none when all are so already: what is written comes back as
// an event, which must find nothing to do. Steps "<object>/before" and "<object>/write". False when
// nothing was written, also because the object is gone.
mortise::task<bool> write_metadata(mortise::flow_run run,
                                   std::string object_type,
                                   std::string object_id,
                                   std::string view,
                                   field_texts wanted);

// Where an asset names business objects. A settings type.
struct id_field {
    std::string view = "Marketing";
    std::string field;
    std::string pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$";

    static auto describe() {
        return mortise::object<id_field>("Metadata field with ids of business objects")
            .field("view", &id_field::view, "iconik metadata view that holds the field")
            .names(dam, "metadata-view")
            .field("field", &id_field::field,
                   "Metadata field of assets and collections with the business object's id; may "
                   "hold several")
            .names(dam, "metadata-field", "view")
            .field("pattern", &id_field::pattern,
                   "What an id looks like; anything else in the field ends the run with an error");
    }
};

// The ids in the field of the asset itself and of every collection it is in. Steps "collections"
// and "metadata:<id>". A malformed one throws INPUT "iconik-workspaces.id.malformed" with field,
// object, value and what to do. what: "campaign", for that message.
mortise::task<std::set<std::string>>
ids_named_by(mortise::flow_run run, asset of, id_field where, std::string what);
// The ids in metadata that is already there; said: "asset 1234", for the message.
void collect_ids(const mortise::json::value& metadata,
                 const id_field& where,
                 const std::string& what,
                 const std::string& said,
                 std::set<std::string>& into);

} // namespace iconik_workspaces
