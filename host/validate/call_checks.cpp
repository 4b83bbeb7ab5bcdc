// SPDX-License-Identifier: Apache-2.0
// Calls of a connector's operations.
#include "validate/instances.hpp"
#include "validate/resources.hpp"

#include <mortise/content.h>

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <sys/resource.h>

namespace mortise::host::checks {

using namespace std::chrono_literals;

namespace {

constexpr answers all_answers[] = {answers::unavailable, answers::garbage,   answers::empty,
                                   answers::list,        answers::not_found, answers::unauthorized,
                                   answers::busy,        answers::unsent};

std::string place(const connector_descriptor& d, const operation_descriptor& op) {
    return name_of(d) + ", operation \"" + op.id + '"';
}

const connector_descriptor& owner_of(const subject& s, const operation_descriptor& op) {
    const auto& all = s.plugin->connectors;
    return *std::find_if(all.begin(), all.end(),
                         [&](const connector_descriptor& c) { return c.operation(op.id) == &op; });
}

// step(stage, connector, operation, valid input, words) for every operation, each on a stage of its
// own; destroys the instance and reports what broke the rules.
enum class rules { judged, left_to_others };
template <class F>
void each_call(const subject& s, report& r, answers http, F step, rules kit_rules = rules::judged) {
    each_connector(s, r, [&](const connector_descriptor& d, const sample_config& config) {
        each_operation(d, r, [&](const operation_descriptor& op, const json::value& input) {
            const std::string where =
                place(d, op) + ", HTTP answering " + std::string(to_string(http));
            stage on(s.seed, http);
            attempt(r, where, [&] {
                const auto made = on.make(d, config);
                step(on, made, op, input, where);
                made.destroy();
            });
            if (kit_rules == rules::judged) on.report_violations(r, where);
        });
        if (d.operations.empty()) r.skip(name_of(d) + " has no operation");
    });
}

struct cpu_use {
    std::chrono::nanoseconds thread_time;
    long waits; // how often the thread gave up the processor by itself

    static cpu_use now() {
        timespec t{};
        ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
        rusage u{};
        ::getrusage(RUSAGE_THREAD, &u);
        return {std::chrono::seconds(t.tv_sec) + std::chrono::nanoseconds(t.tv_nsec), u.ru_nvcsw};
    }
};

} // namespace

void unknown_operation_is_refused(const subject& s, report& r) {
    each_connector(s, r, [&](const connector_descriptor& d, const sample_config& config) {
        const std::string where = name_of(d) + ", a call of \"no.such.operation\"";
        stage on(s.seed);
        attempt(r, where, [&] {
            const auto made = on.make(d, config);
            const auto call = made.start("no.such.operation");
            if (settle(on, call) != ending::answered)
                r.fail(where + ": it was accepted and not completed");
            else if (!call.outcome().failure)
                r.fail(where + ": it succeeded");
            made.destroy();
        });
        on.report_violations(r, where);
    });
}

void invalid_input_is_input(const subject& s, report& r) {
    each_call(s, r, answers::unavailable,
              [&](stage& on, const testing::connector_harness& made, const operation_descriptor& op,
                  const json::value& input, const std::string&) {
                  std::vector<std::pair<std::string, std::string>> texts; // input, words
                  const auto full = sample_of(op.input_schema, true);
                  for (const auto& bad : invalid_values(full ? *full : input, op.input_schema))
                      texts.emplace_back(boost::json::serialize(bad.value), "input " + bad.how);
                  if (!texts.empty())
                      for (const char* text : {"{", "nonsense", "\xff"})
                          texts.emplace_back(text, "the text " + std::string(text));
                  if (texts.empty())
                      r.skip("operation \"" + op.id + "\": its schema allows any input");
                  for (const auto& [text, how] : texts) {
                      const std::string where = "operation \"" + op.id + "\" with " + how;
                      r.trying(where);
                      const auto call = made.start_text(op.id, text);
                      if (settle(on, call) == ending::never) {
                          r.fail(where + ": never completed");
                          continue;
                      }
                      const auto out = call.outcome();
                      if (!out.failure)
                          r.fail(where + ": it succeeded; refuse it with category INPUT");
                      else if (out.failure->category != category::input)
                          r.fail(where + ": category " +
                                 std::string(to_string(out.failure->category)) + " (" +
                                 out.failure->message + ") instead of INPUT");
                      else if (out.failure->message.empty())
                          r.fail(where + ": refused without a sentence for a person");
                  }
              });
}

void completes_exactly_once(const subject& s, report& r) {
    for (const auto http : all_answers) {
        // In the order of the requests, and in one drawn from the seed.
        for (const std::uint64_t seed : {std::uint64_t{0}, s.seed}) {
            subject with = s;
            with.seed = seed;
            each_call(with, r, http,
                      [&](stage& on, const testing::connector_harness& made,
                          const operation_descriptor& op, const json::value& input,
                          const std::string& where) {
                          const auto first = made.start(op.id, input);
                          const auto second = made.start(op.id, input);
                          for (const auto& call : {first, second})
                              if (settle(on, call) == ending::never)
                                  r.fail(where + ": a call was accepted and never completed, not "
                                                 "in a day and not after a cancel");
                      });
        }
    }
}

void cancel_before(const subject& s, report& r) {
    each_call(s, r, answers::empty,
              [&](stage& on, const testing::connector_harness& made, const operation_descriptor& op,
                  const json::value& input, const std::string& where) {
                  for (const mortise_handle stray : {mortise_handle{0}, UINT64_MAX})
                      owner_of(s, op).table.cancel(on.self(), stray);
                  if (settle(on, made.start(op.id, input)) == ending::never)
                      r.fail(where + ": the call after the stray cancel was never completed");
              });
}

void cancel_during(const subject& s, report& r) {
    each_call(s, r, answers::never,
              [&](stage& on, const testing::connector_harness& made, const operation_descriptor& op,
                  const json::value& input, const std::string& where) {
                  if (settle_cancelled(on, made.start(op.id, input)) == ending::never)
                      r.fail(where + ": not completed 30 s after the cancel");
              });
}

void cancel_after(const subject& s, report& r) {
    each_call(s, r, answers::unavailable,
              [&](stage& on, const testing::connector_harness& made, const operation_descriptor& op,
                  const json::value& input, const std::string& where) {
                  const auto call = made.start(op.id, input);
                  if (settle(on, call) == ending::never) r.fail(where + ": never completed");
                  owner_of(s, op).table.cancel(on.self(), call.handle());
                  on.host().advance(30s);
              });
}

void deadline_in_the_past(const subject& s, report& r) {
    each_call(s, r, answers::unavailable,
              [&](stage& on, const testing::connector_harness& made, const operation_descriptor& op,
                  const json::value& input, const std::string& where) {
                  testing::call_options late;
                  late.deadline_ns = 1; // the kit's clock begins later
                  if (settle(on, made.start(op.id, input, late)) == ending::never)
                      r.fail(where + ": never completed");
              });
}

void does_not_block_the_strand(const subject& s, report& r) {
    constexpr auto limit = 50ms;
    each_call(
        s, r, answers::never,
        [&](stage& on, const testing::connector_harness& made, const operation_descriptor& op,
            const json::value& input, const std::string& where) {
            if (op.blocking()) return;
            const auto begin = std::chrono::steady_clock::now();
            const auto before = cpu_use::now();
            const auto call = made.start(op.id, input);
            const auto after = cpu_use::now();
            const auto took = std::chrono::steady_clock::now() - begin;
            // Wall time alone would blame the plugin for a busy machine.
            if (after.thread_time - before.thread_time > limit)
                r.fail(where + ": it computes for more than 50 ms on the strand; mark it "
                               "BLOCKING or do it in pieces");
            else if (took > limit && after.waits > before.waits)
                r.fail(where + ": it waits on the strand for " + std::to_string(took / 1ms) +
                       " ms; use the services' callbacks, or mark it BLOCKING");
            settle_cancelled(on, call);
        },
        rules::left_to_others);
}

void content_with_one_byte_reads(const subject& s, report& r) {
    const std::string bytes(700, 'x');
    for (const auto http : {answers::empty, answers::unavailable, answers::unsent}) {
        each_call(s, r, http,
                  [&](stage& on, const testing::connector_harness& made,
                      const operation_descriptor& op, const json::value& input,
                      const std::string& where) {
                      on.host().limit_transfers(1);
                      if (settle(on, made.start(op.id, input)) == ending::never)
                          r.fail(where + ": never completed without content");
                      // Who cannot close content is not given any.
                      if (!owner_of(s, op).needs_service(MORTISE_SVC_CONTENT)) return;
                      testing::call_options with;
                      with.content = on.host().make_content(bytes, "application/octet-stream");
                      if (settle(on, made.start(op.id, input, with)) == ending::never)
                          r.fail(where + ": never completed with content in pieces of one byte");
                  });
    }
}

void no_thread_left_after_destroy(const subject& s, report& r) {
    const auto before = resources::now();
    each_call(
        s, r, answers::unavailable,
        [&](stage& on, const testing::connector_harness& made, const operation_descriptor& op,
            const json::value& input, const std::string& where) {
            settle(on, made.start(op.id, input));
            made.destroy();
            if (resources::threads_settling_to(before.threads) > before.threads)
                r.fail(where + ": a thread lives on after destroy(); join it there");
        },
        rules::left_to_others);
    each_flow(s, r, [&](const flow_descriptor& d, const sample_config& config) {
        stage on(s.seed);
        attempt(r, name_of(d), [&] { on.make(d, config).destroy(); });
        if (resources::threads_settling_to(before.threads) > before.threads)
            r.fail(name_of(d) + ": a thread lives on after destroy(); join it there");
    });
}

void no_callback_after_destroy(const subject& s, report& r) {
    const auto before = resources::now();
    for (const auto http : {answers::never, answers::busy}) {
        each_call(s, r, http,
                  [&](stage& on, const testing::connector_harness& made,
                      const operation_descriptor& op, const json::value& input,
                      const std::string& where) {
                      settle_cancelled(on, made.start(op.id, input));
                      made.destroy();
                      on.host().advance(1h);
                      // A thread that lives on is given the time to show itself.
                      resources::threads_settling_to(before.threads);
                      on.report_violations(r, where + ", after destroy()");
                  });
    }
}

} // namespace mortise::host::checks
