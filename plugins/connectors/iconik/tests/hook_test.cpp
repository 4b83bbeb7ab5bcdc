// SPDX-License-Identifier: Apache-2.0
#include "hook.hpp"
#include "support/catch.hpp"

using namespace iconik;
namespace json = mortise::json;

namespace {

json::value envelope(const char* type,
                     const char* realm,
                     const char* operation,
                     json::object data,
                     const char* object_id = "top") {
    return json::object{{"system_domain_id", "d"}, {"event_type", type}, {"object_id", object_id},
                        {"user_id", "u"},          {"realm", realm},     {"operation", operation},
                        {"data", std::move(data)}, {"request_id", "r"}};
}

} // namespace

TEST_CASE("iconik: a webhook's object is found by realm, not by the envelope's object_id",
          "[plugins][iconik]") {
    SECTION("put into a collection") {
        const auto n = read_notice(envelope(
            "collections", "contents", "create",
            {{"collection_id", "c-1"}, {"object_type", "assets"}, {"object_id", "a-1"}}, "c-1"));
        CHECK(n.about == notice::target::asset);
        CHECK(n.id == "a-1");
        CHECK(n.hint.collection_id == "c-1");
        CHECK(n.hint.what == claim::contents);
    }
    SECTION("a collection in a collection is of no concern") {
        const auto n = read_notice(envelope(
            "collections", "contents", "create",
            {{"collection_id", "c-1"}, {"object_type", "collections"}, {"object_id", "c-2"}}));
        CHECK(n.about == notice::target::none);
    }
    SECTION("a version") {
        const auto n = read_notice(
            envelope("assets", "versions", "create", {{"asset_id", "a-1"}, {"id", "v-2"}}));
        CHECK(n.id == "a-1");
        CHECK(n.hint.version_id == "v-2");
        CHECK(n.hint.what == claim::version);
    }
    SECTION("an approval") {
        const auto n = read_notice(envelope("assets", "approvals", "update",
                                            {{"object_type", "assets"}, {"object_id", "a-1"}}));
        CHECK(n.id == "a-1");
        CHECK(n.hint.what == claim::approval);
        CHECK(n.hint.user_id == "u");
    }
    SECTION("a comment") {
        const auto n = read_notice(
            envelope("assets", "segments", "create",
                     {{"id", "s-1"}, {"asset_id", "a-1"}, {"segment_type", "COMMENT"}}));
        CHECK(n.id == "a-1");
        CHECK(n.hint.comment_id == "s-1");
        CHECK(n.hint.what == claim::comment);
        const auto changed = read_notice(
            envelope("assets", "segments", "update",
                     {{"id", "s-1"}, {"asset_id", "a-1"}, {"segment_type", "COMMENT"}}));
        CHECK(changed.about == notice::target::none);
    }
    SECTION("a deletion") {
        const auto n = read_notice(envelope("assets", "entity", "purge", {}, "a-1"));
        CHECK(n.id == "a-1");
        CHECK(n.hint.what == claim::deleted);
    }
    SECTION("a collection's metadata") {
        const auto n =
            read_notice(envelope("collections", "metadata", "update", {{"object_id", "c-1"}}));
        CHECK(n.about == notice::target::collection);
        CHECK(n.id == "c-1");
    }
    SECTION("others") {
        for (const char* realm : {"files", "formats", "shares", "segments", "acls"})
            CHECK(read_notice(envelope("assets", realm, "create", {})).about ==
                  notice::target::none);
        CHECK(read_notice(envelope("jobs", "entity", "create", {})).about == notice::target::none);
    }
}

TEST_CASE("iconik: a webhook without the envelope or with a strange id is refused",
          "[plugins][iconik]") {
    const auto bad = GENERATE_COPY(
        values<json::value>({json::value(json::array{1}), json::value(json::object{}),
                             json::value(json::object{{"event_type", "assets"}}),
                             envelope("assets", "entity", "create", {{"id", "../x"}}),
                             envelope("assets", "entity", "create", {}, ""),
                             envelope("collections", "contents", "create",
                                      {{"object_type", "assets"}, {"object_id", "a-1"}})}));
    try {
        read_notice(bad);
        FAIL("was taken");
    } catch (const mortise::error& e) {
        CHECK(e.category == mortise::category::input);
    }
}
