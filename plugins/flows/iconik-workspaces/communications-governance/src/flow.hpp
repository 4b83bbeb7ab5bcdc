// SPDX-License-Identifier: Apache-2.0
//
// Communications governance: media of a webinar, training or executive message is linked in the
// Business Workspace of its event or program, which is made when it is missing; a checklist is
// opened there, and the asset says how far it is.
#pragma once

#include "checklist.hpp"

#include <iconik_workspaces/metadata.hpp>
#include <iconik_workspaces/references.hpp>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace communications {

struct settings {
    std::string kind_field = "media_kind";
    std::vector<std::string> kinds{"Webinar", "Training", "Executive Message"};
    iconik_workspaces::id_field programs{.field = "program_id"};
    iconik_workspaces::business_object_type program{.type = "program"};
    iconik_workspaces::new_workspace workspace{
        .workspace_type = "Program", .template_name = {}, .name = {}};
    std::map<std::string, std::string> templates;
    iconik_workspaces::reference_settings reference{
        .attributes = {{"Asset ID", "asset_id"},
                       {"Version", "version"},
                       {"Asset URL", "url"},
                       {"Proxy URL", "proxy_url"},
                       {"Title", "title"},
                       {"Thumbnail URL", "thumbnail_url"}}};
    std::vector<std::string> checklist_folder{"Checklist"};
    std::vector<checklist_item> checklist{{.name = "Speaker agreement"},
                                          {.name = "Release form"},
                                          {.name = "Publishing schedule"},
                                          {.name = "Distribution approval",
                                           .by = evidence::attribute,
                                           .attribute = "Distribution Approval",
                                           .opened_as = "Open",
                                           .done = {"Approved"}}};
    std::string status_field = "governance_status";
    std::string open_field = "governance_open";
    iconik_workspaces::patience wait;

    static auto describe() {
        return mortise::object<settings>("Governance of communications media")
            .field("kind_field", &settings::kind_field,
                   "Metadata field, in the view of programs, that says what kind of media an asset "
                   "is")
            .names(iconik_workspaces::dam, "metadata-field")
            .field("kinds", &settings::kinds, "Values of that field that are governed")
            .names(iconik_workspaces::dam, "field-value", "kind_field")
            .min(1)
            .field("programs", &settings::programs,
                   "Where assets and collections name their event or program")
            .field("program", &settings::program, "The business object of a program's workspace")
            .field("workspace", &settings::workspace, "How a missing workspace is made")
            .field("templates", &settings::templates,
                   "Kind of media to the template of its programs, where it is another")
            .field("reference", &settings::reference, "What a link looks like")
            .field("checklist_folder", &settings::checklist_folder,
                   "Folder path below the workspace for the items' folders")
            .field("checklist", &settings::checklist, "What a program needs")
            .field("status_field", &settings::status_field,
                   "Metadata field of the asset that says how far the checklist is (\"2 of 4\", "
                   "\"complete\"); empty: none")
            .names(iconik_workspaces::dam, "metadata-field")
            .field("open_field", &settings::open_field,
                   "Metadata field of the asset with the items still open; empty: none")
            .names(iconik_workspaces::dam, "metadata-field")
            .field("wait", &settings::wait,
                   "How long an asset of such a kind may be without a program");
    }
};

class flow {
public:
    flow(mortise::instance&, settings s)
        : settings_(std::move(s)), links_("communications-media", settings_.reference) {}
    static void describe(mortise::flow_builder<flow>& b);
    mortise::task<mortise::json::value> run(mortise::flow_run& run, mortise::event e);

private:
    mortise::task<mortise::json::value> asset_changed(mortise::flow_run run, std::string asset_id);
    // The kind of an asset that is governed, "" for others.
    mortise::task<std::string> kind_of(mortise::flow_run run, iconik_workspaces::asset of);
    // Under the program's order key: makes the workspace, opens the checklist, keeps how far it is.
    mortise::task<mortise::json::value> check_program(mortise::flow_run run,
                                                      mortise::json::value which);
    // Something in a program's workspace has changed: checks it and tells all its assets.
    mortise::task<mortise::json::value> workspace_changed(mortise::flow_run run, std::int64_t id);
    mortise::task<mortise::json::value> check_and_tell(mortise::flow_run run,
                                                       std::vector<std::string> programs);
    // Under the asset's order key: writes how far its programs are.
    mortise::task<mortise::json::value> tell_asset(mortise::flow_run run, std::string asset_id);

    const settings settings_;
    const iconik_workspaces::references links_;
};

} // namespace communications
