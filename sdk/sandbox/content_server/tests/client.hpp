// SPDX-License-Identifier: Apache-2.0
//
// An emulator with a standing clock and a client on it, without sockets.
#pragma once

#include "content_server/content_server.hpp"
#include "kit/test_client.hpp"
#include "support/catch.hpp"

#include <boost/json.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace mortise::sandbox::content_server_test {

namespace json = boost::json;
using pairs = std::vector<std::pair<std::string, std::string>>;

struct answer {
    unsigned status = 0;
    header_list headers;
    std::string text;
    json::value body;

    const json::value& at(const char* pointer) const { return body.at_pointer(pointer); }
    std::int64_t number(const char* pointer) const { return at(pointer).to_number<std::int64_t>(); }
    std::string string(const char* pointer) const { return std::string(at(pointer).as_string()); }
    std::size_t size(const char* pointer) const { return at(pointer).as_array().size(); }
    std::string error() const {
        return body.is_object() && body.as_object().contains("error") ? string("/error")
                                                                      : std::string();
    }
    std::string header(std::string_view name) const {
        const auto* v = find_header(headers, name);
        return v != nullptr ? *v : std::string();
    }
};

inline std::string encode(const pairs& fields) {
    std::string out;
    for (const auto& [name, value] : fields)
        out += (out.empty() ? "" : "&") + percent_encode(name) + "=" + percent_encode(value);
    return out;
}

class client {
public:
    explicit client(const std::string& option = {}, const std::string& value = {}) {
        emulator_options o;
        o.clock = parse_iso("2026-03-10T09:00:00Z");
        o.index_delay = milliseconds(1000);
        if (!option.empty()) o.extra[option] = value;
        e_ = make_content_server(std::move(o));
        log_in("integration", "integration-pass");
    }

    void log_in(const std::string& user, const std::string& password) {
        const auto a =
            send("POST", "/api/v1/auth", encode({{"username", user}, {"password", password}}),
                 "application/x-www-form-urlencoded", {});
        REQUIRE(a.status == 200);
        ticket_ = a.string("/ticket");
    }

    answer send(const std::string& method,
                const std::string& path,
                std::string body,
                const std::string& type,
                header_list headers) {
        if (!type.empty()) headers.emplace_back("Content-Type", type);
        const std::string target = path.starts_with("/api") ? prefix + path : path;
        auto reply = e_->handle(make_request(method, target, std::move(headers), std::move(body)));
        answer a;
        a.status = reply.status;
        a.headers = reply.headers;
        a.text = reply.content.text();
        boost::system::error_code code;
        a.body = json::parse(a.text, code);
        return a;
    }
    answer get(const std::string& path, header_list headers = {}) {
        headers.emplace_back("OTCSTicket", ticket_);
        return send("GET", path, {}, {}, std::move(headers));
    }
    answer del(const std::string& path) {
        return send("DELETE", path, {}, {}, {{"OTCSTicket", ticket_}});
    }
    // Flat fields.
    answer form(const std::string& method, const std::string& path, const pairs& fields) {
        return send(method, path, encode(fields), "application/x-www-form-urlencoded",
                    {{"OTCSTicket", ticket_}});
    }
    // JSON in the form field `body`.
    answer body(const std::string& method, const std::string& path, const json::value& v) {
        return form(method, path, {{"body", json::serialize(v)}});
    }
    answer raw_json(const std::string& method, const std::string& path, const json::value& v) {
        return send(method, path, json::serialize(v), "application/json",
                    {{"OTCSTicket", ticket_}});
    }
    answer upload(const std::string& path,
                  const json::object& fields,
                  const std::string& file_name,
                  const std::string& content,
                  const std::string& type = "text/plain",
                  const std::string& part = "file") {
        std::vector<form_field> parts;
        parts.push_back({"body", {}, {}, blob(json::serialize(fields))});
        parts.push_back({part, file_name, type, blob(content)});
        auto [content_type, text] = make_multipart(parts);
        return send("POST", path, std::move(text), content_type, {{"OTCSTicket", ticket_}});
    }

    json::value act(const std::string& action, const json::object& input = {}) {
        return e_->act(action, input);
    }
    void advance(std::chrono::milliseconds by) { e_->clock().advance(by); }
    emulator& system() { return *e_; }
    const std::string& ticket() const { return ticket_; }
    void ticket(std::string t) { ticket_ = std::move(t); }

    // Ids of the story.
    std::int64_t workspace(const std::string& bo_type, const std::string& bo_id) {
        const auto a = get("/api/v2/externalsystems/MRM/botypes/" + bo_type + "/boids/" + bo_id);
        REQUIRE(a.status == 200);
        return a.number("/results/0/data/properties/id");
    }
    std::int64_t folder(std::int64_t parent, const std::string& name) {
        const auto a = get("/api/v2/nodes/" + std::to_string(parent) + "/nodes?where_name=" + name);
        REQUIRE(a.status == 200);
        return a.number("/results/0/data/properties/id");
    }
    std::int64_t
    create(int type, std::int64_t parent, const std::string& name, json::object more = {}) {
        more["type"] = type;
        more["parent_id"] = parent;
        more["name"] = name;
        const auto a = body("POST", "/api/v2/nodes", more);
        INFO(a.text);
        REQUIRE(a.status == 200);
        return a.number("/results/data/properties/id");
    }
    std::int64_t document(std::int64_t parent, const std::string& name, const std::string& text) {
        const auto a = upload("/api/v2/nodes",
                              {{"type", 144}, {"parent_id", parent}, {"name", name}}, name, text);
        INFO(a.text);
        REQUIRE(a.status == 200);
        return a.number("/results/data/properties/id");
    }

    std::string prefix = "/otcs/cs";

private:
    std::unique_ptr<emulator> e_;
    std::string ticket_;
};

inline std::string node(std::int64_t id) {
    return "/api/v2/nodes/" + std::to_string(id);
}

} // namespace mortise::sandbox::content_server_test
