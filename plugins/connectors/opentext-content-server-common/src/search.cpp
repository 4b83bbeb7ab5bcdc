// SPDX-License-Identifier: Apache-2.0
//
// Searching the index.
#include "content_server/repository.hpp"
#include "content_server/text.hpp"

namespace content_server {

using mortise::task;
using object = json::object;

task<std::vector<object>>
repository::search(context& c, std::string where, std::string sort, std::size_t limit) {
    subject about("search", "the search \"" + one_line(where, 100) + '"');
    list_request what(client_.at("v2/search"), std::move(about), limit);
    object fields;
    fields["where"] = where;
    fields["lookfor"] = "complexquery";
    if (!sort.empty()) fields["sort"] = sort;
    what.body = std::move(fields);
    const json::array items = co_await client_.list(c, std::move(what));
    co_return properties_of(items);
}

task<object> repository::search_nodes(context& c, node_search in) {
    std::string where = in.where;
    // Types by the query: the server's slices are not reliable.
    if (!in.types.empty()) {
        std::string types;
        for (const auto type : in.types) {
            if (!types.empty()) types += " OR ";
            types += "OTSubType:" + std::to_string(type);
        }
        where = '(' + where + ") AND (" + types + ')';
    }
    if (!in.location_id.is_null()) {
        const std::int64_t place = id_of(in.location_id, "location_id");
        where = '(' + where + ") AND OTLocation:" + std::to_string(place);
    }
    const auto hits =
        co_await search(c, std::move(where), in.sort, static_cast<std::size_t>(in.limit));
    json::array nodes;
    for (const auto& properties : hits)
        nodes.push_back(node_summary(properties));
    object out;
    out["nodes"] = std::move(nodes);
    co_return out;
}

} // namespace content_server
