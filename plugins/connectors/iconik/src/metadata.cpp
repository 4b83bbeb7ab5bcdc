// SPDX-License-Identifier: Apache-2.0
//
// metadata.*: views, and values as plain lists. iconik wraps each value in an object.
#include "connector.hpp"

#include <algorithm>
#include <utility>

namespace iconik {

namespace json = mortise::json;
using mortise::category;
using mortise::error;

namespace {

std::string_view name_of(object_kind kind) noexcept {
    switch (kind) {
    case object_kind::collections:
        return "collections";
    case object_kind::segments:
        return "segments";
    case object_kind::assets:
        break;
    }
    return "assets";
}

std::string_view name_of(set_mode mode) noexcept {
    switch (mode) {
    case set_mode::append:
        return "append";
    case set_mode::remove:
        return "delete";
    case set_mode::overwrite:
        break;
    }
    return "overwrite";
}

// {"field_values": [{"value": x}]}, or "values" in the older form.
json::array plain_values(const json::value& field) {
    json::array out;
    const json::value* list = mortise::find_json(field, "field_values");
    if (!list) list = mortise::find_json(field, "values");
    if (!list || !list->is_array()) return out;
    for (const auto& item : list->get_array()) {
        const json::object* o = item.if_object();
        if (!o) {
            out.push_back(item);
        } else if (const json::value* v = o->if_contains("value"); v && !v->is_null()) {
            out.push_back(*v);
        }
    }
    return out;
}

bool holds(const json::array& list, const json::value& item) {
    return std::find(list.begin(), list.end(), item) != list.end();
}

json::array as_list(const std::string& field, const json::value& given) {
    if (given.is_null()) return {};
    json::array list = given.is_array() ? given.get_array() : json::array{given};
    for (const auto& v : list) {
        if (v.is_string() || v.is_bool() || v.is_number()) continue;
        throw error(category::input, "iconik.metadata.value",
                    "values." + field + " holds " + std::string(mortise::type_in_words(v)) +
                        "; iconik takes text, numbers and true or false.");
    }
    return list;
}

// What has still to be sent for one field; nothing when the object has it so already.
std::optional<json::array>
missing(set_mode mode, const json::array& wanted, const json::array& there) {
    if (mode == set_mode::overwrite) {
        if (wanted == there) return std::nullopt;
        return wanted;
    }
    json::array out;
    for (const auto& v : wanted) {
        if (holds(there, v) == (mode == set_mode::remove)) out.push_back(v);
    }
    if (out.empty()) return std::nullopt;
    return out;
}

} // namespace

json::object plain_metadata(const json::value& answer) {
    json::object out;
    const json::value* values = mortise::find_json(answer, "metadata_values");
    const json::object* fields = values ? values->if_object() : nullptr;
    if (!values) fields = answer.if_object(); // the older form has the fields at the top
    if (!fields) return out;
    for (const auto& field : *fields) {
        if (field.value().is_object()) out[field.key()] = plain_values(field.value());
    }
    return out;
}

mortise::task<json::array> connector::all_views(context& c) {
    std::string url = client_.to("metadata/v1/views").str();
    subject_of about("metadata-view", "the metadata views");
    const json::value answer = co_await client_.get(c, std::move(url), std::move(about));
    const json::array& views = objects_of(answer);
    view_ids_.clear();
    for (const auto& view : views) {
        // Names are not unique; the first one stays.
        view_ids_.emplace(text_at(view, "name"), text_at(view, "id"));
    }
    co_return views;
}

mortise::task<std::string> connector::view_id(context& c, std::string view, enum category blame) {
    auto found = view_ids_.find(view);
    if (found != view_ids_.end()) co_return found->second;
    const json::array views = co_await all_views(c);
    found = view_ids_.find(view);
    if (found != view_ids_.end()) co_return found->second;
    std::string names;
    for (const auto& v : views) {
        if (text_at(v, "id") == view) {
            view_ids_.emplace(view, view);
            co_return std::move(view);
        }
        if (names.size() < 400)
            names += (names.empty() ? "\"" : ", \"") + text_at(v, "name") + "\"";
    }
    throw error(blame, "iconik.metadata-view.unknown",
                "There is no metadata view \"" + view +
                    "\" that this connection may see; there are " +
                    (names.empty() ? "none" : names) + ".");
}

mortise::task<json::object>
connector::read_metadata(context& c, std::string type, std::string id, std::string view) {
    address url = client_.to("metadata/v1");
    url.part(type).part(id).part("views").part(view);
    std::string text = url.str();
    subject_of about("metadata", "the metadata of " + type + " " + id);
    const auto answer = co_await client_.find(c, std::move(text), std::move(about));
    // No values in this view is 404.
    json::object out;
    out["object_type"] = type;
    out["object_id"] = id;
    out["view_id"] = view;
    out["values"] = answer ? plain_metadata(*answer) : json::object();
    if (answer) {
        const std::string version = text_at(*answer, "version_id");
        if (!version.empty()) out["version_id"] = version;
        const std::string modified = text_at(*answer, "date_modified");
        if (!modified.empty()) out["date_modified"] = modified;
    }
    co_return std::move(out);
}

mortise::task<json::object> connector::list_views(context& c, nothing) {
    json::array views = co_await all_views(c);
    json::object out;
    out["views"] = std::move(views);
    co_return std::move(out);
}

mortise::task<json::object> connector::get_metadata(context& c, metadata_get in) {
    std::string view = in.view;
    view = co_await view_id(c, std::move(view), category::input);
    std::string type(name_of(in.object_type));
    json::object out =
        co_await read_metadata(c, std::move(type), std::move(in.object_id), std::move(view));
    co_return std::move(out);
}

mortise::task<json::object> connector::set_metadata(context& c, metadata_set in) {
    std::string view = in.view;
    view = co_await view_id(c, std::move(view), category::input);
    const std::string type(name_of(in.object_type));
    std::string type_copy = type;
    std::string id = in.object_id;
    std::string view_copy = view;
    // Reading first keeps repeats and equal values from becoming changes that others hear of.
    json::object now =
        co_await read_metadata(c, std::move(type_copy), std::move(id), std::move(view_copy));
    const json::object& there = now["values"].as_object();
    json::object changes;
    json::object before;
    for (const auto& field : in.values) {
        const std::string name(field.key());
        const json::array wanted = as_list(name, field.value());
        const json::value* present = there.if_contains(name);
        const json::array had = present ? present->as_array() : json::array();
        before[name] = had;
        const auto send = missing(in.mode, wanted, had);
        if (!send) continue;
        json::array wrapped;
        for (const auto& v : *send) {
            json::object one;
            one["value"] = v;
            wrapped.emplace_back(std::move(one));
        }
        json::object change;
        change["field_values"] = std::move(wrapped);
        if (in.mode != set_mode::overwrite) change["mode"] = name_of(in.mode);
        changes[name] = std::move(change);
    }
    if (changes.empty()) {
        now["changed"] = false;
        now["before"] = std::move(before);
        co_return std::move(now);
    }
    address url = client_.to("metadata/v1");
    url.part(type).part(in.object_id).part("views").part(view);
    std::string text = url.str();
    json::object body;
    body["metadata_values"] = std::move(changes);
    json::value sent(std::move(body));
    subject_of about("metadata", "the new metadata of " + type + " " + in.object_id);
    co_await client_.write(c, "PUT", std::move(text), std::move(sent), std::move(about));
    // Read back: the answer to a write need not show the other fields of the view.
    type_copy = type;
    id = in.object_id;
    json::object out =
        co_await read_metadata(c, std::move(type_copy), std::move(id), std::move(view));
    out["changed"] = true;
    out["before"] = std::move(before);
    co_return std::move(out);
}

mortise::task<json::array> connector::all_fields(context& c) {
    address url = client_.to("metadata/v1/fields");
    subject_of about("metadata-field", "the metadata fields");
    client::cursor_form form;
    form.parameter = "last_field_name";
    form.key = "name";
    form.page_size = 500;
    json::array out =
        co_await client_.list_by_last_id(c, std::move(url), std::move(about), 100'000, form);
    co_return std::move(out);
}

mortise::task<json::object> connector::list_fields(context& c, nothing) {
    const json::array all = co_await all_fields(c);
    json::array fields;
    for (const auto& field : all) {
        json::object one;
        for (const std::string_view key :
             {"name", "label", "field_type", "description", "multi", "required", "read_only"}) {
            if (const json::value* v = mortise::find_json(field, key); v && !v->is_null()) {
                one[key] = *v;
            }
        }
        one["options"] = options_of(field);
        fields.emplace_back(std::move(one));
    }
    json::object out;
    out["fields"] = std::move(fields);
    co_return std::move(out);
}

json::array options_of(const json::value& field) {
    json::array out;
    const json::value* options = mortise::find_json(field, "options");
    if (!options || !options->is_array()) return out;
    for (const auto& option : options->get_array()) {
        if (const json::value* value = mortise::find_json(option, "value")) out.push_back(*value);
    }
    return out;
}

} // namespace iconik
