// SPDX-License-Identifier: Apache-2.0
// Page arithmetic shared by list calls.
#pragma once

#include "kit/message.hpp"

#include <cstddef>

namespace mortise::sandbox {

struct page_request {
    std::size_t page = 1; // from 1
    std::size_t per_page = 10;
};

struct page_slice {
    std::size_t page = 1;
    std::size_t per_page = 10;
    std::size_t pages = 0;
    std::size_t total = 0;
    std::size_t begin = 0;     // index of the first on this page
    std::size_t end = 0;       // one past the last
    bool past_the_end = false; // page > pages, page 1 of nothing excepted
    bool has_next() const noexcept { return page < pages; }
};

// Reads the two query parameters; http_error(400) when out of range.
page_request read_page(const request& r,
                       std::string_view page_name,
                       std::string_view size_name,
                       std::size_t default_size,
                       std::size_t max_size);
page_slice slice_page(page_request wanted, std::size_t total);

} // namespace mortise::sandbox
