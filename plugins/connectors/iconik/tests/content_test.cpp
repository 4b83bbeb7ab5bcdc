// SPDX-License-Identifier: Apache-2.0
#include "bridge.hpp"
#include "kit/blob.hpp"
#include "support/catch.hpp"

using namespace iconik_test;
using mortise::category;
using sandbox::fault_kind;

namespace {

const std::string hero = seed::id("asset/hero-film");
const std::string logo = seed::id("asset/logo");

std::string bytes_of(std::size_t size) {
    std::string out(size, '\0');
    std::uint32_t x = 12345;
    for (char& c : out) {
        x = x * 1664525u + 1013904223u;
        c = static_cast<char>(x >> 24);
    }
    return out;
}

constexpr std::size_t mib = 1024 * 1024;

mortise::testing::call_outcome
upload(bridged& b, const json::value& input, const std::string& bytes, const char* key = "up-1") {
    mortise::testing::call_options options;
    options.idempotency_key = key;
    options.content = b.host.make_content(bytes, "video/mp4");
    return b.iconik.call("files.upload", input, options);
}

std::string download(bridged& b, const json::value& input) {
    const auto out = b.iconik.call("files.download", input);
    out.value();
    const auto drained = b.host.drain_content(out.content);
    CHECK_FALSE(drained.failure);
    return drained.bytes;
}

json::value new_asset(const char* storage = "") {
    return json::object{{"title", "Uploaded ü"}, {"name", "fü m.mp4"}, {"storage", storage}};
}

} // namespace

TEST_CASE("iconik: an original is downloaded whole and from an offset",
          "[plugins][iconik][sandbox]") {
    bridged b;
    const json::value input = json::object{{"asset_id", logo}};
    const auto told = b.iconik.call("files.download", input);
    CHECK(told.value().at("name") == "nordlicht_logo.png");
    CHECK(told.value().at("size") == 60'000);
    CHECK(told.value().at("media_type") == "image/png");
    const std::string whole = b.host.drain_content(told.content).bytes;
    REQUIRE(whole.size() == 60'000);
    CHECK(told.value().at("checksum").at("algorithm") == "md5");
    CHECK(told.value().at("checksum").at("value").as_string() ==
          sandbox::md5_hex(sandbox::blob(whole)));
    const json::value rest = json::object{{"asset_id", logo}, {"offset", 59'000}};
    CHECK(download(b, rest) == whole.substr(59'000));
    // The storage never sees iconik's sign-in.
    for (const auto& r : b.host.http().requests()) {
        if (r.url.find("/storage/") != std::string::npos) CHECK(r.header("auth-token").empty());
    }
    const json::value beyond = json::object{{"asset_id", logo}, {"offset", 60'001}};
    CHECK(b.failure("files.download", beyond).code == "iconik.file.offset");
}

TEST_CASE("iconik: a proxy and a still are downloaded", "[plugins][iconik][sandbox]") {
    bridged b;
    const json::value proxy = json::object{{"asset_id", logo}, {"what", "proxy"}};
    CHECK(download(b, proxy).size() == 4096);
    const auto still = b.iconik.call("keyframes.download", json::object{{"asset_id", logo}});
    CHECK(still.value().at("media_type") == "image/png");
    CHECK(b.host.drain_content(still.content).bytes.starts_with("\x89PNG"));
    const auto bare = b.call("assets.create", json::object{{"title", "bare"}});
    const json::value none = json::object{{"asset_id", bare.at("id")}};
    CHECK(b.failure("keyframes.download", none).category == category::not_found);
    const auto e = b.failure("files.download", none);
    CHECK(e.category == category::input);
    CHECK(e.message.find("There are none") != std::string::npos);
}

TEST_CASE("iconik: an archived original says what to do", "[plugins][iconik][sandbox]") {
    bridged b;
    b.call("assets.archive", json::object{{"asset_id", logo}});
    b.wait();
    const auto e = b.failure("files.download", json::object{{"asset_id", logo}});
    INFO(e.message);
    CHECK(e.message.find("ARCHIVED") != std::string::npos);
    const auto files = b.call("files.list", json::object{{"asset_id", logo}}).at("files");
    const json::value named = json::object{{"asset_id", logo}, {"file_id", files.at(0).at("id")}};
    CHECK(b.failure("files.download", named).message.find("assets.restore") != std::string::npos);
}

TEST_CASE("iconik: a link that has expired is no refusal", "[plugins][iconik][sandbox]") {
    bridged b;
    sandbox::fault expired;
    expired.path = "/storage/**";
    expired.status = 403;
    expired.content_type = "application/xml";
    expired.body = "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>";
    b.emulator->faults().add(expired);
    const auto e = b.failure("files.download", json::object{{"asset_id", logo}});
    CHECK(e.category == category::unavailable);
    CHECK(e.message.find("X-Amz") == std::string::npos);
    CHECK(download(b, json::object{{"asset_id", logo}}).size() == 60'000);
}

TEST_CASE("iconik: a small file is uploaded to a new asset in one request, once",
          "[plugins][iconik][sandbox]") {
    bridged b;
    const std::string bytes = bytes_of(100'000);
    const auto done = upload(b, new_asset(), bytes).value();
    CHECK(done.at("size") == bytes.size());
    CHECK(done.at("checksum").at("value").as_string() == sandbox::md5_hex(sandbox::blob(bytes)));
    CHECK(download(b, json::object{{"asset_id", done.at("asset_id")}}) == bytes);
    b.wait();
    const auto asset = b.call("assets.get", json::object{{"asset_id", done.at("asset_id")}});
    CHECK(asset.at("is_online") == true);
    CHECK(b.call("jobs.get", json::object{{"job_id", done.at("job_id")}}).at("status") ==
          "FINISHED");
    // The answer to the bytes is lost: they are there, and not sent again.
    b.fault(fault_kind::cut_after, "PUT", "/storage/**", 0);
    CHECK(upload(b, new_asset(), bytes, "up-lost").failure);
    const auto sent = b.requests("PUT", "/storage/");
    const auto found = upload(b, new_asset(), bytes, "up-lost").value();
    CHECK(b.requests("PUT", "/storage/") == sent);
    CHECK(download(b, json::object{{"asset_id", found.at("asset_id")}}) == bytes);
    // The call again: the same answer, nothing sent.
    const auto before = b.host.http().requests().size();
    CHECK(upload(b, new_asset(), bytes).value() == done);
    CHECK(b.host.http().requests().size() == before);
}

TEST_CASE("iconik: an empty file is uploaded, also when its answer is lost",
          "[plugins][iconik][sandbox]") {
    bridged b;
    b.fault(fault_kind::cut_after, "PUT", "/storage/**", 0);
    CHECK(upload(b, new_asset(), "").failure);
    const auto done = upload(b, new_asset(), "").value();
    CHECK(done.at("size") == 0);
    CHECK(b.requests("PUT", "/storage/") == 1);
}

TEST_CASE("iconik: a large file goes in parts, and a repeat sends only what is missing",
          "[plugins][iconik][sandbox]") {
    bridged b(json::object{{"upload_part_size", 5 * mib}});
    const std::string bytes = bytes_of(12 * mib + 17);
    SECTION("nothing breaks") {
        const auto done = upload(b, new_asset(), bytes).value();
        CHECK(b.requests("PUT", "partNumber=") == 3);
        CHECK(download(b, json::object{{"asset_id", done.at("asset_id")}}) == bytes);
    }
    SECTION("the second part breaks") {
        b.fault(fault_kind::reply, "PUT", "/storage/**", 503, 1);
        const auto broken = upload(b, new_asset(), bytes);
        REQUIRE(broken.failure);
        CHECK(broken.failure->category == category::unavailable);
        const auto done = upload(b, new_asset(), bytes).value();
        CHECK(b.requests("PUT", "partNumber=1") == 1);
        CHECK(b.requests("PUT", "partNumber=2") == 2);
        CHECK(b.requests("PUT", "partNumber=3") == 1);
        CHECK(b.requests("POST", "/formats/") == 1);
        CHECK(b.requests("POST", "/assets/v1/assets/") == 1);
        CHECK(download(b, json::object{{"asset_id", done.at("asset_id")}}) == bytes);
    }
    SECTION("the completion's answer is lost") {
        b.fault(fault_kind::cut_after, "POST", "/storage/**", 0, 1);
        CHECK(upload(b, new_asset(), bytes).failure);
        const auto done = upload(b, new_asset(), bytes).value();
        CHECK(b.requests("PUT", "partNumber=") == 3);
        CHECK(download(b, json::object{{"asset_id", done.at("asset_id")}}) == bytes);
    }
    SECTION("the answer about the proxies is lost") {
        b.fault(fault_kind::cut_after, "POST", "/API/files/v1/assets/*/files/*/keyframes", 0);
        CHECK(upload(b, new_asset(), bytes).failure);
        const auto done = upload(b, new_asset(), bytes).value();
        CHECK(b.requests("POST", "/keyframes/") == 1);
        CHECK(done.as_object().contains("job_id"));
    }
    SECTION("iconik's answer to closing is lost") {
        b.lose_next_answer("PATCH");
        CHECK(upload(b, new_asset(), bytes).failure);
        const auto done = upload(b, new_asset(), bytes).value();
        CHECK(b.requests("PUT", "partNumber=") == 3);
        CHECK(download(b, json::object{{"asset_id", done.at("asset_id")}}) == bytes);
    }
}

TEST_CASE("iconik: an upload goes on wherever its attempt broke, and makes each thing once",
          "[plugins][iconik][sandbox]") {
    // Each request of iconik's own API in turn answers 503 or loses its answer.
    const std::string bytes = bytes_of(2000);
    for (const fault_kind kind : {fault_kind::reply, fault_kind::cut_after}) {
        for (std::uint64_t nth = 0; nth < 14; ++nth) {
            INFO("kind " << static_cast<int>(kind) << ", request " << nth);
            bridged b;
            const json::value input =
                json::object{{"asset_id", logo}, {"name", "v2.png"}, {"version", "new"}};
            b.fault(kind, "*", "/API/**", 503, nth);
            auto out = upload(b, input, bytes);
            if (out.failure) out = upload(b, input, bytes);
            const auto done = out.value();
            const auto versions = b.call("versions.list", json::object{{"asset_id", logo}});
            CHECK(versions.at("versions").as_array().size() == 2);
            CHECK(versions.at("current") == done.at("version_id"));
            const auto files = b.call("files.list", json::object{{"asset_id", logo}}).at("files");
            CHECK(files.as_array().size() == 1);
            CHECK(download(b, json::object{{"asset_id", logo}}) == bytes);
        }
    }
}

TEST_CASE("iconik: uploads go to Google and B2 storages too, in parts where they are large",
          "[plugins][iconik][sandbox]") {
    bridged b(json::object{{"upload_part_size", 5 * mib}});
    const char* storage = GENERATE("GCS", "B2");
    const std::size_t size = GENERATE(std::size_t{1000}, 11 * mib);
    const std::string bytes = bytes_of(size);
    const auto done = upload(b, new_asset(storage), bytes).value();
    CHECK(download(b, json::object{{"asset_id", done.at("asset_id")}}) == bytes);
}

TEST_CASE("iconik: an upload to Google or B2 that broke is finished by a repeat",
          "[plugins][iconik][sandbox]") {
    bridged b(json::object{{"upload_part_size", 5 * mib}});
    const std::string bytes = bytes_of(7 * mib);
    SECTION("Google") {
        b.fault(fault_kind::reply, "PUT", "/gcs/**", 503, 1);
        CHECK(upload(b, new_asset("GCS"), bytes).failure);
        CHECK(download(b,
                       json::object{{"asset_id",
                                     upload(b, new_asset("GCS"), bytes).value().at("asset_id")}}) ==
              bytes);
        CHECK(b.requests("POST", "/storage/") == 1);
    }
    SECTION("B2") {
        b.fault(fault_kind::reply, "POST", "/b2/**", 503, 1);
        CHECK(upload(b, new_asset("B2"), bytes).failure);
        CHECK(
            download(b, json::object{{"asset_id",
                                      upload(b, new_asset("B2"), bytes).value().at("asset_id")}}) ==
            bytes);
    }
}

TEST_CASE("iconik: an upload that cannot be is refused before anything is made",
          "[plugins][iconik][sandbox]") {
    bridged b;
    const auto refused = [&b](json::object input, const char* words) {
        const auto out = upload(b, json::value(std::move(input)), "bytes");
        REQUIRE(out.failure);
        CHECK(out.failure->category == category::input);
        INFO(out.failure->message);
        CHECK(out.failure->message.find(words) != std::string::npos);
    };
    refused({{"name", "a"}}, "asset_id");
    refused({{"name", "a"}, {"title", "t"}, {"asset_id", logo}}, "asset_id");
    refused({{"name", "a"}, {"title", "t"}, {"size", 7}}, "the content has 5 bytes");
    CHECK(b.requests("POST", "/API/") == 0);
    refused({{"name", "a"}, {"asset_id", hero}}, "version: new");
    refused({{"name", "a"}, {"title", "t"}, {"storage", "iconik Nowhere"}}, "iconik Nowhere");
    mortise::testing::call_options none;
    none.idempotency_key = "up-2";
    const auto bare = b.iconik.call("files.upload", new_asset(), none);
    REQUIRE(bare.failure);
    CHECK(bare.failure->code == "iconik.file.no-content");
}
