// SPDX-License-Identifier: Apache-2.0
#include "engine/router.hpp"
#include "support/catch.hpp"
#include "support/result_text.hpp"

using namespace mortise;
using namespace mortise::host;

namespace {

route to(std::string instance, std::string when = {}, std::string key = {}) {
    route r;
    r.source = "/connections/dam";
    r.event_type = "asset.changed";
    r.instance = std::move(instance);
    r.flow = "copy";
    r.flow_version = "1.0.0";
    r.config_revision = "r1";
    const auto compile = [](const std::string& text, std::optional<jq_program>& out) {
        if (text.empty()) return;
        auto program = jq_program::compile(text);
        REQUIRE(program.has_value());
        out = std::move(*program);
    };
    compile(when, r.when);
    compile(key, r.key);
    return r;
}

event_record asset(std::string data = R"({"status":"APPROVED","folder":"f1"})") {
    event_record e;
    e.id = "e1";
    e.source = "/connections/dam";
    e.type = "asset.changed";
    e.subject = "assets/7";
    e.data = std::move(data);
    return e;
}

std::vector<routed> find(std::vector<route> routes, const event_record& e) {
    return router(std::move(routes)).find(e, 1'700'000'000'000);
}

} // namespace

TEST_CASE("an event reaches the flows that want its type from its connection", "[engine][router]") {
    auto other_source = to("b");
    other_source.source = "/connections/crm";
    auto other_type = to("c");
    other_type.event_type = "asset.deleted";
    const auto hits = find({to("a"), other_source, other_type, to("d")}, asset());
    REQUIRE(hits.size() == 2);
    CHECK(hits[0].seed.instance == "a");
    CHECK(hits[1].seed.instance == "d");
    CHECK(hits[0].seed.flow_version == "1.0.0");
    CHECK(hits[0].seed.config_revision == "r1");
    CHECK_FALSE(hits[0].seed.id.empty());
    CHECK(hits[0].seed.id != hits[1].seed.id);
}

TEST_CASE("when decides over the whole event", "[engine][router]") {
    const auto wanting = [](const char* when) { return find({to("a", when)}, asset()).size(); };
    CHECK(wanting(".data.status == \"APPROVED\"") == 1);
    CHECK(wanting(".data.status == \"DRAFT\"") == 0);
    CHECK(wanting(".subject == \"assets/7\"") == 1);
}

TEST_CASE("the order key is the expression's, else the partition key, the subject, the id",
          "[engine][router]") {
    auto e = asset();
    const auto key = [&](const char* expression = "") {
        return find({to("a", "", expression)}, e).at(0).seed.key;
    };
    CHECK(key(".data.folder") == "f1");
    CHECK(key() == "assets/7");
    e.partition_key = "p";
    CHECK(key() == "p");
    e.partition_key.clear();
    e.subject.clear();
    CHECK(key() == "e1");
}

TEST_CASE("an expression that fails makes a dead letter, not silence", "[engine][router]") {
    SECTION("when") {
        const auto hits = find({to("a", ".data.status | error")}, asset());
        REQUIRE(hits.size() == 1);
        REQUIRE(hits[0].failure);
        CHECK(hits[0].failure->message.find("flow \"a\"") != std::string::npos);
        CHECK(hits[0].seed.key == "assets/7");
    }
    SECTION("key") {
        const auto hits = find({to("a", "", ".data.status | error")}, asset());
        REQUIRE(hits.size() == 1);
        CHECK(hits[0].failure);
    }
    SECTION("data that is no JSON") {
        const auto hits = find({to("a", ".data.status == 1"), to("b")}, asset("{\"x\":"));
        REQUIRE(hits.size() == 2);
        REQUIRE(hits[0].failure);
        CHECK(hits[0].failure->category == category::input);
        CHECK_FALSE(hits[1].failure); // wants nothing of it
    }
}
