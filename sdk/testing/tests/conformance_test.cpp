// SPDX-License-Identifier: Apache-2.0
//
// The suite lets a good connector pass and finds each way of being wrong.
#include "shop.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <set>

using namespace shop;
using conformance::finding;

namespace {

std::vector<finding> findings_of(defect d, const std::string& of) {
    wrong = d;
    const auto s = subject();
    std::vector<finding> out;
    if (of == "changes") out = check_trigger(s, changes());
    for (const auto& r : rows()) {
        if (r.operation == of) out = check_operation(s, r);
    }
    wrong = defect::none;
    return out;
}

struct expectation {
    defect how;
    const char* of;
    const char* check; // at least one finding is of a check that begins so
    const char* says;
};

} // namespace

TEST_CASE("a connector that does all right has no findings", "[sdk][conformance]") {
    wrong = defect::none;
    const auto s = subject();
    const auto all = rows();
    CHECK(conformance::to_text(check_coverage(s, all, {changes()})).empty());
    for (const auto& r : all) {
        INFO(r.operation);
        CHECK(conformance::to_text(check_operation(s, r)) == "");
    }
    CHECK(conformance::to_text(check_trigger(s, changes())) == "");
}

TEST_CASE("what a connector does wrong is found, by name", "[sdk][conformance]") {
    const auto c = GENERATE(
        expectation{defect::asks_again, "items.get", "refused-503", "with 1 more requests"},
        expectation{defect::logs_in_for_each, "items.get", "login-shared", "instead of once"},
        expectation{defect::gives_up_on_401, "items.get", "login-expires", "fails when the login"},
        expectation{defect::calls_all_input, "items.get", "refused-403", "is not denied"},
        expectation{defect::calls_all_input, "items.get", "refused-404", "is not not_found"},
        expectation{defect::calls_all_input, "items.rename", "refused-409", "is not conflict"},
        expectation{defect::calls_all_input, "items.get", "refused-500", "is not unavailable"},
        expectation{defect::calls_all_input, "items.get", "refused-401", "is not auth"},
        expectation{defect::loses_retry_after, "items.get", "refused-429-seconds", "Retry-After"},
        expectation{defect::loses_retry_after, "items.get", "refused-429-date", "Retry-After"},
        expectation{defect::trusts_own_clock, "items.get", "refused-429-skewed", "asks to wait"},
        expectation{defect::claims_no_effect, "items.create", "timeout-after-effect", "no effect"},
        expectation{defect::claims_no_effect, "items.create", "cut-after-effect", "has written 2"},
        expectation{defect::doubts_refusals, "items.create", "refused-403", "does not say that"},
        expectation{defect::finds_nothing, "items.create", "repeat", "is not found by items.find"},
        expectation{defect::finds_nothing, "items.create", "cut-in-body", "has written 2"},
        expectation{defect::shows_secret, "items.get", "refused-403", "shows the secret"},
        expectation{defect::shows_query, "items.get", "refused-403", "URL with its query"},
        expectation{defect::is_mute, "items.get", "refused-403", "does not quote"},
        expectation{defect::is_vague, "items.list", "refused-403", "what it was about"},
        expectation{defect::quotes_html, "items.get", "html-502", "quotes an HTML page"},
        expectation{defect::takes_html, "items.get", "html-200", "succeeds although"},
        expectation{defect::is_strict, "items.get", "unknown-fields", "fails when"},
        expectation{defect::mangles_text, "items.rename", "foreign-text", "gives back"},
        expectation{defect::lists_by_page, "items.list", "page-drift-removed", "loses"},
        expectation{defect::stops_early, "items.list", "pages", "lists 4 of 7"},
        expectation{defect::hides_missing, "items.get", "missing", "does not exist"},
        expectation{defect::appends, "items.rename", "repeat", "changes more"},
        expectation{defect::leaks_content, "files.get", "works", "never closed"},
        expectation{defect::hides_cuts, "files.get", "cut-in-body", "as if it were whole"},
        expectation{defect::blames_login, "files.put", "login-expires-in-upload", "repeated"},
        expectation{defect::trusts_hooks, "changes", "webhook-forged", "is not AUTH"},
        expectation{defect::crashes_on_garbage, "changes", "webhook-garbage", "is not INPUT"},
        expectation{defect::numbers_events, "changes", "webhook-duplicate", "instead of one"},
        expectation{defect::moves_cursor_first, "changes", "poll-503", "makes 0 events"},
        expectation{defect::hides_poll_failures, "changes", "poll-cut", "succeeds although"},
        expectation{defect::trusts_clocks, "changes", "clock-skew", "makes 0 events"},
        expectation{defect::blames_caller, "items.create", "cut-before", "is not unavailable"},
        expectation{defect::blames_caller, "items.get", "cut-after-effect", "is not unavailable"},
        expectation{defect::blames_caller, "items.get", "slow", "is not timeout"},
        expectation{defect::blames_caller, "items.get", "cancel", "does not end with CANCELLED"},
        expectation{defect::takes_half, "items.get", "half-json", "half of its JSON"},
        expectation{defect::expects_objects, "items.get", "odd-json-array", "remote_protocol"},
        expectation{defect::blames_system, "items.get", "login-refused", "is not auth"},
        expectation{defect::blames_system, "items.create", "login-limited", "is not rate_limit"},
        expectation{defect::blames_caller, "items.get", "login-away", "is not unavailable"},
        expectation{defect::blames_caller, "items.get", "login-cut", "is not unavailable"},
        expectation{defect::calls_all_input, "items.get", "refused-429", "is not rate_limit"},
        expectation{defect::calls_all_input, "items.get", "refused-502", "is not unavailable"},
        expectation{defect::loses_retry_after, "items.get", "refused-503-seconds", "Retry-After"},
        expectation{defect::loses_retry_after, "changes", "poll-429", "Retry-After"},
        expectation{defect::numbers_events, "changes", "webhook", "instead of one"},
        expectation{defect::numbers_events, "changes", "webhook-reordered", "instead of one"},
        expectation{defect::follows_up_late, "changes", "webhook-system-away", "follow up"},
        expectation{defect::ends_backfill, "changes", "backfill-503", "the page succeeds"},
        expectation{defect::counts_backfill, "changes", "backfill", "makes another event"},
        expectation{defect::gives_up_on_401, "changes", "poll-login-expires", "poll fails"},
        expectation{defect::gives_up_on_401, "changes", "backfill-login-expires", "fails when"},
        expectation{defect::gives_up_on_401, "items.list", "pages-login-expires", "fails when"},
        expectation{defect::forgets_pages, "items.list", "refused-503", "succeeds although"},
        expectation{defect::takes_html, "items.get", "html-200", "text/html"});
    INFO("defect " << static_cast<int>(c.how) << ", " << c.of << " [" << c.check << "] " << c.says);
    const auto found = findings_of(c.how, c.of);
    INFO(conformance::to_text(found));
    CHECK(std::any_of(found.begin(), found.end(), [&](const finding& f) {
        return f.of == c.of && f.check.starts_with(c.check) &&
               f.text.find(c.says) != std::string::npos;
    }));
}

TEST_CASE("an operation or trigger without a row is a finding, a row without one too",
          "[sdk][conformance]") {
    wrong = defect::none;
    auto some = rows();
    some.erase(some.begin());
    some.emplace_back("items.gone", json::object());
    const auto text = conformance::to_text(check_coverage(subject(), some, {}));
    CHECK(text.find("items.get [coverage] has no row") != std::string::npos);
    CHECK(text.find("items.gone [coverage]") != std::string::npos);
    CHECK(text.find("changes [coverage] is a trigger without a row") != std::string::npos);
}

TEST_CASE("a row that cannot work is the author's mistake, not a finding", "[sdk][conformance]") {
    wrong = defect::none;
    const conformance::row unknown("items.get", json::object{{"id", "i9999"}});
    CHECK_THROWS_WITH(check_operation(subject(), unknown), Catch::Contains("does not work"));
    const conformance::row there("items.create", json::object{{"name", "Saw"}});
    CHECK_THROWS_WITH(check_operation(subject(), there), Catch::Contains("finds already"));
}

TEST_CASE("an exception silences its check and no other", "[sdk][conformance]") {
    wrong = defect::calls_all_input;
    conformance::row r = rows().front();
    r.except("refused-40", "for this test");
    std::set<std::string> checks;
    for (const auto& f : check_operation(subject(), r))
        checks.insert(f.check);
    wrong = defect::none;
    CHECK_FALSE(checks.contains("refused-403"));
    CHECK(checks.contains("refused-429"));
}
