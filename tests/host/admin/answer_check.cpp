// SPDX-License-Identifier: Apache-2.0
#include "answer_check.hpp"

#include "admin/schemas.hpp"
#include "config/schema.hpp"
#include "support/net_stream.hpp"

namespace mortise::host::testing {
namespace {

namespace json = boost::json;

constexpr std::string_view components = "#/components/schemas/";

json::value component(std::string_view name);

// With what it refers to in the place of the reference.
json::value whole(const json::value& v) {
    if (const auto* list = v.if_array()) {
        json::array out;
        for (const auto& one : *list)
            out.push_back(whole(one));
        return out;
    }
    const auto* o = v.if_object();
    if (o == nullptr) return v;
    if (const auto* ref = o->if_contains("$ref"))
        return component(std::string_view(ref->get_string()).substr(components.size()));
    json::object out;
    for (const auto& member : *o)
        out[member.key()] = whole(member.value());
    return out;
}

json::value component(std::string_view name) {
    for (const auto& c : component_schemas())
        if (c.name == name) return whole(json::parse({c.schema.data(), c.schema.size()}));
    FAIL("there is no component schema " << std::string(name));
    return {};
}

json::value parsed(const std::string& body) {
    INFO(body);
    boost::system::error_code ec;
    auto v = json::parse(body, ec);
    REQUIRE_FALSE(ec);
    return v;
}

} // namespace

std::string misfits(const json::value& value, std::string_view name) {
    const schema wanted(component(name).get_object());
    std::string out;
    if (!wanted.valid()) return "the schema " + std::string(name) + " is none";
    for (const auto& p : wanted.check(value, {.closed = true}))
        out += p.pointer + ": " + p.message + '\n';
    return out;
}

json::value good_answer(host_fixture& f, const std::string& path, std::string_view name) {
    const auto reply = f.admin("GET", path);
    INFO(path << '\n' << reply.head << reply.body);
    REQUIRE(reply.status == 200);
    auto body = parsed(reply.body);
    CHECK(misfits(body, name) == "");
    return body;
}

json::value good_list(host_fixture& f,
                      const std::string& path,
                      std::string_view plural,
                      std::string_view name) {
    const auto reply = f.admin("GET", path);
    INFO(path << '\n' << reply.head << reply.body);
    REQUIRE(reply.status == 200);
    auto body = parsed(reply.body);
    for (const auto& row : body.at({plural.data(), plural.size()}).as_array())
        CHECK(misfits(row, name) == "");
    return body;
}

std::pair<std::string, std::string> exported(host_fixture& f, const std::string& query) {
    auto token = test::read_file(f.dir.path() / "state" / "admin-token");
    token.erase(token.find_last_not_of('\n') + 1);
    auto c = test::net_stream::connect(f.it->admin_port());
    c.write("GET /api/v1/ledger/export" + query +
            " HTTP/1.0\r\nHost: localhost\r\nAuthorization: Bearer " + token + "\r\n\r\n");
    const auto all = c.read_all();
    const auto end = all.find("\r\n\r\n");
    REQUIRE(end != std::string::npos);
    return {all.substr(0, end), all.substr(end + 4)};
}

std::string refusal_of(host_fixture& f, const std::string& path, int status) {
    const auto reply = f.admin("GET", path);
    INFO(path << '\n' << reply.head << reply.body);
    CHECK(reply.status == status);
    CHECK(reply.header("content-type") == "application/problem+json");
    const auto body = parsed(reply.body);
    CHECK(misfits(body, "problem") == "");
    return std::string(body.at("detail").as_string());
}

} // namespace mortise::host::testing
