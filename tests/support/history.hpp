// SPDX-License-Identifier: Apache-2.0
//
// What happened, as seen from outside: by the one who sent events and by the system at the other
// end, with the journal's word on how each run ended. check() compares it with what Mortise
// promises and knows nothing of how Mortise works. The simulator, the crash tests and torture all
// write such a history.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace mortise::test {

// How a repeat of an effect would be met at the other end.
enum class repeat { idempotent, lookup_first, unsafe };

// An effect that a run's event asks for.
struct wanted_effect {
    std::string name; // unique in the history
    repeat kind = repeat::idempotent;
    int phase = 0;       // effects of a smaller phase come first
    bool certain = true; // false: may stay away although the run succeeds (lost a race, was caught)
};

struct sent_event {
    std::string id;
    std::string channel; // events of a channel are in order by the stamps, others are not
    std::uint64_t first_sent = 0;
    std::uint64_t acknowledged = 0; // 0: never
    std::string order_key;          // with the flow instance; empty: makes no run
    std::vector<wanted_effect> wanted;
    bool fails = false; // asks for something that must fail
};

// An attempt at the other end, in the order of history::attempts.
struct seen_attempt {
    std::string name;
    bool happened = false; // it changed something (a repeat by the same key does not)
    bool answered = false; // its sender heard how it ended
};

struct seen_run {
    std::string id;
    std::string event;
    std::string state; // as the journal names it
    std::string failure_code;
    std::string parent;         // event of the run that began it; empty: none
    std::uint64_t ended = 0;    // stamp; 0: not known
    bool was_in_doubt = false;  // at some time
    bool touched = false;       // retried by a person: others of its key may have gone before
    bool false_failure = false; // it failed with what no fault can explain
};

// An external write as the ledger has it.
struct ledger_line {
    std::string name;    // of the effect
    bool certain = true; // "done" or "found"
};

struct history {
    std::vector<sent_event> events;
    std::vector<seen_attempt> attempts;
    std::vector<seen_run> runs;
    std::vector<std::string> overlaps; // two runs of one key at work together, in words
    bool has_ledger = false;
    std::vector<ledger_line> ledger;
    bool complete = true;      // faults have stopped: everything must have come to its end
    bool effects_only = false; // attempts that changed nothing were not seen
};

// What is broken, in words; empty when every promise was kept.
std::vector<std::string> check(const history& h);

} // namespace mortise::test
