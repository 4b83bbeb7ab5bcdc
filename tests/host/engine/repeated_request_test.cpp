// SPDX-License-Identifier: Apache-2.0
// A caller that repeats its request gets the first one's answer.
#include "host_fixture.hpp"

#include <thread>

using namespace mortise;
using namespace mortise::host;
using namespace mortise::host::testing;

namespace {

const auto create_a = plan({R"({"do":"create","name":"a"})"});
const test::header_list key{{"idempotency-key", "k1"}};

} // namespace

TEST_CASE("a repeated request has the first one's answer and no second effect",
          "[engine][request]") {
    host_fixture f;
    f.start();
    const auto first = f.post("/flows/steps", create_a, key);
    if (GENERATE(false, true)) f.restart();
    const auto again = f.post("/flows/steps", create_a, key);
    CHECK(first.status == 200);
    CHECK(again.status == 200);
    CHECK(again.body == first.body);
    CHECK(again.header("mortise-run") == first.header("mortise-run"));
    CHECK(f.target.count("create", "a") == 1);
    CHECK(f.runs().size() == 1);
}

TEST_CASE("a request repeated while the first is under way waits for the same end",
          "[engine][request]") {
    host_fixture f;
    f.start();
    fault held;
    held.what = fault::kind::hold;
    f.target.next("create", held);
    test::http_reply first, again;
    std::thread one([&] { first = f.post("/flows/steps", create_a, key); });
    REQUIRE(eventually([&] { return f.target.holding() == 1; }));
    std::thread two([&] { again = f.post("/flows/steps", create_a, key); });
    REQUIRE(eventually([&] { return f.metric("mortise_events_duplicate_total") == 1; }));
    f.target.release();
    one.join();
    two.join();
    CHECK(first.status == 200);
    CHECK(again.status == 200);
    CHECK(first.body == again.body);
    CHECK(f.target.count("create", "a") == 1);
}

TEST_CASE("the same key with another body is refused", "[engine][request]") {
    host_fixture f;
    f.start();
    CHECK(f.post("/flows/steps", create_a, key).status == 200);
    const auto other = f.post("/flows/steps", plan({R"({"do":"create","name":"b"})"}), key);
    CHECK(other.status == 422);
    CHECK(other.body.find("Idempotency-Key") != std::string::npos);
    CHECK(f.target.count("create", "b") == 0);
}

TEST_CASE("the failure of the first is the answer of the second", "[engine][request]") {
    host_fixture f;
    f.start();
    fault refused;
    refused.status = 404;
    f.target.next("create", refused);
    const auto first = f.post("/flows/steps", create_a, key);
    const auto again = f.post("/flows/steps", create_a, key);
    CHECK(first.status == again.status);
    CHECK(first.status >= 400);
    CHECK(f.target.requests("create") == 1);
}
