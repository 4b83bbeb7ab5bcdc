// SPDX-License-Identifier: Apache-2.0
#include "config/config.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>

using namespace mortise::host;
namespace json = boost::json;

namespace {

memory_catalog catalog() {
    memory_catalog c;
    connector_description ecm;
    ecm.config_schema = R"({"type":"object","properties":{
      "watch":{"type":"array","items":{"type":"string"},
               "x-names":{"role":"","kind":"workspace-type"}}}})";
    ecm.trigger_schemas["changes"] = R"({"type":"object","properties":{
      "group":{"type":"string","x-names":{"role":"","kind":"group"}}}})";
    c.connectors["ecm"] = ecm;
    flow_description f;
    f.config_schema = R"({"type":"object","properties":{
      "category":{"type":"string","default":"Campaign","x-names":{"role":"target","kind":"category"}},
      "fields":{"x-mapping":true,"default":{"Title":"asset.title"},
                "x-key-names":{"role":"target","kind":"attribute","of":"category"}},
      "rules":{"type":"array","items":{"type":"object","properties":{
        "view":{"type":"string"},
        "field":{"type":"string","x-names":{"role":"target","kind":"metadata-field","of":"view"}},
        "inside":{"type":"string","x-names":{"role":"target","kind":"attribute","of":"category",
                                                     "except":["own"]}},
        "fields":{"x-mapping":true}}}},
      "groups":{"type":"object","additionalProperties":{"type":"string"},
                "x-names":{"role":"target","kind":"group"},
                "x-key-names":{"role":"target","kind":"user"}},
      "unbound":{"type":"string","x-names":{"role":"nobody","kind":"group"}}}})";
    f.roles = {{"target", {"ecm"}, {}, ""}};
    c.flows["copy"] = f;
    return c;
}

struct loaded {
    explicit loaded(const std::string& text) {
        r = load_configuration(dir.write("m.toml", text), catalog());
        problems = problems_to_text(r.problems);
        const std::string prefix = dir.path().string() + '/';
        for (std::size_t at; (at = problems.find(prefix)) != std::string::npos;)
            problems.erase(at, prefix.size());
    }
    std::string setting(const char* name) const {
        return json::serialize(r.config.flows.at("c").settings.at(name));
    }
    mortise::test::temp_dir dir;
    load_result r;
    std::string problems;
};

const std::string flow = "[connections.e]\nconnector = \"ecm\"\n"
                         "[flows.c]\nflow = \"copy\"\nconnections = { target = \"e\" }\n";

} // namespace

TEST_CASE("the name of a mapping in a setting becomes its table", "[config][mapping]") {
    const loaded l(flow + "[flows.c.settings]\nfields = \"campaign\"\n"
                          "[mappings.campaign]\n\"Title\" = \"asset.name\"\n"
                          "\"Region\" = { from = \"r\", values = { env = \"Environment\" } }\n");
    INFO(l.problems);
    REQUIRE(l.r.problems.empty());
    CHECK(l.setting("fields") ==
          R"({"Region":{"from":"r","values":{"env":"Environment"}},"Title":"asset.name"})");
    REQUIRE(l.r.config.mapping_uses.size() == 1);
    const mapping_use& use = l.r.config.mapping_uses.front();
    CHECK(use.owner == "flows.c");
    CHECK(use.setting_name == "fields");
    CHECK(use.mapping == "campaign");
    CHECK(use.table == "/mappings/campaign");
    CHECK(l.r.config.mapping_places.at("/mappings/campaign/Title").line == 9);
}

TEST_CASE("a change of a named mapping is another revision", "[config][mapping]") {
    const mortise::test::temp_dir dir; // the revision holds the paths below it
    const auto with = [&dir](const std::string& path) {
        const std::string text =
            flow + "settings = { fields = \"m\" }\n[mappings.m]\nTitle = \"" + path + "\"\n";
        return load_configuration(dir.write("m.toml", text), catalog()).config.revision;
    };
    CHECK_FALSE(with("a").empty());
    CHECK(with("a") == with("a"));
    CHECK(with("a") != with("b"));
}

TEST_CASE("a table stands in a setting itself, and a default where nothing is said",
          "[config][mapping]") {
    const loaded l(flow + "[flows.c.settings]\nrules = [{ fields = { A = \"a\" } }]\n");
    INFO(l.problems);
    REQUIRE(l.r.problems.empty());
    CHECK(l.setting("fields") == R"({"Title":"asset.title"})");
    REQUIRE(l.r.config.mapping_uses.size() == 2);
    std::vector<std::string> names;
    for (const mapping_use& use : l.r.config.mapping_uses) {
        names.push_back(use.setting_name);
        CHECK(use.mapping.empty());
        CHECK(use.table == use.setting);
    }
    std::sort(names.begin(), names.end());
    CHECK(names == std::vector<std::string>{"fields", "rules/0/fields"});
}

TEST_CASE("what is wrong with a mapping is said at its line with the fix", "[config][mapping]") {
    const loaded l(flow + "[flows.c.settings]\nfields = \"campain\"\n"
                          "rules = [{ fields = { A = { form = \"a\" } } }]\n"
                          "[mappings.campaign]\n\"Title\" = \"asset..name\"\n"
                          "Size = { from = \"s\", type = \"integr\" }\n"
                          "Sum = { jq = \".a |\" }\n");
    INFO(l.problems);
    const auto says = [&](const char* part) {
        INFO(part);
        CHECK(l.problems.find(part) != std::string::npos);
    };
    says("m.toml:7:10: error: there is no mapping \"campain\"; did you mean \"campaign\"?");
    says("m.toml:8:29: error: unknown key \"form\" in a mapping rule in "
         "[flows.c.settings.rules.0.fields.A]; did you mean \"from\"?");
    CHECK(l.problems.find("no source") == std::string::npos);
    says("m.toml:10:11: error: \"Title\" in [mappings.campaign]: a key is missing (character 7); "
         "remove the extra dot");
    says("there is no type \"integr\"; did you mean \"integer\"?");
    says("m.toml:12:14: error: \"jq\" in [mappings.campaign.Sum]: not a jq expression");
}

TEST_CASE("a mapping that no setting uses is a warning at its place", "[config][mapping]") {
    const loaded l(flow + "[mappings.spare]\nA = \"a\"\n");
    INFO(l.problems);
    CHECK(l.r.ok());
    CHECK(l.problems ==
          "m.toml:6:11: warning: no setting uses the mapping \"spare\"; name it in a setting that "
          "takes a mapping, or remove it\n");
}

TEST_CASE("values that name objects are collected with system, scope and place",
          "[config][names]") {
    const loaded l("[connections.e]\nconnector = \"ecm\"\nwatch = [\"Campaign\", \"Case\"]\n"
                   "triggers.changes.settings.group = \"Staff\"\n"
                   "[flows.c]\nflow = \"copy\"\nconnections = { target = \"e\" }\n"
                   "[flows.c.settings]\ncategory = \"Cat\"\nfields = \"m\"\n"
                   "groups = { ann = \"Legal\" }\nunbound = \"x\"\n"
                   "rules = [{ view = \"V\", field = \"f1\", inside = \"a1\" }]\n"
                   "[mappings.m]\n\"Attr\" = \"a\"\n'\"Attr. 2\"' = \"b\"\n");
    INFO(l.problems);
    std::vector<std::string> found;
    for (const named_object& n : l.r.config.named_objects) {
        std::string of;
        for (const auto& o : n.of)
            of += " of " + o;
        found.push_back(n.connection + ' ' + n.kind + ' ' + n.name + of + " at " +
                        std::to_string(n.place.line) + ':' + std::to_string(n.place.column));
        CHECK(n.is_scoped == !n.of.empty());
    }
    std::sort(found.begin(), found.end());
    CHECK(found == std::vector<std::string>{
                       "e attribute Attr of Cat at 15:1", "e attribute Attr. 2 of Cat at 16:1",
                       "e attribute a1 of Cat at 13:47", "e category Cat at 9:12",
                       "e group Legal at 11:18", "e group Staff at 4:35",
                       "e metadata-field f1 of V at 13:32", "e user ann at 11:12",
                       "e workspace-type Campaign at 3:10", "e workspace-type Case at 3:22"});
}

TEST_CASE("a word of the flow's own is not taken for a name", "[config][names]") {
    const loaded l(flow + "settings = { rules = [{ inside = \"own\" }, { inside = \"owns\" }] }\n");
    INFO(l.problems);
    std::vector<std::string> attributes;
    for (const named_object& n : l.r.config.named_objects)
        if (n.kind == "attribute" && n.name.starts_with("own")) attributes.push_back(n.name);
    CHECK(attributes == std::vector<std::string>{"owns"});
}

TEST_CASE("an empty text names nothing", "[config][names]") {
    const loaded l(flow + "settings = { category = \"\" }\n");
    INFO(l.problems);
    for (const named_object& n : l.r.config.named_objects)
        CHECK(n.kind != "category");
}
