// SPDX-License-Identifier: Apache-2.0
#include "config/schema.hpp"
#include "support/catch.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

using namespace mortise::host;
namespace json = boost::json;

namespace {

constexpr schema_options strict{.secret_references = true, .closed = true};

std::string line(const schema_problem& p) {
    return p.pointer + ": " + p.message + (p.hint.empty() ? "" : "; " + p.hint);
}

std::string
check(std::string_view schema_text, std::string_view value, schema_options options = {}) {
    const schema s(schema_text);
    INFO((s.valid() ? std::string() : line(s.problems().front())));
    REQUIRE(s.valid());
    std::string all;
    for (const schema_problem& p : s.check(json::parse(value), options))
        all += line(p) + '\n';
    return all;
}

std::string subset(std::string_view schema_text) {
    std::string all;
    for (const schema_problem& p : check_schema(json::parse(schema_text)))
        all += line(p) + '\n';
    return all;
}

constexpr std::string_view server = R"({
 "type":"object","required":["base_url","token"],"properties":{
  "base_url":{"type":"string","format":"uri","title":"Address","examples":["https://x.example"]},
  "token":{"type":"string","x-secret":true,"x-env":"X_TOKEN","title":"Access token"},
  "port":{"type":"integer","minimum":1,"maximum":65535,"default":443},
  "mode":{"type":"string","enum":["fast","safe"],"default":"safe"},
  "code":{"type":"string","pattern":"^[A-Z]{3}$","title":"a currency code","examples":["CHF"]},
  "tags":{"type":"array","maxItems":2,"items":{"type":"string","minLength":1}},
  "nested":{"type":"object","properties":{"deep":{"type":"boolean","default":true}},"default":{}}
 }})";

} // namespace

TEST_CASE("problems say what was expected, what was found and the way out", "[config][schema]") {
    const std::string good = R"("base_url":"https://a","token":{"env":"T"})";
    const auto problems = [&](const std::string& more) {
        return check(server, "{" + good + (more.empty() ? "" : ",") + more + "}", strict);
    };
    CHECK(problems("").empty());
    CHECK(problems(R"("prot":1)") == "/prot: unknown key \"prot\"; did you mean \"port\"?\n");
    CHECK(
        problems(R"("zzz":1)") ==
        "/zzz: unknown key \"zzz\"; known keys: base_url, token, port, mode, code, tags, nested\n");
    CHECK(problems(R"("port":"443")") ==
          "/port: expected a whole number, found text; remove the quotes: 443\n");
    CHECK(problems(R"("port":0)") == "/port: expected a number from 1 to 65535, found 0\n");
    CHECK(problems(R"("port":1.5)") ==
          "/port: expected a whole number, found a number; for example 443\n");
    CHECK(problems(R"("mode":"fsat")") ==
          "/mode: expected one of \"fast\", \"safe\", found \"fsat\"; did you mean \"fast\"?\n");
    CHECK(problems(R"("code":"chf")") ==
          "/code: \"chf\" does not have the form of a currency code; for example \"CHF\"\n");
    CHECK(problems(R"("tags":["a","","c"])") ==
          "/tags: expected at most 2 entries, found 3\n/tags/1: must not be empty\n");
    CHECK(problems(R"("nested":{"deep":1})") ==
          "/nested/deep: expected true or false, found a whole number; for example true\n");
    CHECK(problems(R"("nested":{"deeep":true})") ==
          "/nested/deeep: unknown key \"deeep\"; did you mean \"deep\"?\n");
}

TEST_CASE("missing keys come with their title and how to write them", "[config][schema]") {
    CHECK(check(server, "{}", strict) ==
          ": missing required key \"base_url\" (Address); add base_url = \"https://x.example\"\n"
          ": missing required key \"token\" (Access token); add token = { env = \"X_TOKEN\" }\n");
}

TEST_CASE("a secret takes only a reference, and its text is never shown", "[config][schema]") {
    const auto problems = [](const std::string& token) {
        return check(server, R"({"base_url":"https://a","token":)" + token + "}", strict);
    };
    const std::string plain = problems("\"hunter2-hunter2\"");
    CHECK(plain == "/token: a secret is not written into the configuration; write a reference: "
                   "{ env = \"X_TOKEN\" }, { file = \"/path\" } or { credential = \"name\" }\n");
    CHECK(problems(R"({"file":"/x"})").empty());
    CHECK(problems(R"({"credential":"x"})").empty());
    CHECK(problems(R"({"evn":"X"})").find("did you mean \"env\"?") != std::string::npos);
    CHECK(problems(R"({"env":"X","file":"/x"})").find("exactly one of") != std::string::npos);
    CHECK(problems("{}").find("exactly one of") != std::string::npos);
    CHECK(problems(R"({"env":""})").find("an empty text") != std::string::npos);
    CHECK(problems("5").find("expected a secret reference, found a whole number") !=
          std::string::npos);
    CHECK(check(server, R"({"base_url":{"env":"X"},"token":{"env":"X"}})", strict)
              .find("only keys that hold secrets take a reference") != std::string::npos);
}

TEST_CASE("without the options values are taken as they are", "[config][schema]") {
    CHECK(check(server, R"({"base_url":"https://a","token":"plain","more":1})").empty());
}

TEST_CASE("formats are checked", "[config][schema]") {
    const auto [format, good, bad] = GENERATE(table<std::string, std::string, std::string>(
        {{"uri", "https://a.example:8443/x?y#z", "a.example/x"},
         {"uri", "http://[::1]:80", "mailto:x@y"},
         {"date", "2024-02-29", "2023-02-29"},
         {"date-time", "2025-03-31T23:59:59.5+02:00", "2025-03-31T24:00:00Z"},
         {"date-time", "2025-03-31T00:00:00Z", "2025-03-31"},
         {"email", "a@b.example", "a@@b"},
         {"hostname", "api.example.com", "-api.example.com"},
         {"uuid", "123e4567-e89b-12d3-a456-426614174000", "123e4567"},
         {"duration", "5m", "5 minutes"},
         {"size", "1MiB", "1 MB"}}));
    const std::string s = R"({"type":"string","format":")" + format + "\"}";
    CAPTURE(format, good, bad);
    CHECK(check(s, '"' + good + '"').empty());
    CHECK(check(s, '"' + bad + '"') != "");
}

TEST_CASE("a oneOf is chosen by its discriminator", "[config][schema]") {
    const std::string_view s = R"({"type":"object","properties":{"name":{"type":"string"}},"oneOf":[
      {"type":"object","required":["kind","url"],"properties":{"kind":{"const":"http"},"url":{"type":"string"}}},
      {"type":"object","required":["kind"],"properties":{"kind":{"const":"file"},"path":{"type":"string","default":"/x"}}}]})";
    CHECK(check(s, R"({"name":"n","kind":"http","url":"u"})", strict).empty());
    CHECK(check(s, R"({"kind":"http"})", strict) == ": missing required key \"url\"\n");
    CHECK(check(s, R"({"kind":"htpp","url":"u"})", strict) ==
          "/kind: expected one of \"http\", \"file\", found \"htpp\"; did you mean \"http\"?\n");
    CHECK(check(s, R"({"url":"u"})", strict) ==
          ": missing required key \"kind\"; it is one of \"http\", \"file\"\n");
    CHECK(check(s, R"({"kind":"file","url":"u"})", strict).find("/url: unknown key \"url\"") == 0);
    json::value v = json::parse(R"({"kind":"file"})");
    fill_defaults(v, json::parse(s));
    CHECK(json::serialize(v) == R"({"kind":"file","path":"/x"})");
}

TEST_CASE("defaults are filled in nested tables and list entries", "[config][schema]") {
    json::value v = json::parse(R"({"base_url":"x"})");
    fill_defaults(v, json::parse(server));
    CHECK(json::serialize(v) ==
          R"({"base_url":"x","port":443,"mode":"safe","nested":{"deep":true}})");
    const std::string once = json::serialize(v);
    fill_defaults(v, json::parse(server));
    CHECK(json::serialize(v) == once);
    json::value list = json::parse(R"([{},{"a":2}])");
    fill_defaults(list,
                  json::parse(R"({"type":"array","items":{"properties":{"a":{"default":1}}}})"));
    CHECK(json::serialize(list) == R"([{"a":1},{"a":2}])");
}

TEST_CASE("secrets are blanked wherever they are", "[config][schema]") {
    json::value v = json::parse(R"({"token":"t","base_url":"b","l":[{"pw":"p"}],"m":{"x":"s"}})");
    redact(v, json::parse(R"({"properties":{"token":{"x-secret":true},
      "l":{"items":{"properties":{"pw":{"type":"string","x-secret":true}}}},
      "m":{"additionalProperties":{"x-secret":true}}}})"));
    CHECK(json::serialize(v) ==
          R"({"token":"***","base_url":"b","l":[{"pw":"***"}],"m":{"x":"***"}})");
}

TEST_CASE("a schema outside the subset is told where", "[config][schema]") {
    CHECK(subset(server).empty());
    CHECK(subset(R"({"$ref":"#/x"})").find("/$ref: \"$ref\" is not in the schema subset") == 0);
    CHECK(subset(R"({"propertes":{}})") ==
          "/propertes: \"propertes\" is not in the schema subset; did you mean \"properties\"?\n");
    CHECK(subset(R"({"properties":{"a/b":{"type":"int"}}})")
              .find("/properties/a~1b/type: \"type\" must be") == 0);
    CHECK(subset(R"({"properties":{"a":{}},"required":["b"]})").find("/required/0: ") == 0);
    CHECK(subset(R"({"enum":[]})") != "");
    CHECK(subset(R"({"minLength":-1})") != "");
    CHECK(subset(R"({"pattern":"("})").find("no regular expression") != std::string::npos);
    CHECK(subset(R"({"format":"ipv9"})") != "");
    CHECK(subset(R"({"x-secret":"yes"})") != "");
    CHECK(subset(R"({"items":[{}]})") != "");
    CHECK(subset(R"({"oneOf":[{"type":"object"}]})").find("needs a discriminator") !=
          std::string::npos);
    CHECK(subset(R"({"discriminator":{"propertyName":"k"}})").find("needs \"oneOf\"") !=
          std::string::npos);
    CHECK(subset("[]") == ": a schema is an object, found a list\n");
    json::value deep = json::object();
    for (int i = 0; i < 40; ++i)
        deep = json::object{{"items", std::move(deep)}};
    CHECK(check_schema(deep).at(0).message.find("nested more than") != std::string::npos);
}

TEST_CASE("what a value names is told with role and kind", "[config][schema][names]") {
    const auto names = [](const std::string& annotation, const char* key = "x-names") {
        return subset(R"({"type":"object","properties":{"a":{"type":"string",")" +
                      std::string(key) + "\":" + annotation + "}}}");
    };
    CHECK(names(R"({"role":"r","kind":"group"})").empty());
    CHECK(names(R"({"role":"","kind":"attribute","of":"category"})").empty());
    CHECK(names(R"("group")") ==
          "/properties/a/x-names: \"x-names\" must be {\"role\": \"...\", \"kind\": \"...\"}\n");
    CHECK(names(R"({"role":"r"})").find("an object with \"role\" and \"kind\"") !=
          std::string::npos);
    CHECK(names(R"({"role":"r","kind":""})").find("an object with") != std::string::npos);
    CHECK(names(R"({"role":"r","kind":"k","off":"c"})")
              .find("\"off\" is not known in \"x-names\"; did you mean \"of\"?") !=
          std::string::npos);
    CHECK(names(R"({"role":1,"kind":"k"})").find("\"role\" must be a text") != std::string::npos);
    CHECK(names(R"({"role":"r","kind":"k","except":["own"]})").empty());
    for (const char* except : {"\"own\"", "[1]", "{}"}) {
        CHECK(names(R"({"role":"r","kind":"k","except":)" + std::string(except) + '}')
                  .find("\"except\" must be a list of texts") != std::string::npos);
    }
    // A text has no keys.
    CHECK(names(R"({"role":"r","kind":"k"})", "x-key-names").find("for the keys of a map") !=
          std::string::npos);
    CHECK(subset(R"({"type":"object","additionalProperties":{"type":"string"},
                     "x-key-names":{"role":"r","kind":"k"}})")
              .empty());
    CHECK(subset(R"({"x-mapping":true,"x-key-names":{"role":"r","kind":"k"}})").empty());
    CHECK(subset(R"({"x-mapping":"yes"})") == "/x-mapping: \"x-mapping\" must be true or false\n");
}

TEST_CASE("a mapping is a table or a name", "[config][schema][mapping]") {
    constexpr std::string_view s = R"({"type":"object","properties":{"m":{"x-mapping":true}}})";
    CHECK(check(s, R"({"m":"campaign"})", strict).empty());
    CHECK(check(s, R"({"m":{"Title":"a.b","x":{"jq":".a"}}})", strict).empty());
    // What would be a secret reference elsewhere is a target field here.
    CHECK(check(s, R"({"m":{"file":"asset.name"}})", strict).empty());
    for (const char* bad : {R"({"m":3})", R"({"m":[]})", R"({"m":""})"})
        CHECK(check(s, bad, strict).find("expected a mapping, found") != std::string::npos);
}

TEST_CASE("a default must satisfy its own schema", "[config][schema]") {
    CHECK(subset(R"({"properties":{"p":{"type":"integer","maximum":5,"default":9}}})") ==
          "/properties/p/default: the default does not satisfy its own schema: expected at most 5, "
          "found 9\n");
    CHECK(subset(R"({"properties":{"t":{"type":"string","x-secret":true,"default":"x"}}})")
              .find("a secret cannot have a default") != std::string::npos);
    CHECK(
        subset(
            R"({"type":"object","default":{},"required":["a"],"properties":{"a":{"type":"integer","default":1}}})")
            .empty());
}

TEST_CASE("a broken schema refuses every value and says why", "[config][schema]") {
    const schema s(std::string_view("{\"type\":"));
    CHECK(!s.valid());
    REQUIRE(s.check(json::value(1)).size() == 1);
    CHECK(s.check(json::value(1)).front().message.find("the schema itself is wrong") == 0);
}

TEST_CASE("a hopeless pattern is given up, not waited for", "[config][schema]") {
    const std::string value = '"' + std::string(5000, 'a') + "!\"";
    CHECK(check(R"({"type":"string","pattern":"^(a+)+$"})", value) != "");
}

TEST_CASE("the nearest word is near enough or none", "[config][schema]") {
    const std::vector<std::string> words = {"base_url", "auth_token", "timeout", "tls"};
    CHECK(nearest("base_ulr", words) == "base_url");
    CHECK(nearest("timeuot", words) == "timeout");
    CHECK(nearest("auth_tokne_", words) == "auth_token");
    CHECK(nearest("tsl", words) == "tls");
    CHECK(nearest("xyz", words) == "");
    CHECK(nearest("", words) == "");
    CHECK(did_you_mean("tls2", words) == "did you mean \"tls\"?");
}
