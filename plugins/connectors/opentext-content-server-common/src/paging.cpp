// SPDX-License-Identifier: Apache-2.0
#include "content_server/paging.hpp"

#include "content_server/text.hpp"

#include <algorithm>

namespace content_server {

namespace json = mortise::json;

namespace {

constexpr std::int64_t most_pages = 10'000;

// Node and member lists keep it in "collection", workspace lists and v1 lists at the top.
const json::object* paging_of(const json::value& answer) {
    for (const char* place : {"collection.paging", "paging", ""}) {
        const json::value* v = part(answer, place);
        const auto* o = v ? v->if_object() : nullptr;
        if (o && o->contains("page")) return o;
    }
    return nullptr;
}

const json::array& items_of(const json::value& answer) {
    for (const char* place : {"results", "data", "results.data.audit", "results.data.holds",
                              "results.data.followups", "results.followups"}) {
        const json::value* v = mortise::find_json(answer, place);
        if (v && v->is_array()) return v->get_array();
    }
    return mortise::require_array(answer, "results");
}

} // namespace

pager::pager(std::size_t page_size, std::size_t limit, std::int64_t first) noexcept
    : page_size_(
          static_cast<std::int64_t>(std::clamp<std::size_t>(std::min(page_size, limit), 1, 1000))),
      limit_(limit), page_(first), more_(limit > 0) {}

void pager::take(const json::value& answer, json::array& to) {
    const json::array& items = items_of(answer);
    const json::object* paging = paging_of(answer);
    more_ = false;
    // Another page than asked for, or the same again: this list ended before.
    if (paging && int_at(*paging, "page") != page_ && page_ > 1) return;
    std::string seen = mortise::serialize_json(items);
    if (page_ > 1 && seen == last_page_) return;
    last_page_ = std::move(seen);
    for (const auto& item : items) {
        if (to.size() == limit_) return;
        to.push_back(item);
    }
    if (items.empty() || to.size() >= limit_ || page_ >= most_pages) return;
    const std::int64_t total = paging ? int_at(*paging, "page_total") : 0;
    const std::int64_t given = paging ? int_at(*paging, "limit") : 0;
    if (total > 0) {
        more_ = page_ < total;
    } else {
        more_ = static_cast<std::int64_t>(items.size()) >= (given > 0 ? given : page_size_);
    }
    if (more_) ++page_;
}

} // namespace content_server
