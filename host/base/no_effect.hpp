// SPDX-License-Identifier: Apache-2.0
// An error of the engine's own making: no remote system was touched.
#pragma once

#include "base/result.hpp"

#include <string>
#include <utility>

namespace mortise::host {

inline error no_effect(enum category c, std::string code, std::string message) {
    error e{c, std::move(code), std::move(message)};
    e.effect = effect::none;
    return e;
}

} // namespace mortise::host
