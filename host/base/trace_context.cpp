// SPDX-License-Identifier: Apache-2.0
#include "base/trace_context.hpp"

#include <algorithm>

namespace mortise::host {
namespace {

constexpr std::size_t length_of_00 = 55; // 2-32-16-2

bool is_lower_hex(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_zero(std::string_view text) {
    return text.find_first_not_of('0') == std::string_view::npos;
}

std::string hex_of(std::uint64_t v) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out(16, '0');
    for (auto at = out.rbegin(); at != out.rend(); ++at, v >>= 4)
        *at = digits[v & 15];
    return out;
}

// splitmix64's finish: every bit of the result hangs on every bit of x.
std::uint64_t mixed(std::uint64_t x) {
    x += 0x9e3779b97f4a7c15;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
    return x ^ (x >> 31);
}

// FNV-1a, mixed: ids need to differ within a trace, not to withstand anybody, and every attempt
// needs one. All zeros mean "none" in the standard.
std::string id_from(std::string_view text, std::uint64_t seed = 0xcbf29ce484222325) {
    for (const char c : text)
        seed = (seed ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    const auto id = mixed(seed);
    return hex_of(id != 0 ? id : 1);
}

// Of a run whose id is a UUID: its first half, which is the time, and the other one mixed,
// because those who take a share of the traces look at the last bits.
std::optional<std::string> trace_of_uuid(std::string_view uuid) {
    if (uuid.size() != 36) return std::nullopt;
    std::string digits;
    digits.reserve(32);
    for (std::size_t i = 0; i < uuid.size(); ++i) {
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash != (uuid[i] == '-')) return std::nullopt;
        if (!dash) digits += uuid[i];
    }
    if (!is_lower_hex(digits)) return std::nullopt;
    std::uint64_t x = 0;
    for (const char c : std::string_view(digits).substr(16))
        x = x << 4 | static_cast<std::uint64_t>(c <= '9' ? c - '0' : c - 'a' + 10);
    auto out = digits.substr(0, 16) + hex_of(mixed(x));
    if (is_zero(out)) return std::nullopt;
    return out;
}

} // namespace

std::optional<trace_context> parse_trace_parent(std::string_view text) {
    if (text.size() < length_of_00 || text[2] != '-' || text[35] != '-' || text[52] != '-')
        return std::nullopt;
    const auto version = text.substr(0, 2), trace = text.substr(3, 32), span = text.substr(36, 16),
               flags = text.substr(53, 2);
    if (!is_lower_hex(version) || version == "ff") return std::nullopt;
    // A later version may be longer, but only behind another dash.
    if (version == "00" ? text.size() != length_of_00
                        : text.size() > length_of_00 && text[length_of_00] != '-')
        return std::nullopt;
    if (!is_lower_hex(trace) || !is_lower_hex(span) || !is_lower_hex(flags)) return std::nullopt;
    if (is_zero(trace) || is_zero(span)) return std::nullopt;
    const auto low = flags[1] <= '9' ? flags[1] - '0' : flags[1] - 'a' + 10;
    return trace_context{std::string(trace), std::string(span), (low & 1) != 0};
}

std::string clean_trace_parent(std::string_view text) {
    const auto c = parse_trace_parent(text);
    return c ? to_trace_parent(*c) : std::string();
}

std::string to_trace_parent(const trace_context& c) {
    std::string out;
    out.reserve(length_of_00);
    return out.append("00-")
        .append(c.trace_id)
        .append("-")
        .append(c.span_id)
        .append(c.sampled ? "-01" : "-00");
}

trace_context trace_of_run(std::string_view event_trace_parent, const run_id& run) {
    if (auto c = parse_trace_parent(event_trace_parent)) return std::move(*c);
    auto own = trace_of_uuid(run.str());
    return {own ? std::move(*own) : id_from(run.str()) + id_from(run.str(), 1), {}, false};
}

std::string run_span_id(const run_id& run) {
    return id_from(run.str());
}

std::string step_span_id(const run_id& run, std::string_view step, std::uint32_t attempt) {
    std::string text = run.str();
    text.append("/").append(step).append("#").append(std::to_string(attempt));
    return id_from(text);
}

bool in_sample(std::string_view trace_id, double share) noexcept {
    if (share >= 1) return true;
    if (share <= 0 || trace_id.size() != 32) return false;
    std::uint64_t low = 0;
    for (const char c : trace_id.substr(16))
        low = low << 4 | static_cast<std::uint64_t>(c <= '9' ? c - '0' : c - 'a' + 10);
    return static_cast<double>(low >> 1) < share * 9223372036854775808.0; // 2^63
}

std::string trace_parent_of_step(std::string_view event_trace_parent,
                                 const run_id& run,
                                 std::string_view step,
                                 std::uint32_t attempt,
                                 double share) {
    auto c = trace_of_run(event_trace_parent, run);
    c.span_id = step_span_id(run, step, attempt);
    if (share >= 0) c.sampled = in_sample(c.trace_id, share);
    return to_trace_parent(c);
}

} // namespace mortise::host
