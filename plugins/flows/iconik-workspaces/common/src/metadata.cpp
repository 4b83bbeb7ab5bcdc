// SPDX-License-Identifier: Apache-2.0
#include <boost/json/value_from.hpp>

#include <iconik_workspaces/metadata.hpp>
#include <regex>

namespace iconik_workspaces {

using mortise::category;
using mortise::error;
using mortise::flow_run;
using mortise::task;
namespace json = mortise::json;

namespace {

json::value address(std::string object_type, std::string object_id, std::string view) {
    json::object o;
    o["object_type"] = std::move(object_type);
    o["object_id"] = std::move(object_id);
    o["view"] = std::move(view);
    return o;
}

} // namespace

task<json::value>
read_metadata(flow_run run, std::string object_type, std::string object_id, std::string view) {
    const std::string step = "metadata:" + object_id;
    json::value which = address(std::move(object_type), std::move(object_id), std::move(view));
    co_return co_await run.call(step, dam, "metadata.get", std::move(which));
}

std::vector<std::string> texts(const json::value& metadata, const std::string& field) {
    std::vector<std::string> out;
    const auto* values = mortise::find_json(metadata, "values");
    const auto* of_field = values != nullptr && values->is_object()
                               ? values->get_object().if_contains(field)
                               : nullptr;
    if (of_field == nullptr || !of_field->is_array()) return out;
    for (const auto& v : of_field->get_array()) {
        if (v.is_string())
            out.emplace_back(v.get_string());
        else if (!v.is_null())
            out.push_back(mortise::serialize_json(v));
    }
    return out;
}

std::string text(const json::value& metadata, const std::string& field) {
    const auto all = texts(metadata, field);
    return all.empty() ? std::string() : all.front();
}

task<bool> write_metadata(flow_run run,
                          std::string object_type,
                          std::string object_id,
                          std::string view,
                          field_texts wanted) {
    const auto scope = run.scope(object_id);
    json::value which = address(std::move(object_type), std::move(object_id), std::move(view));
    const auto before = co_await scope.try_call("before", dam, "metadata.get", which);
    if (!before) {
        if (before.error().category != category::not_found) throw before.error();
        co_return false; // gone a moment ago: nobody is left to be told
    }
    json::object values;
    for (const auto& [field, to] : wanted)
        if (texts(*before, field) != to) values[field] = json::value_from(to);
    if (values.empty()) co_return false;
    which.as_object()["values"] = std::move(values);
    co_await scope.call("write", dam, "metadata.set", std::move(which));
    co_return true;
}

void collect_ids(const json::value& metadata,
                 const id_field& where,
                 const std::string& what,
                 const std::string& said,
                 std::set<std::string>& into) {
    const std::regex shape(where.pattern);
    for (const auto& id : texts(metadata, where.field)) {
        if (!std::regex_match(id, shape)) {
            throw error(category::input, "iconik-workspaces.id.malformed",
                        "metadata field \"" + where.field + "\" (view \"" + where.view + "\") of " +
                            said + " holds \"" + id + "\", which is no " + what + " id (" +
                            where.pattern + "): correct the field, then retry this run");
        }
        into.insert(id);
    }
}

task<std::set<std::string>> ids_named_by(flow_run run, asset of, id_field where, std::string what) {
    std::set<std::string> ids;
    const auto own = co_await read_metadata(run, "assets", of.id, where.view);
    collect_ids(own, where, what, "asset " + of.id, ids);
    json::value which{{"asset_id", of.id}};
    const auto places =
        co_await run.call("collections", dam, "collections.of_asset", std::move(which));
    for (const auto& c : mortise::require_array(places, "collections")) {
        const auto id = mortise::require_string(c, "id");
        const auto metadata = co_await read_metadata(run, "collections", id, where.view);
        collect_ids(metadata, where, what, "collection " + id, ids);
    }
    co_return ids;
}

} // namespace iconik_workspaces
