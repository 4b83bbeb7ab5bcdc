// SPDX-License-Identifier: Apache-2.0
//
// Decides how far to read a list. A page past the end is answered with an earlier page instead of
// an empty one, so emptiness alone never ends a list. A list may change while it is read: what
// comes again on a later page is dropped, and a list that became shorter is read again from the
// beginning.
#pragma once

#include <mortise/sdk/json.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_set>

namespace content_server {

class pager {
public:
    // first: the page to begin with.
    pager(std::size_t page_size, std::size_t limit, std::int64_t first = 1) noexcept;

    bool more() const noexcept { return more_; }
    std::int64_t page() const noexcept { return page_; }
    std::int64_t page_size() const noexcept { return page_size_; }
    // Takes the items of an answer to page() over and decides about the next. REMOTE_PROTOCOL when
    // the answer has no list.
    void take(const mortise::json::value& answer, mortise::json::array& to);

private:
    void keep_new(const mortise::json::array& items, mortise::json::array& to);

    std::int64_t page_size_;
    std::size_t limit_;
    std::int64_t page_ = 1;
    bool more_;
    std::string last_page_;                 // what the page before held, to know it again
    std::unordered_set<std::size_t> known_; // items of earlier pages, by hash
    std::int64_t last_count_ = 0;           // objects in all, as the last answer said
    int restarts_ = 0;
};

} // namespace content_server
