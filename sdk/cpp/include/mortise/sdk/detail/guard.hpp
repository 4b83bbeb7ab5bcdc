// SPDX-License-Identifier: Apache-2.0
//
// The firewall at the C boundary: every entry of a plugin goes through guarded() or guarded_void(),
// so nothing is thrown through C and every failure has a reason.
#pragma once

#include <mortise/core.h>
#include <mortise/sdk/error.hpp>

#include <exception>
#include <utility>

namespace mortise::detail {

// The error an exception stands for: mortise::error as it is, bad_alloc as LIMIT, the rest
// INTERNAL.
error error_of(std::exception_ptr e) noexcept;

// Gives e to the sink, if there is one.
void report(mortise_error_sink sink, const error& e) noexcept;

template <class F>
mortise_status guarded(mortise_error_sink sink, F&& f) noexcept {
    try {
        std::forward<F>(f)();
        return MORTISE_OK;
    } catch (...) {
        report(sink, error_of(std::current_exception()));
        return MORTISE_E_FAILED;
    }
}

// For entries that have no way to report: fails closed, silently.
template <class F>
void guarded_void(F&& f) noexcept {
    try {
        std::forward<F>(f)();
    } catch (...) {
        return;
    }
}

} // namespace mortise::detail
