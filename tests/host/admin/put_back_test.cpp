// SPDX-License-Identifier: Apache-2.0
// What a person gets to see with secrets hidden, edits and sends back.
#include "admin/put_back.hpp"
#include "support/catch.hpp"
#include "support/result_text.hpp"

#include <boost/json.hpp>

using namespace mortise;
using namespace mortise::host;
namespace json = boost::json;

namespace {

const std::string kept = R"({
    "url": "https://h/a.mov?n=1&sig=aaa",
    "title": "A",
    "pin": 12,
    "rows": [{"id": "1", "url": "https://h/1?sig=one"}, {"id": "2", "url": "https://h/2?sig=two"},
             {"id": "3", "password": "p3"}, {"id": "4", "password": "p4"}]})";
const std::string schema = R"({"type":"object","properties":{
    "pin":{"type":"integer","x-secret":true},
    "rows":{"type":"array","items":{"type":"object"}}}})";

// As shown, then changed, then put back.
template <class Change>
result<json::value> edited(Change change, const std::string& whole = kept) {
    auto form = shown_value(whole, schema);
    change(form);
    return put_back_hidden(std::move(form), whole, schema);
}

std::string pointers(const result<json::value>& refused) {
    REQUIRE_FALSE(refused);
    CHECK(refused.error().category == category::input);
    CHECK(refused.error().code == "edit.hidden");
    CHECK(refused.error().message.find("hidden") != std::string::npos);
    std::string out;
    const auto details = json::parse(refused.error().details);
    for (const auto& p : details.at("problems").as_array()) {
        CHECK_FALSE(p.at("message").as_string().empty());
        CHECK_FALSE(p.at("hint").as_string().empty());
        out.append(out.empty() ? "" : " ").append(p.at("pointer").as_string());
    }
    return out;
}

} // namespace

TEST_CASE("what is hidden is shown as stars, and left so it is what it was", "[admin][edit]") {
    const auto form = shown_value(kept, schema);
    CHECK(form.at("url") == "https://h/a.mov?n=1&sig=***");
    CHECK(form.at("pin") == "***");
    CHECK(form.at("rows").at(2).at("password") == "***");
    CHECK(edited([](json::value&) {}).value() == json::parse(kept));
    auto whole = json::parse(kept);
    whole.as_object()["title"] = "B";
    CHECK(edited([](json::value& v) { v.as_object()["title"] = "B"; }).value() == whole);
}

TEST_CASE("a hidden value is replaced by giving all of it", "[admin][edit]") {
    const auto done = edited([](json::value& v) {
        v.as_object()["url"] = "https://h/b.mov?sig=new";
        v.as_object()["pin"] = 7;
        v.as_object()["rows"].as_array()[2].as_object()["password"] = "other";
    });
    REQUIRE(done);
    CHECK(done->at("url") == "https://h/b.mov?sig=new");
    CHECK(done->at("pin") == 7);
    CHECK(done->at("rows").at(2).at("password") == "other");
    CHECK(done->at("rows").at(3).at("password") == "p4");
}

TEST_CASE("a text with a hidden part that was changed around it is refused with its place",
          "[admin][edit]") {
    CHECK(pointers(edited([](json::value& v) {
              v.as_object()["url"] = "https://h/b.mov?n=2&sig=***";
          })) == "/url");
    CHECK(pointers(edited([](json::value& v) {
              v.as_object()["title"] = "of https://h/a.mov?n=1&sig=***";
              v.as_object()["pin"] = "***";
              v.as_object()["copy"] = v.at("url");
          })) == "/copy");
    CHECK(pointers(edited([](json::value& v) {
              v.as_object()["rows"].as_array()[1].as_object()["url"] = "https://h/9?sig=***";
          })) == "/rows/1/url");
}

TEST_CASE("elements that are moved keep what is theirs", "[admin][edit]") {
    const auto whole = json::parse(kept);
    SECTION("taken away in front") {
        const auto done = edited([](json::value& v) {
            auto& rows = v.as_object()["rows"].as_array();
            rows.erase(rows.begin());
        });
        REQUIRE(done);
        CHECK(done->at("rows").at(0) == whole.at("rows").at(1));
        CHECK(done->at("rows").at(2).at("password") == "p4");
    }
    SECTION("in another order, one of them edited") {
        const auto done = edited([](json::value& v) {
            auto& rows = v.as_object()["rows"].as_array();
            std::swap(rows[2], rows[3]);
            rows[0].as_object()["id"] = "one";
        });
        REQUIRE(done);
        CHECK(done->at("rows").at(0).at("id") == "one");
        CHECK(done->at("rows").at(0).at("url") == "https://h/1?sig=one");
        CHECK(done->at("rows").at(2).at("password") == "p4");
        CHECK(done->at("rows").at(3).at("password") == "p3");
    }
    SECTION("moved and edited: whose it is cannot be known") {
        CHECK(pointers(edited([](json::value& v) {
                  auto& rows = v.as_object()["rows"].as_array();
                  std::swap(rows[2], rows[3]);
                  rows[2].as_object()["id"] = "four";
              })) == "/rows/2/password");
    }
    SECTION("two that look the same and are not") {
        const std::string twins = R"({"rows":[{"password":"a"},{"password":"b"},{"n":1}]})";
        CHECK(pointers(edited(
                  [](json::value& v) {
                      auto& rows = v.as_object()["rows"].as_array();
                      rows.erase(rows.begin() + 2);
                  },
                  twins)) == "/rows/0/password /rows/1/password");
        CHECK(edited([](json::value& v) { v.as_object()["rows"].as_array()[2] = 5; }, twins)
                  .value()
                  .at("rows")
                  .at(1)
                  .at("password") == "b");
    }
}

TEST_CASE("stars that hide nothing are a person's own", "[admin][edit]") {
    const std::string plain = R"({"title":"*** three stars","n":1})";
    CHECK(edited([](json::value& v) { v.as_object()["n"] = 2; }, plain).value().at("title") ==
          "*** three stars");
    CHECK(put_back_hidden("***", plain, schema).value() == "***");
    // Beside something hidden: what is there already, and what was nothing hidden before.
    const std::string both = R"({"title":"*** three stars","password":"p"})";
    const auto done = edited([](json::value& v) { v.as_object()["title"] = "**** four"; }, both);
    REQUIRE(done);
    CHECK(done->at("title") == "**** four");
    CHECK(done->at("password") == "p");
}

TEST_CASE("a merge patch is put back by what it names", "[admin][edit]") {
    const auto put = [](json::value patch) {
        return put_back_hidden(std::move(patch), kept, schema);
    };
    CHECK(put({{"title", "B"}}).value() == json::value{{"title", "B"}});
    CHECK(put({{"url", "https://h/a.mov?n=1&sig=***"}}).value().at("url") ==
          "https://h/a.mov?n=1&sig=aaa");
    CHECK(put({{"url", nullptr}}).value().at("url").is_null());
    CHECK(pointers(put({{"url", "https://h/z?sig=***"}})) == "/url");
    CHECK(pointers(put({{"a/b~", "***"}})) == "/a~1b~0");
}

TEST_CASE("a patch for many names no hidden value", "[admin][edit]") {
    CHECK(refuse_hidden({{"title", "B"}, {"list", {1, "x"}}}));
    const auto refused = refuse_hidden({{"list", {1, "https://h?sig=***"}}});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().details.find("/list/1") != std::string::npos);
    CHECK_FALSE(refuse_hidden("***"));
    CHECK_FALSE(refuse_hidden({{"***", 1}}));
}
