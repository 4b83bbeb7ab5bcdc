// SPDX-License-Identifier: Apache-2.0
// What two-way sync keeps with the link of two objects. Private to the SDK.
#pragma once

#include <mortise/sdk/sync.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace mortise {

class sync_memory {
public:
    struct field {
        sync_words base;
        std::optional<sync_pending> pending;
        std::vector<std::int64_t> writes; // when, in ms
    };

    // Fields that are not configured any more are dropped; a broken record counts as none.
    static sync_memory read(const std::vector<sync_field>& fields, const json::value& data);
    json::value to_json() const;

    field& of(const sync_field& f) { return fields_[f.name()]; }
    // Counts one write now; how many there are in the window with it.
    std::size_t count_write(const sync_field& f, time_point now, std::chrono::milliseconds window);
    // Both show the value: it is the common one and nothing is pending. nullopt: as it was.
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
