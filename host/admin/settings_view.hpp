// SPDX-License-Identifier: Apache-2.0
// The configuration as it was written, setting by setting, with file and line, and the defaults
// where nothing was written. Secrets are shown by where they come from.
#pragma once

#include "admin/at_work.hpp"

#include <boost/json/object.hpp>

namespace mortise::host {

boost::json::object settings_view(const configuration& config, const plugin_catalog& plugins);

// The connector's own settings of a connection as they were written, secrets as "***".
boost::json::object written_settings(const connection_config& c,
                                     const configuration& config,
                                     const plugin_catalog& plugins);

} // namespace mortise::host
