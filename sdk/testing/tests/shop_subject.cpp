// SPDX-License-Identifier: Apache-2.0
#include "shop.hpp"

namespace shop {

using conformance::bench;
using mortise::testing::fake_host;
using mortise::testing::http_answer;
using mortise::testing::recorded_request;

conformance::subject subject() {
    conformance::subject s;
    s.connector = connector_factory();
    s.system = [](fake_host& host) { return std::make_unique<store>(host.now()); };
    s.settings = [](fake_host& host) -> json::value {
        host.set_secret("key", "k3y-of-the-shop");
        host.set_secret("hook", "hook-key");
        return json::object{{"key", json::object{{"$secret", "key"}}},
                            {"hook_key", json::object{{"$secret", "hook"}}}};
    };
    s.is_login = [](const recorded_request& r) { return r.url.ends_with("/login"); };
    s.is_query = [](const recorded_request& r) { return r.url.ends_with("/search"); };
    s.refusal = [](std::uint32_t status, const std::string& words) {
        return http_answer::json(status, json::object{{"error", words}});
    };
    return s;
}

std::vector<conformance::row> rows() {
    using conformance::row;
    const json::value first = json::object{{"id", "i0001"}};
    conformance::list_facts list;
    list.at = "items";
    list.id = "id";
    list.many = 4;
    list.add = [](bench& b, int n) { b.system_as<store>().add("More " + std::to_string(n)); };
    list.remove = [](bench& b) { b.system_as<store>().remove("i0004"); };
    std::vector<row> out;
    out.push_back(row("items.get", first).missing("id", "i9999"));
    out.push_back(row("items.list", json::object()).list(list));
    out.push_back(row("items.find", json::object{{"name", "Saw"}})
                      .text("name", "x")
                      .except("foreign-text", "an item of that name is not there"));
    out.push_back(row("items.rename", json::object{{"id", "i0001"}, {"name", "Axe"}})
                      .missing("id", "i9999")
                      .text("name", "name"));
    out.push_back(row("items.create", json::object{{"name", "Rasp"}}).text("name", "name"));
    out.push_back(row("files.put", first).missing("id", "i9999").content("bytes of a file"));
    out.push_back(row("files.get", first).missing("id", "i9999"));
    return out;
}

conformance::trigger_row changes() {
    conformance::trigger_row t;
    t.trigger = "changes";
    t.change = [](bench& b) -> std::string {
        b.system_as<store>().rename("i0001", "Ripsaw");
        return "shop.item.changed items/i0001";
    };
    t.other_change = [](bench& b) -> std::string {
        b.system_as<store>().rename("i0002", "Jointer");
        return "shop.item.changed items/i0002";
    };
    t.hooks = [](bench& b) { return b.system_as<store>().take_hooks(); };
    return t;
}

} // namespace shop
