// SPDX-License-Identifier: Apache-2.0
//
// Between Boost.JSON and libjq's values, with budgets.
#pragma once

#include "base/result.hpp"

#include <boost/json/value.hpp>

// libjq 1.6 does not say so itself.
extern "C" {
#include <jv.h>
}

namespace mortise::host {

// Errors: category limit when it is nested too deeply or has more than budget bytes (about).
result<jv> to_jv(const boost::json::value& value, std::size_t budget);

// Takes v. budget is lowered by about the length of the JSON text; passing it, or too deep a value,
// is an error of category limit (libjq shares parts of values, so a small one can have a huge
// text).
result<boost::json::value> from_jv(jv v, std::size_t& budget);

} // namespace mortise::host
