// SPDX-License-Identifier: Apache-2.0
// Lets failed checks on a result show its error.
#pragma once

#include "support/catch.hpp"

#include <mortise/sdk/error.hpp>

#include <string>

namespace Catch {

template <class T>
struct StringMaker<boost::system::result<T, mortise::error>> {
    static std::string convert(const boost::system::result<T, mortise::error>& r) {
        if (r.has_value()) return "a value";
        const auto& e = r.error();
        return std::string(to_string(e.category)) + " " + e.code + ": " + e.message;
    }
};

} // namespace Catch
