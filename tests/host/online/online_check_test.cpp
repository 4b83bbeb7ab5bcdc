// SPDX-License-Identifier: Apache-2.0
#include "online/online_check.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <mutex>

using namespace mortise::host;

namespace {

// Answers of systems by "connection operation input".
class scripted_systems : public online_systems {
public:
    std::map<std::string, result<std::string>> tests;
    std::map<std::string, result<std::string>> answers;
    std::map<std::string, std::vector<std::string>> offered;
    std::vector<std::string> calls;

    result<std::string> test(const std::string& connection) override {
        const auto it = tests.find(connection);
        if (it == tests.end()) return std::string(R"({"summary":"Connected as ann"})");
        return it->second;
    }
    bool offers(const std::string& connection, std::string_view operation) const override {
        const auto it = offered.find(connection);
        return it == offered.end() ||
               std::find(it->second.begin(), it->second.end(), operation) != it->second.end();
    }
    result<std::string> call(const std::string& connection,
                             const std::string& operation,
                             const std::string& input) override {
        const std::lock_guard lock(mutex_);
        const std::string key = connection + ' ' + operation + ' ' + input;
        calls.push_back(key);
        const auto it = answers.find(key);
        if (it == answers.end()) return error{category::input, "test.unknown", "unknown: " + key};
        return it->second;
    }

private:
    std::mutex mutex_;
};

configuration two_systems() {
    configuration c;
    for (const char* name : {"dam", "ecm"}) {
        connection_config one;
        one.name = name;
        one.connector = std::string(name) + "-connector";
        one.place = {"m.toml", name[0] == 'd' ? 1 : 5, 1};
        c.connections.emplace(name, one);
    }
    return c;
}

named_object named(std::string kind, std::string name, int line, std::vector<std::string> of = {}) {
    named_object n;
    n.connection = "ecm";
    n.kind = std::move(kind);
    n.name = std::move(name);
    n.is_scoped = !of.empty();
    n.of = std::move(of);
    n.setting = "[flows.c.settings]";
    n.place = {"m.toml", line, 3};
    return n;
}

struct named_systems final : scripted_systems {
    named_systems() {
        offered = {{"dam", {}}, {"ecm", {"names.list"}}};
        answers = {{R"(ecm names.list {"kind":"category"})",
                    std::string(R"({"names":["Campaign","Asset"],"complete":true})")},
                   {R"(ecm names.list {"kind":"attribute","of":"Campaign"})",
                    std::string(R"({"names":["Title","Region"]})")},
                   {R"(ecm names.list {"kind":"group"})",
                    std::string(R"({"names":["Legal"],"complete":false})")}};
    }
};

} // namespace

TEST_CASE("when everything is there nothing is said", "[online]") {
    auto config = two_systems();
    config.named_objects = {named("category", "Campaign", 10),
                            named("attribute", "Region", 11, {"Campaign"}),
                            named("group", "Legal", 12)};
    named_systems systems;
    const auto report = check_online(config, {}, systems);
    CHECK(report.ok());
    CHECK(problems_to_text(report.problems).empty());
    REQUIRE(report.connections.size() == 2);
    CHECK(report.connections[1].summary == "Connected as ann");
    CHECK(report.connections[1].names_found == 3);
    CHECK_FALSE(report.connections[0].names_told);
}

TEST_CASE("a misspelt name is said at its line with the nearest one", "[online]") {
    auto config = two_systems();
    config.named_objects = {named("attribute", "Regoin", 11, {"Campaign"}),
                            named("category", "Campain", 10), named("category", "Nothing", 9)};
    named_systems systems;
    const auto report = check_online(config, {}, systems);
    CHECK_FALSE(report.ok());
    CHECK(problems_to_text(report.problems) ==
          "m.toml:9:3: error: there is no category \"Nothing\" in \"ecm\", named in "
          "[flows.c.settings]; there are \"Campaign\", \"Asset\"\n"
          "m.toml:10:3: error: there is no category \"Campain\" in \"ecm\", named in "
          "[flows.c.settings]; did you mean \"Campaign\"?\n"
          "m.toml:11:3: error: there is no attribute \"Regoin\" of \"Campaign\" in \"ecm\", named "
          "in [flows.c.settings]; did you mean \"Region\"?\n");
    CHECK(report.connections[1].names_missing == 3);
}

TEST_CASE("what is in a missing object is no second error", "[online]") {
    auto config = two_systems();
    config.named_objects = {named("attribute-value", "x", 12, {"Campain/Title"}),
                            named("attribute", "Title", 11, {"Campain"}),
                            named("category", "Campain", 10)};
    named_systems systems;
    const auto report = check_online(config, {}, systems);
    CHECK(report.problems.size() == 1);
    CHECK(report.connections[1].names_unchecked == 2);
    CHECK(systems.calls.size() == 1);
}

TEST_CASE("a list of names is asked for once", "[online]") {
    auto config = two_systems();
    for (int i = 0; i < 5; ++i)
        config.named_objects.push_back(named("category", i % 2 ? "Campaign" : "Asset", 10 + i));
    named_systems systems;
    CHECK(check_online(config, {}, systems).ok());
    CHECK(systems.calls.size() == 1);
}

TEST_CASE("a name that a partial list lacks is a doubt, not an error", "[online]") {
    auto config = two_systems();
    config.named_objects = {named("group", "Lega", 10)};
    named_systems systems;
    const auto report = check_online(config, {}, systems);
    CHECK(report.ok());
    CHECK(
        problems_to_text(report.problems) ==
        "m.toml:10:3: warning: whether there is the group \"Lega\" in \"ecm\" is not certain: the "
        "system lists a part only; did you mean \"Legal\"?\n");
    CHECK(report.connections[1].names_unsure == 1);
}

TEST_CASE("where anything may stand nothing is said", "[online]") {
    auto config = two_systems();
    config.named_objects = {named("group", "Lega", 10)};
    named_systems systems;
    systems.answers.at(R"(ecm names.list {"kind":"group"})") =
        std::string(R"({"names":[],"complete":false})");
    const auto report = check_online(config, {}, systems);
    CHECK(report.problems.empty());
    CHECK(report.connections[1].names_unsure == 1);
}

TEST_CASE("another case and a number are doubts", "[online]") {
    auto config = two_systems();
    config.named_objects = {named("category", "campaign", 10), named("category", "4711", 11)};
    named_systems systems;
    const auto report = check_online(config, {}, systems);
    CHECK(report.ok());
    CHECK(problems_to_text(report.problems) ==
          "m.toml:10:3: warning: the category \"campaign\" is written \"Campaign\" in \"ecm\"; "
          "write it as it is there\n"
          "m.toml:11:3: warning: whether there is the category with the id 4711 in \"ecm\" is not "
          "certain: the list holds names; name it by its name to have it checked\n");
    CHECK(report.connections[1].names_found == 1);
    CHECK(report.connections[1].names_unsure == 1);
}

TEST_CASE("a wrong secret is said, and the other system is checked all the same", "[online]") {
    auto config = two_systems();
    config.named_objects = {named("category", "Campaign", 10)};
    named_systems systems;
    systems.tests.emplace("dam", error{category::auth, "dam.login", "the token was refused"});
    const auto report = check_online(config, {}, systems);
    CHECK_FALSE(report.ok());
    CHECK(problems_to_text(report.problems) ==
          "m.toml:1:1: error: the connection \"dam\" does not work (auth): the token was refused; "
          "check the credentials of the connection and that the account is not locked\n");
    CHECK_FALSE(report.connections[0].reached);
    CHECK(report.connections[1].names_found == 1);
}

TEST_CASE("a system that is down leaves its names unchecked", "[online]") {
    auto config = two_systems();
    config.named_objects = {named("category", "Campaign", 10), named("group", "Legal", 11)};
    named_systems systems;
    systems.tests.emplace("ecm", error{category::unavailable, "x", "connection refused"});
    const auto report = check_online(config, {}, systems);
    CHECK_FALSE(report.ok());
    CHECK(report.problems.size() == 1);
    CHECK(report.connections[1].names_unchecked == 2);
    CHECK(systems.calls.empty());
}

TEST_CASE("a connector that lists no names is told of, not blamed", "[online]") {
    auto config = two_systems();
    config.named_objects = {named("category", "Campaign", 10)};
    scripted_systems systems;
    systems.offered = {{"dam", {}}, {"ecm", {}}};
    systems.tests.emplace("ecm", error{category::config, "connection.no-test", "no test"});
    const auto report = check_online(config, {}, systems);
    CHECK(report.ok());
    CHECK(report.problems.empty());
    CHECK(report.connections[1].reached);
    CHECK(report.connections[1].names_unchecked == 1);
}

TEST_CASE("a list that fails is an error, a kind that is unknown a warning", "[online]") {
    auto config = two_systems();
    config.named_objects = {named("category", "Campaign", 10), named("hold", "Legal", 11)};
    named_systems systems;
    systems.answers.at(R"(ecm names.list {"kind":"category"})") =
        error{category::denied, "ecm.denied", "the account may not list categories"};
    const auto report = check_online(config, {}, systems);
    CHECK_FALSE(report.ok());
    const auto text = problems_to_text(report.problems);
    CHECK(text.find("error: the names of kind \"category\" in \"ecm\" cannot be listed (denied): "
                    "the account may not list categories; give the account the right") !=
          std::string::npos);
    CHECK(text.find("warning: the names of kind \"hold\" in \"ecm\" cannot be listed (input)") !=
          std::string::npos);
    CHECK(report.connections[1].names_unchecked == 2);
}

TEST_CASE("an answer that is no list of names is an error", "[online]") {
    auto config = two_systems();
    config.named_objects = {named("category", "Campaign", 10)};
    named_systems systems;
    systems.answers.at(R"(ecm names.list {"kind":"category"})") = std::string("[1]");
    CHECK_FALSE(check_online(config, {}, systems).ok());
}

TEST_CASE("an operation that the account may not do is named", "[online]") {
    auto config = two_systems();
    scripted_systems systems;
    systems.offered = {{"dam", {"rights.check"}}, {"ecm", {}}};
    const std::string asked = R"(dam rights.check {"operations":["assets.get","assets.update"]})";
    systems.answers.emplace(
        asked,
        std::string(R"({"denied":[{"operation":"assets.update","why":"needs the role x"}]})"));
    const used_operations used{{"dam", {"assets.get", "assets.update"}}, {"ecm", {"nodes.get"}}};
    const auto report = check_online(config, used, systems);
    CHECK_FALSE(report.ok());
    CHECK(problems_to_text(report.problems) ==
          "m.toml:1:1: error: the account of \"dam\" may not do assets.update, which a flow needs: "
          "needs the role x; give the account the right, or use another one\n");
    CHECK(report.connections[0].denied == 1);
    CHECK(report.connections[0].operations == 2);
    CHECK(report.connections[0].rights_told);
    CHECK_FALSE(report.connections[1].rights_told);
}

TEST_CASE("rights that cannot be asked for are a warning", "[online]") {
    auto config = two_systems();
    scripted_systems systems;
    systems.offered = {{"dam", {"rights.check"}}, {"ecm", {}}};
    const auto report = check_online(config, {{"dam", {"assets.get"}}}, systems);
    CHECK(report.ok());
    CHECK(report.problems.size() == 1);
}

TEST_CASE("a connection that is not enabled is not asked", "[online]") {
    auto config = two_systems();
    config.connections.at("ecm").enabled = false;
    config.named_objects = {named("category", "Nothing", 10)};
    named_systems systems;
    const auto report = check_online(config, {}, systems);
    CHECK(report.ok());
    CHECK(report.connections.size() == 1);
    CHECK(systems.calls.empty());
}

TEST_CASE("more connections than threads are all checked", "[online]") {
    configuration config;
    for (int i = 0; i < 30; ++i) {
        connection_config one;
        one.name = "c" + std::to_string(i);
        config.connections.emplace(one.name, one);
    }
    scripted_systems systems;
    for (int i = 0; i < 30; i += 3)
        systems.tests.emplace("c" + std::to_string(i), error{category::timeout, "x", "too slow"});
    const auto report = check_online(config, {}, systems);
    CHECK(report.connections.size() == 30);
    CHECK(report.problems.size() == 10);
}
