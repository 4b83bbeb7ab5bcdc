// SPDX-License-Identifier: Apache-2.0
#include "cli/table.hpp"

#include <algorithm>
#include <numeric>

namespace mortise::host::cli {
namespace {

constexpr std::size_t gap = 2;

bool shows_states(const column& c) {
    return c.heading.empty() || c.heading == "STATE" || c.heading == "OUTCOME";
}

std::size_t total_of(const std::vector<std::size_t>& widths) {
    std::size_t shown = 0, sum = 0;
    for (const auto w : widths) {
        shown += w > 0;
        sum += w;
    }
    return sum + (shown > 1 ? (shown - 1) * gap : 0);
}

std::size_t least_width(const column& c) {
    if (c.weight == matters::text) return std::max<std::size_t>(12, columns_of(c.heading));
    return std::max<std::size_t>(8, columns_of(c.heading));
}

} // namespace

std::vector<std::size_t> widths_that_fit(const std::vector<column>& columns,
                                         const std::vector<std::size_t>& natural,
                                         std::size_t total) {
    auto widths = natural;
    if (total == 0) return widths;
    const auto narrow = [&](matters weight) {
        while (total_of(widths) > total) {
            // The widest gives one column after the other, so that they end alike.
            std::size_t widest = columns.size();
            for (std::size_t i = 0; i < columns.size(); ++i) {
                if (columns[i].weight != weight || widths[i] <= least_width(columns[i])) continue;
                if (widest == columns.size() || widths[i] > widths[widest]) widest = i;
            }
            if (widest == columns.size()) return;
            --widths[widest];
        }
    };
    const auto leave_out = [&](matters weight) {
        for (std::size_t i = columns.size(); i-- > 1 && total_of(widths) > total;)
            if (columns[i].weight == weight) widths[i] = 0;
    };
    narrow(matters::text);
    narrow(matters::some);
    leave_out(matters::less);
    leave_out(matters::text);
    leave_out(matters::some);
    // What became free again goes back, to names first.
    const auto widen = [&](matters weight) {
        for (bool more = true; more && total_of(widths) < total;) {
            more = false;
            for (std::size_t i = 0; i < columns.size() && total_of(widths) < total; ++i) {
                if (columns[i].weight != weight || widths[i] == 0 || widths[i] >= natural[i])
                    continue;
                ++widths[i];
                more = true;
            }
        }
    };
    widen(matters::some);
    widen(matters::text);
    return widths;
}

void table::row(std::vector<std::string> cells) {
    cells.resize(columns_.size());
    for (auto& cell : cells)
        cell = harmless(cell);
    rows_.push_back(std::move(cells));
}

std::vector<std::size_t> table::natural_widths() const {
    std::vector<std::size_t> widths;
    for (const auto& c : columns_)
        widths.push_back(columns_of(c.heading));
    for (const auto& r : rows_)
        for (std::size_t i = 0; i < r.size(); ++i)
            widths[i] = std::max(widths[i], columns_of(r[i]));
    return widths;
}

std::string table::text(const screen& on) const {
    const auto natural = natural_widths();
    const auto widths = widths_that_fit(columns_, natural, on.width);
    std::size_t last = 0;
    for (std::size_t i = 0; i < widths.size(); ++i)
        if (widths[i] > 0) last = i;
    std::string out;
    const auto line = [&](const std::vector<std::string>& cells, bool heading) {
        std::size_t used = 0;
        for (std::size_t i = 0; i < cells.size(); ++i) {
            if (widths[i] == 0) continue;
            // Too narrow even for what matters most: the line ends where the terminal does.
            const auto left = on.width > 0 ? on.width - std::min(on.width, used) : widths[i] + gap;
            if (left == 0) break;
            const auto cell = cut_to(cells[i], std::min(widths[i], left));
            const auto how = heading                     ? paint::bold
                             : shows_states(columns_[i]) ? paint_of_state(cells[i])
                                                         : paint::plain;
            out += painted(cell, how, on.color);
            const auto filled = std::min(left, widths[i] + gap);
            if (i != last) out.append(filled - std::min(filled, columns_of(cell)), ' ');
            used += filled;
        }
        out += '\n';
    };
    std::vector<std::string> headings;
    for (const auto& c : columns_)
        headings.push_back(c.heading);
    line(headings, true);
    for (const auto& r : rows_)
        line(r, false);
    std::string gone;
    for (std::size_t i = 0; i < columns_.size(); ++i)
        if (widths[i] == 0 && natural[i] > 0 && !columns_[i].heading.empty())
            gone += (gone.empty() ? "" : ", ") + columns_[i].heading;
    if (!gone.empty() && !rows_.empty())
        out +=
            painted(cut_to("not shown for want of room: " + gone, on.width), paint::dim, on.color) +
            '\n';
    return out;
}

} // namespace mortise::host::cli
