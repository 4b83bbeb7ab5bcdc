// SPDX-License-Identifier: Apache-2.0
//
// search.assets, and the paging behind every search.
#include "connector.hpp"

#include <algorithm>
#include <utility>

namespace iconik {

namespace json = mortise::json;

namespace {

// search_after needs an order without ties.
void make_sort_unique(json::object& criteria) {
    json::value& sort = criteria["sort"];
    if (!sort.is_array()) sort = json::array();
    json::array& list = sort.get_array();
    if (list.empty()) {
        json::object newest;
        newest["name"] = "date_created";
        newest["order"] = "desc";
        list.emplace_back(std::move(newest));
    }
    for (const auto& one : list) {
        if (text_at(one, "name") == "id") return;
    }
    json::object tie;
    tie["name"] = "id";
    tie["order"] = "asc";
    list.emplace_back(std::move(tie));
}

} // namespace

mortise::task<json::array> connector::search(context& c, json::object criteria, std::size_t limit) {
    make_sort_unique(criteria);
    json::array out;
    const auto most = static_cast<std::size_t>(settings_.page_size);
    const std::size_t page_size = std::clamp<std::size_t>(limit, 1, most);
    while (out.size() < limit) {
        json::object page_criteria = criteria;
        json::array hits = co_await client_.search_page(c, std::move(page_criteria), page_size);
        for (const auto& hit : hits) {
            if (out.size() < limit) out.push_back(hit);
        }
        if (hits.size() < page_size) break;
        const json::value* mark = mortise::find_json(hits.back(), "_sort");
        if (!mark || !mark->is_array()) break;
        // A server that answers the same page for ever must not keep us.
        if (const json::value* last = criteria.if_contains("search_after");
            last && *last == *mark) {
            break;
        }
        criteria["search_after"] = *mark;
    }
    co_return std::move(out);
}

mortise::task<json::object> connector::search_assets(context& c, asset_search in) {
    json::object criteria;
    criteria["doc_types"] = json::array{"assets"};
    if (!in.query.empty()) criteria["query"] = in.query;
    if (in.filter) criteria["filter"] = std::move(*in.filter);
    criteria["sort"] = std::move(in.sort);
    if (!in.fields.empty()) {
        json::array fields{"id"};
        for (const auto& f : in.fields) {
            if (f != "id") fields.emplace_back(f);
        }
        criteria["include_fields"] = std::move(fields);
    }
    if (!in.after.empty()) criteria["search_after"] = std::move(in.after);
    const auto limit = static_cast<std::size_t>(in.limit);
    json::array hits = co_await search(c, std::move(criteria), limit);
    json::object out;
    if (hits.size() == limit) {
        const json::value* mark = mortise::find_json(hits.back(), "_sort");
        if (mark && mark->is_array()) out["next"] = *mark;
    }
    out["assets"] = std::move(hits);
    co_return std::move(out);
}

} // namespace iconik
