// SPDX-License-Identifier: Apache-2.0
//
// Decides how far to read a list. A page past the end is answered with an earlier page instead of
// an empty one, so emptiness alone never ends a list.
#pragma once

#include <mortise/sdk/json.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

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
    std::int64_t page_size_;
    std::size_t limit_;
    std::int64_t page_ = 1;
    bool more_;
    std::string last_page_; // what the page before held, to know it again
};

} // namespace content_server
