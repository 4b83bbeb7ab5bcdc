// SPDX-License-Identifier: Apache-2.0
//
// Filing a record (text, JSON) as a document in a workspace: once per key, and as a further version
// of the document when what it says has changed.
#pragma once

#include <cstdint>
#include <iconik_workspaces/workspace.hpp>
#include <string>
#include <vector>

namespace iconik_workspaces {

struct record {
    std::string key;                 // what it is the record of: "asset/1234/version/2"
    std::vector<std::string> folder; // below the workspace; missing folders are made
    std::string name;                // of the document: "Approval record (v2).json"
    std::string text;
    std::string media_type = "text/plain";
    mortise::json::object categories; // category name to {attribute: value}, of a new document
};

struct filed {
    std::int64_t node = 0;
    bool changed = false; // false: it is filed already and says the same
};

// Steps "filed", "folder", "upload" or "version", "link". relation: of the link records, one per
// use case. Needs nodes.path_ensure, nodes.upload and versions.add of the role "workspaces". A
// document that a person deleted is filed again.
mortise::task<filed>
file_record(mortise::flow_run run, std::string relation, std::int64_t workspace_id, record what);

// The name as Content Server allows it: no colon, no slash at the ends, at most 248 bytes.
std::string document_name(std::string wanted);

} // namespace iconik_workspaces
