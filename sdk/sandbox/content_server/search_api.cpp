// SPDX-License-Identifier: Apache-2.0
//
// v2/search over the late index, regions, slices.
#include "query.hpp"
#include "render.hpp"

namespace mortise::sandbox::content_server {
namespace {

struct hit {
    const node* found;
    int score;
};

json::array regions_json(const repository& repo) {
    json::array out;
    const auto add = [&out](std::string name, std::string label, bool facet) {
        out.push_back(json::object{{"name", std::move(name)},
                                   {"display_name", std::move(label)},
                                   {"queryable", true},
                                   {"displayable", true},
                                   {"sortable", true},
                                   {"search_by_default", false},
                                   {"facet", facet}});
    };
    add("OTName", "Name", false);
    add("OTSubType", "Content Type", true);
    add("OTLocation", "Location", true);
    add("OTObjectDate", "Date", true);
    add("OTCreateDate", "Created", false);
    add("OTModifyDate", "Modified", false);
    add("OTMIMEType", "MIME Type", true);
    add("OTDComment", "Description", false);
    add("OTOwner", "Owner", true);
    add("OTFileSize", "Size", false);
    for (const auto& [id, definition] : repo.data().categories) {
        const auto* n = repo.find(id);
        for (const auto& a : definition.attributes)
            add("Attr_" + std::to_string(id) + "_" + std::to_string(a.id),
                (n != nullptr ? n->name : "") + ": " + a.name, !a.valid_values.empty());
    }
    return out;
}

void order_hits(service& s, std::vector<hit>& hits, const std::string& sort) {
    if (sort.empty() || sort == "relevance") {
        std::stable_sort(hits.begin(), hits.end(),
                         [](const hit& a, const hit& b) { return a.score > b.score; });
        return;
    }
    bool descending = false;
    std::string region = sort;
    if (region.starts_with("desc_")) {
        descending = true;
        region = region.substr(5);
    } else if (region.starts_with("asc_")) {
        region = region.substr(4);
    }
    if (!is_region(s.repo(), region))
        throw failure{400, "Invalid value specified for argument 'sort'.", {}};
    const bool date = contains_text(region, "date");
    std::vector<std::pair<std::string, hit>> keyed;
    for (const auto& h : hits) {
        // Dates of the index have seconds; within one, the finer time decides.
        const auto values = region_values(s.repo(), *h.found, region);
        std::string key = values.empty() ? "" : lower_case(values.front());
        if (to_integer(json::value(key)))
            key = std::string(20 - std::min<std::size_t>(20, key.size()), '0') + key;
        if (date)
            key += std::to_string(
                (contains_text(region, "create") ? h.found->created : h.found->modified)
                    .time_since_epoch()
                    .count());
        keyed.emplace_back(std::move(key), h);
    }
    std::stable_sort(keyed.begin(), keyed.end(), [descending](const auto& a, const auto& b) {
        return descending ? b.first < a.first : a.first < b.first;
    });
    for (std::size_t i = 0; i < hits.size(); ++i)
        hits[i] = keyed[i].second;
}

json::object facets_of(const std::vector<hit>& hits) {
    std::map<int, int> by_type;
    std::map<std::string, int> by_mime;
    for (const auto& h : hits) {
        ++by_type[h.found->type];
        if (!h.found->versions.empty()) ++by_mime[h.found->versions.back().mime_type];
    }
    json::array available;
    const auto add = [&available](std::string_view name, std::string_view label,
                                  json::array items) {
        if (items.empty()) return;
        available.push_back(json::object{{"name", name},
                                         {"display_name", label},
                                         {"type", "String"},
                                         {"count", items.size()},
                                         {"count_exceeded", false},
                                         {"items_to_show", 5},
                                         {"facet_items", std::move(items)}});
    };
    json::array types, mimes;
    for (const auto& [type, count] : by_type)
        types.push_back(json::object{
            {"value", std::to_string(type)}, {"display_name", type_name(type)}, {"count", count}});
    for (const auto& [mime, count] : by_mime)
        mimes.push_back(json::object{{"value", mime}, {"display_name", mime}, {"count", count}});
    add("OTSubType", "Content Type", std::move(types));
    add("OTMIMEType", "MIME Type", std::move(mimes));
    return json::object{{"available", std::move(available)}, {"selected", json::array()}};
}

json::value summary_of(const node& n, const std::string& where, bool highlight) {
    const std::string text = content_text(n).substr(0, 200);
    if (!highlight || text.empty()) return json::value(text);
    const auto at = lower_case(text).find(lower_case(where));
    if (where.empty() || at == std::string::npos) return json::value(text);
    json::array parts;
    if (at > 0) parts.push_back(json::value(text.substr(0, at)));
    parts.push_back(json::object{{"text", text.substr(at, where.size())}, {"type", "highlighted"}});
    if (at + where.size() < text.size())
        parts.push_back(json::value(text.substr(at + where.size())));
    return parts;
}

json::object
hit_json(service& s, const call& c, const node& indexed, const std::string& where, bool highlight) {
    auto& repo = s.repo();
    // What search shows is what was indexed; rights are those of now.
    json::object properties = node_properties(s, indexed, c.user);
    properties["short_summary"] = content_text(indexed).substr(0, 80);
    properties["summary"] = summary_of(indexed, where, highlight);
    json::object data{{"properties", std::move(properties)}};
    json::object regions;
    const auto location = region_values(repo, indexed, "OTLocation");
    regions["OTLocation"] = location.empty() ? "" : location.front();
    const auto* parent = repo.find(indexed.parent);
    regions["OTLocation_formatted"] = parent != nullptr ? parent->name : "";
    for (const auto& region : c.args.list("select")) {
        const auto values = region_values(repo, indexed, region);
        if (values.size() == 1 || values.empty()) {
            regions[region] = values.empty() ? "" : values.front();
        } else {
            json::array list(values.begin(), values.end());
            regions[region] = std::move(list);
        }
    }
    data["regions"] = std::move(regions);
    if (!indexed.versions.empty())
        data["versions"] = version_properties(s, indexed, indexed.versions.back());
    json::array ancestors;
    for (const node_id id : repo.ancestors(indexed.parent))
        ancestors.push_back(json::object{{"href", "api/v1/nodes/" + std::to_string(id)},
                                         {"name", repo.find(id)->name}});
    json::object links;
    links["ancestors"] = std::move(ancestors);
    if (parent != nullptr)
        links["parent"] = json::object{{"href", "api/v1/nodes/" + std::to_string(parent->id)},
                                       {"name", parent->name}};
    json::object item{{"data", std::move(data)}, {"links", std::move(links)}};
    const int version = indexed.versions.empty() ? 0 : indexed.versions.back().number;
    item["search_result_metadata"] =
        json::object{{"current_version", true},
                     {"object_href", nullptr},
                     {"object_id", "DataId=" + std::to_string(indexed.id) +
                                       "&Version=" + std::to_string(version)},
                     {"result_type", "264"},
                     {"source_id", "20945700"},
                     {"version_type", nullptr}};
    return item;
}

reply search(service& s, call& c) {
    auto& repo = s.repo();
    repo.index_due();
    const std::string where = c.args.text("where");
    const std::string lookfor = c.args.text("lookfor", "complexquery");
    const std::string within = c.args.text("within", "all");
    if (lookfor != "complexquery" && lookfor != "allwords" && lookfor != "anywords" &&
        lookfor != "exactphrase")
        throw failure{400, "Invalid value specified for argument 'lookfor'.", {}};
    const auto query = lookfor == "complexquery"
                           ? search_query::complex(where)
                           : search_query::words(where, lookfor, within, c.args.text("modifier"));
    std::vector<node_id> locations;
    for (int i = 1; i <= 20; ++i)
        if (const auto id = c.args.integer("location_id" + std::to_string(i), 0); id != 0)
            locations.push_back(id);
    std::vector<hit> hits;
    for (const auto& [id, indexed] : repo.data().index) {
        const auto* live = repo.find(id);
        if (live == nullptr || !repo.may(c.user, *live, "see")) continue;
        if (!locations.empty() && std::none_of(locations.begin(), locations.end(),
                                               [&](node_id l) { return repo.is_inside(id, l); }))
            continue;
        if (query.matches(repo, indexed)) hits.push_back({&indexed, 0});
    }
    for (auto& h : hits)
        h.score = query.score(repo, *h.found);
    const std::string sort = c.args.text("sort", "relevance");
    order_hits(s, hits, sort);
    const page p = page_of(s, c, hits.size(), 10, 1000);
    const auto options = c.args.list("options");
    const auto has_option = [&](std::string_view o) {
        return std::find(options.begin(), options.end(), o) != options.end();
    };
    json::array results;
    for (const auto& h : cut(hits, p))
        results.push_back(hit_json(s, c, *h.found, where, has_option("highlight_summaries")));
    json::object paging = paging_json(c, p);
    if (auto* links = paging.if_contains("links")) {
        // Search has its neighbours one level higher than node lists.
        auto data = links->as_object().at("data").as_object();
        *links = std::move(data);
    }
    paging["result_header_string"] = "Results " + std::to_string(p.total == 0 ? 0 : p.begin + 1) +
                                     " to " + std::to_string(p.end) + " of " +
                                     std::to_string(p.total) + " sorted by " +
                                     (sort == "relevance" ? "Relevance" : sort);
    json::object searching;
    searching["cache_id"] = 100000 + static_cast<std::int64_t>(repo.next_sequence());
    searching["result_title"] = "Search results: " + where;
    searching["regions_order"] = json::array{"OTMIMEType", "OTName", "OTObjectDate"};
    searching["regions_metadata"] = json::object{
        {"OTName", json::object{{"name", "Name"}, {"persona", ""}, {"type", -1}}},
        {"OTMIMEType", json::object{{"name", "MIME Type"}, {"persona", ""}, {"type", -1}}},
        {"OTObjectDate", json::object{{"name", "Date"}, {"persona", ""}, {"type", -7}}}};
    if (has_option("facets")) searching["facets"] = facets_of(hits);
    json::object sort_links;
    for (const char* order :
         {"relevance", "desc_OTObjectDate", "asc_OTObjectDate", "asc_OTName", "desc_OTName"})
        sort_links[order] = link("/api/v2/search?sort=" + std::string(order), "POST", order);
    json::object collection;
    collection["paging"] = std::move(paging);
    collection["searching"] = std::move(searching);
    collection["sorting"] =
        json::object{{"links", std::move(sort_links)}, {"sort", json::array{json::value(sort)}}};
    json::object body;
    body["collection"] = std::move(collection);
    body["links"] = self_links(c);
    body["results"] = std::move(results);
    return reply::json(200, body);
}

} // namespace

void add_search_routes(service& s) {
    s.add("POST", "v2/search", [&s](call& c) { return search(s, c); });
    s.add("GET", "v2/search", [&s](call& c) { return search(s, c); });
    s.add("GET", "v1/regions", [&s](call&) {
        return reply::json(200, json::object{{"data", regions_json(s.repo())}});
    });
    s.add("GET", "v1/slices", [](call&) {
        return reply::json(
            200, json::object{{"data", json::array{json::object{{"name", "ENTERPRISE"},
                                                                {"display_name", "Enterprise"}}}}});
    });
    s.add("GET", "v2/search/members/info", [](call& c) {
        return v2_results(c, json::object{{"data", json::object{{"slices", json::array()}}}});
    });
}

} // namespace mortise::sandbox::content_server
