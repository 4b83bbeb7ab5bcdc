// SPDX-License-Identifier: Apache-2.0
#include "bridge.hpp"
#include "support/catch.hpp"

#include <algorithm>

using namespace iconik_test;
using mortise::category;

namespace {

const std::string hero = seed::id("asset/hero-film");
const std::string campaigns = seed::id("collection/campaigns");

} // namespace

TEST_CASE("iconik: a collection is created with metadata and found by title under its parent",
          "[plugins][iconik][sandbox]") {
    bridged b;
    const json::value input = json::object{{"title", "Q3 (draft)"},
                                           {"parent_id", campaigns},
                                           {"view", "Marketing"},
                                           {"metadata", json::object{{"campaign_id", "C-1003"}}}};
    const auto made = b.call("collections.create", input);
    CHECK(made.at("title") == "Q3 (draft)");
    CHECK(made.at("web_url").as_string().ends_with(std::string(made.at("id").as_string())));
    const auto values = b.call("metadata.get", json::object{{"object_type", "collections"},
                                                            {"object_id", made.at("id")},
                                                            {"view", "Marketing"}});
    CHECK(values.at("values").at("campaign_id") == json::value(json::array{"C-1003"}));
    b.wait();
    const auto found =
        b.call("collections.find", json::object{{"title", "Q3 (draft)"}, {"parent_id", campaigns}});
    REQUIRE(found.at("found") == true);
    CHECK(found.at("matches") == 1);
    CHECK(found.at("result").at("id") == made.at("id"));
    const json::value elsewhere =
        json::object{{"title", "Q3 (draft)"}, {"parent_id", seed::id("collection/brand")}};
    CHECK(b.call("collections.find", elsewhere).at("found") == false);
    CHECK(b.failure("collections.find", json::object{}).category == category::input);
}

TEST_CASE("iconik: a collection whose answer was lost is found and finished",
          "[plugins][iconik][sandbox]") {
    bridged b;
    const json::value input = json::object{{"title", "Q4"},
                                           {"view", "Marketing"},
                                           {"metadata", json::object{{"campaign_id", "C-1004"}}}};
    b.lose_next_answer("POST");
    CHECK(b.failure("collections.create", input).effect == mortise::effect::unknown);
    CHECK(b.failure("collections.create", input).category == category::unavailable);
    b.wait(std::chrono::seconds(11));
    const auto found = b.call("collections.create", input);
    const auto values = b.call("metadata.get", json::object{{"object_type", "collections"},
                                                            {"object_id", found.at("id")},
                                                            {"view", "Marketing"}});
    CHECK(values.at("values").at("campaign_id") == json::value(json::array{"C-1004"}));
}

TEST_CASE("iconik: a collection with values but no view, or an unknown one, is not made",
          "[plugins][iconik][sandbox]") {
    bridged b;
    json::object input{{"title", "Q5"}, {"metadata", json::object{{"campaign_id", "C-1"}}}};
    CHECK(b.failure("collections.create", json::value(input)).code == "iconik.collection.view");
    input["view"] = "Marketting";
    CHECK(b.failure("collections.create", json::value(input)).category == category::input);
    const auto& all = b.host.http().requests();
    CHECK(std::none_of(all.begin(), all.end(), [](const auto& r) { return r.method == "POST"; }));
}

TEST_CASE("iconik: an object is put into a collection and taken out once",
          "[plugins][iconik][sandbox]") {
    bridged b;
    const json::value place =
        json::object{{"collection_id", seed::id("collection/brand")}, {"object_id", hero}};
    CHECK(b.call("collections.add", place).at("changed") == true);
    CHECK(b.call("collections.add", place).at("changed") == false);
    CHECK(b.call("collections.remove", place).at("changed") == true);
    CHECK(b.call("collections.remove", place).at("changed") == false);
    const json::value nowhere = json::object{{"collection_id", "none"}, {"object_id", hero}};
    CHECK(b.failure("collections.remove", nowhere).category == category::not_found);
    CHECK(b.failure("collections.add", nowhere).category == category::not_found);
}

TEST_CASE("iconik: metadata fields come with the values they allow", "[plugins][iconik][sandbox]") {
    bridged b;
    const auto fields = b.call("metadata.fields").at("fields").as_array();
    const auto found = std::find_if(fields.begin(), fields.end(),
                                    [](const auto& f) { return f.at("name") == "usage_rights"; });
    REQUIRE(found != fields.end());
    CHECK(found->at("field_type") == "drop_down");
    CHECK(found->at("options").as_array().size() == 4);
}

TEST_CASE("iconik: metadata.set tells what was there before", "[plugins][iconik][sandbox]") {
    bridged b;
    const json::value input =
        json::object{{"object_id", hero},
                     {"view", "Marketing"},
                     {"values", json::object{{"usage_rights", "Expired"}, {"budget", 5}}}};
    const auto first = b.call("metadata.set", input);
    CHECK(first.at("before").at("usage_rights") == json::value(json::array{"Restricted"}));
    CHECK(first.at("before").at("budget").as_array().empty());
    const auto second = b.call("metadata.set", input);
    CHECK(second.at("changed") == false);
    CHECK(second.at("before").at("usage_rights") == json::value(json::array{"Expired"}));
}

TEST_CASE("iconik: a search goes on where it ended", "[plugins][iconik][sandbox]") {
    bridged b;
    json::object input{{"limit", 5},
                       {"sort", json::array{json::object{{"name", "title"}, {"order", "asc"}}}}};
    std::vector<std::string> seen;
    for (int page = 0; page < 10; ++page) {
        const auto out = b.call("search.assets", json::value(input));
        for (const auto& a : out.at("assets").as_array())
            seen.emplace_back(a.at("id").as_string());
        const auto* next = out.as_object().if_contains("next");
        if (!next) break;
        input["after"] = *next;
    }
    CHECK(seen.size() == 12);
    std::sort(seen.begin(), seen.end());
    CHECK(std::adjacent_find(seen.begin(), seen.end()) == seen.end());
}

TEST_CASE("iconik: names are listed by kind, and an unknown kind is refused",
          "[plugins][iconik][sandbox]") {
    bridged b;
    const auto has = [&b](const char* kind, const char* of, const char* name) {
        const auto out = b.call("names.list", json::object{{"kind", kind}, {"of", of}});
        const auto& names = out.at("names").as_array();
        return std::find(names.begin(), names.end(), json::value(name)) != names.end();
    };
    CHECK(has("metadata-view", "", "Rights"));
    CHECK(has("metadata-field", "", "campaign_id"));
    CHECK(has("metadata-field", "Rights", "usage_rights"));
    CHECK_FALSE(has("metadata-field", "Rights", "campaign_id"));
    CHECK(has("field-value", "usage_rights", "Expired"));
    CHECK(has("collection", "", "Brand"));
    CHECK(has("group", "", "Legal"));
    CHECK(has("user", "", "legal@nordlicht.example"));
    CHECK(has("storage", "", "S3"));
    CHECK(has("relation-type", "", "related"));
    CHECK(b.failure("names.list", json::object{{"kind", "planet"}}).category == category::input);
    CHECK(b.failure("names.list", json::object{{"kind", "field-value"}, {"of", "nope"}}).category ==
          category::input);
    CHECK(b.call("names.list", json::object{{"kind", "field-value"}, {"of", "description"}})
              .at("complete") == false);
}
