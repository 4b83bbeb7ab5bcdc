// SPDX-License-Identifier: Apache-2.0
//
// Workspace types and their templates.
#include "connector.hpp"
#include "content_server/text.hpp"

#include <algorithm>

namespace xecm_workspaces {

using content_server::int_at;
using content_server::object_part;
using content_server::subject;
using content_server::text_at;
using mortise::error;
using mortise::task;
using object = json::object;

task<void> connector::load_types(context& c) {
    mortise::url url = client_.at("v2/businessworkspacetypes");
    url.query("expand_templates", "true");
    const json::value answer =
        co_await client_.get(c, url.str(), subject("workspace-type", "the workspace types"));
    std::vector<workspace_type> found;
    for (const auto& item : mortise::require_array(answer, "results")) {
        const object& properties = object_part(item, "data.properties");
        workspace_type one;
        one.id = int_at(properties, "wksp_type_id");
        one.name = text_at(properties, "wksp_type_name");
        const auto* templates = properties.if_contains("templates");
        const auto* list = templates ? templates->if_array() : nullptr;
        if (list) {
            for (const auto& each : *list) {
                const auto* o = each.if_object();
                if (o) one.templates.emplace_back(int_at(*o, "id"), text_at(*o, "name"));
            }
        }
        found.push_back(std::move(one));
    }
    types_ = std::move(found);
}

task<connector::workspace_type>
connector::type_named(context& c, std::string name, enum mortise::category blame) {
    for (int round = 1;; ++round) {
        const auto at = std::find_if(types_.begin(), types_.end(), [&](const auto& t) {
            return content_server::equal_ignoring_case(t.name, name);
        });
        if (at != types_.end()) co_return *at;
        if (round == 2) break;
        // Not known yet, or new.
        co_await load_types(c);
    }
    std::vector<std::string> names;
    for (const auto& t : types_)
        names.push_back(t.name);
    throw error(blame, "xecm.workspace-type.unknown",
                "There is no workspace type \"" + name + '"' +
                    content_server::suggestion(name, names));
}

task<object> connector::list_types(context& c, content_server::nothing) {
    co_await load_types(c);
    json::array types;
    for (const auto& t : types_) {
        json::array templates;
        for (const auto& [id, name] : t.templates) {
            object one;
            one["id"] = id;
            one["name"] = name;
            templates.push_back(std::move(one));
        }
        object one;
        one["id"] = t.id;
        one["name"] = t.name;
        one["templates"] = std::move(templates);
        types.push_back(std::move(one));
    }
    object out;
    out["types"] = std::move(types);
    co_return out;
}

} // namespace xecm_workspaces
