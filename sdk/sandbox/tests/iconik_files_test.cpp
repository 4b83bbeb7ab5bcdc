// SPDX-License-Identifier: Apache-2.0
#include "iconik_fixture.hpp"

using namespace mortise::sandbox;
using namespace mortise::sandbox::test;

namespace {

struct upload_stage : iconik_stage {
    std::string base;
    json::value file;

    upload_stage() {
        const json::value asset =
            client.post("/API/assets/v1/assets/", {{"title", "Upload"}}).json();
        base = "/API/files/v1/assets/" + text(asset.at("id")) + "/";
        const json::value storage = client.get("/API/files/v1/storages/matching/FILES/").json();
        CHECK(storage.at("name") == "S3");
        const json::value format = client.post(base + "formats/", {{"name", "ORIGINAL"}}).json();
        const json::value set = client
                                    .post(base + "file_sets/", {{"format_id", format.at("id")},
                                                                {"storage_id", storage.at("id")},
                                                                {"base_dir", "in"},
                                                                {"name", "film.mp4"},
                                                                {"component_ids", json::array{}}})
                                    .json();
        const http_answer made = client.post(base + "files/", {{"original_name", "film ä.mp4"},
                                                               {"directory_path", "/in/new/"},
                                                               {"type", "FILE"},
                                                               {"size", 0},
                                                               {"format_id", format.at("id")},
                                                               {"file_set_id", set.at("id")}});
        REQUIRE(made.status == 201);
        file = made.json();
    }
    std::string path() const { return base + "files/" + text(file.at("id")) + "/"; }
};

} // namespace

TEST_CASE("a file is uploaded in one piece and downloaded again", "[sandbox][iconik]") {
    upload_stage s;
    CHECK(s.file.at("status") == "OPEN");
    const std::string url = text(s.file.at("upload_url"));
    http_client plain(s.server.base_url()); // the storage wants no headers of iconik
    CHECK(plain.send("PUT", url, "the bytes").status == 200);
    const json::value closed = s.client.patch(s.path(), {{"status", "CLOSED"}}).json();
    CHECK(closed.at("size") == 9);
    CHECK(closed.at("checksum") == md5_hex(blob(std::string("the bytes"))).c_str());
    const std::string download = text(s.client.get(s.path() + "download_url/").json().at("url"));
    const http_answer got = plain.get(download, {{"Range", "bytes=4-"}});
    CHECK(got.status == 206);
    CHECK(got.body == "bytes");
    CHECK(got.header("content-disposition").find("film%20%C3%A4.mp4") != std::string::npos);
    CHECK(plain.send("PUT", download, "x").status == 403);
    CHECK(plain.get(download.substr(0, download.find('?'))).status == 403);
    s.advance(3601);
    CHECK(plain.get(download).status == 403);
}

TEST_CASE("a file is uploaded in parts", "[sandbox][iconik]") {
    upload_stage s;
    http_client plain(s.server.base_url());
    const std::string begun = plain.send("POST", text(s.file.at("multipart_upload_url"))).body;
    const std::size_t at = begun.find("<UploadId>") + 10;
    const std::string id = begun.substr(at, begun.find('<', at) - at);
    const json::value parts =
        s.client.get(s.path() + "multipart_url/part/?upload_id=" + id + "&parts_num=2").json();
    std::string xml;
    for (const json::value& p : parts.at("objects").as_array()) {
        const http_answer stored = plain.send("PUT", text(p.at("url")),
                                              "part" + std::to_string(p.at("number").as_int64()));
        xml += "<Part><PartNumber>" + std::to_string(p.at("number").as_int64()) +
               "</PartNumber><ETag>" + stored.header("etag") + "</ETag></Part>";
    }
    const std::string complete =
        text(s.client.get(s.path() + "multipart_url/?upload_id=" + id + "&type=complete_url")
                 .json()
                 .at("complete_url"));
    CHECK(plain.send("POST", complete, "<CompleteMultipartUpload/>").status == 400);
    CHECK(plain
              .send("POST", complete,
                    "<x><Part><PartNumber>1</PartNumber><ETag>\"no\"</ETag></Part></x>")
              .status == 400);
    CHECK(plain.send("POST", complete, "<x>" + xml + "</x>").status == 200);
    CHECK(s.client.patch(s.path(), {{"status", "CLOSED"}}).json().at("size") == 10);
    CHECK(plain.send("POST", complete, "<x>" + xml + "</x>").status == 404);
    CHECK(s.client.get(s.path() + "multipart_url/part/?upload_id=none&parts_num=2").status == 400);
}

TEST_CASE("transcoding brings proxies and keyframes that can be fetched", "[sandbox][iconik]") {
    upload_stage s;
    http_client plain(s.server.base_url());
    CHECK(s.client.get(s.base + "proxies/").json().at("total") == 0);
    const json::value job = s.client.send("POST", s.path() + "keyframes/").json();
    const std::string job_path = "/API/jobs/v1/jobs/" + text(job.at("job_id")) + "/";
    s.advance(1);
    CHECK(s.client.get(job_path).json().at("status") == "FINISHED");
    for (const char* kind : {"proxies/", "keyframes/"}) {
        const json::value list = s.client.get(s.base + kind).json();
        REQUIRE(list.at("total") == 1);
        CHECK(plain.get(text(list.at("objects").at(0).at("url"))).status == 200);
    }
    CHECK(s.client.post(s.base + "files/", {{"original_name", "x"}}).status == 400);
    CHECK(s.client.get(s.base + "files/none/").status == 404);
}

TEST_CASE("seeded originals are there with checksum and bytes", "[sandbox][iconik]") {
    iconik_stage s;
    const std::string base =
        "/API/files/v1/assets/" + iconik_seed::id("asset/hero-film") + "/files/";
    const json::value files = s.client.get(base + "?generate_signed_url=true").json();
    REQUIRE(files.at("total") == 1);
    const json::value& file = files.at("objects").at(0);
    const http_answer got = http_client(s.server.base_url()).get(text(file.at("url")));
    CHECK(got.body.size() == 3'100'000);
    CHECK(file.at("checksum") == md5_hex(blob(got.body)).c_str());
    CHECK(s.client.get("/API/files/v1/files/checksum/" + text(file.at("checksum")) + "/")
              .json()
              .at("total") == 1);
}

TEST_CASE("small files come by one multipart form", "[sandbox][iconik]") {
    iconik_stage s;
    const auto field = [](const char* name, const std::string& value) {
        return form_field{name, {}, {}, blob(value)};
    };
    const auto [type, body] =
        make_multipart({field("storage_id", iconik_seed::id("storage/s3")),
                        field("file_name", "note.txt"), field("asset_title", "A note"),
                        form_field{"file", "note.txt", "text/plain", blob(std::string("hello"))}});
    const http_answer made =
        s.client.send("POST", "/API/files/v1/files/upload/", body, {{"Content-Type", type}});
    REQUIRE(made.status == 200);
    const std::string id = text(made.json().at("asset_id"));
    CHECK(s.client.get("/API/files/v1/assets/" + id + "/files/")
              .json()
              .at("objects")
              .at(0)
              .at("size") == 5);
    CHECK(
        s.client.send("POST", "/API/files/v1/files/upload/", "x", {{"Content-Type", "text/plain"}})
            .status == 400);
}
