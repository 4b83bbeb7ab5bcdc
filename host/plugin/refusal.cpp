// SPDX-License-Identifier: Apache-2.0
#include "plugin/refusal.hpp"

#include <stdexcept>

namespace mortise::host {

std::string plugin_refusal::text() const {
    std::string out = file.string();
    out += ": ";
    if (!plugin_id.empty()) out += plugin_id + ": ";
    out += message;
    if (!hint.empty()) {
        out += ". ";
        out += hint;
    }
    return out;
}

void throw_exception_from_error(const plugin_refusal& r, const boost::source_location&) {
    throw std::runtime_error(r.text());
}

} // namespace mortise::host
