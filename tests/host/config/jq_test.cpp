// SPDX-License-Identifier: Apache-2.0
#include "config/jq.hpp"
#include "config/jq_words.hpp"
#include "support/catch.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <atomic>
#include <thread>

using namespace mortise::host;
namespace json = boost::json;

namespace {

std::vector<std::string> run(std::string_view text, std::string_view input) {
    const auto program = jq_program::compile(text);
    INFO(text << ": " << (program ? "" : program.error().message));
    REQUIRE(program.has_value());
    const auto all = program->run(input);
    INFO((all ? "" : all.error().message));
    REQUIRE(all.has_value());
    return *all;
}

error compile_error(std::string_view text) {
    const auto program = jq_program::compile(text);
    INFO(text);
    REQUIRE(!program);
    CHECK(program.error().category == category::config);
    return program.error();
}

error run_error(std::string_view text, std::string_view input) {
    const auto program = jq_program::compile(text);
    INFO(text << ": " << (program ? "" : program.error().message));
    REQUIRE(program.has_value());
    const auto all = program->run(input);
    REQUIRE(!all);
    return all.error();
}

using texts = std::vector<std::string>;

} // namespace

TEST_CASE("expressions give their results in order", "[config][jq]") {
    CHECK(run(".a", R"({"a":1})") == texts{"1"});
    CHECK(run(".a[]", R"({"a":[1,"x",null]})") == texts{"1", "\"x\"", "null"});
    CHECK(run("empty", "{}").empty());
    CHECK(run("{b: .a, a: 2}", R"({"a":1.5})") == texts{R"({"a":2,"b":1.5E0})"});
    CHECK(run("\"\\(.a):\\(.b)\"", R"({"a":1,"b":"x"})") == texts{"\"1:x\""});
    CHECK(run("if .a > 3 then \"big\" else \"small\" end", R"({"a":4})") == texts{"\"big\""});
    CHECK(run("[.t[] | select(test(\"^a\"; \"i\"))]", R"({"t":["Ab","b"]})") == texts{R"(["Ab"])"});
    CHECK(run("{type, \"x y\": .type}", R"({"type":"t"})") == texts{R"({"type":"t","x y":"t"})"});
    CHECK(run(".a * 2 % 5", R"({"a":4})") == texts{"3"});
    CHECK(run("\"ab\" * 3", "null") == texts{"\"ababab\""});
    CHECK(run(".d | todate", R"({"d":0})") == texts{"\"1970-01-01T00:00:00Z\""});
    CHECK(run("[..|numbers]", R"({"a":[1,{"b":2}]})") == texts{"[1,2]"});
    CHECK(run(".a[1:-1]", R"({"a":[1,2,3]})") == texts{"[2]"});
    CHECK(run("sub(\"b+\"; \"x\")", R"("abbc")") == texts{"\"axc\""});
    CHECK(run("index(\"b\")", R"("abc")") == texts{"1"});
}

TEST_CASE("when is true unless the first result is false, null or absent", "[config][jq]") {
    const auto matches = [](std::string_view text, const json::value& v) {
        return *jq_program::compile(text)->matches(v);
    };
    const json::value event = json::parse(R"({"type":"asset.approved","data":{"n":3,"s":null}})");
    CHECK(matches(".type == \"asset.approved\" and .data.n >= 3", event));
    CHECK(!matches(".type == \"asset.approved\" and .data.n > 3", event));
    CHECK(!matches(".data.s", event));
    CHECK(matches(".data.n", event));
    CHECK(!matches("empty", event));
    CHECK(matches(".data.s // .data.n", event));
}

TEST_CASE("a key is the text of the first result", "[config][jq]") {
    const auto key = [](std::string_view text, const json::value& v) {
        return jq_program::compile(text)->text(v);
    };
    const json::value event =
        json::parse(R"({"s":"a b","n":12,"f":1.5,"b":true,"l":[1],"z":null})");
    CHECK(*key(".s", event) == "a b");
    CHECK(*key(".n", event) == "12");
    CHECK(*key(".f", event) == "1.5");
    CHECK(*key(".b", event) == "true");
    for (const char* text : {".l", ".z", ".", "empty"}) {
        CAPTURE(text);
        const auto bad = key(text, event);
        REQUIRE(!bad);
        CHECK(bad.error().category == category::input);
    }
}

TEST_CASE("a syntax error is told without jq's own framing", "[config][jq]") {
    const std::string message = compile_error(".a ==").message;
    CHECK(message.starts_with("not a jq expression: syntax error"));
    CHECK(message.find("<top-level>") == std::string::npos);
    compile_error("");
    compile_error("  # only a comment");
    compile_error(".a)");
    compile_error("\"open");
    compile_error("\"\\(.a");
    compile_error("$undefined");
    compile_error(std::string(17 * 1024, '.'));
    compile_error(std::string_view(".a\0.b", 5));
}

TEST_CASE("what reaches out of the expression is refused by name", "[config][jq]") {
    const char* text = GENERATE(
        "env", "$ENV", "$ ENV.PATH", "env.PATH", "input", "[inputs]", "include \"x\"; .",
        "import \"x\" as y; .", "debug", "stderr", "halt", "halt_error", "$__prog_args",
        "input_filename", "get_search_list", "\"\\(env)\"", "{a: env}", "modulemeta",
        "\"\\(\"\\(input)\")\"", "builtins", "input_line_number", "{(env.A): 1}", "[.[]|env]");
    CAPTURE(text);
    CHECK(compile_error(text).message.find("cannot be used") != std::string::npos);
}

TEST_CASE("what could loop, grow deep or crash libjq is refused by name", "[config][jq]") {
    const char* text =
        GENERATE("def f: f; f", "reduce .[] as $x (0; . + $x)", "[recurse([.])]", "repeat(.)",
                 "until(false; .)", "[while(true; .)]", "walk([.])", ".[1e9] = 1", ".a |= 1",
                 ".a += 1", "setpath([1e9]; 1)", "implode", "gsub(\"\"; \"a\")", "[scan(\"\")]",
                 "foreach .[] as $x (0; .; .)", ".[.a:]", ".[:nan]", "label $x | .", "del(.[nan])",
                 "m_mul(1; 2)", "_multiply(1; 2)", "(-9223372036854775808) % -1");
    CAPTURE(text);
    compile_error(text);
}

TEST_CASE("names of keys and fields are free", "[config][jq]") {
    CHECK(run(".env", R"({"env":1})") == texts{"1"});
    CHECK(run("{env: 1, input: .def}", R"({"def":2})") == texts{R"({"env":1,"input":2})"});
    CHECK(run("{env}", R"({"env":3})") == texts{R"({"env":3})"});
    CHECK(run(". as {env: $x} | $x", R"({"env":4})") == texts{"4"});
    CHECK(run("\"env def #\" # env", "null") == texts{"\"env def #\""});
}

TEST_CASE("a misspelt function brings the nearest one", "[config][jq]") {
    CHECK(compile_error(".a | startwith(\"x\")").message.find("did you mean \"startswith\"?") !=
          std::string::npos);
}

TEST_CASE("inputs that make libjq abort or hang are errors", "[config][jq]") {
    run_error(".a % -1", R"({"a":-1e300})");
    run_error(".a | todate", R"({"a":1e300})");
    run_error("strftime(.f)", R"({"f":1})");
    run_error("0 | strftime([])", "null");
    run_error(".s * .n", R"({"s":"abc","n":1e9})");
    run_error(".n * .s", R"({"s":"abc","n":1e9})");
    run_error("tonumber", R"("nan")");
    run_error("fromjson", R"("[nan]")");
    run_error("test(\"\"; .f)", R"({"f":"g"})");
    run_error("[match([\"\", \"g\"])]", R"("aé")");
    CHECK(run("indices(\"\")", R"("abc")") == texts{"null"});
    CHECK(run("index(.x)", R"({"x":""})") == texts{"null"});
}

TEST_CASE("a failing expression tells the reason", "[config][jq]") {
    const error e = run_error(".a.b", R"({"a":[1]})");
    CHECK(e.category == category::input);
    CHECK(e.message.find("Cannot index array with") != std::string::npos);
    CHECK(run_error("error(\"no luck\")", "{}").message.find("no luck") != std::string::npos);
    CHECK(run_error(".", "{").category == category::input);
}

TEST_CASE("an expression that takes too long is stopped at its deadline", "[config][jq]") {
    const auto program = jq_program::compile("[range(0; 1e12)] | length");
    REQUIRE(program.has_value());
    CHECK(!program->is_simple());
    const auto before = std::chrono::steady_clock::now();
    const auto all = program->run("null", {.deadline = std::chrono::milliseconds(30)});
    REQUIRE(!all);
    CHECK(all.error().category == category::limit);
    CHECK(std::chrono::steady_clock::now() - before < std::chrono::seconds(20));
    // The program stays usable.
    CHECK(!program->run("null", {.deadline = std::chrono::milliseconds(5)}));
}

TEST_CASE("results are bounded in number and length", "[config][jq]") {
    const auto many = jq_program::compile(".[]");
    CHECK(many->run("[1,2,3]", {.max_results = 3}).has_value());
    const auto too_many = many->run("[1,2,3,4]", {.max_results = 3});
    REQUIRE(!too_many);
    CHECK(too_many.error().category == category::limit);
    // 2^40 numbers as text, forty lists in memory.
    std::string doubling = ".";
    for (int i = 0; i < 40; ++i)
        doubling += " | [., .]";
    const auto huge = jq_program::compile(doubling)->run("1");
    REQUIRE(!huge);
    CHECK(huge.error().category == category::limit);
    const auto large = jq_program::compile(".")->run("\"" + std::string(100, 'x') + "\"",
                                                     {.max_result_bytes = 50});
    CHECK(!large);
}

TEST_CASE("inputs nested too deeply are refused", "[config][jq]") {
    const auto program = jq_program::compile(".");
    const std::string deep = std::string(200, '[') + std::string(200, ']');
    CHECK(!program->run(deep));
    json::value v = 1;
    for (int i = 0; i < 200; ++i)
        v = json::array{v};
    const auto all = program->run(v);
    REQUIRE(!all);
    CHECK(all.error().category == category::limit);
}

TEST_CASE("only expressions that pass over their input once run on the caller's thread",
          "[config][jq]") {
    const auto simple = [](std::string_view text) {
        return jq_program::compile(text)->is_simple();
    };
    CHECK(simple(".type == \"x\""));
    CHECK(simple(".a[] | .b"));
    CHECK(simple("any(.a; . == 1)"));
    CHECK(!simple("[.a[] as $x | .b[] | . == $x]"));
    CHECK(!simple(".."));
    CHECK(!simple(".a | test(\"x\")"));
    CHECK(!simple("[range(0; .n)]"));
}

TEST_CASE("what is recognised as plain is valid for libjq", "[config][jq]") {
    const char* text = GENERATE(
        ".", ".a", ".a.b", ".a?.b?", ".a == 1 and .b != \"x\" or .c", ".a // .b == 1", "(.a | not)",
        ".a == (.b // 1)", "\"x\\(.a)y\\(.b | tostring)\"", ".a < .b and (.c >= 3 or true)",
        ".a | length", "null // false", ".a // .b // \"\"", ".a | . | type");
    CAPTURE(text);
    REQUIRE(check_jq_words(text).has_value());
    CHECK(check_jq_words(text)->plain);
    // compile() did not ask libjq; the run does.
    const auto all = jq_program::compile(text)->run(R"({"a":null,"b":null})");
    CHECK((all.has_value() || all.error().category == category::input));
}

TEST_CASE("what is not certainly valid is left to libjq", "[config][jq]") {
    for (const char* text : {".a == 1 == 2", ".a.", ".a and", "()", ".a .b .c ==", "\"\\q\"",
                             "1.2.3", ".a[", "| .a"}) {
        CAPTURE(text);
        const auto shape = check_jq_words(text);
        CHECK((!shape.has_value() || !shape->plain));
        CHECK(!jq_program::compile(text));
    }
}

TEST_CASE("one program serves many threads", "[config][jq]") {
    const auto cheap = jq_program::compile(".n * 2");
    const auto guarded = jq_program::compile("[range(0; .n)] | length");
    REQUIRE((cheap.has_value() && guarded.has_value()));
    std::atomic<int> wrong{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&, t] {
            for (int i = 0; i < 50; ++i) {
                const int n = t * 100 + i;
                const json::value v = json::object{{"n", n}};
                const auto a = cheap->run(v, {});
                const auto b = guarded->run(v, {.deadline = std::chrono::seconds(20)});
                if (!a || a->front() != n * 2 || !b || b->front() != n) ++wrong;
            }
        });
    for (std::thread& t : threads)
        t.join();
    CHECK(wrong.load() == 0);
}
