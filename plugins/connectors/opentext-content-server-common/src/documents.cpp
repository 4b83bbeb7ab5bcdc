// SPDX-License-Identifier: Apache-2.0
//
// Copies, shortcuts and paths; versions.
#include "content_server/documents.hpp"

#include "content_server/text.hpp"

#include <algorithm>

namespace content_server {

using mortise::category;
using mortise::error;
using mortise::task;
using object = json::object;

namespace {

constexpr std::int64_t shortcut_type = 1;
constexpr std::int64_t document_type = 144;

// What is more than this is not compared by its bytes.
constexpr std::uint64_t longest_text = 8u << 20;

version_info info_of(std::int64_t id, const object& from) {
    version_info out;
    out.id = id;
    out.version = int_at(from, "version_number");
    out.name = text_at(from, "file_name");
    if (out.name.empty()) out.name = text_at(from, "name");
    out.media_type = text_at(from, "mime_type");
    out.size = static_cast<std::uint64_t>(std::max<std::int64_t>(0, int_at(from, "file_size")));
    out.description = text_at(from, "description");
    out.create_date = text_at(from, "create_date");
    out.owner_id = int_at(from, "owner_id");
    return out;
}

} // namespace

task<json::value>
documents::send_file(context& c, std::string url, object fields, file what, subject about) {
    if (what.text && c.content()) {
        throw error(category::input, "xecm.document.two-contents",
                    "Give either \"text\" or a content, not both, for " + about.what + '.');
    }
    json::value body(std::move(fields));
    client& server = all_.server();
    if (c.content()) {
        if (what.media_type.empty()) what.media_type = c.content().info().media_type;
        if (what.media_type.empty()) what.media_type = "application/octet-stream";
        const auto size = c.content().info().length;
        if (size && co_await takes_parts(c, *size)) {
            body.get_object()["upload_key"] = co_await send_parts(c, what, *size, about);
            json::value made =
                co_await server.write(c, "POST", std::move(url), std::move(body), std::move(about));
            co_await server.owner().state().remove("upload/" + c.idempotency_key());
            co_return made;
        }
        co_return co_await server.upload(c, std::move(url), std::move(body), std::move(what.name),
                                         std::move(what.media_type), c.content(), std::move(about));
    }
    if (!what.text) {
        throw error(category::input, "xecm.document.no-content",
                    "There is neither \"text\" nor a content for " + about.what + '.');
    }
    if (what.media_type.empty()) what.media_type = "text/plain";
    std::string bytes = std::move(*what.text);
    co_return co_await server.upload(c, std::move(url), std::move(body), std::move(what.name),
                                     std::move(what.media_type), std::move(bytes),
                                     std::move(about));
}

task<object> documents::upload(context& c, node_upload in) {
    check_name(in.name);
    const std::int64_t parent = id_of(in.parent_id, "parent_id");
    object fields;
    fields["type"] = document_type;
    fields["parent_id"] = parent;
    fields["name"] = in.name;
    if (!in.description.empty()) fields["description"] = in.description;
    if (!in.categories.empty()) {
        object roles;
        roles["categories"] = co_await all_.keyed_values(c, std::move(in.categories), parent);
        fields["roles"] = std::move(roles);
    }
    file what;
    what.name = in.name;
    what.media_type = in.media_type.value_or(std::string());
    what.text = std::move(in.text);
    subject about("node", "the new document \"" + in.name + '"');
    const json::value answer =
        co_await send_file(c, all_.server().at("v2/nodes").str(), std::move(fields),
                           std::move(what), std::move(about));
    co_return node_summary(object_part(answer, "results.data.properties"));
}

task<version_info> documents::add_version(context& c, version_add in) {
    const std::int64_t id = id_of(in.id, "id");
    if (in.name.empty()) {
        const object properties = co_await all_.read_node(c, id);
        in.name = text_at(properties, "name");
    }
    object fields;
    if (!in.description.empty()) fields["description"] = in.description;
    file what;
    what.name = in.name;
    what.media_type = in.media_type.value_or(std::string());
    what.text = std::move(in.text);
    subject about("version", "the new version of item " + std::to_string(id));
    const json::value answer =
        co_await send_file(c, all_.server().at_node(id, "versions").str(), std::move(fields),
                           std::move(what), std::move(about));
    co_return info_of(id, object_part(answer, "results.data.versions"));
}

task<version_found> documents::find_version(context& c, version_find in) {
    const std::int64_t id = id_of(in.id, "id");
    version_list which;
    which.id = id;
    const object listed = co_await all_.list_versions(c, std::move(which));
    const auto& versions = listed.at("versions").as_array();
    version_found out;
    for (auto it = versions.rbegin(); it != versions.rend() && !out.found; ++it) {
        version_info one = info_of(id, it->as_object());
        // Without a description only the newest can be meant: the same content may come again.
        if (in.description.empty() && it != versions.rbegin()) break;
        if (one.description != in.description) continue;
        if (!in.name.empty() && one.name != in.name) continue;
        if (in.size && one.size != *in.size) continue;
        if (in.text && one.size != in.text->size()) continue;
        if (in.text && one.size <= longest_text) {
            const std::string there = co_await version_text(c, id, one.version);
            if (there != *in.text) continue;
        }
        out.found = true;
        out.result = std::move(one);
    }
    co_return out;
}

task<version_info> documents::get_version(context& c, version_get in) {
    const std::int64_t id = id_of(in.id, "id");
    client& server = all_.server();
    if (!in.version) {
        mortise::url url = server.at("v1/nodes");
        url.segment(std::to_string(id)).path("versions/latest");
        const json::value answer = co_await server.get(
            c, url.str(), subject("version", "the newest version of item " + std::to_string(id)));
        co_return info_of(id, object_part(answer, "data"));
    }
    const std::string number = std::to_string(*in.version);
    const json::value answer = co_await server.get(
        c, server.at_node(id, "versions/" + number).str(),
        subject("version", "version " + number + " of item " + std::to_string(id)));
    co_return info_of(id, object_part(answer, "results.data.versions"));
}

task<object> documents::copy_node(context& c, node_copy in) {
    check_name(in.name);
    object fields;
    fields["original_id"] = id_of(in.id, "id");
    fields["parent_id"] = id_of(in.parent_id, "parent_id");
    fields["name"] = in.name;
    const object made = co_await all_.create_node(c, std::move(fields), category_values(),
                                                  "the copy \"" + in.name + '"');
    co_return node_summary(made);
}

task<object> documents::create_shortcut(context& c, node_create_shortcut in) {
    check_name(in.name);
    const std::int64_t original = id_of(in.original_id, "original_id");
    object fields;
    fields["type"] = shortcut_type;
    fields["parent_id"] = id_of(in.parent_id, "parent_id");
    fields["name"] = in.name;
    fields["original_id"] = original;
    const object made = co_await all_.create_node(c, std::move(fields), category_values(),
                                                  "the new shortcut \"" + in.name + '"');
    object out = node_summary(made);
    out["original_id"] = original;
    co_return out;
}

task<object> documents::find_path(context& c, node_path_find in) {
    std::int64_t at = id_of(in.parent_id, "parent_id");
    object out;
    object last;
    for (const auto& name : in.path) {
        const auto child = co_await all_.child_named(c, at, name);
        if (!child) {
            out["found"] = false;
            out["missing"] = name;
            out["in"] = at;
            co_return out;
        }
        at = int_at(*child, "id");
        last = node_summary(*child);
    }
    out["found"] = true;
    out["node"] = std::move(last);
    co_return out;
}

} // namespace content_server
