// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"
#include "support/result_text.hpp"
#include "validate/validate.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <cstdlib>
#include <set>

using namespace mortise::host;

namespace {

const std::string fixtures = MORTISE_BINARY_DIR "/tests/fixtures/";
const std::string wrong = WRONG_PLUGINS "/";

validation run(const std::string& file,
               std::vector<std::string> only = {},
               std::chrono::milliseconds timeout = std::chrono::seconds(60)) {
    // Most of these plugins are wrong on purpose, some by crashing or by answering from a thread of
    // their own: under the thread sanitizer the child must leave that to the check.
    ::setenv("TSAN_OPTIONS", "handle_segv=0 handle_abort=0 report_bugs=0", 1);
    validate_options o;
    o.file = file;
    o.program = VALIDATE_PROGRAM;
    o.only = std::move(only);
    o.timeout = timeout;
    auto v = validate(o);
    INFO((v ? "" : v.error().message));
    REQUIRE(v);
    return std::move(*v);
}

const check_result& result_of(const validation& v, std::string_view name) {
    const auto at = std::find_if(v.checks.begin(), v.checks.end(),
                                 [&](const auto& c) { return c.what->name == name; });
    REQUIRE(at != v.checks.end());
    return at->result;
}

std::set<std::string> failed(const validation& v) {
    std::set<std::string> out;
    for (const auto& c : v.checks)
        if (c.result.outcome == verdict::failed) out.emplace(c.what->name);
    return out;
}

std::string words(const check_result& r) {
    std::string out;
    for (const auto& m : r.messages)
        out += m + '\n';
    return out;
}

struct expected {
    std::string file;
    std::set<std::string> checks; // exactly these fail
    std::string says;             // part of a message of the first
};

} // namespace

TEST_CASE("a plugin with nothing wrong conforms", "[validate]") {
    const auto file =
        GENERATE(as<std::string>(), wrong + "nothing.so", ACME_PLUGIN, COUNTER_PLUGIN);
    const auto v = run(file);
    for (const auto& c : v.checks) {
        INFO(c.what->name << ": " << words(c.result));
        CHECK(c.result.outcome != verdict::failed);
    }
    CHECK(v.conforms());
    CHECK(v.count(verdict::passed) > 25);
}

TEST_CASE("a plugin that cannot be loaded or described fails where its fault is", "[validate]") {
    const auto& e = GENERATE(
        values<expected>({{"no_symbol",
                           {"exports-only-the-entry-symbol", "loads-fast", "entry-is-sane"},
                           "mortise_fixture_answer"},
                          {"other_major",
                           {"exports-only-the-entry-symbol", "loads-fast", "entry-is-sane"},
                           "mortise_plugin_entry_v2"},
                          {"undefined_symbol", {"loads-fast"}, "mortise_fixture_not_there"},
                          {"crashes_in_constructor", {"loads-fast"}, "SIGSEGV"},
                          {"exits_in_constructor", {"loads-fast"}, "status 3"},
                          {"wrong_magic", {"entry-is-sane"}, "0xDEADBEEF"},
                          {"short_struct", {"entry-is-sane"}, "struct_size"},
                          {"wrong_abi_major", {"entry-is-sane"}, "ABI major 7"},
                          {"unknown_service", {"required-services-exist"}, "mortise.http/2"},
                          {"bad_schema", {"schemas-in-subset"}, "not valid JSON"},
                          {"init_fails", {"init-and-deinit"}, "licence file is missing"},
                          {"throws_in_init", {"init-and-deinit"}, "no such table"}}));
    const auto v = run(fixtures + "bad/" + e.file + ".so");
    INFO(e.file);
    // A sanitizer's runtime reports the crash before the signal does.
    CHECK(failed(v) == e.checks);
    const auto first = std::find_if(v.checks.begin(), v.checks.end(), [](const auto& c) {
        return c.result.outcome == verdict::failed;
    });
    REQUIRE(first != v.checks.end());
#ifndef __SANITIZE_ADDRESS__
    CHECK_THAT(words(first->result), Catch::Contains(e.says));
#endif
    CHECK_FALSE(v.conforms());
}

TEST_CASE("a plugin that never comes back from loading is stopped", "[validate]") {
    const auto v = run(fixtures + "bad/hangs_in_constructor.so", {}, std::chrono::seconds(3));
    CHECK(failed(v) == std::set<std::string>{"loads-fast"});
    CHECK_THAT(words(result_of(v, "loads-fast")), Catch::Contains("no end after 3000 ms"));
    CHECK(result_of(v, "completes-exactly-once").outcome == verdict::skipped);
}

TEST_CASE("each wrong thing is found by the check for it", "[validate]") {
    struct one {
        const char* file;
        const char* check;
        const char* says;
    };
    const auto e = GENERATE(values<one>(
        {{"unique_symbol", "no-unique-symbols", "fno-gnu-unique"},
         {"unique_symbol", "exports-only-the-entry-symbol", "fixture_count"},
         {"slow_to_load", "loads-fast", "took"},
         {"compares_a_prefix", "factory-id-with-trailing-garbage-is-null", "compare the whole id"},
         {"bad_keyword", "schemas-in-subset", "minLenght"},
         {"bad_default", "defaults-satisfy-schema", "/properties/size/default"},
         {"bad_example", "defaults-satisfy-schema", "/size"},
         {"loose_names", "annotations-hold", "the role \"dma\", which there is not"},
         {"loose_names", "annotations-hold", "did you mean \"view\"?"},
         {"loose_names", "annotations-hold", "the default mapping is wrong"},
         {"init_starts_thread", "init-and-deinit", "thread"},
         {"refuses_valid_config", "create-with-valid-config", "Nothing will do"},
         {"takes_any_config", "create-with-empty-config", "an instance was made"},
         {"takes_any_config", "create-with-each-required-field-missing", "without \"/name\""},
         {"refuses_as_input", "create-with-each-required-field-missing", "category input"},
         {"crashes_on_long_config", "create-with-random-config", "while trying"},
         {"leaks_files", "create-destroy-1000", "files or sockets"},
         {"crashes_in_destroy", "destroy-with-nothing-open", "destroy()"},
         {"trusts_services", "null-services", "without mortise.log/1"},
         {"wants_exact_sizes", "newer-host", "This is not my host"},
         {"takes_any_input", "invalid-input-is-input", "without \"/id\""},
         {"completes_on_cancel", "cancel-before", "unknown call"},
         {"completes_on_cancel", "cancel-after", "completed twice"},
         {"ignores_deadline", "deadline-in-the-past", "never completed"},
         {"keeps_content", "content-with-one-byte-reads", "never closed"},
         {"bad_triggers", "deliveries-complete-exactly-once", "never completed"},
         {"bad_triggers", "unreadable-webhook-is-refused", "an event was emitted"},
         {"bad_triggers", "no-emit-after-close", "after the trigger had closed"},
         {"bad_triggers", "backfill-pages-end", "{\"done\":bool}"},
         {"backfill_stands_still", "backfill-pages-end", "left the position \"3\""},
         {"backfill_never_ends", "backfill-pages-end", "1000 pages"},
         {"backfill_new_ids", "backfill-pages-end", "\"0-6\""},
         {"leaves_thread", "no-thread-left-after-destroy", "join it"},
         {"used_after_destroy", "no-callback-after-destroy", "after destroy()"},
         {"forgetful_flow", "flow-replays-the-same", "take time, random numbers"}}));
    INFO(e.file << ", " << e.check);
    const auto r = result_of(run(wrong + e.file + ".so", {e.check}), e.check);
    CHECK(r.outcome == verdict::failed);
    CHECK_THAT(words(r), Catch::Contains(e.says));
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST_CASE("memory that instances leave behind is counted", "[validate]") {
    // A sanitizer's allocator does not tell; its leak checker does.
    const auto r =
        result_of(run(wrong + "leaks_memory.so", {"create-destroy-1000"}), "create-destroy-1000");
    CHECK(r.outcome == verdict::failed);
    CHECK_THAT(words(r), Catch::Contains("bytes of memory"));
}
#endif

TEST_CASE("misbehaving calls are found", "[validate]") {
    struct one {
        const char* file;
        const char* check;
        const char* says;
    };
    const auto e = GENERATE(
        values<one>({{"double_complete", "completes-exactly-once", "completed twice"},
                     {"never_completes", "completes-exactly-once", "never completed"},
                     {"never_completes", "cancel-during", "30 s after the cancel"},
                     {"late_completion", "cancel-during", "30 s after the cancel"},
                     {"blocks_strand", "does-not-block-the-strand", "waits on the strand"}}));
    INFO(e.file << ", " << e.check);
    const auto r = result_of(run(fixtures + "misbehaving/" + e.file + ".so", {e.check}), e.check);
    CHECK(r.outcome == verdict::failed);
    CHECK_THAT(words(r), Catch::Contains(e.says));
}

TEST_CASE("what does not apply is skipped with the reason", "[validate]") {
    const auto v = run(wrong + "nothing.so", {"flow-runs-end"});
    REQUIRE(v.checks.size() == 1);
    CHECK(v.checks[0].result.outcome == verdict::skipped);
    CHECK_THAT(words(v.checks[0].result), Catch::Contains("no flow"));
    CHECK(v.conforms());
}

TEST_CASE("a plugin with nothing but a backfill conforms", "[validate]") {
    const auto v = run(wrong + "backfill_good.so");
    CHECK(failed(v) == std::set<std::string>{});
    CHECK(result_of(v, "backfill-pages-end").outcome == verdict::passed);
    CHECK(result_of(v, "deliveries-complete-exactly-once").outcome == verdict::passed);
}

TEST_CASE("a page of a backfill that cannot come is cancelled, and no fault", "[validate]") {
    const auto r =
        result_of(run(wrong + "backfill_hangs.so", {"backfill-pages-end"}), "backfill-pages-end");
    INFO(words(r));
    CHECK(r.outcome == verdict::passed);
}

TEST_CASE("a plugin without a backfill skips its check", "[validate]") {
    const auto r =
        result_of(run(wrong + "nothing.so", {"backfill-pages-end"}), "backfill-pages-end");
    CHECK(r.outcome == verdict::skipped);
    CHECK_THAT(words(r), Catch::Contains("no trigger of this kind"));
}

TEST_CASE("an unknown check is refused with the nearest name", "[validate]") {
    validate_options o;
    o.file = wrong + "nothing.so";
    o.program = VALIDATE_PROGRAM;
    o.only = {"cancel-befor"};
    const auto v = validate(o);
    REQUIRE_FALSE(v);
    CHECK_THAT(v.error().message, Catch::Contains("cancel-before"));
    o.only.clear();
    o.file = wrong + "no_such_file.so";
    const auto missing = validate(o);
    REQUIRE_FALSE(missing);
    CHECK(missing.error().category == mortise::category::not_found);
}

TEST_CASE("the result as JSON names each check with its rule", "[validate]") {
    const auto v = run(wrong + "takes_any_input.so", {"invalid-input-is-input", "loads-fast"});
    const auto j = boost::json::parse(to_json(v));
    CHECK(j.at("conforms") == false);
    REQUIRE(j.at("checks").as_array().size() == 2);
    const auto& second = j.at("checks").as_array()[1];
    CHECK(second.at("name") == "invalid-input-is-input");
    CHECK(second.at("outcome") == "failed");
    CHECK_FALSE(second.at("rule").as_string().empty());
    CHECK_FALSE(second.at("messages").as_array().empty());
}

TEST_CASE("names of checks are unique and every check has a rule", "[validate]") {
    std::set<std::string_view> names;
    for (const auto& c : all_checks()) {
        CHECK(names.insert(c.name).second);
        CHECK(c.rule.ends_with("."));
        CHECK(find_check(c.name) == &c);
    }
    CHECK(find_check("no-such-check") == nullptr);
}
