// SPDX-License-Identifier: Apache-2.0
// Figures that several pages show.
#pragma once

#include "journal/records.hpp"

#include <boost/json/object.hpp>

#include <cstdint>

namespace mortise::host {

boost::json::object counts_view(const journal_stats& s);
std::uint64_t resident_bytes(); // of this process; 0 when it cannot be told

} // namespace mortise::host
