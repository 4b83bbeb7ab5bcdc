// SPDX-License-Identifier: Apache-2.0
#include "admin/openapi.hpp"

#include "admin/replies.hpp"
#include "admin/schemas.hpp"
#include "http/message.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <memory>
#include <mutex>

namespace mortise::host {
namespace {

namespace json = boost::json;

constexpr std::string_view component_prefix = "#/components/schemas/";

json::value schema_of(std::string_view text) {
    if (text.starts_with(component_prefix)) return {{"$ref", text}};
    return json::parse(text);
}

// type: one, or several with ", " between them.
json::object content(std::string_view type, const json::value& schema) {
    json::object out;
    for (std::size_t at = 0; at < type.size();) {
        const auto end = std::min(type.find(", ", at), type.size());
        out[type.substr(at, end - at)] = {{"schema", schema}};
        at = end + 2;
    }
    return out;
}

std::string status_text(unsigned status) {
    switch (status) {
    case 201:
        return "Made.";
    case 202:
        return "Taken; it goes on.";
    case 204:
        return "Done, nothing to tell.";
    default:
        return "The answer.";
    }
}

json::array parameters_of(const route_spec& r) {
    json::array out;
    for (const auto name : path_parameters(r.pattern))
        out.push_back(
            {{"name", name}, {"in", "path"}, {"required", true}, {"schema", {{"type", "string"}}}});
    for (const auto& p : r.query)
        out.push_back({{"name", p.name},
                       {"in", "query"},
                       {"description", p.description},
                       {"required", p.required},
                       {"schema", schema_of(p.schema)}});
    return out;
}

json::object operation_of(const route_spec& r) {
    json::object success{{"description", status_text(r.status)}};
    if (!r.answer.empty())
        success["content"] = content(r.content_type, schema_of(r.answer));
    else if (r.status != 204)
        success["content"] = content(r.content_type, {{"type", "string"}});
    json::object responses;
    if (r.also != 0) responses[std::to_string(r.also)] = success;
    responses[std::to_string(r.status)] = std::move(success);
    for (const char* range : {"4XX", "5XX"})
        responses[range] = {{"$ref", "#/components/responses/problem"}};
    json::object out{{"operationId", r.id},
                     {"summary", r.summary},
                     {"tags", {r.tag}},
                     {"x-mortise-role", r.open ? "none" : to_string(r.least)}};
    if (auto parameters = parameters_of(r); !parameters.empty())
        out["parameters"] = std::move(parameters);
    if (!r.request.empty()) {
        auto schema = schema_of(r.request);
        const bool required = schema.get_object().contains("required");
        out["requestBody"] = {{"required", required},
                              {"content", content("application/json", std::move(schema))}};
    }
    out["responses"] = std::move(responses);
    if (r.open) out["security"] = json::array();
    return out;
}

} // namespace

json::object openapi_document(const std::vector<route_spec>& routes, const std::string& version) {
    json::object paths;
    std::vector<std::string_view> tags;
    for (const auto& r : routes) {
        auto& path = paths[r.pattern];
        if (!path.is_object()) path = json::object();
        path.get_object()[to_lower(r.method)] = operation_of(r);
        if (std::find(tags.begin(), tags.end(), r.tag) == tags.end()) tags.push_back(r.tag);
    }
    json::array named_tags;
    for (const auto t : tags)
        named_tags.push_back(json::object{{"name", t}});
    json::object schemas;
    for (const auto& c : component_schemas())
        schemas[c.name] = json::parse(c.schema);
    return {
        {"openapi", "3.1.0"},
        {"info",
         {{"title", "Mortise admin API"},
          {"version", version},
          {"description", "Look at a running host and act on it. Times are Unix milliseconds, 0 "
                          "where there is none. Refusals are problem+json (RFC 9457)."},
          {"license", {{"name", "Apache 2.0"}, {"identifier", "Apache-2.0"}}}}},
        {"servers", {{{"url", "/"}}}},
        {"security", {{{"token", json::array()}}, {{"session", json::array()}}}},
        {"tags", std::move(named_tags)},
        {"paths", std::move(paths)},
        {"components",
         {{"schemas", std::move(schemas)},
          {"responses",
           {{"problem",
             {{"description", "Refused or failed: what, where and how to mend it."},
              {"content",
               content("application/problem+json", {{"$ref", "#/components/schemas/problem"}})}}}}},
          {"securitySchemes",
           {{"token", {{"type", "http"}, {"scheme", "bearer"}}},
            {"session",
             {{"type", "apiKey"},
              {"in", "cookie"},
              {"name", "mortise_session"},
              {"description",
               "Of POST /api/v1/session. Methods other than GET also need X-CSRF-Token."}}}}}}}};
}

void add_openapi_route(route_table& to, const std::string& version) {
    struct made_once {
        std::once_flag flag;
        std::string text;
    };
    // At the first request, when the table is whole.
    to.add({.method = "GET",
            .pattern = "/api/v1/openapi.json",
            .id = "getOpenapi",
            .summary = "This description.",
            .tag = "observability",
            .answer = R"({"type":"object","additionalProperties":true})"},
           [&to, version, made = std::make_shared<made_once>()](const admin_call& call) {
               std::call_once(made->flag, [&] {
                   made->text = json::serialize(openapi_document(to.specs(), version));
               });
               inbound_response r;
               r.body = made->text;
               call.reply(std::move(r));
           });
}

} // namespace mortise::host
