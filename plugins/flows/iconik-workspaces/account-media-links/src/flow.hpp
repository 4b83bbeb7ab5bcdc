// SPDX-License-Identifier: Apache-2.0
//
// Account media links: each account's Business Workspace links the demos, testimonials and
// recordings of the account; a workspace that is new gets the links of all there are already.
#pragma once

#include <mortise/sdk/flow.hpp>

#include <iconik_workspaces/metadata.hpp>
#include <iconik_workspaces/references.hpp>
#include <string>
#include <vector>

namespace account_links {

enum class missing_workspace { fail, leave };

} // namespace account_links

template <>
struct mortise::enum_names<account_links::missing_workspace> {
    static constexpr std::array<std::pair<account_links::missing_workspace, std::string_view>, 2>
        values{{{account_links::missing_workspace::fail, "dead-letter"},
                {account_links::missing_workspace::leave, "leave"}}};
};

namespace account_links {

struct settings {
    iconik_workspaces::id_field accounts{.field = "account_id"};
    iconik_workspaces::business_object_type account{.type = "account"};
    std::string kind_field = "media_kind";
    std::vector<std::string> kinds{"Demo", "Testimonial", "Recording"};
    std::vector<std::string> approved_statuses;
    iconik_workspaces::reference_settings reference{
        .attributes = {{"Asset ID", "asset_id"},
                       {"Version", "version"},
                       {"Asset URL", "url"},
                       {"Proxy URL", "proxy_url"},
                       {"Title", "title"},
                       {"Thumbnail URL", "thumbnail_url"}}};
    missing_workspace without_workspace = missing_workspace::fail;
    iconik_workspaces::patience wait;
    std::int64_t page_size = 25;

    static auto describe() {
        return mortise::object<settings>("Links to account media")
            .field("accounts", &settings::accounts, "Where assets name their accounts")
            .field("account", &settings::account, "The business object of an account's workspace")
            .field("kind_field", &settings::kind_field,
                   "Metadata field, in the view of accounts, that says what kind of media an asset "
                   "is; empty: all assets are linked")
            .names(iconik_workspaces::dam, "metadata-field")
            .field("kinds", &settings::kinds, "Values of that field that are linked")
            .names(iconik_workspaces::dam, "field-value", "kind_field")
            .field("approved_statuses", &settings::approved_statuses,
                   "iconik approval states of assets that are linked; empty: any")
            .field("reference", &settings::reference, "What a link looks like")
            .field("without_workspace", &settings::without_workspace,
                   "An asset of an account that has no workspace, after the wait: dead-letter, or "
                   "leave it until the workspace is created")
            .field("wait", &settings::wait,
                   "How long to wait for an account's workspace that is not there yet")
            .field("page_size", &settings::page_size,
                   "Assets per run when the workspace of an account is new")
            .min(1)
            .max(200);
    }
};

class flow {
public:
    flow(mortise::instance&, settings s)
        : settings_(std::move(s)), links_("account-media-link", settings_.reference) {}
    static void describe(mortise::flow_builder<flow>& b);
    mortise::task<mortise::json::value> run(mortise::flow_run& run, mortise::event e);

private:
    mortise::task<mortise::json::value> asset_changed(mortise::flow_run run, std::string asset_id);
    mortise::task<iconik_workspaces::kept> refresh(mortise::flow_run run, std::string asset_id);
    mortise::task<mortise::json::value> workspace_created(mortise::flow_run run, std::int64_t id);
    // One page of an account's assets, a run of its own that starts the next page's.
    mortise::task<mortise::json::value> backfill(mortise::flow_run run, mortise::json::value page);

    const settings settings_;
    const iconik_workspaces::references links_;
};

} // namespace account_links
