// SPDX-License-Identifier: Apache-2.0
//
// names.list: what settings may name, for checks before going live.
#include "connector.hpp"

#include <utility>

namespace iconik {

namespace json = mortise::json;
using mortise::category;
using mortise::error;

namespace {

constexpr std::size_t most_names = 10'000;

void add(json::array& to, const json::array& objects, std::string_view key) {
    for (const auto& one : objects) {
        std::string name = text_at(one, key);
        if (!name.empty()) to.emplace_back(std::move(name));
    }
}

} // namespace

mortise::task<json::array> connector::names_of_fields(context& c, std::string view) {
    json::array out;
    if (view.empty()) {
        const json::array fields = co_await all_fields(c);
        add(out, fields, "name");
        co_return std::move(out);
    }
    const std::string id = co_await view_id(c, std::move(view), category::input);
    address url = client_.to("metadata/v1/views");
    std::string text = url.part(id).str();
    subject_of about("metadata-view", "metadata view " + id);
    const json::value answer = co_await client_.get(c, std::move(text), std::move(about));
    const json::value* fields = mortise::find_json(answer, "view_fields");
    if (!fields || !fields->is_array()) co_return std::move(out);
    for (const auto& field : fields->get_array()) {
        std::string name = text_at(field, "name");
        // A line between fields is listed as if it were one.
        if (!name.empty() && !name.starts_with("__")) out.emplace_back(std::move(name));
    }
    co_return std::move(out);
}

mortise::task<json::array> connector::names_of_values(context& c, std::string field) {
    address url = client_.to("metadata/v1/fields");
    std::string text = url.part(field).str();
    subject_of about("metadata-field", "metadata field " + field);
    const auto answer = co_await client_.find(c, std::move(text), std::move(about));
    if (!answer) {
        throw error(category::input, "iconik.metadata-field.unknown",
                    "There is no metadata field \"" + field + "\".");
    }
    json::array out = options_of(*answer);
    co_return std::move(out);
}

mortise::task<json::object> connector::list_names(context& c, names_list in) {
    json::array names;
    bool complete = true;
    if (in.kind == "metadata-view") {
        const json::array views = co_await all_views(c);
        add(names, views, "name");
        add(names, views, "id");
    } else if (in.kind == "metadata-field") {
        names = co_await names_of_fields(c, std::move(in.of));
    } else if (in.kind == "field-value") {
        if (in.of.empty()) {
            throw error(category::input, "iconik.names.of",
                        "Values belong to a field; give its name in `of`.");
        }
        names = co_await names_of_values(c, std::move(in.of));
        // A field without options takes any value.
        complete = !names.empty();
    } else if (in.kind == "collection") {
        json::object criteria;
        criteria["doc_types"] = json::array{"collections"};
        const json::array hits = co_await search(c, std::move(criteria), most_names);
        add(names, hits, "title");
        add(names, hits, "id");
        complete = false; // the index lags, and what may not be read is missing
    } else if (in.kind == "group") {
        const json::array groups = co_await all_groups(c, most_names);
        add(names, groups, "name");
        add(names, groups, "id");
        complete = groups.size() < most_names;
    } else if (in.kind == "user") {
        list_all all;
        all.limit = most_names;
        json::object users = co_await list_users(c, std::move(all));
        add(names, users["users"].as_array(), "email");
        add(names, users["users"].as_array(), "id");
        complete = users["users"].as_array().size() < most_names;
    } else if (in.kind == "storage" || in.kind == "relation-type") {
        const bool storage = in.kind == "storage";
        address url = client_.to(storage ? "files/v1/storages" : "assets/v1/assets/relation_types");
        subject_of about(in.kind, storage ? "the storages" : "the relation types");
        const json::array all =
            co_await client_.list(c, std::move(url), std::move(about), most_names);
        add(names, all, "name");
        if (storage) add(names, all, "id");
    } else {
        throw error(category::input, "iconik.names.kind",
                    "iconik has no names of kind \"" + in.kind +
                        "\"; there are metadata-view, metadata-field, field-value, collection, "
                        "group, user, storage and relation-type.");
    }
    json::object out;
    out["names"] = std::move(names);
    out["complete"] = complete;
    co_return std::move(out);
}

} // namespace iconik
