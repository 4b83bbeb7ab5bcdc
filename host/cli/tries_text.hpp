// SPDX-License-Identifier: Apache-2.0
// The attempts of a run's steps as text.
#pragma once

#include <boost/json/value.hpp>

#include <string>

namespace mortise::host::cli {

// A table for each step that was tried more than once; empty when none was. run as GET
// /api/v1/runs/{id} answers it.
std::string tries_text(const boost::json::value& run);

} // namespace mortise::host::cli
