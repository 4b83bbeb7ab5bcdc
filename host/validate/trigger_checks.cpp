// SPDX-License-Identifier: Apache-2.0
// Polls, webhooks, backfills and the end of triggers.
#include "validate/instances.hpp"

#include <algorithm>
#include <chrono>

namespace mortise::host::checks {

using namespace std::chrono_literals;

namespace {

constexpr answers all_answers[] = {answers::unavailable, answers::garbage, answers::empty,
                                   answers::not_found,   answers::busy,    answers::unsent};

// step(stage, connector, words) for every trigger that has one of the kinds, opened with valid
// settings on a stage of its own.
template <class F>
void each_trigger(const subject& s,
                  report& r,
                  answers http,
                  bool (trigger_descriptor::*is)() const noexcept,
                  F step) {
    each_connector(s, r, [&](const connector_descriptor& d, const sample_config& config) {
        for (const auto& t : d.triggers) {
            if (!(t.*is)()) continue;
            const std::string where = name_of(d) + ", trigger \"" + t.id + "\", HTTP answering " +
                                      std::string(to_string(http));
            const auto settings = sample_config_of(t.config_schema);
            if (!settings) {
                r.skip(no_sample(where + ": config_schema"));
                continue;
            }
            stage on(s.seed, http);
            attempt(r, where, [&] {
                const auto made = on.make(d, config);
                made.open(t.id, settings->value);
                step(on, made, t, where);
                made.destroy();
            });
            on.report_violations(r, where);
        }
        r.skip(name_of(d) + " has no trigger of this kind"); // heard only when none was tried
    });
}

const std::string bodies[] = {"", "{}", "[]", "{\"a\":", "not json", std::string(3000, '\xff')};

} // namespace

void deliveries_complete_exactly_once(const subject& s, report& r) {
    for (const auto http : all_answers) {
        each_trigger(s, r, http, &trigger_descriptor::polls,
                     [&](stage& on, const testing::connector_harness& made,
                         const trigger_descriptor& t, const std::string& where) {
                         for (const char* cursor : {"", "7", "no cursor of this connector"})
                             if (settle(on, made.start_poll(t.id, cursor)) == ending::never)
                                 r.fail(where + ": a poll with the cursor \"" + cursor +
                                        "\" was never completed");
                     });
        each_trigger(s, r, http, &trigger_descriptor::backfills,
                     [&](stage& on, const testing::connector_harness& made,
                         const trigger_descriptor& t, const std::string& where) {
                         for (const char* position : {"", "7", "no position of this connector"})
                             if (settle(on, made.start_backfill(t.id, position)) == ending::never)
                                 r.fail(where + ": a page of a backfill at the position \"" +
                                        position + "\" was never completed");
                     });
        each_trigger(s, r, http, &trigger_descriptor::takes_webhooks,
                     [&](stage& on, const testing::connector_harness& made,
                         const trigger_descriptor& t, const std::string& where) {
                         for (const auto& body : bodies)
                             if (settle(on, made.start_webhook(t.id, {}, body)) == ending::never)
                                 r.fail(where + ": a webhook was never completed");
                     });
    }
    // A full backlog: the host refuses, and says when there is room again.
    each_trigger(s, r, answers::empty, &trigger_descriptor::polls,
                 [&](stage& on, const testing::connector_harness& made, const trigger_descriptor& t,
                     const std::string& where) {
                     on.host().refuse_emits(3);
                     if (settle(on, made.start_poll(t.id)) == ending::never)
                         r.fail(where + ": a poll was never completed after a full backlog");
                 });
}

void unreadable_webhook_is_refused(const subject& s, report& r) {
    each_trigger(s, r, answers::unavailable, &trigger_descriptor::takes_webhooks,
                 [&](stage& on, const testing::connector_harness& made, const trigger_descriptor& t,
                     const std::string& where) {
                     for (const auto& body : bodies) {
                         if (body == "{}" || body == "[]") continue; // these can be read
                         const auto before = made.events().size();
                         const auto call = made.start_webhook(t.id, {}, body);
                         if (settle(on, call) == ending::never) {
                             r.fail(where + ": never completed");
                             continue;
                         }
                         if (made.events().size() != before)
                             r.fail(where + ": an event was emitted for a webhook without "
                                            "signature and with an unreadable body");
                         const auto out = call.outcome();
                         if (out.failure && out.failure->category == category::internal)
                             r.fail(where + ": fails with INTERNAL (" + out.failure->message +
                                    "); AUTH is for what is not authentic, INPUT for what cannot "
                                    "be read");
                     }
                 });
}

namespace {

constexpr std::size_t most_pages = 1000;

// Walks from the beginning; the ids of what was emitted, or nothing when the walk could not come to
// its end: because the remote did not let it, which is no fault, or because of one, which is
// reported.
std::optional<std::vector<std::string>> walk(stage& on,
                                             const testing::connector_harness& made,
                                             const std::string& trigger,
                                             const std::string& where,
                                             report& r) {
    const std::size_t before = made.events().size();
    std::string position;
    for (std::size_t page = 1; page <= most_pages; ++page) {
        const std::string here = where + ", page " + std::to_string(page);
        const auto call = made.start_backfill(trigger, position);
        if (settle(on, call) == ending::never) {
            r.fail(here + ": never completed");
            return std::nullopt;
        }
        const auto out = call.outcome();
        if (out.failure) return std::nullopt;
        const auto* object = out.result.if_object();
        const auto* done = object != nullptr ? object->if_contains("done") : nullptr;
        if (done == nullptr || !done->is_bool()) {
            r.fail(here + ": completed with " + serialize_json(out.result) +
                   "; the host needs {\"done\":bool} to know whether to ask for another");
            return std::nullopt;
        }
        if (done->get_bool()) {
            std::vector<std::string> ids;
            for (std::size_t i = before; i < made.events().size(); ++i)
                ids.push_back(made.events()[i].id);
            return ids;
        }
        const std::string next = made.backfill_position(trigger).value_or(std::string());
        if (next == position) {
            r.fail(here + ": it is not the last and left the position \"" + position +
                   "\" as it is; emit the events, or none, with the position behind them");
            return std::nullopt;
        }
        position = next;
    }
    r.fail(where + ": no end after " + std::to_string(most_pages) + " pages");
    return std::nullopt;
}

} // namespace

void backfill_pages_end(const subject& s, report& r) {
    for (const auto http : all_answers)
        each_trigger(s, r, http, &trigger_descriptor::backfills,
                     [&](stage& on, const testing::connector_harness& made,
                         const trigger_descriptor& t, const std::string& where) {
                         const auto first = walk(on, made, t.id, where, r);
                         if (!first) return;
                         on.host().advance(1h); // so that ids made of the time differ
                         const auto second = walk(on, made, t.id, where + ", once more", r);
                         if (!second || *second == *first) return;
                         const auto [a, b] = std::mismatch(first->begin(), first->end(),
                                                           second->begin(), second->end());
                         r.fail(where + ": the second backfill over the same objects gave " +
                                (b == second->end() ? "no event" : "the event id \"" + *b + "\"") +
                                " where the first gave " +
                                (a == first->end() ? "none" : "\"" + *a + "\"") +
                                "; make ids of the object's own facts");
                     });
}

void no_emit_after_close(const subject& s, report& r) {
    const auto close = [&](stage& on, const testing::connector_harness& made,
                           const trigger_descriptor& t, const std::string& where,
                           std::optional<testing::pending_call> open) {
        made.close(t.id);
        if (open && !open->done()) settle_cancelled(on, *open);
        if (open && !open->done()) r.fail(where + ": the poll in flight was never completed");
        on.host().advance(1h); // timers of its own come now
        for (const unsigned times : on.closings()) {
            if (times == 0) r.fail(where + ": close_trigger() was never answered");
            if (times > 1) r.fail(where + ": close_trigger() was answered more than once");
        }
    };
    for (const auto http : {answers::never, answers::unavailable}) {
        each_trigger(
            s, r, http, &trigger_descriptor::polls,
            [&](stage& on, const testing::connector_harness& made, const trigger_descriptor& t,
                const std::string& where) { close(on, made, t, where, made.start_poll(t.id)); });
        for (const auto kind : {&trigger_descriptor::polls, &trigger_descriptor::takes_webhooks,
                                &trigger_descriptor::streams})
            each_trigger(
                s, r, http, kind,
                [&](stage& on, const testing::connector_harness& made, const trigger_descriptor& t,
                    const std::string& where) { close(on, made, t, where, std::nullopt); });
    }
}

} // namespace mortise::host::checks
