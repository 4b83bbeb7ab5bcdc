// SPDX-License-Identifier: Apache-2.0
#include "journal/records.hpp"

#include <array>

namespace mortise::host {
namespace {

constexpr std::array<std::string_view, 8> run_state_names{
    "ready", "active", "waiting", "succeeded", "failed", "in_doubt", "cancelled", "discarded"};
constexpr std::array<std::string_view, 8> step_kind_names{"call", "sleep", "wait_event", "record",
                                                          "link", "state", "transfer",   "spawn"};
constexpr std::array<std::string_view, 5> step_state_names{"started", "waiting", "retrying", "done",
                                                           "failed"};
constexpr std::array<std::string_view, 8> try_outcome_names{
    "retrying", "held", "done", "found", "failed", "in_doubt", "cancelled", "cut_off"};
constexpr std::array<std::string_view, 6> try_wait_names{"none",    "back_off", "retry_after",
                                                         "breaker", "pause",    "person"};

template <class Names, class Enum>
std::string_view name_of(const Names& names, Enum value) noexcept {
    const auto i = static_cast<std::size_t>(value);
    return i < names.size() ? names[i] : std::string_view("unknown");
}

} // namespace

std::string_view to_string(run_state s) noexcept {
    return name_of(run_state_names, s);
}

std::optional<run_state> run_state_from_string(std::string_view text) noexcept {
    for (std::size_t i = 0; i < run_state_names.size(); ++i) {
        if (run_state_names[i] == text) return static_cast<run_state>(i);
    }
    return std::nullopt;
}

std::string_view to_string(step_kind k) noexcept {
    return name_of(step_kind_names, k);
}

std::string_view to_string(step_state s) noexcept {
    return name_of(step_state_names, s);
}

std::string_view to_string(try_outcome o) noexcept {
    return name_of(try_outcome_names, o);
}

std::string_view to_string(try_wait w) noexcept {
    return name_of(try_wait_names, w);
}

} // namespace mortise::host
