// SPDX-License-Identifier: Apache-2.0
//
// The verdicts of our validator against those of a general one.
#include "config/schema.hpp"
#include "support/catch.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <valijson/adapters/boost_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

namespace json = boost::json;

namespace {

bool valijson_accepts(const json::value& schema_document, const json::value& value) {
    valijson::Schema compiled;
    valijson::SchemaParser parser;
    const valijson::adapters::BoostJsonAdapter schema_adapter(schema_document);
    parser.populateSchema(schema_adapter, compiled);
    valijson::Validator validator(valijson::Validator::kStrongTypes);
    const valijson::adapters::BoostJsonAdapter value_adapter(value);
    return validator.validate(compiled, value_adapter, nullptr);
}

} // namespace

TEST_CASE("verdicts agree with a general JSON Schema validator", "[config][schema]") {
    const json::value schemas = json::parse(R"([
 {"type":"string"}, {"type":"integer"}, {"type":"number"}, {"type":"boolean"}, {"type":"object"}, {"type":"array"},
 {"type":["string","null"]}, {"enum":["a",1,null]}, {"const":"a"}, {"type":"integer","minimum":1,"maximum":3},
 {"type":"string","minLength":1,"maxLength":2}, {"type":"string","pattern":"^a+$"},
 {"type":"array","minItems":1,"maxItems":2,"items":{"type":"integer"}},
 {"type":"object","properties":{"a":{"type":"integer"}},"required":["a"]},
 {"type":"object","properties":{"a":{"type":"integer"}},"additionalProperties":false},
 {"type":"object","properties":{"a":{"type":"integer"}},"additionalProperties":{"type":"string"}},
 {"type":"object","properties":{"a":{"type":"object","properties":{"b":{"type":"string"}},"required":["b"]}}},
 {"type":"object","oneOf":[
  {"type":"object","required":["k"],"properties":{"k":{"const":"x"},"n":{"type":"integer"}}},
  {"type":"object","required":["k","s"],"properties":{"k":{"const":"y"},"s":{"type":"string"}}}]}
])");
    const json::value values = json::parse(R"json([
 null, true, 0, 1, 3, 4, -1, 1.5, "", "a", "aa", "aaa", "é", "éé", "ééé", "b", [], [1], [1,2], [1,2,3], ["x"], {}, {"a":1}, {"a":"1"},
 {"b":1}, {"b":"x"}, {"a":1,"b":"x"}, {"a":1,"b":2}, {"a":{}}, {"a":{"b":"x"}}, {"a":{"b":1}},
 {"k":"x"}, {"k":"x","n":1}, {"k":"x","n":"1"}, {"k":"y"}, {"k":"y","s":"t"}, {"k":"z"}, {"s":"t"}
])json");
    int accepted = 0, refused = 0;
    for (const json::value& s : schemas.get_array()) {
        const mortise::host::schema ours(s.get_object());
        INFO(json::serialize(s));
        REQUIRE(ours.valid());
        for (const json::value& v : values.get_array()) {
            INFO(json::serialize(v));
            const bool verdict = ours.check(v).empty();
            CHECK(verdict == valijson_accepts(s, v));
            ++(verdict ? accepted : refused);
        }
    }
    CHECK(accepted > 50);
    CHECK(refused > 50);
}
