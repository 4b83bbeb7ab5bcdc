// SPDX-License-Identifier: Apache-2.0
// Ids that two hosts can make without asking each other.
#pragma once

#include "base/clock.hpp"

#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace mortise::host {

// A string with a type of its own, so that ids cannot be mixed up.
template <class Tag>
class string_id {
public:
    string_id() = default;
    explicit string_id(std::string text) : text_(std::move(text)) {}
    const std::string& str() const noexcept { return text_; }
    bool empty() const noexcept { return text_.empty(); }
    auto operator<=>(const string_id&) const = default;

private:
    std::string text_;
};

using run_id = string_id<struct run_id_tag>;
using event_ref = string_id<struct event_ref_tag>; // the journal's own id of a stored event

// RFC 9562 version 7: sortable by time, unique without coordination. [any-thread]
std::string uuid_v7(unix_ms now);
// RFC 9562 version 8 made from a SHA-256 of the text: the same text gives the same id. [any-thread]
std::string uuid_from(std::string_view text);
// 64 bits from the operating system's generator, buffered per thread. [any-thread]
std::uint64_t random_u64();

// For simulations only: while it lives, random_u64() and uuid_v7() give one row of values that
// depends on nothing but the seed (and the times asked for). One at a time; what it makes must not
// leave the process.
class repeatable_ids {
public:
    explicit repeatable_ids(std::uint64_t seed);
    ~repeatable_ids();
    repeatable_ids(const repeatable_ids&) = delete;
    repeatable_ids& operator=(const repeatable_ids&) = delete;
};

} // namespace mortise::host

template <class Tag>
struct std::hash<mortise::host::string_id<Tag>> {
    std::size_t operator()(const mortise::host::string_id<Tag>& id) const noexcept {
        return std::hash<std::string>()(id.str());
    }
};
