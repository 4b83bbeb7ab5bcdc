// SPDX-License-Identifier: Apache-2.0
//
// Reading, finding and creating workspaces.
#include "connector.hpp"
#include "content_server/text.hpp"

#include <algorithm>

namespace xecm_workspaces {

using content_server::int_at;
using content_server::list_request;
using content_server::object_part;
using content_server::part;
using content_server::subject;
using content_server::text_at;
using mortise::category;
using mortise::error;
using mortise::task;
using object = json::object;

namespace {

// A workspace as a list or the workspace itself shows it.
object workspace_summary(const object& properties) {
    object out = content_server::node_summary(properties);
    if (const auto type = int_at(properties, "wnf_wksp_type_id"); type != 0) out["type_id"] = type;
    // The item's own type is the same for every workspace.
    out.erase("type_name");
    const std::string name = text_at(properties, "wksp_type_name");
    if (!name.empty()) out["type_name"] = name;
    return out;
}

business_object read_business_object(const object& from) {
    business_object out;
    out.ext_system_id = text_at(from, "external_system_id");
    out.bo_type = text_at(from, "business_object_type");
    out.bo_id = text_at(from, "business_object_id");
    return out;
}

json::array business_objects(const json::value& answer) {
    json::array out;
    const auto add = [&out](const object* from) {
        if (!from) return;
        const business_object one = read_business_object(*from);
        if (one.bo_id.empty()) return;
        object entry;
        entry["ext_system_id"] = one.ext_system_id;
        entry["bo_type"] = one.bo_type;
        entry["bo_id"] = one.bo_id;
        out.push_back(std::move(entry));
    };
    const json::value* references = part(answer, "results.data.workspace_references");
    const auto* list = references ? references->if_array() : nullptr;
    if (list) {
        for (const auto& item : *list)
            add(item.if_object());
    }
    if (!out.empty()) return out;
    // Shows the first one only, but is there without the Extended ECM module, too.
    const json::value* first = part(answer, "results.data.business_properties");
    add(first ? first->if_object() : nullptr);
    return out;
}

bool has_business_object(const object& workspace, const business_object& wanted) {
    const auto& list = workspace.at("business_objects").as_array();
    return std::any_of(list.begin(), list.end(), [&](const json::value& item) {
        const object& o = item.as_object();
        return text_at(o, "ext_system_id") == wanted.ext_system_id &&
               text_at(o, "bo_type") == wanted.bo_type && text_at(o, "bo_id") == wanted.bo_id;
    });
}

// {"16878_25": v} -> {"16878": {"16878_25": v}}: how a new workspace takes its categories.
object nested(const object& keyed) {
    object out;
    for (const auto& [key, value] : keyed) {
        const std::string_view k(key.data(), key.size());
        auto& inner = out[k.substr(0, k.find('_'))];
        if (!inner.is_object()) inner.emplace_object();
        inner.get_object()[key] = value;
    }
    return out;
}

} // namespace

mortise::url connector::list_url() const {
    mortise::url url = client_.at("v2/businessworkspaces");
    // Without it the server lists only what this user has opened lately.
    url.query("expanded_view", "true");
    return url;
}

task<object> connector::read_workspace(context& c, std::int64_t id) {
    mortise::url url = client_.at("v2/businessworkspaces");
    url.segment(std::to_string(id));
    for (const char* field : {"properties", "business_properties", "workspace_references"}) {
        url.query("fields", field);
    }
    subject about("workspace", "workspace " + std::to_string(id));
    const json::value answer = co_await client_.get(c, url.str(), std::move(about));
    object out = workspace_summary(object_part(answer, "results.data.properties"));
    const json::value* business = part(answer, "results.data.business_properties");
    if (const auto* b = business ? business->if_object() : nullptr) {
        if (!out.contains("type_id") && int_at(*b, "workspace_type_id") != 0) {
            out["type_id"] = int_at(*b, "workspace_type_id");
        }
        const std::string type = text_at(*b, "workspace_type_name");
        if (!out.contains("type_name") && !type.empty()) out["type_name"] = type;
    }
    out["business_objects"] = business_objects(answer);
    co_return out;
}

task<object> connector::get(context& c, workspace_get in) {
    const std::int64_t id = content_server::id_of(in.id, "id");
    object out = co_await read_workspace(c, id);
    if (in.categories) out["categories"] = co_await categories_by_names(c, id);
    co_return out;
}

task<std::optional<object>> connector::find_by_business_object(context& c, business_object wanted) {
    mortise::url url = list_url();
    url.query("where_ext_system_id", wanted.ext_system_id);
    url.query("where_bo_type", wanted.bo_type).query("where_bo_id", wanted.bo_id);
    const std::string what_text = "the workspace of " + wanted.ext_system_id + ' ' +
                                  wanted.bo_type + " \"" + wanted.bo_id + '"';
    list_request what(std::move(url), subject("workspace", what_text), 3);
    const json::array items = co_await client_.list(c, std::move(what));
    // A server that does not know one of the filters leaves it out, so each hit is looked at.
    for (const auto& properties : content_server::properties_of(items)) {
        object one = co_await read_workspace(c, int_at(properties, "id"));
        if (has_business_object(one, wanted)) co_return std::optional<object>(std::move(one));
    }
    if (items.empty()) co_return std::nullopt;
    mortise::url direct = client_.at("v2/externalsystems");
    direct.segment(wanted.ext_system_id).path("botypes").segment(wanted.bo_type);
    direct.path("boids").segment(wanted.bo_id);
    json::value answer;
    try {
        answer = co_await client_.get(c, direct.str(), subject("workspace", what_text));
    } catch (const error& e) {
        if (e.category != category::not_found && e.category != category::input) throw;
        co_return std::nullopt;
    }
    for (const auto& item : mortise::require_array(answer, "results")) {
        const std::int64_t id = int_at(object_part(item, "data.properties"), "id");
        object one = co_await read_workspace(c, id);
        if (has_business_object(one, wanted)) co_return std::optional<object>(std::move(one));
    }
    co_return std::nullopt;
}

task<std::optional<object>>
connector::find_by_name(context& c, std::string type, std::string name) {
    mortise::url url = list_url();
    if (!type.empty()) {
        // By id: names match by their beginning only.
        const workspace_type known = co_await type_named(c, type, category::input);
        url.query("where_workspace_type_id", std::to_string(known.id));
    }
    url.query("where_name", name);
    list_request what(std::move(url), subject("workspace", "the workspace \"" + name + '"'), 1000);
    const json::array items = co_await client_.list(c, std::move(what));
    std::vector<std::int64_t> ids;
    for (const auto& properties : content_server::properties_of(items)) {
        if (text_at(properties, "name") == name) ids.push_back(int_at(properties, "id"));
    }
    if (ids.size() > 1) {
        throw error(category::conflict, "xecm.workspace.ambiguous",
                    "There are " + std::to_string(ids.size()) + " workspaces \"" + name +
                        "\"; find it by business object instead.");
    }
    if (ids.empty()) co_return std::nullopt;
    object one = co_await read_workspace(c, ids.front());
    co_return std::optional<object>(std::move(one));
}

task<object> connector::find(context& c, workspace_find in) {
    const bool all = !in.ext_system_id.empty() && !in.bo_type.empty() && !in.bo_id.empty();
    const bool some = !in.ext_system_id.empty() || !in.bo_type.empty() || !in.bo_id.empty();
    if (some && !all) {
        throw error(category::input, "xecm.workspace.bad-input",
                    "ext_system_id, bo_type and bo_id belong together; one of them is missing.");
    }
    if (!some && in.name.empty()) {
        throw error(category::input, "xecm.workspace.bad-input",
                    "Name the business object (ext_system_id, bo_type, bo_id) or the workspace's "
                    "name.");
    }
    std::optional<object> found;
    if (all) {
        business_object wanted;
        wanted.ext_system_id = in.ext_system_id;
        wanted.bo_type = in.bo_type;
        wanted.bo_id = in.bo_id;
        found = co_await find_by_business_object(c, std::move(wanted));
    } else {
        found = co_await find_by_name(c, in.workspace_type, in.name);
    }
    object out;
    out["found"] = found.has_value();
    if (found) {
        out["workspace"] = *found;
        out["result"] = std::move(*found);
    }
    co_return out;
}

task<object> connector::search(context& c, workspace_search in) {
    mortise::url url = list_url();
    if (!in.workspace_type.empty()) {
        const workspace_type known = co_await type_named(c, in.workspace_type, category::input);
        url.query("where_workspace_type_id", std::to_string(known.id));
    }
    if (!in.name.empty()) {
        url.query("where_name", in.match == "equals" ? in.name : in.match + '_' + in.name);
    }
    url.query("sort", "desc_modify_date");
    list_request what(std::move(url), subject("workspace", "a search for workspaces"),
                      static_cast<std::size_t>(in.limit));
    const json::array items = co_await client_.list(c, std::move(what));
    json::array workspaces;
    for (const auto& properties : content_server::properties_of(items)) {
        object one = workspace_summary(properties);
        const std::int64_t type = int_at(one, "type_id");
        for (const auto& known : types_) {
            if (known.id == type && !one.contains("type_name")) one["type_name"] = known.name;
        }
        workspaces.push_back(std::move(one));
    }
    object out;
    out["workspaces"] = std::move(workspaces);
    co_return out;
}

task<object> connector::create(context& c, workspace_create in) {
    object fields;
    std::int64_t template_id = 0;
    if (!in.template_id.is_null()) {
        template_id = content_server::id_of(in.template_id, "template_id");
    }
    if (!in.workspace_type.empty()) {
        const workspace_type type = co_await type_named(c, in.workspace_type, category::input);
        fields["wksp_type_id"] = type.id;
        if (template_id == 0 && !type.templates.empty()) {
            template_id = type.templates.front().first;
        }
    }
    const bool object_given = !in.bo_id.empty();
    if (object_given != !in.bo_type.empty() || object_given != !in.ext_system_id.empty()) {
        throw error(category::input, "xecm.workspace.bad-input",
                    "ext_system_id, bo_type and bo_id belong together; one of them is missing.");
    }
    if (template_id == 0 && !object_given) {
        throw error(category::input, "xecm.workspace.bad-input",
                    "Name the workspace_type, the template_id or the business object.");
    }
    if (template_id != 0) fields["template_id"] = template_id;
    if (!in.parent_id.is_null()) {
        fields["parent_id"] = content_server::id_of(in.parent_id, "parent_id");
    }
    if (!in.name.empty()) fields["name"] = in.name;
    if (!in.description.empty()) fields["description"] = in.description;
    if (object_given) {
        fields["ext_system_id"] = in.ext_system_id;
        fields["bo_type"] = in.bo_type;
        fields["bo_id"] = in.bo_id;
    }
    if (!in.categories.empty()) {
        const std::int64_t place = template_id != 0 ? template_id : int_at(fields, "parent_id");
        if (place == 0) {
            throw error(category::input, "xecm.workspace.bad-input",
                        "With categories, name the workspace_type or the template_id as well.");
        }
        const object keyed = co_await keyed_values(c, std::move(in.categories), place);
        object roles;
        roles["categories"] = nested(keyed);
        fields["roles"] = std::move(roles);
    }
    const std::string name = in.name.empty() ? in.bo_id : in.name;
    json::value body(std::move(fields));
    const json::value answer = co_await client_.write(
        c, "POST", client_.at("v2/businessworkspaces").str(), std::move(body),
        subject("workspace", "the new workspace \"" + name + '"'));
    try {
        const std::int64_t id = int_at(object_part(answer, "results"), "id");
        co_return co_await read_workspace(c, id);
    } catch (error& e) {
        e.effect = mortise::effect::done;
        throw;
    }
}

task<object> connector::update(context& c, workspace_update in) {
    const std::int64_t id = content_server::id_of(in.id, "id");
    if (!in.name && !in.description && !in.business_object) {
        throw error(category::input, "xecm.workspace.nothing-to-do",
                    "Name at least one of name, description and business_object.");
    }
    object now = co_await read_workspace(c, id);
    if (in.business_object) {
        business_object wanted;
        wanted.ext_system_id = in.business_object->ext_system_id;
        wanted.bo_type = in.business_object->bo_type;
        wanted.bo_id = in.business_object->bo_id;
        if (!has_business_object(now, wanted)) {
            mortise::url url = client_.at("v2/businessworkspaces");
            url.segment(std::to_string(id)).path("workspacereferences");
            // This address takes plain form fields.
            mortise::form_body form;
            form.add("ext_system_id", wanted.ext_system_id);
            form.add("bo_type", wanted.bo_type).add("bo_id", wanted.bo_id);
            co_await client_.write_form(c, "PUT", url.str(), form,
                                        subject("workspace", "the business object \"" +
                                                                 wanted.bo_id + "\" of workspace " +
                                                                 std::to_string(id)));
        }
    }
    const bool rename = in.name && *in.name != text_at(now, "name");
    const bool describe = in.description && *in.description != text_at(now, "description");
    if (rename || describe) {
        content_server::node_update change;
        change.id = id;
        if (rename) change.name = in.name;
        if (describe) change.description = in.description;
        co_await update_node(c, std::move(change));
    }
    try {
        co_return co_await read_workspace(c, id);
    } catch (error& e) {
        e.effect = mortise::effect::done;
        throw;
    }
}

task<std::int64_t> connector::owner_of(context& c, std::int64_t node) {
    mortise::url url = client_.at("v1/nodes");
    url.segment(std::to_string(node)).path("businessworkspace");
    subject about("workspace", "the workspace of item " + std::to_string(node));
    try {
        const json::value answer = co_await client_.get(c, url.str(), std::move(about));
        const auto* o = answer.if_object();
        co_return o ? int_at(*o, "id") : 0;
    } catch (const error& e) {
        // A missing item is 400, an item outside of workspaces 404.
        if (e.http_status != 404) throw;
    }
    co_return 0;
}

task<object> connector::of_node(context& c, content_server::node_id_only in) {
    const std::int64_t owner = co_await owner_of(c, content_server::id_of(in.id, "id"));
    object out;
    out["found"] = owner != 0;
    if (owner != 0) out["workspace"] = co_await read_workspace(c, owner);
    co_return out;
}

} // namespace xecm_workspaces
