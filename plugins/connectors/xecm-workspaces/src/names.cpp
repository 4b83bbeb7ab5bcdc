// SPDX-License-Identifier: Apache-2.0
//
// What there is by name, for checking settings against the system before they are used.
#include "connector.hpp"
#include "content_server/text.hpp"

#include <algorithm>
#include <set>

namespace xecm_workspaces {

using content_server::int_at;
using content_server::list_request;
using content_server::object_part;
using content_server::subject;
using content_server::text_at;
using mortise::category;
using mortise::error;
using mortise::task;
using object = json::object;

namespace {

constexpr std::size_t most_members = 5000;

// Attributes, and those within sets as "Set/Attribute".
std::vector<std::string> attribute_names(const content_server::category_definition& d) {
    std::vector<std::string> out;
    for (const auto& a : d.attributes) {
        out.push_back(a.name);
        for (const auto& member : a.members)
            out.push_back(a.name + '/' + member.name);
    }
    return out;
}

const content_server::attribute* find_attribute(const content_server::category_definition& d,
                                                std::string_view path) {
    using content_server::equal_ignoring_case;
    for (const auto& a : d.attributes) {
        if (equal_ignoring_case(a.name, path)) return &a;
        for (const auto& member : a.members) {
            if (equal_ignoring_case(a.name + '/' + member.name, path)) return &member;
        }
    }
    return nullptr;
}

void need_scope(const names_in& in, std::string_view what) {
    if (!in.of.empty()) return;
    throw error(category::input, "xecm.names.no-scope",
                "Names of the kind \"" + in.kind + "\" need \"of\": " + std::string(what) + '.');
}

} // namespace

task<name_list> connector::list_names(context& c, names_in in) {
    name_list out;
    if (in.kind == "workspace-type") {
        co_await load_types(c);
        for (const auto& type : types_)
            out.names.push_back(type.name);
    } else if (in.kind == "template") {
        need_scope(in, "the workspace type");
        const workspace_type type = co_await type_named(c, in.of, category::input);
        for (const auto& [id, name] : type.templates)
            out.names.push_back(name);
    } else if (in.kind == "category") {
        out.names = co_await category_names(c);
    } else if (in.kind == "attribute") {
        need_scope(in, "the category");
        const auto definition = co_await definition_named(c, in.of);
        out.names = attribute_names(definition);
    } else if (in.kind == "attribute-value") {
        const std::size_t slash = in.of.find('/');
        if (slash == std::string::npos) in.of.clear();
        need_scope(in, "\"Category/Attribute\"");
        const std::string name = in.of.substr(slash + 1);
        const auto definition = co_await definition_named(c, in.of.substr(0, slash));
        const auto* attribute = find_attribute(definition, name);
        if (!attribute) {
            throw error(category::input, "xecm.category.unknown-attribute",
                        "The category has no attribute \"" + name + '"' +
                            content_server::suggestion(name, attribute_names(definition)));
        }
        out.names = attribute->valid_values;
        // Free text takes every value.
        out.complete = !attribute->valid_values.empty();
    } else if (in.kind == "workflow-map") {
        const auto maps = co_await all_maps(c);
        for (const auto& map : maps)
            out.names.push_back(map.name);
    } else if (in.kind == "external-system" || in.kind == "business-object-type") {
        const bool systems = in.kind == "external-system";
        if (!systems) need_scope(in, "the external system");
        const json::value answer =
            co_await client_.get(c, client_.at("v2/businessobjecttypes").str(),
                                 subject("business-object-type", "the business object types"));
        std::set<std::string> names;
        for (const auto& item : mortise::require_array(answer, "results")) {
            const object& properties = object_part(item, "data.properties");
            const std::string system = text_at(properties, "ext_system_id");
            if (systems) names.insert(system);
            if (!systems && system == in.of) names.insert(text_at(properties, "bo_type"));
        }
        out.names.assign(names.begin(), names.end());
    } else if (in.kind == "group" || in.kind == "user") {
        mortise::url url = client_.at("v2/members");
        const std::string type = in.kind == "group" ? "1" : "0";
        url.query("where_type", type).query("sort", "asc_name");
        list_request what(std::move(url), subject("member", "the members"), most_members);
        const json::array items = co_await client_.list(c, std::move(what));
        for (const auto& properties : content_server::properties_of(items))
            out.names.push_back(text_at(properties, "name"));
        out.complete = items.size() < most_members;
    } else if (in.kind == "rm-classification") {
        const auto classes = co_await all_classes(c);
        for (const auto& one : classes)
            out.names.push_back(one.name);
    } else if (in.kind == "hold") {
        const auto holds = co_await list_holds(c, content_server::nothing());
        for (const auto& hold : holds.holds)
            out.names.push_back(hold.name);
    } else {
        throw error(category::input, "xecm.names.unknown-kind",
                    "There are no names of the kind \"" + in.kind +
                        "\"; the input's description lists the kinds.");
    }
    std::sort(out.names.begin(), out.names.end());
    co_return out;
}

} // namespace xecm_workspaces
