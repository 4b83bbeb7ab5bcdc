// SPDX-License-Identifier: Apache-2.0
#include "client.hpp"

using namespace mortise::sandbox;
using namespace mortise::sandbox::content_server_test;
using namespace std::chrono_literals;

TEST_CASE("missing and forbidden nodes look the same", "[sandbox][content_server]") {
    client c;
    const auto missing = c.get(node(99999999));
    CHECK(missing.status == 400);
    CHECK(missing.error() == "Could not get a node for 99999999");
    const auto board = 5090;
    const auto forbidden = c.get(node(board));
    CHECK(forbidden.status == 400);
    CHECK(forbidden.error() == "Could not get a node for 5090");
    SECTION("children of either answer 500") {
        CHECK(c.get(node(99999999) + "/nodes").status == 500);
        CHECK(c.get(node(board) + "/nodes").status == 500);
    }
    SECTION("an id that is no number is named") {
        const auto a = c.get("/api/v2/nodes/abc");
        CHECK(a.status == 400);
        CHECK(a.error() == "Invalid datatype specified for argument 'id'.");
    }
    SECTION("the administrator sees it") {
        c.log_in("Admin", "admin-pass");
        CHECK(c.get(node(board)).status == 200);
    }
}

TEST_CASE("one node is an object, a list is an array", "[sandbox][content_server]") {
    client c;
    const auto one = c.get(node(5000) + "?fields=properties{id,name}&actions=open&metadata&state");
    CHECK(one.at("/results/data/properties").as_object().size() == 2);
    CHECK(one.string("/results/data/properties/name") == "Marketing");
    CHECK(one.at("/results/actions/data").as_object().contains("open"));
    CHECK_FALSE(one.string("/results/state/properties/metadata_token").empty());
    const auto list = c.get(node(5000) + "/nodes");
    CHECK(list.size("/results") == 5);
    CHECK(list.number("/collection/paging/total_count") == 5);
    const auto v1 = c.get("/api/v1/nodes/5000");
    CHECK(v1.string("/type_name") == "Folder");
    CHECK(v1.number("/data/id") == 5000);
    CHECK(c.get("/api/v1/nodes/5000/nodes").number("/total_count") == 5);
    CHECK(c.get("/api/v1/nodes/5001/ancestors").size("/ancestors") == 3);
}

TEST_CASE("fields can be expanded", "[sandbox][content_server]") {
    client c;
    const auto a = c.get(node(5001) + "?fields=properties&expand=properties{parent_id}");
    CHECK(a.string("/results/data/properties/parent_id_expand/name") == "Marketing");
}

TEST_CASE("nodes are created with all four encodings", "[sandbox][content_server]") {
    client c;
    CHECK(c.form("POST", "/api/v2/nodes", {{"type", "0"}, {"parent_id", "5000"}, {"name", "F1"}})
              .status == 200);
    CHECK(c.body("POST", "/api/v2/nodes", {{"type", 0}, {"parent_id", 5000}, {"name", "F2"}})
              .status == 200);
    CHECK(c.raw_json("POST", "/api/v2/nodes", {{"type", 0}, {"parent_id", 5000}, {"name", "F3"}})
              .status == 200);
    const auto file =
        c.upload("/api/v2/nodes", {{"type", 144}, {"parent_id", 5000}, {"name", "note.txt"}},
                 "note.txt", "hello");
    REQUIRE(file.status == 200);
    CHECK(file.number("/results/data/properties/size") == 5);
    CHECK(file.string("/results/data/properties/mime_type") == "text/plain");
}

TEST_CASE("a name is unique in its container", "[sandbox][content_server]") {
    client c;
    const json::value same = {{"type", 0}, {"parent_id", 5000}, {"name", "campaigns"}};
    const auto v2 = c.body("POST", "/api/v2/nodes", same);
    CHECK(v2.status == 500);
    CHECK(v2.error() == "An item with the name 'campaigns' already exists.");
    const auto v1 = c.body("POST", "/api/v1/nodes", same);
    CHECK(v1.status == 400);
    CHECK(v1.error() == v2.error());
    const auto check = c.body("POST", "/api/v1/validation/nodes/names",
                              {{"parent_id", 5000}, {"names", {"Campaigns", "Free"}}});
    CHECK(check.size("/results") == 1);
}

TEST_CASE("bad create calls are refused and leave nothing", "[sandbox][content_server]") {
    client c;
    const auto refused = [&](const json::value& v, int status) {
        const auto a = c.body("POST", "/api/v2/nodes", v);
        INFO(a.text);
        CHECK(a.status == static_cast<unsigned>(status));
        CHECK_FALSE(a.error().empty());
    };
    refused({{"type", 4711}, {"parent_id", 5000}, {"name", "x"}}, 400);
    refused({{"type", 0}, {"parent_id", 99999}, {"name", "x"}}, 400);
    refused({{"type", 0}, {"parent_id", 5000}}, 400);
    refused({{"type", 0}, {"parent_id", 5000}, {"name", "a:b"}}, 400);
    refused({{"type", 0}, {"parent_id", 5000}, {"name", std::string(249, 'x')}}, 400);
    refused({{"type", 0}, {"parent_id", "five"}, {"name", "x"}}, 400);
    refused({{"type", 144}, {"parent_id", 5000}, {"name", "x"}}, 400);
    refused({{"type", 140}, {"parent_id", 5000}, {"name", "x"}}, 400);
    // A wrong category value undoes the whole create.
    refused({{"type", 140},
             {"parent_id", 5000},
             {"name", "half"},
             {"url", "https://x.example"},
             {"roles", {{"categories", {{"4100_3", "not a number"}}}}}},
            400);
    CHECK(c.get(node(5000) + "/nodes?where_name=half").number("/collection/paging/total_count") ==
          0);
    CHECK(c.form("POST", "/api/v2/nodes", {{"body", "{broken"}}).status == 400);
}

TEST_CASE("a URL node carries its address and category in one call", "[sandbox][content_server]") {
    client c;
    const auto media = c.folder(c.workspace("campaign", "C-1001"), "Media");
    const auto id =
        c.create(140, media, "Hero film",
                 {{"url", "https://dam.example/asset/1"},
                  {"roles",
                   {{"categories",
                     {{"4100_2", "asset-1"}, {"4100_3", 2}, {"4100_8", {"C-1001", "C-1002"}}}}}}});
    const auto a = c.get(node(id) + "?fields=properties&fields=categories");
    CHECK(a.string("/results/data/properties/url") == "https://dam.example/asset/1");
    CHECK(a.string("/results/data/categories/4100_2") == "asset-1");
    CHECK(a.size("/results/data/categories/4100_8") == 2);
    SECTION("renamed and pointed elsewhere") {
        REQUIRE(
            c.body("PUT", node(id), {{"name", "Hero film v2"}, {"url", "https://dam.example/2"}})
                .status == 200);
        const auto b = c.get(node(id));
        CHECK(b.string("/results/data/properties/name") == "Hero film v2");
        CHECK(b.string("/results/data/properties/url") == "https://dam.example/2");
    }
}

TEST_CASE("children are filtered, sorted and paged", "[sandbox][content_server]") {
    client c;
    const auto folder = c.create(0, 5000, "Many");
    for (int i = 1; i <= 7; ++i)
        c.create(0, folder, "Item " + std::to_string(i));
    c.create(140, folder, "Link", {{"url", "https://x.example"}});
    const auto list = [&](const std::string& query) {
        return c.get(node(folder) + "/nodes?" + query);
    };
    CHECK(list("where_type=0").number("/collection/paging/total_count") == 7);
    CHECK(list("where_type=140&where_type=144").number("/collection/paging/total_count") == 1);
    CHECK(list("where_type=-1").number("/collection/paging/total_count") == 7);
    CHECK(list("where_type=-3").number("/collection/paging/total_count") == 1);
    CHECK(list("where_name=tem%203").number("/collection/paging/total_count") == 1);
    CHECK(list("sort=desc_name").string("/results/0/data/properties/name") == "Link");
    CHECK(list("sort=nonsense").status == 400);
    const auto second = list("limit=3&page=2");
    CHECK(second.size("/results") == 3);
    CHECK(second.number("/collection/paging/page_total") == 3);
    CHECK(second.number("/collection/paging/range_min") == 4);
    CHECK_THAT(second.string("/collection/paging/links/data/next/href"), Catch::Contains("page=3"));
    CHECK(list("limit=0").status == 400);
}

TEST_CASE("a page past the end is answered as configured", "[sandbox][content_server]") {
    const auto past = [](const char* quirk) {
        client c("out_of_range_page", quirk);
        return c.get(node(5000) + "/nodes?limit=2&page=9");
    };
    CHECK(past("last").number("/collection/paging/page") == 3);
    CHECK(past("last").size("/results") == 1);
    CHECK(past("first").number("/collection/paging/page") == 1);
    CHECK(past("empty").size("/results") == 0);
}

TEST_CASE("nodes are moved, copied, described and deleted", "[sandbox][content_server]") {
    client c;
    const auto from = c.create(0, 5000, "From");
    const auto to = c.create(0, 5000, "To");
    const auto file = c.document(from, "a.txt", "content of a");
    REQUIRE(
        c.form("PUT", node(file), {{"parent_id", std::to_string(to)}, {"name", "b.txt"}}).status ==
        200);
    CHECK(c.get(node(file)).number("/results/data/properties/parent_id") == to);
    CHECK(c.get(node(file)).string("/results/data/properties/name") == "b.txt");
    const auto copy = c.body("POST", "/api/v2/nodes",
                             {{"original_id", to}, {"parent_id", from}, {"name", "Copy"}});
    REQUIRE(copy.status == 200);
    CHECK(c.get(node(copy.number("/results/data/properties/id")) + "/nodes")
              .string("/results/0/data/properties/name") == "b.txt");
    CHECK(c.body("PUT", node(to), {{"parent_id", to}}).status == 400);
    CHECK(c.send("PUT", node(to), {}, {}, {{"OTCSTicket", c.ticket()}}).status == 400);
    SECTION("deleted ones come back from the recycle bin") {
        CHECK(c.del(node(to)).status == 200);
        CHECK(c.get(node(file)).status == 400);
        CHECK(c.del(node(to)).status == 500);
        const auto bin = c.get("/api/v2/volumes/recyclebin/nodes");
        CHECK(bin.number("/results/0/data/properties/id") == to);
        const auto back =
            c.body("POST", "/api/v2/volumes/recyclebin/nodes/restore", {{"ids", {to, 4711}}});
        CHECK(back.size("/results/success/ids") == 1);
        CHECK(back.size("/results/failure/ids") == 1);
        CHECK(c.get(node(file)).status == 200);
    }
    SECTION("purged ones do not") {
        CHECK(c.del(node(to)).status == 200);
        c.body("POST", "/api/v2/volumes/recyclebin/nodes/purge", {{"ids", {to}}});
        CHECK(c.body("POST", "/api/v2/volumes/recyclebin/nodes/restore", {{"ids", {to}}})
                  .size("/results/failure/ids") == 1);
    }
}

TEST_CASE("a reserved node is changed by its holder only", "[sandbox][content_server]") {
    client c;
    const auto file = c.document(5000, "r.txt", "1");
    REQUIRE(c.form("PUT", node(file), {{"reserved_user_id", "1010"}}).status == 200);
    CHECK(c.get(node(file)).at("/results/data/properties/reserved").as_bool());
    c.log_in("clara.brandt", "clara-pass");
    CHECK(c.body("PUT", node(file), {{"name", "mine.txt"}}).status == 400);
    CHECK(c.upload(node(file) + "/versions", {}, "r.txt", "2").status == 400);
    c.log_in("integration", "integration-pass");
    CHECK(c.body("PUT", node(file), {{"reserved_user_id", nullptr}}).status == 200);
    c.log_in("clara.brandt", "clara-pass");
    CHECK(c.body("PUT", node(file), {{"name", "mine.txt"}}).status == 200);
}

TEST_CASE("an old node token is an edit conflict", "[sandbox][content_server]") {
    client c;
    const auto folder = c.create(0, 5000, "Token");
    const auto token =
        c.get(node(folder) + "?state").string("/results/state/properties/metadata_token");
    CHECK(c.body("PUT", node(folder), {{"description", "a"}, {"metadata_token", token}}).status ==
          200);
    const auto late =
        c.body("PUT", node(folder), {{"description", "b"}, {"metadata_token", token}});
    CHECK(late.status == 409);
    CHECK(late.error() == "Could not update metadata (edit conflict).");
}

TEST_CASE("versions are numbered from one and can be read, promoted and purged",
          "[sandbox][content_server]") {
    client c;
    const auto file = c.document(5000, "v.txt", "one");
    const std::string versions = node(file) + "/versions";
    const auto second = c.upload(versions, {{"description", "second"}}, "v2.txt", "two two");
    REQUIRE(second.status == 200);
    CHECK(second.number("/results/data/versions/version_number") == 2);
    CHECK(c.get(node(file) + "/content").text == "two two");
    CHECK(c.get(versions + "/1/content").text == "one");
    CHECK(c.get(versions).size("/results") == 2);
    CHECK(c.get(versions + "?order=desc").number("/results/0/data/versions/version_number") == 2);
    CHECK(c.get("/api/v1/nodes/" + std::to_string(file) + "/versions/latest")
              .number("/data/version_number") == 2);
    CHECK(c.form("POST", versions, {{"description", "no file"}}).error() ==
          "Missing required parameter 'File'");
    const auto third = c.form("POST", versions + "/1/promote", {{"description", ""}});
    CHECK(third.number("/results/data/versions/version_number") == 3);
    CHECK(c.get(node(file) + "/content").text == "one");
    CHECK(c.del(versions + "?number_to_keep=1").status == 200);
    CHECK(c.get(versions).size("/results") == 1);
    CHECK(c.del(versions + "/3").status == 400);
    CHECK(c.get(versions + "/1").status == 400);
}

TEST_CASE("content is sent with its type, name and ranges", "[sandbox][content_server]") {
    client c;
    const auto file = c.document(5000, "range.txt", "0123456789");
    const auto all = c.get(node(file) + "/content");
    CHECK_THAT(all.header("Content-Type"), Catch::Contains("text/plain"));
    CHECK_THAT(all.header("Content-Disposition"), Catch::Contains("range.txt"));
    const auto part = c.get(node(file) + "/content", {{"Range", "bytes=2-4"}});
    CHECK(part.status == 206);
    CHECK(part.text == "234");
    CHECK_THAT(c.get("/api/v1/nodes/" + std::to_string(file) + "/content?action=download")
                   .header("Content-Type"),
               Catch::Contains("application/octet-stream"));
    const auto none = c.get(node(99999) + "/content");
    CHECK(none.status == 500);
    CHECK(none.error() == "Could not locate node: 99999");
}

TEST_CASE("big files are uploaded in parts", "[sandbox][content_server]") {
    client c;
    CHECK(c.get("/api/v2/multipart/settings").at("/is_enabled").as_bool());
    const std::string first(8 << 20, 'a');
    const auto start =
        c.form("POST", "/api/v2/multipart",
               {{"file_name", "big.bin"}, {"file_size", std::to_string(first.size() + 3)}});
    REQUIRE(start.status == 200);
    CHECK(start.number("/num_parts") == 2);
    const std::string base = "/api/v2/multipart/" + start.string("/upload_key");
    CHECK(
        c.upload(base + "/1", {}, "p", first, "application/octet-stream", "part_content").status ==
        200);
    CHECK(c.form("POST", base, {}).status == 500); // part 2 is missing
    CHECK(c.upload(base + "/3", {}, "p", "x", "application/octet-stream", "part_content").status ==
          500);
    CHECK(
        c.upload(base + "/2", {}, "p", "end", "application/octet-stream", "part_content").status ==
        200);
    CHECK(c.form("POST", base, {}).status == 200);
    const auto id = c.create(144, 5000, "big.bin", {{"upload_key", start.string("/upload_key")}});
    CHECK(c.get(node(id)).number("/results/data/properties/size") ==
          static_cast<std::int64_t>(first.size() + 3));
    CHECK(c.get(node(id) + "/content", {{"Range", "bytes=8388606-8388610"}}).text == "aaend");
    // A key is good for one document.
    CHECK(c.body("POST", "/api/v2/nodes",
                 {{"type", 144},
                  {"parent_id", 5000},
                  {"name", "again.bin"},
                  {"upload_key", start.string("/upload_key")}})
              .status == 400);
    CHECK(c.form("POST", "/api/v2/multipart", {{"file_name", "x"}, {"file_size", "0"}}).status ==
          500);
}

TEST_CASE("the audit trail of a node can be paged and filtered", "[sandbox][content_server]") {
    client c;
    const auto file = c.document(5000, "audit.txt", "1");
    c.advance(24h);
    c.log_in("integration", "integration-pass");
    c.body("PUT", node(file), {{"name", "renamed.txt"}});
    c.upload(node(file) + "/versions", {}, "audit.txt", "2");
    const std::string audit = node(file) + "/audit";
    const auto all = c.get(audit);
    CHECK(all.size("/results/data/audit") == 3);
    CHECK(all.number("/results/data/audit/0/event_type") == 11);
    CHECK(c.get(audit + "?where_type=5").size("/results/data/audit") == 1);
    CHECK(c.get(audit + "?where_audit_date_end=2026-03-10").size("/results/data/audit") == 1);
    CHECK(c.get(audit + "?limit=2").number("/collection/paging/page_total") == 2);
    CHECK(c.get(audit + "?where_audit_date_start=soon").status == 400);
}

TEST_CASE("nodes are found by nickname, unique name and volume type", "[sandbox][content_server]") {
    client c;
    CHECK(c.get("/api/v2/nicknames/campaign_c1001/nodes").number("/results/data/properties/id") ==
          c.workspace("campaign", "C-1001"));
    CHECK(c.get("/api/v2/nicknames/nobody/nodes").status == 404);
    CHECK(c.form("PUT", node(5000) + "/nicknames", {{"nickname", "campaign_c1001"}}).error() ==
          "Nicknames must be unique");
    CHECK(c.form("PUT", node(5000) + "/nicknames", {{"nickname", "has blank"}}).status == 500);
    CHECK(c.form("PUT", node(5000) + "/nicknames", {{"nickname", "marketing"}}).status == 200);
    CHECK(c.get("/api/v2/uniquenames?where_names={Campaign,MediaReference}").size("/results") == 2);
    CHECK(c.get("/api/v2/volumes/133").number("/results/data/properties/id") == 2006);
    CHECK(c.get("/api/v2/volumes/0").error() == "Subtype 0 is not a root subtype");
    CHECK(c.get("/api/v2/volumes/4711").error() == "Subtype 4711 not registered");
}

TEST_CASE("lists of ids leave unseen ones out", "[sandbox][content_server]") {
    client c;
    CHECK(c.form("POST", "/api/v2/nodes/list", {{"ids", "5000"}, {"ids", "5090"}, {"ids", "1"}})
              .size("/results") == 1);
    CHECK(c.form("POST", "/api/v2/nodes/list", {{"x", "y"}}).status == 400);
    CHECK(c.get("/api/v2/nodes/actions?ids=5000&ids=5001&actions=delete")
              .at("/results/5000/data")
              .as_object()
              .contains("delete"));
}

TEST_CASE("collections gather nodes without moving them", "[sandbox][content_server]") {
    client c;
    const auto box = c.create(298, 5000, "Box");
    const auto a =
        c.body("PUT", node(box) + "/collection", {{"ids", {5001, 4711}}, {"operation", "add"}});
    CHECK(a.at("/results/5001/success").as_bool());
    CHECK_FALSE(a.at("/results/4711/success").as_bool());
    CHECK(c.get(node(box) + "/nodes").number("/results/0/data/properties/id") == 5001);
    CHECK(c.get(node(5001)).number("/results/data/properties/parent_id") == 5000);
}
