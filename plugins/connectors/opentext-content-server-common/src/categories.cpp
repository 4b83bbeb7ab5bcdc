// SPDX-License-Identifier: Apache-2.0
//
// Categories of items, by names.
#include "content_server/repository.hpp"
#include "content_server/text.hpp"

#include <algorithm>

namespace content_server {

using mortise::category;
using mortise::error;
using mortise::task;
using object = json::object;

namespace {

constexpr std::int64_t categories_volume = 133;
constexpr std::int64_t category_type = 131;
constexpr std::int64_t category_folder_type = 132;

std::string name_or_id(const json::value& given) {
    std::string text;
    if (const auto* s = given.if_string()) text = *s;
    if (const auto number = to_integer(given)) text = std::to_string(*number);
    if (!text.empty()) return text;
    throw error(category::input, "xecm.category.bad-name",
                "\"category\" must be the name or the id of a category.");
}

bool is_meant(const category_definition& d, const std::string& text) {
    return equal_ignoring_case(d.name, text) || std::to_string(d.id) == text;
}

// Names of attributes compare without case.
json::value value_of(const object& values, std::string_view name) {
    for (const auto& [key, value] : values) {
        if (equal_ignoring_case({key.data(), key.size()}, name)) return value;
    }
    return nullptr;
}

} // namespace

task<std::vector<repository::applied_category>> repository::read_categories(context& c,
                                                                            std::int64_t node) {
    const std::string url = client_.at_node(node, "categories").str() + "?metadata";
    subject about("category", "the categories of item " + std::to_string(node));
    const json::value answer = co_await client_.get(c, url, std::move(about));
    std::vector<applied_category> out;
    for (const auto& item : mortise::require_array(answer, "results")) {
        const object& values = object_part(item, "data.categories");
        const object& records = object_part(item, "metadata.categories");
        for (const auto& [key, record] : records) {
            // The categories themselves are the keys without an attribute.
            const auto id = to_integer(json::value(key));
            if (!id) continue;
            applied_category one;
            one.definition = category_definition::from_metadata(*id, records);
            const std::string own = std::to_string(*id) + '_';
            for (const auto& [k, v] : values) {
                if (k.starts_with(own)) one.values[k] = v;
            }
            out.push_back(std::move(one));
        }
    }
    co_return out;
}

json::array repository::by_names(const std::vector<applied_category>& applied) {
    json::array out;
    for (const auto& one : applied) {
        object entry;
        entry["id"] = one.definition.id;
        entry["name"] = one.definition.name;
        entry["values"] = one.definition.by_name(one.values);
        out.push_back(std::move(entry));
    }
    return out;
}

task<json::array> repository::categories_by_names(context& c, std::int64_t node) {
    const auto applied = co_await read_categories(c, node);
    co_return by_names(applied);
}

task<object> repository::list_categories(context& c, node_id_only in) {
    object out;
    out["categories"] = co_await categories_by_names(c, id_of(in.id, "id"));
    co_return out;
}

task<void> repository::load_categories(context& c, std::string wanted) {
    const std::string why = wanted.empty() ? wanted : ", to find \"" + wanted + '"';
    const std::string url =
        client_.at("v2/volumes").segment(std::to_string(categories_volume)).str();
    subject about("category", "the Categories volume" + why);
    const json::value volume = co_await client_.get(c, url, std::move(about));
    std::vector<std::int64_t> open{int_at(object_part(volume, "results.data.properties"), "id")};
    std::vector<known_category> found;
    constexpr std::size_t most_folders = 500;
    for (std::size_t i = 0; i < open.size() && i < most_folders; ++i) {
        mortise::url at = client_.at_node(open[i], "nodes");
        at.query("where_type", std::to_string(category_type));
        at.query("where_type", std::to_string(category_folder_type));
        subject folder("category", "the categories in folder " + std::to_string(open[i]) + why);
        list_request what(std::move(at), std::move(folder), 10'000);
        const json::array items = co_await client_.list(c, std::move(what));
        for (const auto& properties : properties_of(items)) {
            const std::int64_t id = int_at(properties, "id");
            if (int_at(properties, "type") == category_folder_type) {
                open.push_back(id);
            } else {
                found.push_back({id, text_at(properties, "name")});
            }
        }
    }
    categories_ = std::move(found);
    categories_loaded_ = true;
}

task<std::int64_t>
repository::category_id(context& c, std::string wanted, enum mortise::category blame) {
    if (const auto id = to_integer(json::value(wanted))) co_return *id;
    for (int round = 1;; ++round) {
        // Read again once: the category may be new.
        if (!categories_loaded_ || round == 2) co_await load_categories(c, wanted);
        std::vector<std::int64_t> ids;
        std::vector<std::string> names;
        for (const auto& known : categories_) {
            names.push_back(known.name);
            if (equal_ignoring_case(known.name, wanted)) ids.push_back(known.id);
        }
        if (ids.size() == 1) co_return ids.front();
        if (ids.size() > 1) {
            std::string text = "There are several categories \"" + wanted + "\"; name one by id:";
            for (const auto id : ids)
                text += ' ' + std::to_string(id);
            throw error(blame, "xecm.category.ambiguous", text + '.');
        }
        if (round == 2) {
            throw error(blame, "xecm.category.unknown",
                        "There is no category \"" + wanted + '"' + suggestion(wanted, names));
        }
    }
}

task<std::vector<std::string>> repository::category_names(context& c) {
    co_await load_categories(c, {});
    std::vector<std::string> out;
    for (const auto& known : categories_)
        out.push_back(known.name);
    co_return out;
}

task<category_definition> repository::definition_named(context& c, std::string name_or_id) {
    constexpr std::int64_t enterprise_volume = 141;
    const std::int64_t id = co_await category_id(c, std::move(name_or_id), category::input);
    // The form is that for an item; the Enterprise volume is there on every server.
    const std::string url =
        client_.at("v2/volumes").segment(std::to_string(enterprise_volume)).str();
    const json::value volume =
        co_await client_.get(c, url, subject("category", "the Enterprise volume"));
    const std::int64_t place = int_at(object_part(volume, "results.data.properties"), "id");
    co_return co_await definition_of(c, id, place);
}

task<category_definition>
repository::definition_of(context& c, std::int64_t id, std::int64_t node) {
    mortise::url url = client_.at("v1/forms/nodes/categories/create");
    url.query("id", std::to_string(node)).query("category_id", std::to_string(id));
    subject about("category", "the definition of category " + std::to_string(id));
    const json::value answer = co_await client_.get(c, url.str(), std::move(about));
    co_return category_definition::from_form(id, answer);
}

task<object> repository::keyed_values(context& c, category_values categories, std::int64_t place) {
    object out;
    const object empty;
    std::vector<applied_category> of_place;
    bool place_read = false;
    for (auto& [name, values] : categories) {
        const std::int64_t id = co_await category_id(c, name, category::input);
        // A category the container itself carries has no form there, but a definition.
        if (!place_read) of_place = co_await read_categories(c, place);
        place_read = true;
        const auto there = std::find_if(of_place.begin(), of_place.end(),
                                        [id](const auto& a) { return a.definition.id == id; });
        category_definition definition;
        if (there != of_place.end()) {
            definition = there->definition;
        } else {
            definition = co_await definition_of(c, id, place);
        }
        if (definition.name.empty()) definition.name = name;
        const object keyed = definition.changes(values, empty);
        for (const auto& [key, value] : keyed)
            out[key] = value;
        // Applies the category with its defaults when no value is given.
        if (keyed.empty()) out[std::to_string(id) + "_1"] = object();
    }
    co_return out;
}

task<object> repository::set_category(context& c, category_set in) {
    const std::int64_t node = id_of(in.id, "id");
    const std::string wanted = name_or_id(in.category);
    const auto applied = co_await read_categories(c, node);
    const auto there = std::find_if(applied.begin(), applied.end(),
                                    [&](const auto& a) { return is_meant(a.definition, wanted); });
    object out;
    object out_before;
    json::value body;
    std::string method = "POST";
    std::string url = client_.at_node(node, "categories").str();
    if (there != applied.end()) {
        const std::int64_t id = there->definition.id;
        object changed = there->definition.changes(in.values, there->values);
        const object now = there->definition.by_name(there->values);
        for (const auto& [name, value] : in.values)
            out_before[name] = value_of(now, name);
        out["before"] = std::move(out_before);
        out["category_id"] = id;
        out["added"] = false;
        out["changed"] = !changed.empty();
        if (changed.empty()) co_return out;
        method = "PUT";
        // With the slash: older servers know this address only so.
        url += '/' + std::to_string(id) + '/';
        body = std::move(changed);
    } else {
        const std::int64_t id = co_await category_id(c, wanted, category::input);
        category_definition definition = co_await definition_of(c, id, node);
        if (definition.name.empty()) definition.name = wanted;
        const object empty;
        object fields = definition.changes(in.values, empty);
        for (const auto& [name, value] : in.values)
            out_before[name] = nullptr;
        out["before"] = std::move(out_before);
        fields["category_id"] = id;
        out["category_id"] = id;
        out["added"] = true;
        out["changed"] = true;
        body = std::move(fields);
    }
    subject about("category", "the category \"" + wanted + "\" of item " + std::to_string(node));
    co_await client_.write(c, std::move(method), std::move(url), std::move(body), std::move(about));
    co_return out;
}

task<object> repository::remove_category(context& c, category_ref in) {
    const std::int64_t node = id_of(in.id, "id");
    const std::string wanted = name_or_id(in.category);
    const auto applied = co_await read_categories(c, node);
    const auto there = std::find_if(applied.begin(), applied.end(),
                                    [&](const auto& a) { return is_meant(a.definition, wanted); });
    object out;
    out["removed"] = there != applied.end();
    if (there == applied.end()) {
        // A name that is none would hide a mistake.
        out["category_id"] = co_await category_id(c, wanted, category::input);
        co_return out;
    }
    const std::int64_t id = there->definition.id;
    out["category_id"] = id;
    const std::string url =
        client_.at_node(node, "categories").str() + '/' + std::to_string(id) + '/';
    subject about("category", "the category \"" + wanted + "\" of item " + std::to_string(node));
    co_await client_.write(c, "DELETE", url, nullptr, std::move(about));
    co_return out;
}

} // namespace content_server
