// SPDX-License-Identifier: Apache-2.0
//
// users.current, history.list and the connection test.
#include "connector.hpp"

#include <algorithm>
#include <utility>

namespace iconik {

namespace json = mortise::json;

mortise::task<json::object> connector::current_user(context& c, nothing) {
    std::string url = client_.to("users/v1/users/current").str();
    subject_of about("user", "the connection's user");
    const json::value answer = co_await client_.get(c, std::move(url), std::move(about));
    co_return mortise::require_object(answer, "");
}

mortise::task<json::object> connector::list_history(context& c, history_list in) {
    address url = client_.to("assets/v1/assets");
    url.part(in.asset_id).part("history");
    subject_of about("history", "the history of asset " + in.asset_id);
    const auto limit = static_cast<std::size_t>(in.limit);
    // The filter is ours, so that the limit counts what is wanted.
    const std::size_t read = in.operation_types.empty() ? limit : 100'000;
    const json::array all = co_await client_.list(c, std::move(url), std::move(about), read);
    json::array entries;
    for (const auto& entry : all) {
        const std::string type = text_at(entry, "operation_type");
        const auto& wanted = in.operation_types;
        const bool fits =
            wanted.empty() || std::find(wanted.begin(), wanted.end(), type) != wanted.end();
        if (fits && entries.size() < limit) entries.push_back(entry);
    }
    json::object out;
    out["entries"] = std::move(entries);
    co_return std::move(out);
}

mortise::task<mortise::connection_report> connector::test(context& c) {
    nothing no_input;
    json::object user;
    try {
        user = co_await current_user(c, std::move(no_input));
    } catch (mortise::error& e) {
        if (e.category == mortise::category::not_found) {
            e.message += " Is base_url the cluster of your region, without a path?";
        }
        throw;
    }
    mortise::connection_report report;
    const std::string email = text_at(user, "email");
    report.summary = "Connected as " + (email.empty() ? text_at(user, "id") : email);
    report.details["user_id"] = text_at(user, "id");
    report.details["type"] = text_at(user, "type");
    // The poll lives on the search.
    json::object any;
    any["doc_types"] = json::array{"assets"};
    co_await client_.search_page(c, std::move(any), 1);
    for (const auto& name : settings_.metadata_views) {
        std::string view = name;
        co_await view_id(c, std::move(view), mortise::category::config);
    }
    for (const auto& id : settings_.watch_collections) {
        collection_get which;
        which.collection_id = id;
        co_await get_collection(c, std::move(which));
    }
    if (!settings_.watch_collections.empty()) {
        report.summary += "; " + std::to_string(settings_.watch_collections.size()) +
                          " watched collections can be read";
    }
    co_return std::move(report);
}

} // namespace iconik
