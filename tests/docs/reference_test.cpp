// SPDX-License-Identifier: Apache-2.0
// The reference is made from the schemas: the committed pages are as they would be made, and the
// configuration it shows is one that the program takes.
#include "config/host_schemas.hpp"
#include "reference/markdown_tables.hpp"
#include "reference/reference.hpp"
#include "reference/schema_words.hpp"
#include "reference/toml_text.hpp"
#include "support/child_process.hpp"
#include "support/temp_dir.hpp"
#include "support/test_certificate.hpp"

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

#include <fstream>
#include <sstream>
#include <sys/wait.h>

using namespace mortise::host::reference;
namespace json = boost::json;
namespace test = mortise::test;

namespace {

struct ended {
    int code = -1;
    std::string text;
};

ended program(const test::temp_dir& dir, std::vector<std::string> command) {
    const auto out = (dir.path() / "said").string();
    test::child_process child(std::move(command), out);
    const auto status = child.wait(std::chrono::seconds(60));
    REQUIRE(status);
    REQUIRE(WIFEXITED(*status));
    return {WEXITSTATUS(*status), test::read_file(out)};
}

json::object schema(std::string_view text) {
    return json::parse(text).as_object();
}

// Every line "#x" is configuration, every line "# x" is not.
std::string uncommented(const std::string& text) {
    std::istringstream in(text);
    std::string out, line;
    while (std::getline(in, line))
        if (line.size() > 1 && line[0] == '#' && line[1] != ' ') out += line.substr(1) + "\n";
    return out;
}

void replace_all(std::string& text, std::string_view what, const std::string& by) {
    for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size())
        text.replace(at, what.size(), by);
}

} // namespace

TEST_CASE("the committed reference is as the schemas say") {
    const test::temp_dir dir;
    const auto said = program(dir, {MORTISE_REFERENCE, "--check", MORTISE_SOURCE_DIR});
    INFO(said.text);
    CHECK(said.code == 0);
}

TEST_CASE("a page that is not as the schemas say is named with the command that mends it") {
    const test::temp_dir dir;
    const auto root = dir.path() / "tree";
    REQUIRE(program(dir, {MORTISE_REFERENCE, "--write", root.string()}).code == 0);
    CHECK(program(dir, {MORTISE_REFERENCE, "--check", root.string()}).code == 0);
    std::ofstream(root / "docs/reference/configuration.md", std::ios::app) << "by hand\n";
    std::ofstream(root / "docs/reference/left.md") << "of a plugin that is gone\n";
    std::filesystem::remove(root / "config/reference.toml");
    const auto said = program(dir, {MORTISE_REFERENCE, "--check", root.string()});
    CHECK(said.code == 1);
    INFO(said.text);
    CHECK(said.text.find("configuration.md is not as the schemas say") != std::string::npos);
    CHECK(said.text.find("by hand") != std::string::npos);
    CHECK(said.text.find("left.md is of nothing that is there") != std::string::npos);
    CHECK(said.text.find("reference.toml is not as the schemas say: it is not there") !=
          std::string::npos);
    CHECK(said.text.find("./dev reference") != std::string::npos);
}

TEST_CASE("the reference configuration, uncommented as a whole, is one that check takes") {
    const test::temp_dir dir;
    const std::filesystem::path source(MORTISE_SOURCE_DIR);
    std::string text = uncommented(test::read_file(source / "config" / "reference.toml"));
    REQUIRE(text.find("[host]") != std::string::npos);
    REQUIRE(text.find("[connections.iconik]") != std::string::npos);
    REQUIRE(text.find("[flows.") != std::string::npos);
    // Files that the machine of the test does not have.
    replace_all(text, "/etc/mortise/", dir.path().string() + "/");
    const test::test_certificate cert(dir, {}, {-3600, 90 * 24 * 3600});
    std::filesystem::rename(cert.cert_file, dir.path() / "tls.crt");
    std::filesystem::rename(cert.key_file, dir.path() / "tls.key");
    std::ofstream(dir.path() / "ca.pem") << "made up\n";
    const auto file = (dir.path() / "mortise.toml").string();
    std::ofstream(file) << text;
    const std::vector<std::string> command{MORTISE_PROGRAM, "-c",   file, "--plugins",
                                           MORTISE_PLUGINS, "check"};
    const auto said = program(dir, command);
    INFO(said.text);
    CHECK(said.code == 0);

    // It is checked at all: a key that does not exist is found.
    replace_all(text, "keep_runs = ", "keep_run = ");
    std::ofstream(file) << text;
    const auto wrong = program(dir, command);
    CHECK(wrong.code == 3);
    CHECK(wrong.text.find("keep_runs") != std::string::npos);
}

TEST_CASE("every key of the host has a title, and a default or an example") {
    using mortise::host::connection_schema_text;
    using mortise::host::flow_schema_text;
    using mortise::host::root_schema_text;
    const auto walk = [](const auto& self, const json::object& s, const std::string& path) -> void {
        const json::object* properties = object_of(s, "properties");
        if (properties == nullptr) return;
        for (const auto& p : *properties) {
            const json::object& one = p.value().as_object();
            const std::string key = path + "." + std::string(p.key());
            INFO(key);
            CHECK_FALSE(text_of(one, "title").empty());
            if (form_of(one) == form::value && text_of(one, "type") == "string" &&
                member(one, "x-secret") == nullptr && member(one, "enum") == nullptr)
                CHECK((member(one, "default") != nullptr || member(one, "examples") != nullptr));
            self(self, one, key);
            if (const json::object* values = object_of(one, "additionalProperties"))
                self(self, *values, key + ".NAME");
        }
    };
    walk(walk, schema(root_schema_text()), "");
    walk(walk, schema(connection_schema_text()), "connections.NAME");
    walk(walk, schema(flow_schema_text()), "flows.NAME");
}

TEST_CASE("values are told in words") {
    CHECK(type_words(schema(R"({"type":"integer","minimum":1,"maximum":9})")) ==
          "whole number, 1 to 9");
    CHECK(type_words(schema(R"({"type":"number","minimum":0.001})")) == "number, at least 0.001");
    CHECK(type_words(schema(R"({"type":"string","format":"duration"})")) == "duration");
    CHECK(type_words(schema(R"({"enum":["a","b","c"]})")) == R"(`"a"`, `"b"` or `"c"`)");
    CHECK(type_words(schema(R"({"type":"array","items":{"type":"string"},"minItems":1})")) ==
          "list of text, at least 1 entry");
    CHECK(type_words(schema(R"({"type":"string","x-secret":true})")) == "secret");
    CHECK(type_words(schema(R"({"type":"object","additionalProperties":{"type":"string"}})")) ==
          "table of text");
    CHECK(meaning(schema(R"({"title":"How long","description":"At most.","pattern":"^a$"})")) ==
          "How long. At most. Must match `^a$`.");
}

TEST_CASE("values are written as TOML reads them") {
    CHECK(toml_value(json::parse(R"({"a b":[1,true,0.5],"c":"say \"x\""})")) ==
          R"({ "a b" = [1, true, 0.5], c = 'say "x"' })");
    CHECK(toml_value(json::value("it's \"x\"\n")) == R"("it's \"x\"\u000A")");
    CHECK(toml_key("a.b") == "\"a.b\"");
    CHECK(toml_key("") == "\"\"");
    CHECK(wrapped("one two three", "# ", 9) == "# one two\n# three\n");
}

TEST_CASE("nothing in a value breaks the row of a table") {
    CHECK(cell("a|b <c> *d* `<e>*|`\nf") == "a\\|b &lt;c> \\*d\\* `<e>*\\|` f");
    const auto table = value_table(schema(
        R"({"type":"object","properties":{"list":{"type":"array","items":{"type":"object",
            "properties":{"name":{"type":"string","description":"Its name"}},"required":["name"]}}}})"));
    CHECK(table.find("| `list[].name` | text | required | Its name. |") != std::string::npos);
    CHECK(value_table(schema(R"({"type":"object"})")).find("No fields are described") !=
          std::string::npos);
}

TEST_CASE("a default of the table as a whole is told apart from that of its key") {
    const auto page = settings_sections(
        schema(R"({"type":"object","properties":{"where":{"type":"object","title":"Where",
            "default":{"field":"id"},"properties":{"field":{"type":"string","default":""}}}}})"),
        "flows.NAME.settings");
    CHECK(page.find(R"(`""`; `"id"` when the table is left out)") != std::string::npos);
}
