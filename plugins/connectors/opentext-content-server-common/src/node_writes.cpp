// SPDX-License-Identifier: Apache-2.0
//
// Creating, changing and deleting items.
#include "content_server/repository.hpp"
#include "content_server/text.hpp"

namespace content_server {

using mortise::category;
using mortise::error;
using mortise::task;
using object = json::object;

namespace {

constexpr std::int64_t folder_type = 0;
constexpr std::int64_t url_type = 140;
constexpr std::size_t longest_name = 248;

bool is_container(const object& properties) {
    const auto* v = properties.if_contains("container");
    return v && v->is_bool() ? v->get_bool() : int_at(properties, "type") == folder_type;
}

} // namespace

void check_name(std::string_view name) {
    const auto refuse = [name](std::string_view why) {
        throw error(category::input, "xecm.node.bad-name",
                    "\"" + one_line(name, 80) +
                        "\" cannot be the name of an item: " + std::string(why) + ".");
    };
    if (name.empty()) refuse("it is empty");
    if (name.find(':') != std::string_view::npos) refuse("a colon is not allowed; use \"-\"");
    if (name.front() == ' ' || name.back() == ' ') refuse("it begins or ends with a blank");
    std::size_t characters = 0;
    for (const char ch : name)
        characters += (static_cast<unsigned char>(ch) & 0xC0u) != 0x80u;
    if (characters > longest_name) refuse("it is longer than 248 characters");
}

task<object>
repository::create_node(context& c, object fields, category_values categories, std::string what) {
    if (!categories.empty()) {
        const std::int64_t place = int_at(fields, "parent_id");
        object roles;
        roles["categories"] = co_await keyed_values(c, std::move(categories), place);
        fields["roles"] = std::move(roles);
    }
    json::value body(std::move(fields));
    subject about("node", std::move(what));
    const json::value answer = co_await client_.write(c, "POST", client_.at("v2/nodes").str(),
                                                      std::move(body), std::move(about));
    co_return object_part(answer, "results.data.properties");
}

task<object> repository::ensure_path(context& c, node_path_ensure in) {
    std::int64_t at = id_of(in.parent_id, "parent_id");
    for (const auto& name : in.path)
        check_name(name);
    json::array made;
    object last;
    for (const auto& name : in.path) {
        auto child = co_await child_named(c, at, name);
        if (!child) {
            object fields;
            fields["type"] = folder_type;
            fields["parent_id"] = at;
            fields["name"] = name;
            std::optional<error> taken;
            try {
                child = co_await create_node(c, std::move(fields), category_values(),
                                             "the new folder \"" + name + '"');
                made.emplace_back(name);
            } catch (const error& e) {
                if (e.category != category::conflict) throw;
                taken = e;
            }
            // Somebody else made it between the look and the attempt.
            if (taken) child = co_await child_named(c, at, name);
            if (taken && !child) throw *taken;
        }
        if (!is_container(*child)) {
            throw error(category::conflict, "xecm.node.not-a-container",
                        "\"" + name + "\" in item " + std::to_string(at) +
                            " is not a folder; rename or move it.");
        }
        at = int_at(*child, "id");
        last = node_summary(*child);
    }
    last["created"] = std::move(made);
    co_return last;
}

task<object> repository::create_url(context& c, node_create_url in) {
    check_name(in.name);
    object fields;
    fields["type"] = url_type;
    fields["parent_id"] = id_of(in.parent_id, "parent_id");
    fields["name"] = in.name;
    fields["url"] = in.url;
    if (!in.description.empty()) fields["description"] = in.description;
    const object made = co_await create_node(c, std::move(fields), std::move(in.categories),
                                             "the new URL item \"" + in.name + '"');
    object out = node_summary(made);
    out["url"] = in.url;
    co_return out;
}

task<object> repository::update_node(context& c, node_update in) {
    const std::int64_t id = id_of(in.id, "id");
    object fields;
    if (in.name) {
        check_name(*in.name);
        fields["name"] = *in.name;
    }
    if (in.description) fields["description"] = *in.description;
    if (in.url) fields["url"] = *in.url;
    if (!in.parent_id.is_null()) fields["parent_id"] = id_of(in.parent_id, "parent_id");
    if (fields.empty()) {
        throw error(category::input, "xecm.node.nothing-to-do",
                    "Name at least one of name, description, url and parent_id.");
    }
    json::value body(std::move(fields));
    subject about("node", "the change of item " + std::to_string(id));
    co_await client_.write(c, "PUT", client_.at_node(id).str(), std::move(body), std::move(about));
    try {
        const object now = co_await read_node(c, id);
        co_return node_summary(now);
    } catch (error& e) {
        e.effect = mortise::effect::done;
        throw;
    }
}

task<object> repository::delete_node(context& c, node_id_only in) {
    const std::int64_t id = id_of(in.id, "id");
    object out;
    try {
        subject about("node", "the deletion of item " + std::to_string(id));
        co_await client_.write(c, "DELETE", client_.at_node(id).str(), nullptr, std::move(about));
        out["deleted"] = true;
    } catch (const error& e) {
        if (e.category != category::not_found) throw;
        out["deleted"] = false;
    }
    co_return out;
}

} // namespace content_server
