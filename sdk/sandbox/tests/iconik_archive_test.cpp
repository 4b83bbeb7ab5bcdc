// SPDX-License-Identifier: Apache-2.0
#include "iconik_fixture.hpp"

using namespace mortise::sandbox;
using namespace mortise::sandbox::test;

namespace {

struct archive_stage : iconik_stage {
    std::string base = "/API/files/v1/assets/" + iconik_seed::id("asset/logo") + "/";

    json::value format() { return client.get(base + "formats/ORIGINAL/").json(); }
    std::string path(const char* what) {
        return base + "formats/" + text(format().at("id")) + "/" + what + "/";
    }
    std::string link() {
        const json::value file = client.get(base + "files/").json().at("objects").at(0);
        return text(
            client.get(base + "files/" + text(file.at("id")) + "/download_url/").json().at("url"));
    }
    json::value newest_job(const char* type) {
        return client.get("/API/jobs/v1/jobs/?type=" + std::string(type))
            .json()
            .at("objects")
            .at(0);
    }
};

} // namespace

TEST_CASE("archiving takes the bytes off line until they are restored", "[sandbox][iconik]") {
    archive_stage s;
    http_client plain(s.server.base_url());
    CHECK(plain.get(s.link()).status == 200);
    const http_answer begun = s.client.post(s.path("archive"), {{"delete_original", true}});
    CHECK(begun.status == 202);
    CHECK(begun.body.empty());
    CHECK(s.format().at("archive_status") == "ARCHIVING");
    CHECK(s.newest_job("ARCHIVE").at("status") == "READY");
    s.advance(2);
    CHECK(s.newest_job("ARCHIVE").at("status") == "FINISHED");
    CHECK(s.format().at("archive_status") == "ARCHIVED");
    const json::value asset = s.client.get(asset_path("logo")).json();
    CHECK(asset.at("archive_status") == "ARCHIVED");
    CHECK(asset.at("is_online") == false);
    CHECK(plain.get(s.link()).status == 404);
    const auto file = s.client.get(s.base + "files/").json().at("objects").at(0);
    CHECK(file.at("status") == "ARCHIVED");

    CHECK(s.client.post(s.path("restore"), json::object{}).status == 202);
    CHECK(s.format().at("archive_status") == "ARCHIVED");
    s.advance(2);
    CHECK(s.format().at("archive_status") == "NOT_ARCHIVED");
    CHECK(plain.get(s.link()).status == 200);
    CHECK(s.client.get(asset_path("logo")).json().at("last_archive_restore_date").is_string());
}

TEST_CASE("archiving without deleting the original leaves it on line", "[sandbox][iconik]") {
    archive_stage s;
    http_client plain(s.server.base_url());
    CHECK(s.client.post(s.path("archive"), {{"delete_original", false}}).status == 202);
    s.advance(2);
    CHECK(s.format().at("archive_status") == "ARCHIVED");
    CHECK(plain.get(s.link()).status == 200);
}

TEST_CASE("archiving fails where it cannot be, and as people play it", "[sandbox][iconik]") {
    archive_stage s;
    CHECK(s.client.post(s.path("restore"), json::object{}).status == 400);
    const http_answer wrong = s.client.post(
        s.path("archive"), {{"destination_storage_id", iconik_seed::id("storage/s3")}});
    CHECK(wrong.status == 400);
    CHECK(s.as(iconik_seed::viewer_token).post(s.path("archive"), json::object{}).status == 403);
    s.play("fail-archive", {{"asset", "logo"}});
    CHECK(s.client.post(s.path("archive"), json::object{}).status == 202);
    s.advance(2);
    CHECK(s.newest_job("ARCHIVE").at("status") == "FAILED");
    CHECK(s.newest_job("ARCHIVE").at("error_message").is_string());
    CHECK(s.format().at("archive_status") == "FAILED_TO_ARCHIVE");
    CHECK(s.client.post(s.path("archive"), json::object{}).status == 202);
    s.advance(2);
    CHECK(s.client.post(s.path("archive"), json::object{}).status == 409);
}

TEST_CASE("iconik gives up on a webhook that keeps failing until it is saved again",
          "[sandbox][iconik]") {
    emulator_options o;
    o.extra["webhook_give_up"] = "2";
    iconik_stage s(o);
    webhook_receiver receiver;
    receiver.answer_with(500);
    const std::string path = "/API/notifications/v1/webhooks/";
    const json::object definition{{"event_type", "assets"},
                                  {"realm", "entity"},
                                  {"url", receiver.url()},
                                  {"status", "ENABLED"}};
    const std::string hook = path + text(s.client.post(path, definition).json().at("id")) + "/";
    REQUIRE(s.client.patch(asset_path("logo"), {{"title", "a"}}).status == 200);
    receiver.wait(1);
    for (int i = 0; i < 5000 && s.client.get(hook).json().at("status") != "FAILING"; ++i) {}
    s.advance(2);
    CHECK(receiver.wait(2).size() == 2);
    for (int i = 0; i < 500; ++i)
        s.client.get(hook); // until the second failure was counted
    s.advance(60);
    receiver.answer_with(200);
    REQUIRE(s.client.patch(asset_path("logo"), {{"title", "b"}}).status == 200);
    REQUIRE(s.client.put(hook, definition).status == 200);
    CHECK(s.client.get(hook).json().at("last_error").is_null());
    REQUIRE(s.client.patch(asset_path("logo"), {{"title", "c"}}).status == 200);
    const auto got = receiver.wait(3);
    REQUIRE(got.size() == 3);
    CHECK(got[2].json().at("data").at("title") == "c");
}

TEST_CASE("rights of one group are read, set and taken away", "[sandbox][iconik]") {
    iconik_stage s;
    const std::string path = "/API/acls/v1/groups/" + iconik_seed::id("group/legal") +
                             "/acl/assets/" + iconik_seed::id("asset/logo") + "/";
    CHECK(s.client.get(path).status == 404);
    CHECK(s.client.put(path, {{"permissions", {"read"}}}).status == 201);
    CHECK(s.client.get(path).json().at("permissions") == json::value({"read"}));
    CHECK(s.as(iconik_seed::viewer_token).del(path).status == 403);
    CHECK(s.client.del(path).status == 204);
    CHECK(s.client.del(path).status == 404);
}

TEST_CASE("bytes go to Google in pieces, and it says how much it has", "[sandbox][iconik]") {
    iconik_stage s;
    const std::string base = "/API/files/v1/assets/" + iconik_seed::id("asset/logo") + "/";
    const json::value file =
        s.client
            .post(base + "files/", {{"original_name", "a.bin"},
                                    {"directory_path", "in"},
                                    {"type", "FILE"},
                                    {"size", 10},
                                    {"storage_id", iconik_seed::id("storage/GCS")}})
            .json();
    CHECK(file.at("storage_method") == "GCS");
    const auto send = [&](const std::string& method, const std::string& url, std::string range,
                          const std::string& bytes) {
        http_client plain(s.server.base_url(),
                          {{"Content-Range", std::move(range)}, {"X-Goog-Resumable", "start"}});
        return plain.send(method, url, bytes);
    };
    const http_answer begun = send("POST", text(file.at("upload_url")), "", "");
    CHECK(begun.status == 201);
    const std::string session = begun.header("location");
    CHECK(send("PUT", session, "bytes */10", "").status == 308);
    CHECK(send("PUT", session, "bytes 0-3/10", "0123").status == 308);
    const http_answer so_far = send("PUT", session, "bytes */10", "");
    CHECK(so_far.header("range") == "bytes=0-3");
    CHECK(send("PUT", session, "bytes 6-9/10", "6789").status == 400);
    CHECK(send("PUT", session, "bytes 4-9/10", "456789").status == 200);
    const json::value closed =
        s.client.patch(base + "files/" + text(file.at("id")) + "/", {{"status", "CLOSED"}}).json();
    CHECK(closed.at("size") == 10);
}
