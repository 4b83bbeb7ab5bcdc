// SPDX-License-Identifier: Apache-2.0
#include "base/trace_context.hpp"

#include "base/digest.hpp"

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

// Ids that are all zeros mean "none" in the standard.
std::string id_from(const std::string& text, std::size_t digits) {
    auto id = sha256_hex(text).substr(0, digits);
    if (is_zero(id)) id.back() = '1';
    return id;
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
    return {id_from("trace/" + run.str(), 32), {}, false};
}

std::string run_span_id(const run_id& run) {
    return id_from(run.str(), 16);
}

std::string step_span_id(const run_id& run, std::string_view step, std::uint32_t attempt) {
    std::string text = run.str();
    text.append("/").append(step).append("#").append(std::to_string(attempt));
    return id_from(text, 16);
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
