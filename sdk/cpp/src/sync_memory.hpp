// SPDX-License-Identifier: Apache-2.0
// What two-way sync keeps with the link of two objects. Private to the SDK.
#pragma once

#include <mortise/sdk/sync.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace mortise {

class sync_memory {
public:
    struct field {
        sync_words base;
        std::vector<sync_mark> marks;
        std::vector<std::int64_t> writes; // when, in ms
    };

    // Fields that are not configured any more are dropped; a broken record counts as none.
    static sync_memory read(const std::vector<sync_field>& fields, const json::value& data);
    json::value to_json() const;

    const field& of(const sync_field& f) { return fields_[f.name()]; }
    void mark(const sync_field& f, sync_mark m);
    // Counts one write now; how many there are in the window with it.
    std::size_t count_write(const sync_field& f, time_point now, std::chrono::milliseconds window);
    void take_writes(const sync_memory& from);
    // Both show the value: it is the common one, and no mark is needed. nullopt: as it was.
    void settle(const sync_field& f, const sync_words& value);
    void add_conflict(json::object conflict, time_point now);

private:
    std::map<std::string, field> fields_;
    json::array conflicts_; // the last ones
};

error flapping(const sync_field& f,
               const sync_ends& ends,
               std::size_t writes,
               std::chrono::milliseconds window,
               const std::string& a,
               const std::string& b);

} // namespace mortise
