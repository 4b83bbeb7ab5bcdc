// SPDX-License-Identifier: Apache-2.0
// mortise.mapping/1 as a plugin in C sees it.
#include "mapping/mapping_service.hpp"
#include "support/catch.hpp"

#include <mortise/sdk/abi.hpp>
#include <mortise/sdk/error.hpp>

#include <optional>
#include <string>
#include <thread>
#include <vector>

using namespace mortise;

namespace {

struct caller {
    host::mapping_service service;
    std::optional<error> said;
    std::string given;
    int puts = 0;

    mortise_error_sink sink() {
        return {this, [](void* ctx, const mortise_error* e) {
                    static_cast<caller*>(ctx)->said = from_c(*e);
                }};
    }
    mortise_sink out() {
        return {this, [](void* ctx, mortise_payload value) {
                    auto* self = static_cast<caller*>(ctx);
                    self->given = view(value);
                    ++self->puts;
                }};
    }
    mortise_status compile(std::string_view table, mortise_handle& handle) {
        auto& t = service.table();
        return t.compile(t.ctx, json_payload(table), sink(), &handle);
    }
    mortise_status apply(mortise_handle handle, std::string_view facts) {
        auto& t = service.table();
        return t.apply(t.ctx, handle, json_payload(facts), out(), sink());
    }
};

} // namespace

TEST_CASE("a table is compiled once and applied often", "[mapping][service]") {
    caller c;
    mortise_handle handle = 0;
    REQUIRE(c.compile(R"({"Title":"asset.title"})", handle) == MORTISE_OK);
    CHECK(handle != 0);
    CHECK(c.apply(handle, R"({"asset":{"title":"a"}})") == MORTISE_OK);
    CHECK(c.given == R"({"Title":"a"})");
    CHECK(c.apply(handle, R"({})") == MORTISE_OK);
    CHECK(c.given == "{}");
    CHECK(c.puts == 2);
    CHECK_FALSE(c.said);
}

TEST_CASE("a bad table is refused with the reason and gives no handle", "[mapping][service]") {
    caller c;
    mortise_handle handle = 0;
    for (const char* bad : {"{", "[1]", "", R"({"A":{"form":"x"}})", R"({"A":{"jq":".a |"}})"}) {
        INFO(bad);
        c.said.reset();
        CHECK(c.compile(bad, handle) == MORTISE_E_ARGUMENT);
        REQUIRE(c.said);
        CHECK(c.said->category == category::config);
        CHECK(c.said->effect == effect::none);
        CHECK_FALSE(c.said->message.empty());
        CHECK(handle == 0);
    }
    auto& t = c.service.table();
    CHECK(t.compile(t.ctx, json_payload("{}"), c.sink(), nullptr) == MORTISE_E_ARGUMENT);
    CHECK(t.compile(t.ctx, json_payload("{"), {}, &handle) == MORTISE_E_ARGUMENT);
}

TEST_CASE("facts that do not fit or are no JSON fail as input", "[mapping][service]") {
    caller c;
    mortise_handle handle = 0;
    REQUIRE(c.compile(R"({"A":{"from":"a","type":"integer"}})", handle) == MORTISE_OK);
    const std::string deep = std::string(70, '[') + std::string(70, ']');
    for (const std::string& bad : {std::string(R"({"a":"x"})"), std::string("{"), deep}) {
        c.said.reset();
        CHECK(c.apply(handle, bad) == MORTISE_E_FAILED);
        REQUIRE(c.said);
        CHECK(c.said->category == category::input);
    }
    CHECK(c.puts == 0);
    auto& t = c.service.table();
    CHECK(t.apply(t.ctx, handle, json_payload("{}"), {}, c.sink()) == MORTISE_E_ARGUMENT);
}

TEST_CASE("a mapping that was given back is not known any more", "[mapping][service]") {
    caller c;
    mortise_handle handle = 0;
    REQUIRE(c.compile(R"({"A":"a"})", handle) == MORTISE_OK);
    CHECK(c.apply(handle + 1, "{}") == MORTISE_E_STATE);
    auto& t = c.service.table();
    t.release(t.ctx, handle + 1);
    CHECK(c.apply(handle, "{}") == MORTISE_OK);
    t.release(t.ctx, handle);
    t.release(t.ctx, handle);
    CHECK(c.apply(handle, "{}") == MORTISE_E_STATE);
}

TEST_CASE("when the instance ends its mappings do", "[mapping][service]") {
    caller c;
    mortise_handle handle = 0, late = 0;
    REQUIRE(c.compile(R"({"A":"a"})", handle) == MORTISE_OK);
    c.service.end();
    CHECK(c.apply(handle, "{}") == MORTISE_E_STATE);
    CHECK(c.compile(R"({"A":"a"})", late) == MORTISE_E_STATE);
    CHECK(late == 0);
    c.service.table().release(c.service.table().ctx, handle);
}

TEST_CASE("threads apply one mapping while others come and go", "[mapping][service]") {
    host::mapping_service service;
    const auto& t = service.table();
    mortise_handle shared = 0;
    REQUIRE(t.compile(t.ctx, json_payload(R"({"A":"a","B":{"jq":".a + 1"}})"), {}, &shared) ==
            MORTISE_OK);
    std::vector<int> good(4, 0);
    std::vector<std::thread> threads;
    for (std::size_t n = 0; n < good.size(); ++n) {
        threads.emplace_back([&, n] {
            for (int i = 0; i < 200; ++i) {
                mortise_handle own = 0;
                if (t.compile(t.ctx, json_payload(R"({"A":"a"})"), {}, &own) != MORTISE_OK) return;
                std::string text;
                const mortise_sink out{&text, [](void* ctx, mortise_payload value) {
                                           *static_cast<std::string*>(ctx) = view(value);
                                       }};
                const std::string facts = "{\"a\":" + std::to_string(i) + '}';
                if (t.apply(t.ctx, shared, json_payload(facts), out, {}) != MORTISE_OK) return;
                if (text == "{\"A\":" + std::to_string(i) + ",\"B\":" + std::to_string(i + 1) + '}')
                    ++good[n];
                t.release(t.ctx, own);
            }
        });
    }
    for (auto& thread : threads)
        thread.join();
    CHECK(good == std::vector<int>(4, 200));
}
