// SPDX-License-Identifier: Apache-2.0
// mortise map, and check --online against systems that are right, wrong, slow to say so or down.
#include "program.hpp"

#include <filesystem>

using namespace mortise::host;
using namespace mortise::host::testing;

namespace json = boost::json;

namespace {

const std::string mapped = R"(
[flows.copy]
flow = "probe-map"
connections = { target = "target" }
[flows.copy.settings]
category = "Campaign"
fields = "campaign"

[mappings.campaign]
"Title" = "asset.title"
"Region" = { from = "asset.region", values = { EMEA = "Europe" } }
"Size" = { from = "asset.size", type = "integer", default = 0 }
"Full" = { jq = '.asset.title + "!"' }
)";

mortise::test::fault refused_with(int status) {
    mortise::test::fault f;
    f.status = status;
    return f;
}

// A configuration that nobody runs.
struct configured : host_fixture {
    explicit configured(const std::string& extra = mapped) {
        setup.extra = extra;
        write_config();
    }
    // Everything there, as mapped names it.
    void complete() {
        target.hold_object("names-category", R"({"names":["Campaign","Other"],"complete":true})");
        target.hold_object("names-attribute-Campaign",
                           R"({"names":["Title","Region","Size","Full"],"complete":true})");
        target.hold_object("rights", R"({"denied":[]})");
    }
    std::string file(const char* name, const char* text) const {
        return dir.write(name, text).string();
    }
    // "12:3" of the first place where text stands in the configuration.
    std::string place(const std::string& text) const {
        const std::string all = toml();
        const auto at = all.find(text);
        REQUIRE(at != std::string::npos);
        const auto begin = all.rfind('\n', at) + 1;
        return std::to_string(std::count(all.begin(), all.begin() + static_cast<long>(at), '\n') +
                              1) +
               ':' + std::to_string(at - begin + 1);
    }
};

} // namespace

TEST_CASE("a mapping is tried on an event, and each field says where it came from", "[cli][map]") {
    const configured f;
    const auto event = f.file(
        "event.json",
        R"({"specversion":"1.0","id":"e","data":{"asset":{"title":"Spring","region":"EMEA"}}})");
    const auto table = program(f, {"map", "--try", "copy", "--event", event});
    INFO(table.text);
    CHECK(table.code == 0);
    CHECK_THAT(table.text, Catch::Contains("values: \"EMEA\"") && Catch::Contains("default") &&
                               Catch::Contains("\"Spring!\""));
    const auto said =
        program(f, {"--json", "map", "--try", "copy.fields", "--event", event}).json();
    CHECK(said.at("ok") == json::value(true));
    CHECK(said.at("mapping") == json::value("campaign"));
    CHECK(
        said.at("result") ==
        json::value({{"Full", "Spring!"}, {"Region", "Europe"}, {"Size", 0}, {"Title", "Spring"}}));
    std::map<std::string, std::string> rules;
    for (const auto& field : said.at("fields").as_array()) {
        rules.emplace(field.at("field").as_string(), field.at("rule").as_string());
        if (field.at("field") == "Region")
            CHECK_THAT(std::string(field.at("place").as_string()),
                       Catch::EndsWith(f.place("{ from = \"asset.region\"")));
    }
    CHECK(rules == std::map<std::string, std::string>{{"Title", "path"},
                                                      {"Region", "values: \"EMEA\""},
                                                      {"Size", "default"},
                                                      {"Full", "jq"}});
}

TEST_CASE("facts that do not fit a mapping end with the reason and what was mapped before",
          "[cli][map]") {
    const configured f;
    const auto facts = f.file("facts.json", R"({"asset":{"title":"Spring","region":"EMAE"}})");
    const auto table = program(f, {"map", "--try", "copy", "--event", facts});
    INFO(table.text);
    CHECK(table.code == 1);
    CHECK_THAT(table.text, Catch::Contains("\"Region\" (from asset.region): the value \"EMAE\"") &&
                               Catch::Contains("did you mean \"EMEA\"?") &&
                               Catch::Contains("\"Spring!\""));
    const auto said = program(f, {"--json", "map", "--try", "copy", "--event", facts}).json();
    CHECK(said.at("ok") == json::value(false));
    CHECK(said.at("error").at("code") == json::value("mapping.value-unknown"));
}

TEST_CASE("map says which flow, setting or file there is not", "[cli][map]") {
    const configured f(mapped + "[flows.plain]\nflow = \"probe-order\"\n"
                                "connections = { target = \"target\" }\n");
    const auto facts = f.file("facts.json", "{}");
    const auto expect = [&](const std::string& what, const std::string& file, int code,
                            const std::string& text) {
        const auto out = program(f, {"map", "--try", what, "--event", file});
        INFO(out.text);
        CHECK(out.code == code);
        CHECK_THAT(out.text, Catch::Contains(text));
    };
    expect("cpoy", facts, 5, "did you mean \"copy\"?");
    expect("copy.filds", facts, 5, "it has: copy.fields");
    expect("plain", facts, 5, "has no setting that takes a mapping");
    expect("copy", (f.dir.path() / "nowhere.json").string(), 5, "nowhere.json");
    expect("copy", f.file("bad.json", "{"), 1, "bad.json");
    CHECK(program(f, {"map", "--try", "copy"}).code == 2);
    const auto two = configured(mapped + "[flows.copy.settings.more]\nA = \"a\"\n");
    const auto which = program(two, {"map", "--try", "copy", "--event", facts});
    INFO(which.text);
    CHECK(which.code == 2);
    CHECK_THAT(which.text, Catch::Contains("copy.fields") && Catch::Contains("copy.more"));
}

TEST_CASE("mappings are listed with their users, and check warns of idle ones", "[cli][map]") {
    const configured f(mapped + "[mappings.spare]\nA = \"a\"\n");
    const auto list = program(f, {"map"});
    INFO(list.text);
    CHECK(list.code == 0);
    CHECK_THAT(list.text, Catch::Contains("flows.copy: fields") && Catch::Contains("nothing"));
    const auto check = program(f, {"check"});
    INFO(check.text);
    CHECK(check.code == 0);
    CHECK_THAT(check.text, Catch::Contains("warning: no setting uses the mapping \"spare\""));
}

TEST_CASE("a mapping that is wrong stops check at its line", "[cli][map]") {
    const configured f(mapped + "Sum = { jq = \".a |\" }\n");
    const auto out = program(f, {"check"});
    INFO(out.text);
    CHECK(out.code == 3);
    CHECK_THAT(out.text, Catch::Contains(f.place("\".a |\"") + ": error: \"jq\" in "
                                                               "[mappings.campaign.Sum]"));
}

TEST_CASE("check --online finds everything that the settings name", "[cli][online]") {
    configured f;
    f.complete();
    const auto out = program(f, {"check", "--online"});
    INFO(out.text);
    CHECK(out.code == 0);
    CHECK_THAT(out.text, Catch::Contains("Connected as probe") && Catch::Contains("5 found") &&
                             Catch::Contains("ready"));
    CHECK(f.target.effects().empty());
    const auto said = program(f, {"--json", "check", "--online"}).json();
    CHECK(said.at("ok") == json::value(true));
    CHECK(said.at("connections").at(0).at("names").at("found") == json::value(5));
}

TEST_CASE("check --online names the misspelt category, its line and the nearest one",
          "[cli][online]") {
    configured f;
    f.target.hold_object("names-category", R"({"names":["Campaigns","Other"],"complete":true})");
    f.target.hold_object("rights", R"({"denied":[{"operation":"put","why":"read only"}]})");
    const auto out = program(f, {"check", "--online"});
    INFO(out.text);
    CHECK(out.code == 1);
    CHECK_THAT(out.text,
               Catch::Contains(f.place("\"Campaign\"\nfields") +
                               ": error: there is no category \"Campaign\" in \"target\""));
    CHECK_THAT(out.text, Catch::Contains("did you mean \"Campaigns\"?") &&
                             Catch::Contains("may not do put") && Catch::Contains("read only"));
    // The attributes of a category that is not there are no errors of their own.
    CHECK_THAT(out.text, !Catch::Contains("no attribute"));
}

TEST_CASE("check --online names a mapping's target that is no attribute", "[cli][online]") {
    configured f;
    f.complete();
    f.target.hold_object("names-attribute-Campaign",
                         R"({"names":["Title","Region","Sise","Full"],"complete":true})");
    const auto out = program(f, {"check", "--online"});
    INFO(out.text);
    CHECK(out.code == 1);
    CHECK_THAT(out.text,
               Catch::Contains(f.place("\"Size\" = {") +
                               ": error: there is no attribute \"Size\" of \"Campaign\"") &&
                   Catch::Contains("did you mean \"Sise\"?"));
}

TEST_CASE("check --online: a system that is down and a secret that is missing stop no other",
          "[cli][online]") {
    std::string gone;
    {
        const mortise::test::recording_target closed; // its port refuses afterwards
        gone = closed.base_url();
    }
    configured f(mapped + "[connections.down]\nconnector = \"probe\"\nbase_url = \"" + gone +
                 "\"\ngroups = [\"Legal\"]\n"
                 "[connections.locked]\nconnector = \"probe\"\nbase_url = \"" +
                 gone + "\"\nsecret = { file = \"nowhere/token\" }\n");
    f.complete();
    const auto out = program(f, {"--json", "check", "--online"});
    INFO(out.text);
    CHECK(out.code == 1);
    const auto said = out.json();
    std::map<std::string, bool> reached;
    for (const auto& c : said.at("connections").as_array())
        reached.emplace(c.at("connection").as_string(), c.at("ok").as_bool());
    CHECK(reached ==
          std::map<std::string, bool>{{"down", false}, {"locked", false}, {"target", true}});
    CHECK_THAT(out.text, Catch::Contains("\\\"down\\\" does not work (unavailable)"));
}

TEST_CASE("check --online says wrong credentials and lists that fail", "[cli][online]") {
    configured f;
    f.complete();
    SECTION("the login is refused") {
        f.target.next("me", refused_with(401));
        const auto out = program(f, {"check", "--online"});
        INFO(out.text);
        CHECK(out.code == 1);
        CHECK_THAT(out.text, Catch::Contains("does not work (auth)") &&
                                 Catch::Contains("check the credentials") &&
                                 Catch::Contains("5 not checked"));
    }
    SECTION("names may not be listed") {
        f.target.next("objects/names-category", refused_with(403));
        const auto out = program(f, {"check", "--online"});
        INFO(out.text);
        CHECK(out.code == 1);
        CHECK_THAT(out.text,
                   Catch::Contains("\"category\" in \"target\" cannot be listed (denied)"));
    }
}

TEST_CASE("check --online begins with what check says", "[cli][online]") {
    const configured f(mapped + "Sum = { jq = \".a |\" }\n");
    const auto out = program(f, {"check", "--online"});
    INFO(out.text);
    CHECK(out.code == 3);
    CHECK(f.target.requests("me") == 0);
}
