// SPDX-License-Identifier: Apache-2.0
#include "journal/record_json.hpp"
#include "support/catch.hpp"

#include <boost/json.hpp>

using namespace mortise::host;

TEST_CASE("an error keeps every field in its JSON form", "[host][journal]") {
    error e(category::rate_limit, "dam.assets.busy", "too many \"requests\"");
    e.retry = GENERATE(retry_advice::by_category, retry_advice::yes, retry_advice::no);
    e.effect = effect::done;
    e.http_status = 429;
    e.retry_after = std::chrono::milliseconds(1500);
    e.details = R"({"a":[1]})";
    const error back = error_from_json(error_to_json(e));
    CHECK(back.category == e.category);
    CHECK(back.retry == e.retry);
    CHECK(back.effect == e.effect);
    CHECK(back.http_status == 429);
    CHECK(back.retry_after == e.retry_after);
    CHECK(back.code == e.code);
    CHECK(back.message == e.message);
    CHECK(back.details == e.details);

    const error plain = error_from_json(error_to_json(error()));
    CHECK(plain.category == category::unknown);
    CHECK_FALSE(plain.retry_after.has_value());
}

TEST_CASE("a stored error that is no JSON object says so", "[host][journal]") {
    CHECK(error_from_json("[1").code == "journal.error-unreadable");
    CHECK(error_from_json("17").category == category::internal);
}

TEST_CASE("an event is written as CloudEvents JSON with its data untouched", "[host][journal]") {
    event_record e;
    e.id = "a\"1";
    e.source = "/connections/dam";
    e.type = "t";
    e.partition_key = "p";
    e.time = 1'700'000'000'123;
    e.data = R"({"big":12345678901234567890.10})";
    const std::string text = event_to_json(e);
    CHECK(text.find(e.data) != std::string::npos);
    const auto v = boost::json::parse(text);
    CHECK(v.at("specversion") == "1.0");
    CHECK(v.at("id") == "a\"1");
    CHECK(v.at("partitionkey") == "p");
    CHECK(v.at("time") == "2023-11-14T22:13:20.123Z");
    CHECK_FALSE(v.as_object().contains("subject"));
}

TEST_CASE("every run state has a name that leads back to it", "[host][journal]") {
    for (int i = 0; i < 8; ++i) {
        const auto s = static_cast<run_state>(i);
        CHECK(run_state_from_string(to_string(s)) == s);
        CHECK(is_final(s) == (i >= 3));
    }
    CHECK_FALSE(run_state_from_string("done").has_value());
}
