// SPDX-License-Identifier: Apache-2.0
#include "content_server/paging.hpp"

#include "content_server/text.hpp"

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

namespace content_server {

namespace json = mortise::json;

namespace {

constexpr std::int64_t most_pages = 10'000;
constexpr int most_restarts = 3; // of a list that keeps shrinking while it is read

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
    // Something left the list between two pages: what followed it has moved up, perhaps onto a page
    // that was read already.
    const std::int64_t count = paging ? int_at(*paging, "total_count") : 0;
    if (count < std::exchange(last_count_, count) && restarts_++ < most_restarts) {
        page_ = 1;
        last_page_.clear();
        more_ = true;
        return;
    }
    // Another page than asked for, or the same again: this list ended before.
    if (paging && int_at(*paging, "page") != page_ && page_ > 1) return;
    std::string seen = mortise::serialize_json(items);
    if (page_ > 1 && seen == last_page_) return;
    last_page_ = std::move(seen);
    keep_new(items, to);
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

// An item that came on an earlier page already has moved down since. Items of one page may well be
// equal.
void pager::keep_new(const json::array& items, json::array& to) {
    std::vector<std::size_t> now;
    for (const auto& item : items) {
        const std::size_t mark = std::hash<std::string>{}(mortise::serialize_json(item));
        now.push_back(mark);
        if (known_.contains(mark)) continue;
        if (to.size() == limit_) break;
        to.push_back(item);
    }
    known_.insert(now.begin(), now.end());
}

} // namespace content_server
