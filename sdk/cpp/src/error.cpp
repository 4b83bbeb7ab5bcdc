// SPDX-License-Identifier: Apache-2.0
#include <mortise/sdk/abi.hpp>
#include <mortise/sdk/error.hpp>

#include <array>

namespace mortise {
namespace {

constexpr std::array<std::string_view, 14> category_names{
    "unknown",   "config",          "input",      "auth",        "denied",
    "not_found", "conflict",        "rate_limit", "unavailable", "timeout",
    "cancelled", "remote_protocol", "limit",      "internal"};
constexpr std::array<std::string_view, 3> effect_names{"unknown", "none", "done"};

template <class Names>
std::uint32_t index_of(const Names& names, std::string_view text) noexcept {
    for (std::uint32_t i = 0; i < names.size(); ++i) {
        if (names[i] == text) return i;
    }
    return 0;
}

} // namespace

std::string_view to_string(category c) noexcept {
    const auto i = static_cast<std::uint32_t>(c);
    return i < category_names.size() ? category_names[i] : category_names[0];
}

std::string_view to_string(effect e) noexcept {
    const auto i = static_cast<std::uint32_t>(e);
    return i < effect_names.size() ? effect_names[i] : effect_names[0];
}

category category_from_string(std::string_view text) noexcept {
    return static_cast<category>(index_of(category_names, text));
}

effect effect_from_string(std::string_view text) noexcept {
    return static_cast<effect>(index_of(effect_names, text));
}

error from_c(const mortise_error& e) {
    error out;
    out.category =
        e.category < category_names.size() ? static_cast<category>(e.category) : category::unknown;
    out.retry = e.retry <= MORTISE_RETRY_NO ? static_cast<retry_advice>(e.retry)
                                            : retry_advice::by_category;
    out.effect = e.effect < effect_names.size() ? static_cast<effect>(e.effect) : effect::unknown;
    out.http_status = e.http_status;
    if (e.retry_after_ms != 0) out.retry_after = std::chrono::milliseconds(e.retry_after_ms);
    out.code = view(e.code);
    out.message = view(e.message);
    out.details = view(e.details);
    return out;
}

mortise_error to_c(const error& e) noexcept {
    mortise_error out{};
    out.struct_size = sizeof(out);
    out.category = static_cast<std::uint32_t>(e.category);
    out.retry = static_cast<std::uint32_t>(e.retry);
    out.effect = static_cast<std::uint32_t>(e.effect);
    out.http_status = e.http_status;
    if (e.retry_after) {
        const auto ms = e.retry_after->count();
        out.retry_after_ms = ms < 1              ? 1u
                             : ms > 0xFFFFFFFFll ? 0xFFFFFFFFu
                                                 : static_cast<std::uint32_t>(ms);
    }
    out.code = c_str_of(e.code);
    out.message = c_str_of(e.message);
    if (!e.details.empty()) out.details = json_payload(e.details);
    return out;
}

void throw_exception_from_error(const error& e, const boost::source_location&) {
    throw e;
}

} // namespace mortise
