// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include <mortise/mapping.h>
#include <mortise/plugin.h>
#include <mortise/sdk/abi.hpp>
#include <mortise/sdk/flow.hpp>
#include <mortise/sdk/mapping.hpp>
#include <mortise/testing/fake_host.hpp>

using namespace mortise;
using namespace mortise::testing;

namespace {

struct pair_settings {
    mapping fields = mapping({{"Title", "asset.title"}});
    std::optional<mapping> more;
    std::map<std::string, std::string> owners;
    static auto describe() {
        return object<pair_settings>("How fields are filled in")
            .field("fields", &pair_settings::fields, "Attribute to field")
            .key_names("target", "attribute", "category")
            .field("more", &pair_settings::more, "Further ones")
            .field("owners", &pair_settings::owners, "Group to user")
            .names("target", "user")
            .key_names("target", "group");
    }
};

class mapping_flow {
public:
    mapping_flow(instance&, pair_settings s) : settings_(std::move(s)) {}
    static void describe(flow_builder<mapping_flow>& b) {
        b.id("test-mapping").version("1.0.0").title("Maps").config<pair_settings>();
        b.on_request();
    }
    task<json::value> run(flow_run&, event first) {
        json::object out = settings_.fields.apply(first.data);
        if (settings_.more) {
            for (auto& field : settings_.more->apply(first.data))
                out[field.key()] = field.value();
        }
        co_return json::value(std::move(out));
    }

private:
    pair_settings settings_;
};

event with(json::value data) {
    return {"mortise.request", "r-1", "", std::move(data)};
}

std::string failure_of(const json::value& config) {
    fake_host host;
    try {
        host.create_flow(mortise::flow<mapping_flow>(), config);
    } catch (const error& e) {
        CHECK(e.category == category::config);
        return e.message;
    }
    return "none";
}

} // namespace

TEST_CASE("a flow applies the mapping of its settings", "[sdk][mapping]") {
    fake_host host;
    auto flow = host.create_flow(mortise::flow<mapping_flow>(),
                                 {{"fields", {{"No", {{"from", "asset.no"}, {"type", "integer"}}}}},
                                  {"more", {{"a.b", "asset.title"}}}});
    auto run = flow.start(with({{"asset", {{"no", "12"}, {"title", "Spring"}}}}));
    CHECK(run.result() == parse_json(R"({"No":12,"a":{"b":"Spring"}})"));
    flow.destroy();
    CHECK(host.violations().empty());
}

TEST_CASE("without a setting the mapping in code is applied", "[sdk][mapping]") {
    fake_host host;
    auto flow = host.create_flow(mortise::flow<mapping_flow>());
    auto run = flow.start(with({{"asset", {{"title", "Spring"}}}}));
    CHECK(run.result() == parse_json(R"({"Title":"Spring"})"));
}

TEST_CASE("facts that do not fit fail the run with field, source and fix", "[sdk][mapping]") {
    fake_host host;
    auto flow = host.create_flow(
        mortise::flow<mapping_flow>(),
        {{"fields", {{"Region", {{"from", "r"}, {"values", {{"EMEA", "Europe"}}}}}}}});
    auto run = flow.start(with({{"r", "EMAE"}}));
    REQUIRE(run.outcome().failure.has_value());
    CHECK(run.outcome().failure->category == category::input);
    CHECK(run.outcome().failure->code == "mapping.value-unknown");
    CHECK(run.outcome().failure->message.find("\"Region\" (from r): the value \"EMAE\"") !=
          std::string::npos);
}

TEST_CASE("a bad table refuses the instance and says where", "[sdk][mapping]") {
    const auto why = failure_of({{"fields", {{"A", {{"form", "x"}}}}}});
    CHECK(why.find("/fields") != std::string::npos);
    CHECK(why.find("did you mean \"from\"?") != std::string::npos);
    CHECK(failure_of({{"fields", "by-name"}}).find("expected a table of target fields") !=
          std::string::npos);
    CHECK(failure_of({{"fields", {{"A", "a.b"}}}}) == "none");
}

TEST_CASE("a host without mappings is named when one is needed", "[sdk][mapping]") {
    fake_host host;
    host.withhold(MORTISE_SVC_MAPPING);
    auto flow = host.create_flow(mortise::flow<mapping_flow>());
    auto run = flow.start(with({{"asset", {{"title", "Spring"}}}}));
    REQUIRE(run.outcome().failure.has_value());
    CHECK(run.outcome().failure->category == category::config);
    CHECK(run.outcome().failure->message.find("mortise.mapping/1") != std::string::npos);
}

TEST_CASE("the schema says that a setting is a mapping and what its keys name", "[sdk][mapping]") {
    const json::object schema = schema_of<pair_settings>();
    const auto& properties = schema.at("properties").as_object();
    const auto& fields = properties.at("fields").as_object();
    CHECK(fields.at("x-mapping") == json::value(true));
    CHECK_FALSE(fields.contains("type"));
    CHECK(fields.at("default") == json::value({{"Title", "asset.title"}}));
    CHECK(fields.at("x-key-names") ==
          json::value({{"role", "target"}, {"kind", "attribute"}, {"of", "category"}}));
    CHECK_FALSE(properties.at("more").as_object().contains("default"));
    CHECK(properties.at("owners").as_object().at("x-names") ==
          json::value({{"role", "target"}, {"kind", "user"}}));
}

TEST_CASE("an empty mapping maps nothing, without a host", "[sdk][mapping]") {
    const mapping none;
    CHECK(none.empty());
    CHECK(none.apply(json::value(1)).empty());
    CHECK_FALSE(none.has("A"));
}
