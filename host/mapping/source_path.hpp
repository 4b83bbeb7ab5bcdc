// SPDX-License-Identifier: Apache-2.0
//
// The paths of a mapping: asset.metadata."Campaign ID"[0], approvals[*].user.name. Keys are joined
// by dots, quoted when they hold a dot, bracket or quote; [n] is an entry of a list, from the end
// when negative, and [*] every entry.
#pragma once

#include "base/result.hpp"

#include <boost/json/value.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mortise::host {

class source_path {
public:
    struct step {
        enum class kind { key, index, each };
        kind what = kind::key;
        std::string key;
        std::int64_t index = 0;
    };

    // Errors: category config, with the character and the fix.
    static result<source_path> parse(std::string_view text);

    // What is there; nothing when a key, an entry, or what holds it is missing or null. Behind [*]
    // a list of what the entries have. Errors: category input when the path leads through something
    // of another kind (a key of a text). [any-thread]
    result<std::optional<boost::json::value>> find(const boost::json::value& facts) const;

    const std::string& text() const noexcept { return text_; }
    const std::vector<step>& steps() const noexcept { return steps_; }

private:
    std::string text_;
    std::vector<step> steps_;
};

// The keys of a target field, "region.name" or '"Attr. 1"'; no brackets. Errors: category config.
result<std::vector<std::string>> parse_target(std::string_view text);

} // namespace mortise::host
