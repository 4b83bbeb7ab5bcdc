// SPDX-License-Identifier: Apache-2.0
//
// The schemas of the host's own sections, as text; the reference pages are made from them too.
#pragma once

#include <string_view>

namespace mortise::host {

std::string_view root_schema_text();       // [host], [journal], [plugins], [admin]
std::string_view connection_schema_text(); // the host's keys of [connections.<name>]
std::string_view flow_schema_text();       // [flows.<name>]

} // namespace mortise::host
