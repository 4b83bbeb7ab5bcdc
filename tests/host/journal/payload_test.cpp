// SPDX-License-Identifier: Apache-2.0
#include "fixture.hpp"
#include "journal/payload.hpp"
#include "journal/sqlite_db.hpp"

#include <random>

using namespace mortise::test;

namespace {

std::string json_of(std::size_t size) {
    std::string out = "[";
    for (std::size_t i = 0; out.size() + 40 < size; ++i)
        out += "{\"id\":" + std::to_string(i) + ",\"name\":\"asset\"},";
    return out + "0]";
}

// Base64 of random bytes: what an already compressed file looks like in JSON.
std::string noise_of(std::size_t size) {
    static constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxy"
                                               "z0123456789+/!#$%&()*,-.:;<=>?@[]^_`{|}~";
    std::mt19937_64 random(7);
    std::string out = "\"";
    while (out.size() + 1 < size)
        out.push_back(digits[random() % digits.size()]);
    return out + '"';
}

std::string type_in_file(const journal_fixture& j, const char* sql) {
    host::sqlite_db db(j.options.path, host::sqlite_db::mode::read_only);
    auto rows = db.query(sql);
    REQUIRE(rows.next());
    return rows.text(0);
}

} // namespace

TEST_CASE("a packed payload gives its text back, whatever its size", "[host][journal]") {
    const std::size_t size = GENERATE(host::pack_above + 1, 100'000u, 1'048'576u, 4'194'304u);
    const auto text = json_of(size + 40);
    const auto packed = host::pack_payload(text);
    REQUIRE(host::is_packed_payload(packed));
    CHECK(packed.size() < text.size() / 4);
    CHECK(host::unpack_payload(packed).value() == text);
}

TEST_CASE("short and incompressible payloads stay as they are", "[host][journal]") {
    CHECK(host::pack_payload({}).empty());
    CHECK(host::pack_payload(json_of(host::pack_above)).empty());
    CHECK(host::pack_payload(noise_of(1'000'000)).empty());
    // Also when only the beginning would shrink.
    CHECK(host::pack_payload(std::string(70'000, ' ') + noise_of(1'000'000)).empty());
}

TEST_CASE("a damaged packed payload is an error, never another text", "[host][journal]") {
    const auto text = json_of(200'000);
    const auto packed = host::pack_payload(text);
    REQUIRE_FALSE(packed.empty());
    std::size_t failed = 0;
    for (std::size_t at = 0; at < packed.size(); at += 97) {
        auto damaged = packed;
        damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
        const auto r = host::unpack_payload(damaged);
        INFO("byte " << at);
        // Between the stream's end and its check sum lie a few bits that mean nothing.
        if (r)
            CHECK(*r == text);
        else
            CHECK(r.error().code == "journal.corrupted");
        failed += r.has_error() ? 1 : 0;
    }
    CHECK(failed + 4 >= (packed.size() + 96) / 97);
    for (const std::size_t length :
         {std::size_t{0}, std::size_t{3}, std::size_t{12}, std::size_t{40}, packed.size() - 1}) {
        CHECK(host::unpack_payload(packed.substr(0, length)).has_error());
    }
}

TEST_CASE("large payloads of events, steps and runs lie compressed and read as they were",
          "[host][journal]") {
    journal_fixture j;
    const auto data = json_of(1'048'576);
    auto in = j.intake_of("1", "r1");
    in.event.data = data;
    j.accept(in);
    j.write([&](host::journal_tx& tx) {
        auto s = step_of("s", host::step_state::done);
        s.input = data;
        s.result = data;
        tx.put_step(host::run_id("r1"), s);
        tx.finish(host::run_id("r1"), host::run_state::succeeded, data, std::nullopt, "");
    });
    CHECK(type_in_file(j, "SELECT typeof(data) FROM event") == "blob");
    CHECK(type_in_file(j, "SELECT typeof(input)||typeof(result) FROM step") == "blobblob");
    CHECK(type_in_file(j, "SELECT typeof(result) FROM run") == "blob");
    const auto run = j.run("r1");
    CHECK(run.event.data == data);
    REQUIRE(run.steps.size() == 1);
    CHECK(run.steps[0].input == data);
    CHECK(run.steps[0].result == data);
    CHECK(run.run.result == data);
    j.reopen();
    CHECK(j.run("r1").event.data == data);
    CHECK(type_in_file(j, "SELECT CAST(packed_raw AS TEXT) FROM care") ==
          std::to_string(4 * data.size()));
    CHECK(std::stoul(type_in_file(j, "SELECT CAST(packed_stored AS TEXT) FROM care")) <
          data.size());
}

TEST_CASE("a claim hands out a compressed payload as text, also to a wait", "[host][journal]") {
    journal_fixture j;
    auto in = j.intake_of("1", "r1");
    in.event.data = json_of(100'000);
    j.accept(in);
    const auto claimed = j.claim();
    REQUIRE(claimed.size() == 1);
    CHECK(claimed[0].event.data == in.event.data);
    auto later = j.intake_of("2");
    later.event.type = "legal.decided";
    later.event.subject = "case-1";
    later.event.data = json_of(200'000);
    j.accept(later);
    bool came = false;
    j.write([&](host::journal_tx& tx) {
        came = tx.put_wait(host::run_id("r1"), step_of("w", host::step_state::waiting),
                           "legal.decided", "case-1");
    });
    CHECK(came);
    const auto run = j.run("r1");
    REQUIRE(run.steps.size() == 1);
    CHECK(run.steps[0].result.find(later.event.data) != std::string::npos);
}

TEST_CASE("a payload of an already compressed file is kept as text", "[host][journal]") {
    journal_fixture j;
    auto in = j.intake_of("1");
    in.event.data = noise_of(500'000);
    j.accept(in);
    CHECK(type_in_file(j, "SELECT typeof(data) FROM event") == "text");
    j.journal->read([&](host::journal_reader& r) { CHECK(r.events({})[0].data == in.event.data); });
}
