// SPDX-License-Identifier: Apache-2.0
#include "kit/paging.hpp"

#include <algorithm>

namespace mortise::sandbox {

page_request read_page(const request& r,
                       std::string_view page_name,
                       std::string_view size_name,
                       std::size_t default_size,
                       std::size_t max_size) {
    const std::int64_t page = r.query_int(page_name, 1);
    const std::int64_t size = r.query_int(size_name, static_cast<std::int64_t>(default_size));
    if (page < 1) throw http_error(400, std::string(page_name) + " must be 1 or more");
    if (size < 0 || size > static_cast<std::int64_t>(max_size))
        throw http_error(400,
                         std::string(size_name) + " must be from 0 to " + std::to_string(max_size));
    return {static_cast<std::size_t>(page), static_cast<std::size_t>(size)};
}

page_slice slice_page(page_request wanted, std::size_t total) {
    page_slice s;
    s.page = wanted.page;
    s.per_page = wanted.per_page;
    s.total = total;
    s.pages = wanted.per_page == 0 ? 0 : (total + wanted.per_page - 1) / wanted.per_page;
    s.past_the_end = wanted.page > std::max<std::size_t>(s.pages, 1);
    s.begin = s.past_the_end ? total : std::min(total, (wanted.page - 1) * wanted.per_page);
    s.end = std::min(total, s.begin + wanted.per_page);
    return s;
}

} // namespace mortise::sandbox
