// SPDX-License-Identifier: Apache-2.0
#include "cli/tries_text.hpp"

#include "cli/output.hpp"
#include "cli/words.hpp"

#include <boost/json.hpp>

namespace mortise::host::cli {
namespace {

namespace json = boost::json;

std::string outcome_word(const std::string& outcome) {
    return outcome == "retrying"   ? "failed"
           : outcome == "found"    ? "found done"
           : outcome == "in_doubt" ? "in doubt"
           : outcome == "cut_off"  ? "cut off"
                                   : outcome;
}

std::string_view reason_words(const std::string& reason) {
    return reason == "back_off"      ? "back-off"
           : reason == "retry_after" ? "as the system asked"
           : reason == "breaker"     ? "for the breaker"
           : reason == "pause"       ? "for the end of a pause"
           : reason == "person"      ? "for a person's retry"
                                     : "";
}

// Until the next one began, or as planned while none has.
std::string wait_text(const json::value& t, const json::value* next) {
    const auto reason = reason_words(member(t, "waits_for"));
    if (reason.empty()) return "-";
    const auto from = number_in(t, member(t, "outcome") == "held" ? "began_at" : "ended_at");
    const auto went_on = next != nullptr ? number_in(*next, "began_at") : 0;
    const auto until = went_on != 0 ? went_on : number_in(t, "waits_until");
    return (went_on != 0 ? span_text(until - from) + ' ' : "until " + time_text(until) + ", ") +
           std::string(reason);
}

std::string problem_text(const json::value& t, std::string& before) {
    const auto& failure = part(t, "failure");
    if (member(t, "outcome") == "cut_off") return "the host ended meanwhile; not counted";
    if (!failure.is_object()) return {};
    const auto text = member(failure, "message") + " (" + member(failure, "code") + ')';
    if (text == before) return "the same";
    before = text;
    return text;
}

} // namespace

std::string tries_text(const json::value& run) {
    std::string out;
    for (const auto& s : list_in(run, "steps")) {
        const auto& tries = list_in(s, "tries");
        if (tries.empty()) continue;
        table t({{"TRY", matters::most},
                 {"BEGAN", matters::some},
                 {"TOOK", matters::most},
                 {"IN QUEUE", matters::less},
                 {"OUTCOME", matters::most},
                 {"THEN WAITED", matters::some},
                 {"PROBLEM", matters::text}});
        std::string before;
        std::int64_t last = 0;
        for (std::size_t i = 0; i < tries.size(); ++i) {
            const auto& one = tries[i];
            const auto number = number_in(one, "number");
            if (number != last + 1)
                t.row({"...", std::to_string(number - last - 1) + " not kept", "", "", "", "", ""});
            last = number;
            const auto began = number_in(one, "began_at"), limited = number_in(one, "limited_ms");
            const bool made = member(one, "attempt") != "0" && began != 0;
            t.row({member(one, "attempt") == "0" ? "-" : member(one, "attempt"),
                   began == 0 ? "-" : "+" + span_text(began - number_in(run, "created_at")),
                   made && member(one, "outcome") != "cut_off"
                       ? span_text(number_in(one, "ended_at") - began)
                       : "-",
                   limited > 0 ? span_text(limited) : "-", outcome_word(member(one, "outcome")),
                   wait_text(one, i + 1 < tries.size() ? &tries[i + 1] : nullptr),
                   problem_text(one, before)});
        }
        out += "\nTries of step " + harmless(member(s, "key")) + '\n' + t.text();
    }
    return out;
}

} // namespace mortise::host::cli
