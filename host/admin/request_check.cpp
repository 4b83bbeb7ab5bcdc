// SPDX-License-Identifier: Apache-2.0
#include "admin/request_check.hpp"

#include "admin/replies.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <charconv>

namespace mortise::host {
namespace {

namespace json = boost::json;

inbound_response misfit(std::string_view what, json::array problems) {
    std::string detail(what);
    for (const auto& p : problems) {
        const auto& o = p.get_object();
        const auto* where = o.if_contains("parameter");
        if (where == nullptr) where = o.if_contains("pointer");
        detail += &p == problems.begin() ? ": " : "; ";
        if (!where->get_string().empty()) detail.append(where->get_string()).append(": ");
        detail += o.at("message").get_string();
    }
    return problem_reply(400, "admin.input", detail, {{"problems", std::move(problems)}});
}

// The text as a value of the type that the schema wants; the text itself when it is none.
json::value as_wanted(const std::string& text, const schema& wanted) {
    const auto* type = wanted.document().get_object().if_contains("type");
    if (type == nullptr || !type->is_string()) return json::value(text);
    const auto& name = type->get_string();
    const auto* end = text.data() + text.size();
    if (name == "integer") {
        std::int64_t n = 0;
        const auto r = std::from_chars(text.data(), end, n);
        if (r.ec == std::errc() && r.ptr == end) return n;
    } else if (name == "number") {
        double n = 0;
        const auto r = std::from_chars(text.data(), end, n);
        if (r.ec == std::errc() && r.ptr == end) return n;
    } else if (name == "boolean" && (text == "true" || text == "false")) {
        return text == "true";
    }
    return json::value(text);
}

std::vector<std::string> names_of(const route_spec& spec) {
    std::vector<std::string> out;
    for (const auto& p : spec.query)
        out.emplace_back(p.name);
    return out;
}

std::string listed(const std::vector<std::string>& names) {
    if (names.empty()) return "it takes none";
    std::string out = "it takes ";
    for (const auto& n : names)
        out += (&n == names.data() ? "" : ", ") + n;
    return out;
}

} // namespace

std::optional<inbound_response> check_query(std::map<std::string, std::string, std::less<>>& query,
                                            const route_spec& spec,
                                            const query_schemas& schemas) {
    std::erase_if(query, [](const auto& q) { return q.second.empty(); });
    json::array problems;
    const auto add = [&problems](std::string_view name, std::string_view message,
                                 std::string_view hint) {
        problems.push_back({{"parameter", name}, {"message", message}, {"hint", hint}});
    };
    for (const auto& [name, value] : query) {
        const auto known = std::find_if(schemas.begin(), schemas.end(),
                                        [&name = name](const auto& s) { return s.first == name; });
        if (known == schemas.end()) {
            const auto names = names_of(spec);
            auto hint = did_you_mean(name, names);
            add(name, "no such query parameter", hint.empty() ? listed(names) : hint);
            continue;
        }
        for (const auto& p : known->second.check(as_wanted(value, known->second)))
            add(name, p.message, p.hint);
    }
    for (const auto& p : spec.query)
        if (p.required && query.find(p.name) == query.end())
            add(p.name, "this query parameter is required", p.description);
    if (problems.empty()) return std::nullopt;
    return misfit("the query does not fit", std::move(problems));
}

std::optional<inbound_response>
read_body(const std::string& received, const schema* wanted, json::object& body) {
    if (!received.empty()) {
        boost::system::error_code ec;
        auto value = json::parse(received, ec);
        if (ec || !value.is_object())
            return problem_reply(400, "admin.body",
                                 ec ? "the body is not JSON: " + ec.message()
                                    : std::string("the body must be a JSON object"));
        body = std::move(value.get_object());
    }
    if (wanted == nullptr) {
        if (body.empty()) return std::nullopt;
        return problem_reply(400, "admin.input", "this request takes no body; leave it out");
    }
    const auto found = wanted->check(body, {false, true});
    if (found.empty()) return std::nullopt;
    json::array problems;
    for (const auto& p : found)
        problems.push_back({{"pointer", p.pointer}, {"message", p.message}, {"hint", p.hint}});
    return misfit("the body does not fit", std::move(problems));
}

} // namespace mortise::host
