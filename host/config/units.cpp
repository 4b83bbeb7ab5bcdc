// SPDX-License-Identifier: Apache-2.0
#include "config/units.hpp"

#include <charconv>
#include <limits>
#include <string>

namespace mortise::host {

namespace {

struct unit {
    std::string_view name;
    std::uint64_t factor;
};

constexpr unit duration_units[] = {
    {"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};
constexpr unit size_units[] = {{"", 1},
                               {"B", 1},
                               {"kB", 1000},
                               {"KB", 1000},
                               {"MB", 1000'000},
                               {"GB", 1000'000'000},
                               {"TB", 1000'000'000'000},
                               {"KiB", 1024},
                               {"MiB", 1ull << 20},
                               {"GiB", 1ull << 30},
                               {"TiB", 1ull << 40}};

error refuse(std::string_view text, std::string_view what, std::string_view why) {
    constexpr std::size_t shown = 40;
    std::string message = "\"" + std::string(text.substr(0, shown)) +
                          (text.size() > shown ? "...\"" : "\"") + " is no " + std::string(what) +
                          ": " + std::string(why);
    return error(category::config, "config.value.unit", std::move(message));
}

template <std::size_t N>
result<std::uint64_t> parse(std::string_view text,
                            const unit (&units)[N],
                            std::string_view what,
                            std::string_view why,
                            std::uint64_t max) {
    std::uint64_t number = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (ec == std::errc::result_out_of_range) return refuse(text, what, "it is too large");
    if (ec != std::errc()) return refuse(text, what, why);
    const std::string_view name(end, static_cast<std::size_t>(text.data() + text.size() - end));
    for (const unit& u : units) {
        if (u.name != name) continue;
        if (number > max / u.factor) return refuse(text, what, "it is too large");
        return number * u.factor;
    }
    return refuse(text, what, why);
}

} // namespace

result<std::chrono::milliseconds> parse_duration(std::string_view text) {
    // A hundred years: far from overflow in whatever it is added to.
    constexpr std::uint64_t max = 100ull * 366 * 86'400'000;
    const auto ms = parse(text, duration_units, "duration",
                          "write a whole number and a unit, such as \"500ms\", \"30s\", \"5m\", "
                          "\"2h\" or \"7d\"",
                          max);
    if (!ms) return ms.error();
    return std::chrono::milliseconds(static_cast<std::int64_t>(*ms));
}

result<std::uint64_t> parse_size(std::string_view text) {
    return parse(text, size_units, "size",
                 "write a whole number of bytes or with a unit, such as \"64KiB\", \"1MiB\" or "
                 "\"2GB\"",
                 static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()));
}

std::string to_duration_text(std::chrono::milliseconds d) {
    const auto ms = d.count();
    if (ms == 0) return "0ms";
    const unit* best = &duration_units[0];
    for (const unit& u : duration_units)
        if (ms % static_cast<std::int64_t>(u.factor) == 0) best = &u;
    return std::to_string(ms / static_cast<std::int64_t>(best->factor)) + std::string(best->name);
}

} // namespace mortise::host
