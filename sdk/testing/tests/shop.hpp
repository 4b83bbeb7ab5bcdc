// SPDX-License-Identifier: Apache-2.0
//
// A shop with a REST interface, in memory, and a connector to it: right as it stands, and wrong in
// one chosen way each, so that the conformance suite can be shown to find it.
#pragma once

#include <mortise/sdk/connector.hpp>
#include <mortise/sdk/session.hpp>
#include <mortise/testing/conformance.hpp>

#include <map>
#include <string>
#include <vector>

namespace shop {

namespace json = mortise::json;
namespace conformance = mortise::testing::conformance;

enum class defect {
    none,
    asks_again,        // repeats a request that was refused with 503
    logs_in_for_each,  // each call logs in by itself
    gives_up_on_401,   // does not renew the login
    calls_all_input,   // every refusal is INPUT
    loses_retry_after, // and does not pass the pause on
    trusts_own_clock,  // measures the date in Retry-After by the host's clock
    claims_no_effect,  // says so after a time-out
    doubts_refusals,   // never says that there was no effect
    finds_nothing,     // the lookup before a repeat
    shows_secret,
    shows_query,
    is_mute,  // does not quote the system
    is_vague, // does not tell what it was about
    quotes_html,
    takes_html, // an unreadable answer is an empty one
    is_strict,  // refuses new fields
    mangles_text,
    lists_by_page, // page numbers: loses and doubles when the list changes
    stops_early,   // after the second page
    hides_missing,
    appends, // is no idempotent put
    leaks_content,
    hides_cuts,   // content that broke off looks whole
    blames_login, // an upload into an expired login is AUTH
    trusts_hooks,
    crashes_on_garbage,
    numbers_events, // the same change has another id each time
    moves_cursor_first,
    hides_poll_failures,
    trusts_clocks,   // asks for changes since a time of the host
    blames_caller,   // for a connection that broke, a deadline, a cancel
    takes_half,      // an answer that breaks off is an empty one
    expects_objects, // and breaks when there is none
    blames_system,   // for a login that was refused
    follows_up_late, // takes a webhook whose object it could not read
    ends_backfill,   // when a page fails
    counts_backfill, // a page number as the position, and in the ids
    forgets_pages,   // gives what it has when a later page of a list is refused
};
inline defect wrong = defect::none; // read when it matters, so a test sets it before

struct item {
    std::string id;
    std::string name;
    int version = 1;
    std::int64_t changed_ms = 0;
    std::string file;
    int puts = 0;
};

class store : public conformance::target {
public:
    explicit store(mortise::time_point now);
    mortise::testing::http_answer answer(const mortise::testing::recorded_request& r) override;
    void advance(std::chrono::milliseconds d) override { now_ms_ += d.count(); }
    json::value look() override;
    void expire_logins() override { token_ = "token-" + std::to_string(++logins_); }

    // What people do.
    std::string add(std::string name);
    void rename(const std::string& id, std::string name);
    void remove(const std::string& id) { items_.erase(id); }
    std::vector<conformance::hook> take_hooks() { return std::exchange(hooks_, {}); }

private:
    mortise::testing::http_answer items(const mortise::testing::recorded_request& r,
                                        const std::string& path,
                                        const std::map<std::string, std::string>& query);
    void changed(item& i);

    std::map<std::string, item> items_;
    std::vector<conformance::hook> hooks_;
    std::int64_t now_ms_;
    int last_id_ = 0;
    int logins_ = 1;
    std::string token_ = "token-1";
};

mortise::detail::factory_ref connector_factory();
conformance::subject subject();
std::vector<conformance::row> rows();
conformance::trigger_row changes();

} // namespace shop
