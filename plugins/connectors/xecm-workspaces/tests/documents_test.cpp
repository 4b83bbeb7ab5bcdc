// SPDX-License-Identifier: Apache-2.0
//
// Documents, versions and their content; copies, shortcuts and paths.
#include "bridged.hpp"

using namespace xecm_test;
using mortise::category;

namespace {

json::value in_folder(bridged& b, const char* bo_type, const char* bo_id, const char* folder) {
    const json::value path =
        json::object{{"parent_id", b.workspace(bo_type, bo_id)}, {"path", json::array{folder}}};
    return b.call("nodes.path_ensure", path).at("id");
}

mortise::testing::call_outcome
with_content(bridged& b, const char* operation, const json::value& input, std::string bytes) {
    mortise::testing::call_options options;
    options.content = b.host.make_content(std::move(bytes), "video/quicktime");
    return b.xecm->call(operation, input, options);
}

std::string download(bridged& b, const json::value& input, json::value* info = nullptr) {
    const auto outcome = b.xecm->call("nodes.download", input);
    const json::value& answer = outcome.value();
    if (info) *info = answer;
    return b.host.take_content(outcome.content);
}

std::string film(std::size_t bytes) {
    std::string out;
    out.reserve(bytes);
    for (std::size_t i = 0; i < bytes; ++i)
        out += static_cast<char>('a' + i * 31 % 26);
    return out;
}

} // namespace

TEST_CASE("xecm: a document is made from a content and fetched again", "[plugins][xecm][sandbox]") {
    bridged b;
    b.host.limit_transfers(4096);
    const json::value folder = in_folder(b, "campaign", "C-1001", "Briefs");
    const json::value input = json::object{{"parent_id", folder},
                                           {"name", "Größe \"1\".mov"},
                                           {"media_type", "video/mp4"},
                                           {"size", 200'000}};
    const std::string bytes = film(200'000);
    const json::value made = with_content(b, "nodes.upload", input, bytes).value();
    CHECK(made.at("size") == 200'000);
    CHECK(b.call("nodes.find_child", input).at("result").at("id") == made.at("id"));
    json::value info;
    CHECK(download(b, json::object{{"id", made.at("id")}}, &info) == bytes);
    CHECK(info.at("media_type") == "video/mp4");
    CHECK(info.at("size") == 200'000);
    CHECK(info.at("version") == 1);
    const json::value later = json::object{{"id", made.at("id")}, {"offset", 150'000}};
    CHECK(download(b, later, &info) == bytes.substr(150'000));
    CHECK(info.at("offset") == 150'000);
    const json::value end = json::object{{"id", made.at("id")}, {"offset", 200'000}};
    CHECK(download(b, end).empty());
    const json::value beyond = json::object{{"id", made.at("id")}, {"offset", 200'001}};
    CHECK(b.failure("nodes.download", beyond).category == category::input);
    b.check_clean();
}

TEST_CASE("xecm: a document needs exactly one content", "[plugins][xecm][sandbox]") {
    bridged b;
    const json::value folder = in_folder(b, "campaign", "C-1001", "Briefs");
    json::object input{{"parent_id", folder}, {"name", "Note.txt"}};
    const auto none = b.failure("nodes.upload", input);
    CHECK(none.category == category::input);
    CHECK(none.message.find("neither \"text\" nor a content") != std::string::npos);
    input["text"] = "x";
    const auto both = with_content(b, "nodes.upload", input, "y").failure;
    REQUIRE(both);
    CHECK(both->category == category::input);
    CHECK(b.call("nodes.find_child", input).at("found") == false);
    const json::value made = b.call("nodes.upload", input);
    CHECK(download(b, json::object{{"id", made.at("id")}}) == "x");
    b.check_clean();
}

TEST_CASE("xecm: a ticket that expires during an upload costs one log-in and nothing else",
          "[plugins][xecm][sandbox]") {
    bridged b;
    const json::value input = json::object{
        {"parent_id", in_folder(b, "campaign", "C-1001", "Briefs")}, {"name", "Film.mov"}};
    b.people("expire-sessions", {});
    // The source can be read again, so the content is sent again from its beginning.
    const json::value made = with_content(b, "nodes.upload", input, film(5000)).value();
    CHECK(made.at("size") == 5000);
    CHECK(download(b, json::object{{"id", made.at("id")}}) == film(5000));
    CHECK(b.call("versions.list", json::object{{"id", made.at("id")}})
              .at("versions")
              .as_array()
              .size() == 1);
    b.check_clean();
}

TEST_CASE("xecm: versions are added from text or content and recognised",
          "[plugins][xecm][sandbox]") {
    bridged b;
    const json::value folder = in_folder(b, "vendor", "V-4001", "Deliverables");
    const json::value id =
        b.call("nodes.upload",
               json::object{{"parent_id", folder}, {"name", "Status.json"}, {"text", "{}"}})
            .at("id");
    json::object input{{"id", id},
                       {"text", "{\"state\":\"approved\"}"},
                       {"media_type", "application/json"},
                       {"description", "asset a-1, version 2"}};
    CHECK(b.call("versions.find", input).at("found") == false);
    const json::value second = b.call("versions.add", input);
    CHECK(second.at("version") == 2);
    CHECK(second.at("name") == "Status.json");
    CHECK(b.call("versions.find", input).at("result") == second);
    // Same description and length, other text.
    input["text"] = "{\"state\":\"rejected\"}";
    CHECK(b.call("versions.find", input).at("found") == false);
    const json::value streamed = json::object{{"id", id}, {"name", "Status.bin"}, {"size", 9000}};
    const json::value third = with_content(b, "versions.add", streamed, film(9000)).value();
    CHECK(third.at("version") == 3);
    CHECK(third.at("media_type") == "video/quicktime");
    CHECK(b.call("versions.find", streamed).at("result") == third);
    CHECK(b.call("versions.get", json::object{{"id", id}}) == third);
    CHECK(b.call("versions.get", json::object{{"id", id}, {"version", 2}}) == second);
    CHECK(b.failure("versions.get", json::object{{"id", id}, {"version", 9}}).effect ==
          mortise::effect::none);
    const json::value old = json::object{{"id", id}, {"version", 2}};
    CHECK(download(b, old) == "{\"state\":\"approved\"}");
    CHECK(b.failure("versions.add", json::object{{"id", 99999}, {"text", "x"}}).category ==
          category::not_found);
    b.check_clean();
}

TEST_CASE("xecm: items are copied, linked and found by a path", "[plugins][xecm][sandbox]") {
    bridged b;
    const std::int64_t w = b.workspace("campaign", "C-1001");
    const json::value brief =
        json::object{{"parent_id", w}, {"path", json::array{"Briefs", "Creative Brief.txt"}}};
    const json::value found = b.call("nodes.path_find", brief);
    REQUIRE(found.at("found") == true);
    const json::value id = found.at("node").at("id");
    const json::value media = b.media_folder(w);
    const json::value copy =
        json::object{{"id", id}, {"parent_id", media}, {"name", "Brief copy.txt"}};
    const json::value copied = b.call("nodes.copy", copy);
    CHECK(b.call("nodes.find_child", copy).at("result").at("id") == copied.at("id"));
    CHECK(download(b, json::object{{"id", copied.at("id")}}).starts_with("Spring Launch"));
    const json::value link =
        json::object{{"parent_id", media}, {"name", "Brief"}, {"original_id", id}};
    CHECK(b.call("nodes.create_shortcut", link).at("original_id") == id);
    CHECK(b.failure("nodes.create_shortcut", link).category == category::conflict);
    const json::value wrong =
        json::object{{"parent_id", w}, {"path", json::array{"Briefs", "2030", "Brief.txt"}}};
    const json::value missing = b.call("nodes.path_find", wrong);
    CHECK(missing.at("found") == false);
    CHECK(missing.at("missing") == "2030");
    b.check_clean();
}

TEST_CASE("xecm: a large content goes in parts, and a repeat goes on behind those that are there",
          "[plugins][xecm][sandbox]") {
    bridged b;
    const std::string bytes = film(20u << 20);
    const json::value input = json::object{
        {"parent_id", in_folder(b, "campaign", "C-1001", "Briefs")}, {"name", "Large.mov"}};
    const auto parts = [&b] {
        std::size_t n = 0;
        for (const auto& r : b.host.http().requests())
            n += r.url.find("/v2/multipart/") != std::string::npos && r.body.size() > 1'000'000;
        return n;
    };
    mortise::testing::call_options options;
    options.idempotency_key = "run-1/film";
    SECTION("nothing is in the way") {
        options.content = b.host.make_content(bytes, "video/quicktime");
        const json::value made = b.xecm->call("nodes.upload", input, options).value();
        CHECK(made.at("size") == bytes.size());
        CHECK(parts() == 3);
        CHECK(download(b, json::object{{"id", made.at("id")}}) == bytes);
    }
    SECTION("the connection is cut and the ticket expires on the way") {
        sandbox::fault cut;
        cut.kind = sandbox::fault_kind::cut;
        cut.path = "/otcs/cs/api/v2/multipart/*/2";
        b.emulator->faults().add(cut);
        sandbox::fault expired;
        expired.path = "/otcs/cs/api/v2/multipart/*/3";
        expired.status = 401;
        expired.body = R"({"error":"Authentication required"})";
        b.emulator->faults().add(expired);
        options.content = b.host.make_content(bytes, "video/quicktime");
        const json::value made = b.xecm->call("nodes.upload", input, options).value();
        CHECK(parts() == 5);
        CHECK(download(b, json::object{{"id", made.at("id")}}) == bytes);
    }
    SECTION("the server is away behind the first part") {
        sandbox::fault away;
        away.path = "/otcs/cs/api/v2/multipart/*/2";
        away.status = 503;
        b.emulator->faults().add(away);
        options.content = b.host.make_content(bytes, "video/quicktime");
        const auto failed = b.xecm->call("nodes.upload", input, options).failure;
        REQUIRE(failed);
        CHECK(failed->effect == mortise::effect::none);
        CHECK(b.call("nodes.find_child", input).at("found") == false);
        const std::size_t before = parts();
        options.content = b.host.make_content(bytes, "video/quicktime");
        const json::value made = b.xecm->call("nodes.upload", input, options).value();
        // The refused one and the last.
        CHECK(parts() - before == 2);
        CHECK(download(b, json::object{{"id", made.at("id")}}) == bytes);
    }
    b.check_clean();
}
