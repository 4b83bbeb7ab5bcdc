// SPDX-License-Identifier: Apache-2.0
// The world with one instance of rights-metadata-sync, and the rights of the seed's film.
#pragma once

#include "iconik/iconik.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "world.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace mortise::test {

using words = std::vector<std::string>;

struct rights_world : world {
    explicit rights_world(const std::string& settings = {}) : world(options_with(settings)) {}

    static std::string instance(const std::string& settings) {
        return flow("rights", "rights-metadata-sync",
                    "wait = { first = \"20ms\", longest = \"0s\" }\n" + settings);
    }
    static options options_with(const std::string& settings) {
        options o;
        o.flows = instance(settings);
        o.otcs["watch_node_categories"] = "[\"Rights\"]";
        return o;
    }

    void set(const std::string& story, const boost::json::object& values) {
        play_iconik("set-metadata", {{"asset", story}, {"values", values}});
    }
    // A lawyer fills in the form of the item.
    void set_item(const std::string& bo, const boost::json::object& values) {
        // That system dates by seconds: people are slower than these tests.
        advance_otcs(std::chrono::seconds(2));
        play_otcs("set-category", {{"node", item(bo)}, {"category", "Rights"}, {"values", values}});
    }
    std::int64_t item(const std::string& bo = "C-1001") {
        for (const auto& n : nodes_in(bo, "Rights"))
            if (n.type == 140) return n.id;
        return 0;
    }
    std::int64_t record(const std::string& bo = "C-1001") {
        for (const auto& n : nodes_in(bo, "Rights"))
            if (n.type == 144) return n.id;
        return 0;
    }
    std::string of_item(const std::string& attribute_name, const std::string& bo = "C-1001") {
        const auto node = item(bo);
        return node == 0 ? std::string() : attribute(node, attribute_name);
    }
    words territories(const std::string& bo = "C-1001") {
        const auto node = item(bo);
        words all;
        if (node != 0) all = attribute_values(node, "Territories");
        std::sort(all.begin(), all.end());
        return all;
    }
    // The seed's film gets its rights; comes back when both sides have them.
    void ingest(const boost::json::object& more = {}) {
        boost::json::object values{{"rights_status", {"Cleared"}},
                                   {"usage_rights", {"Restricted"}},
                                   {"expiry_date", {"2099-03-31"}},
                                   {"territories", {"DE", "AT"}}};
        for (const auto& v : more)
            values[v.key()] = v.value();
        set("hero-film", values);
        REQUIRE(eventually([&] { return of_item("Status") == "Cleared"; }));
        rest();
    }
    void rest() {
        REQUIRE(eventually([&] { return settled(); }));
    }
    bool in_collection(const std::string& story, const std::string& collection) {
        const auto contents = get_iconik("/assets/v1/collections/" + collection_id(collection) +
                                         "/contents/?per_page=200");
        for (const auto& o : contents.at("objects").as_array())
            if (o.at("id").as_string() == asset_id(story)) return true;
        return false;
    }
    // What the group may do with the film itself; empty: nothing.
    words rights_of(const std::string& group) {
        const auto acl = get_iconik("/acls/v1/acl/assets/" + asset_id("hero-film"));
        words all;
        for (const auto& g : acl.at("groups_acl").as_array()) {
            if (g.at("group_id").as_string() != sandbox::iconik_seed::id("group/" + group))
                continue;
            for (const auto& p : g.at("permissions").as_array())
                all.emplace_back(p.as_string());
        }
        std::sort(all.begin(), all.end());
        return all;
    }
    void give_rights(const std::string& group, const boost::json::array& permissions) {
        play_iconik("set-group-rights",
                    {{"asset", "hero-film"}, {"group", group}, {"permissions", permissions}});
    }
};

} // namespace mortise::test
