// SPDX-License-Identifier: Apache-2.0
// The index that lists and search read, and the search call.
#include "iconik/lucene.hpp"
#include "iconik/system.hpp"
#include "kit/paging.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>

namespace json = boost::json;

namespace mortise::sandbox::iconik {

namespace {

constexpr std::size_t window = 10'000; // hits that pages can reach

std::string media_type_of(const std::string& file_name) {
    const std::size_t dot = file_name.rfind('.');
    const std::string ext = dot == std::string::npos ? "" : file_name.substr(dot + 1);
    if (ext == "mp4" || ext == "mov" || ext == "mxf") return "video";
    if (ext == "wav" || ext == "mp3") return "audio";
    if (ext == "png" || ext == "jpg" || ext == "psd" || ext == "tif") return "image";
    return ext.empty() ? "" : "document";
}

// A value that orders as the index does: dates as numbers, text without case.
json::value sort_key(const json::object& document, std::string_view field) {
    const auto values = values_of(document, field);
    if (values.empty() || values.front()->is_null()) return nullptr;
    const json::value& v = *values.front();
    if (!v.is_string()) return v;
    const std::string_view text = v.get_string();
    if (text.size() >= 19 && text[4] == '-' && text[10] == 'T')
        if (const auto t = parse_iso(text))
            return std::chrono::duration_cast<milliseconds>(t->time_since_epoch()).count();
    return v;
}

int compare(const json::value& a, const json::value& b) {
    if (a.is_null() || b.is_null()) return a.is_null() == b.is_null() ? 0 : a.is_null() ? 1 : -1;
    if (a.is_number() && b.is_number()) {
        const double x = a.to_number<double>();
        const double y = b.to_number<double>();
        return x < y ? -1 : x > y ? 1 : 0;
    }
    if (a.is_string() && b.is_string()) return a.get_string().compare(b.get_string());
    return json::serialize(a).compare(json::serialize(b));
}

bool in_range(const json::value& value, const json::object& range) {
    const auto bound = [&](const char* key) { return text_of(range, key); };
    const std::string shift = text_of(range, "timezone");
    const auto order = [&](const std::string& limit) -> int {
        if (value.is_number()) {
            const double x = value.to_number<double>();
            const double y = std::strtod(limit.c_str(), nullptr);
            return x < y ? -1 : x > y ? 1 : 0;
        }
        const std::string text = value.is_string() ? std::string(value.get_string()) : "";
        const auto t = parse_iso(text);
        auto l = parse_iso(limit);
        if (!l || (limit.find('+', 10) == std::string::npos && !shift.empty()))
            if (const auto shifted =
                    parse_iso(limit + (limit.size() == 10 ? "T00:00:00" : "") + shift))
                l = shifted;
        if (t && l) return *t < *l ? -1 : *t > *l ? 1 : 0;
        return text.compare(limit);
    };
    return (bound("min").empty() || order(bound("min")) >= 0) &&
           (bound("max").empty() || order(bound("max")) <= 0);
}

bool matches_one(const json::object& d, const json::object& term) {
    const std::string field = require_text(term, "name");
    const auto values = values_of(d, field);
    const bool there = std::any_of(values.begin(), values.end(),
                                   [](const json::value* v) { return !v->is_null(); });
    if (flag_of(term, "exists")) return there;
    if (flag_of(term, "missing")) return !there;
    if (const json::value* range = term.if_contains("range"); range && range->is_object())
        return std::any_of(values.begin(), values.end(), [&](const json::value* v) {
            return !v->is_null() && in_range(*v, range->get_object());
        });
    if (const json::value* list = term.if_contains("value_in"); list && list->is_array())
        return std::any_of(values.begin(), values.end(), [&](const json::value* v) {
            const json::value text = v->is_string() ? *v : json::value(json::serialize(*v));
            return std::any_of(list->get_array().begin(), list->get_array().end(),
                               [&](const json::value& w) { return w == text || w == *v; });
        });
    const json::value* value = term.if_contains("value");
    if (!value || value->is_null())
        invalid("filter", "A term needs one of value, value_in, range, exists, missing.");
    return matches_term(
        d, field, value->is_string() ? std::string(value->get_string()) : json::serialize(*value));
}

bool matches_filter(const json::object& d, const json::object& filter, int depth = 0) {
    if (depth > 20) invalid("filter", "Nested too deeply.");
    const std::string operation = require_text(filter, "operator");
    if (operation != "AND" && operation != "OR") invalid("filter", "operator must be AND or OR.");
    std::vector<bool> parts;
    for (const char* key : {"terms", "filters"}) {
        const json::value* list = filter.if_contains(key);
        if (!list || list->is_null()) continue;
        if (!list->is_array()) invalid("filter", std::string(key) + " must be a list.");
        for (const json::value& part : list->get_array()) {
            if (!part.is_object()) invalid("filter", std::string(key) + " must hold objects.");
            parts.push_back(key[0] == 't' ? matches_one(d, part.get_object())
                                          : matches_filter(d, part.get_object(), depth + 1));
        }
    }
    if (parts.empty()) return true;
    const auto yes = [](bool b) { return b; };
    return operation == "AND" ? std::all_of(parts.begin(), parts.end(), yes)
                              : std::any_of(parts.begin(), parts.end(), yes);
}

json::object project(const json::object& d,
                     const std::vector<std::string>& include,
                     const std::vector<std::string>& exclude) {
    json::object out;
    for (const auto& member : d) {
        const std::string key(member.key());
        const bool always = key == "id" || key == "object_type" || key == "_sort";
        const bool wanted = include.empty() || contains(include, key) ||
                            std::any_of(include.begin(), include.end(), [&](const std::string& i) {
                                return i.starts_with(key + ".");
                            });
        if (always || (wanted && !contains(exclude, key))) out[key] = member.value();
    }
    return out;
}

} // namespace

void iconik_system::touch(const std::string& type, const std::string& id) {
    if (index_delay_ <= milliseconds(0)) return index_now(type, id);
    if (!index_pending_.insert(type + "/" + id).second) return;
    schedule(index_delay_, [this, type, id] {
        index_pending_.erase(type + "/" + id);
        index_now(type, id);
    });
}

void iconik_system::index_now(const std::string& type, const std::string& id) {
    std::map<std::string, doc>& documents = index_[type];
    if (type == "assets") {
        if (const doc* a = assets_.find(id)) {
            documents[id] = asset_document(*a);
            return;
        }
    } else if (type == "collections") {
        if (const doc* c = collections_.find(id)) {
            documents[id] = collection_document(*c);
            return;
        }
    } else if (type == "segments") {
        if (const doc* s = segments_.find(id)) {
            documents[id] = *s;
            documents[id]["object_type"] = "segments";
            return;
        }
    }
    documents.erase(id);
}

json::object iconik_system::asset_document(const doc& a) {
    const std::string id = text_of(a, "id");
    const std::string version = current_version(id);
    doc d = a;
    d["object_type"] = "assets";
    d["in_collections"] = to_array(parents_of("assets", id));
    d["ancestor_collections"] = to_array(ancestors_of("assets", id));
    d["metadata"] = flat_metadata("assets", id);
    d["versions_number"] = a.at("versions").as_array().size();
    d["position"] = nullptr;
    d["created_by_user_info"] = user_info(text_of(a, "created_by_user"));
    const auto parts = [&](table& t, std::initializer_list<std::string_view> keys) {
        json::array out;
        for (const doc* part : t.all())
            if (text_of(*part, "asset_id") == id && text_of(*part, "version_id") == version) {
                doc shown;
                take(shown, *part, keys);
                out.push_back(std::move(shown));
            }
        return out;
    };
    d["files"] = parts(files_, {"id", "name", "original_name", "size", "status", "storage_id",
                                "checksum", "directory_path", "format_id", "version_id"});
    d["proxies"] = parts(proxies_, {"id", "name", "resolution", "status", "version_id"});
    d["keyframes"] =
        parts(keyframes_, {"id", "name", "type", "resolution", "status", "version_id"});
    d["formats"] = parts(formats_, {"id", "name", "status"});
    json::array relations;
    for (const doc* relation : relations_.all())
        if (text_of(*relation, "asset_id") == id) relations.push_back(relation_document(*relation));
    d["relations"] = std::move(relations);
    std::int64_t comments = 0;
    for (const doc* s : segments_.all())
        if (text_of(*s, "asset_id") == id && text_of(*s, "segment_type") == "COMMENT") ++comments;
    d["comments_count"] = comments;
    const json::array& files = d["files"].as_array();
    const std::string media =
        files.empty() ? "" : media_type_of(text_of(files.front().get_object(), "original_name"));
    d["media_type"] = media.empty() ? json::value(nullptr) : json::value(media);
    d["duration_milliseconds"] = media == "video" ? json::value(30'000) : json::value(nullptr);
    return d;
}

json::object iconik_system::collection_document(const doc& c) {
    const std::string id = text_of(c, "id");
    doc d = c;
    d["metadata"] = flat_metadata("collections", id);
    d["in_collections"] = to_array(parents_of("collections", id));
    d["ancestor_collections"] = to_array(ancestors_of("collections", id));
    return d;
}

std::vector<json::object> iconik_system::indexed(const std::string& type) {
    std::vector<doc> out;
    const auto found = index_.find(type);
    if (found == index_.end()) return out;
    for (const auto& [id, d] : found->second) {
        const bool readable = type == "segments" ? may("read", "assets", text_of(d, "asset_id"))
                                                 : may("read", type, id);
        if (readable) out.push_back(d);
    }
    std::stable_sort(out.begin(), out.end(), [](const doc& a, const doc& b) {
        return text_of(a, "date_created") < text_of(b, "date_created");
    });
    return out;
}

void iconik_system::sign_urls(doc& d) {
    for (const char* kind : {"proxies", "keyframes", "files"}) {
        json::value* list = d.if_contains(kind);
        if (!list || !list->is_array()) continue;
        table& t = kind[0] == 'p' ? proxies_ : kind[0] == 'k' ? keyframes_ : files_;
        for (json::value& part : list->get_array())
            if (const doc* whole = t.find(text_of(part.get_object(), "id")))
                part.get_object()["url"] = kind[0] == 'f'
                                               ? file_answer(*whole, false, true)["url"]
                                               : proxy_answer(*whole, false, true)["url"];
    }
}

reply iconik_system::run_search(const request& r, const doc& criteria) {
    std::vector<std::string> types = texts_of(criteria, "doc_types");
    if (types.empty()) types = {"assets", "collections"};
    const std::string query = text_of(criteria, "query");
    const std::vector<std::string> fields = texts_of(criteria, "search_fields");
    const json::value* filter = criteria.if_contains("filter");
    if (filter && !filter->is_null() && !filter->is_object())
        invalid("filter", "Not a valid object.");

    std::vector<doc> hits;
    const bool asks_status =
        filter && json::serialize(*filter).find("\"status\"") != std::string::npos;
    for (const std::string& type : types)
        for (doc& d : indexed(type)) {
            if (!asks_status && text_of(d, "status") == "DELETED") continue;
            if (!matches_query(d, query, fields)) continue;
            if (filter && filter->is_object() && !matches_filter(d, filter->get_object())) continue;
            hits.push_back(std::move(d));
        }

    doc extra;
    doc facets;
    for (const std::string& field : texts_of(criteria, "facets")) {
        std::map<std::string, int> counts;
        for (const doc& d : hits)
            for (const json::value* v : values_of(d, field))
                if (!v->is_null())
                    ++counts[v->is_string() ? std::string(v->get_string()) : json::serialize(*v)];
        std::vector<std::pair<std::string, int>> ordered(counts.begin(), counts.end());
        std::stable_sort(ordered.begin(), ordered.end(),
                         [](const auto& a, const auto& b) { return a.second > b.second; });
        json::array buckets;
        for (const auto& [key, count] : ordered)
            buckets.push_back(doc{{"key", key}, {"doc_count", count}});
        facets[field] = doc{{"buckets", std::move(buckets)}};
    }
    extra["facets"] = std::move(facets);
    // Facet filters narrow the hits but not the counts.
    if (const json::value* list = criteria.if_contains("facets_filters"); list && list->is_array())
        for (const json::value& f : list->get_array())
            if (f.is_object())
                std::erase_if(hits, [&](const doc& d) { return !matches_one(d, f.get_object()); });

    // Sorting: what is asked, from the body or the list's query; every hit carries its keys.
    std::vector<std::pair<std::string, bool>> sort;
    if (const json::value* list = criteria.if_contains("sort"); list && list->is_array())
        for (const json::value& s : list->get_array()) {
            if (!s.is_object()) invalid("sort", "Not a valid list of objects.");
            sort.emplace_back(require_text(s.get_object(), "name"),
                              text_of(s.get_object(), "order") == "desc");
        }
    for (const std::string& s : split_list(r.query_value("sort"), ';')) {
        const std::vector<std::string> parts = split_list(s);
        if (!parts.empty()) sort.emplace_back(parts[0], parts.size() > 1 && parts[1] == "desc");
    }
    if (sort.empty()) sort = {{"date_created", true}, {"id", false}};
    for (doc& d : hits) {
        json::array keys;
        for (const auto& [field, descending] : sort)
            keys.push_back(sort_key(d, field));
        d["_sort"] = std::move(keys);
    }
    const auto before_key = [&](const json::array& a, const json::array& b) {
        for (std::size_t i = 0; i < sort.size(); ++i) {
            const int order = compare(a[i], b[i]);
            if (order != 0) return sort[i].second ? order > 0 : order < 0;
        }
        return false;
    };
    std::stable_sort(hits.begin(), hits.end(), [&](const doc& a, const doc& b) {
        return before_key(a.at("_sort").as_array(), b.at("_sort").as_array());
    });

    const json::value* after_value = criteria.if_contains("search_after");
    if (after_value && after_value->is_array() && !after_value->get_array().empty()) {
        const json::array& mark = after_value->get_array();
        if (mark.size() != sort.size())
            invalid("search_after", "Must have as many values as sort has fields.");
        std::erase_if(hits,
                      [&](const doc& d) { return !before_key(mark, d.at("_sort").as_array()); });
    } else {
        const page_request wanted = read_page(r, "page", "per_page", 10, 1000);
        if (wanted.page * wanted.per_page > window)
            throw http_error(400, "Result window is too large: page x per_page must not exceed "
                                  "10000; use search_after");
    }

    const std::vector<std::string> include = texts_of(criteria, "include_fields");
    const std::vector<std::string> exclude = texts_of(criteria, "exclude_fields");
    const bool sign = query_flag(r, "generate_signed_url", true);
    for (doc& d : hits) {
        if (sign) sign_urls(d);
        if (!include.empty() || !exclude.empty()) d = project(d, include, exclude);
    }
    return page(r, std::move(hits), std::move(extra));
}

void iconik_system::search_routes() {
    on("POST", "/API/search/v1/search", "can_search", [this](const request& r) {
        const doc criteria = r.content.empty() ? doc() : r.json_object();
        if (const json::value* types = criteria.if_contains("doc_types");
            types && types->is_array())
            for (const std::string& t : texts_of(criteria, "doc_types"))
                if (!contains({"assets", "collections", "segments", "saved_searches",
                               "saved_search_groups"},
                              t))
                    invalid("doc_types", "\"" + t + "\" is not a valid choice.");
        return run_search(r, criteria);
    });
    on("POST", "/API/search/v1/search/suggest", "can_search", [this](const request& r) {
        const doc body = r.json_object();
        const std::string field = require_text(body, "field_name");
        const std::string start = require_text(body, "query");
        std::set<std::string> found;
        for (const doc& d : indexed("assets"))
            for (const json::value* v : values_of(d, field))
                if (v->is_string() && std::string_view(v->get_string()).starts_with(start))
                    found.insert(std::string(v->get_string()));
        json::array out;
        for (const std::string& f : found)
            out.push_back(json::value(f));
        return reply::json(200, doc{{"results", std::move(out)}});
    });
    on("GET", "/API/search/v1/search/saved", "can_read_saved_searches", [this](const request& r) {
        std::vector<doc> out;
        for (const doc* s : saved_searches_.all())
            out.push_back(*s);
        return page(r, std::move(out));
    });
    on("POST", "/API/search/v1/search/saved", "can_write_saved_searches", [this](const request& r) {
        const doc body = r.json_object();
        const json::value* criteria = body.if_contains("criteria");
        if (!criteria || !criteria->is_object())
            invalid("criteria", "Missing data for required field.");
        doc s{{"id", ids().uuid()},
              {"name", require_text(body, "name")},
              {"criteria", *criteria},
              {"group_id", nullptr},
              {"permissions", json::array{"read", "write", "delete"}},
              {"date_created", stamp()},
              {"date_modified", stamp()}};
        take(s, body, {"group_id"});
        return reply::json(201, saved_searches_.add(std::move(s)));
    });
    on("GET", "/API/search/v1/search/saved/{id}", "can_read_saved_searches",
       [this](const request& r) {
           const doc& s = saved_searches_.need(r.param("id"));
           return run_search(r, s.at("criteria").as_object());
       });
}

} // namespace mortise::sandbox::iconik
