// SPDX-License-Identifier: Apache-2.0
// One sync as it goes: what was read, what is decided, what the writes have told. No step is taken
// here. Private to the SDK.
#pragma once

#include "sync_memory.hpp"

#include <mortise/sdk/sync.hpp>

#include <optional>
#include <string>
#include <vector>

namespace mortise {

struct sync_writes {
    json::object to_a, to_b;
    std::vector<std::size_t> on_a, on_b;
    std::vector<std::size_t> touched() const;
};

class sync_work {
public:
    sync_work(const sync_rules& rules, sync_view a, sync_view b, const json::value& remembered);

    // Settles every field; what has to be written where.
    sync_writes decide();
    // Notes the decisions as pending, counts the writes (throws CONFLICT "sync.flapping" past the
    // limit) and keeps the conflicts, all before anything is overwritten.
    void intend(const sync_writes& todo,
                const sync_ends& ends,
                const sync_limits& limits,
                time_point now);
    // The write went through. True: it replaced something other than we thought was there, so
    // somebody was quicker, and there is to be another round.
    bool written(sync_side side, const sync_writes& todo, const json::value& replaced);
    // The write failed; e.effect says whether it may have been done.
    void failed(sync_side side, const sync_writes& todo, enum effect e);
    // All is in step.
    void settle(time_point now);

    // Conflicts that were not handed out yet.
    std::vector<sync_conflict> new_conflicts();
    sync_report& report() noexcept { return report_; }
    json::value memory() const { return memory_.to_json(); }

private:
    struct field {
        sync_words base;
        sync_words said_a, said_b;   // the last that somebody else than this sync put there
        sync_words shown_a, shown_b; // what is there now
        sync_words value;
        bool left_alone = false; // unreadable
    };
    sync_words read_or_leave(std::size_t i, sync_side side, field& f);
    void keep_conflicts(time_point now);
    void add_conflict(std::size_t i, sync_side winner, std::string reason);

    const sync_rules& rules_;
    sync_view a_, b_;
    std::vector<field> fields_;
    sync_memory memory_;
    sync_report report_;
    std::size_t kept_ = 0, told_ = 0; // of the report's conflicts
};

json::object to_json(const sync_conflict& c);

} // namespace mortise
