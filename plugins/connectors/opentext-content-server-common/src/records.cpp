// SPDX-License-Identifier: Apache-2.0
//
// Records: classification and details, guarded by the server's metadata token.
#include "content_server/records.hpp"

#include "content_server/category.hpp"
#include "content_server/text.hpp"

#include <algorithm>

namespace content_server {

using mortise::category;
using mortise::error;
using mortise::task;
using object = json::object;

namespace {

constexpr int classification_tree_type = 196;
constexpr int classification_type = 199;
constexpr int rm_classification_type = 551;
constexpr int classification_volume = 198;
constexpr int records_volume = 550;

// What a change would write: only what differs.
object changed_details(const record_details& wanted, const object& now) {
    object out;
    const json::value given = mortise::to_json(wanted);
    for (const auto& [key, value] : given.as_object()) {
        if (value.is_null()) continue;
        const auto* there = now.if_contains(key);
        const json::value current = there ? *there : json::value();
        // Dates come back with a time of day.
        const bool same_date = value.is_string() && current.is_string() &&
                               value.get_string().size() == 10 &&
                               std::string_view(current.get_string())
                                   .starts_with(std::string_view(value.get_string()));
        if (!same_date && !same_value(value, current)) out[key] = value;
    }
    return out;
}

} // namespace

task<records::record> records::read_record(context& c, std::int64_t id) {
    mortise::url url = all_.server().at("v1/nodes");
    url.segment(std::to_string(id)).path("rmclassifications");
    const json::value answer = co_await all_.server().get(
        c, url.str(), subject("record", "the record details of item " + std::to_string(id)));
    record out;
    const auto* o = answer.if_object();
    if (o) out.token = text_at(*o, "rm_metadataToken");
    const json::value* data = part(answer, "data");
    if (data && data->is_array() && !data->get_array().empty()) {
        for (const auto& item : data->get_array()) {
            const auto* one = item.if_object();
            if (!one) continue;
            const auto* primary = one->if_contains("is_primary");
            const bool first = primary && primary->is_bool() && primary->get_bool();
            if (out.details.empty() || first) out.details = *one;
        }
    }
    co_return out;
}

task<record_info> records::get_record(context& c, node_id_only in) {
    const std::int64_t id = id_of(in.id, "id");
    const record now = co_await read_record(c, id);
    record_info out;
    out.id = id;
    out.holds = co_await holds_on(c, id);
    out.details = now.details;
    out.is_record = int_at(now.details, "rmclassification_id") != 0;
    if (!out.is_record) co_return out;
    out.classification_id = int_at(now.details, "rmclassification_id");
    out.classification = text_at(now.details, "name");
    out.status = text_at(now.details, "status");
    const auto* official = now.details.if_contains("official");
    out.official = official && official->is_bool() && official->get_bool();
    retention_info& retention = out.retention.emplace();
    retention.rsi = text_at(now.details, "rsi");
    retention.record_date = text_at(now.details, "record_date");
    retention.status_date = text_at(now.details, "status_date");
    retention.next_review_date = text_at(now.details, "next_review_date");
    co_return out;
}

task<std::vector<records::known_class>> records::all_classes(context& c, std::string wanted) {
    const std::string why = wanted.empty() ? wanted : ", to find \"" + wanted + '"';
    constexpr std::size_t most_containers = 500;
    client& server = all_.server();
    std::vector<std::int64_t> open;
    std::vector<known_class> out;
    for (const int volume : {records_volume, classification_volume}) {
        try {
            const json::value answer =
                co_await server.get(c, server.at("v2/volumes/" + std::to_string(volume)).str(),
                                    subject("record", "the classification volume" + why));
            open.push_back(int_at(object_part(answer, "results.data.properties"), "id"));
        } catch (const error& e) {
            // A server without the module has no such volume.
            if (e.message.find("not registered") == std::string::npos) throw;
        }
    }
    for (std::size_t i = 0; i < open.size() && i < most_containers; ++i) {
        mortise::url at = server.at_node(open[i], "nodes");
        for (const int type :
             {classification_tree_type, classification_type, rm_classification_type})
            at.query("where_type", std::to_string(type));
        list_request what(std::move(at), subject("record", "the classifications" + why), 10'000);
        const json::array items = co_await server.list(c, std::move(what));
        for (const auto& properties : properties_of(items)) {
            const std::int64_t id = int_at(properties, "id");
            open.push_back(id); // classifications hold others
            if (int_at(properties, "type") == classification_tree_type) continue;
            known_class one;
            one.id = id;
            one.name = text_at(properties, "name");
            out.push_back(std::move(one));
        }
    }
    co_return out;
}

task<std::int64_t> records::class_id(context& c, json::value wanted) {
    if (const auto id = to_integer(wanted); id && *id > 0) co_return *id;
    const std::string name = wanted.is_string() ? std::string(wanted.get_string()) : std::string();
    for (int round = 1;; ++round) {
        std::vector<std::string> names;
        std::vector<std::int64_t> ids;
        for (const auto& known : classes_) {
            names.push_back(known.name);
            if (equal_ignoring_case(known.name, name)) ids.push_back(known.id);
        }
        if (ids.size() == 1) co_return ids.front();
        if (ids.size() > 1) {
            std::string text =
                "There are several classifications \"" + name + "\"; name one by id:";
            for (const auto id : ids)
                text += ' ' + std::to_string(id);
            throw error(category::input, "xecm.record.ambiguous-classification", text + '.');
        }
        if (round == 2) {
            throw error(category::input, "xecm.record.unknown-classification",
                        "There is no classification \"" + name + '"' + suggestion(name, names));
        }
        classes_ = co_await all_classes(c, name); // read again once: it may be new
    }
}

task<object> records::classify_record(context& c, record_classify in) {
    const std::int64_t id = id_of(in.id, "id");
    const std::int64_t wanted = co_await class_id(c, in.classification);
    const record now = co_await read_record(c, id);
    object out;
    out["classification_id"] = wanted;
    object fields = changed_details(in.details, now.details);
    const bool there = int_at(now.details, "rmclassification_id") == wanted;
    out["changed"] = !there || !fields.empty();
    if (there && fields.empty()) co_return out;
    fields["rm_metadataToken"] = now.token;
    if (!there) fields["class_id"] = wanted;
    json::value body(std::move(fields));
    mortise::url url = all_.server().at("v1/nodes");
    url.segment(std::to_string(id)).path("rmclassifications");
    std::string method = there ? "PUT" : "POST";
    co_await all_.server().write(c, std::move(method), url.str(), std::move(body),
                                 subject("record", "the record " + std::to_string(id)));
    co_return out;
}

task<object> records::update_record(context& c, record_update in) {
    const std::int64_t id = id_of(in.id, "id");
    const record now = co_await read_record(c, id);
    if (int_at(now.details, "rmclassification_id") == 0) {
        throw error(category::conflict, "xecm.record.no-record",
                    "Item " + std::to_string(id) +
                        " is no record yet; classify it first (records.classify).");
    }
    object fields = changed_details(in.details, now.details);
    object out;
    out["changed"] = !fields.empty();
    if (fields.empty()) co_return out;
    fields["rm_metadataToken"] = now.token;
    json::value body(std::move(fields));
    mortise::url url = all_.server().at("v1/nodes");
    url.segment(std::to_string(id)).path("rmclassifications");
    co_await all_.server().write(c, "PUT", url.str(), std::move(body),
                                 subject("record", "the record " + std::to_string(id)));
    co_return out;
}

task<object> records::finalize_record(context& c, node_id_only in) {
    const std::int64_t id = id_of(in.id, "id");
    object fields;
    fields["ids"] = json::array{id};
    json::value body(std::move(fields));
    co_await all_.server().write(
        c, "PUT", all_.server().at("v1/rmclassifications/finalizerecords").str(), std::move(body),
        subject("record", "finalizing record " + std::to_string(id)));
    object out;
    out["finalized"] = true;
    co_return out;
}

} // namespace content_server
