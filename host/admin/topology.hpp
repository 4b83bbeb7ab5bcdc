// SPDX-License-Identifier: Apache-2.0
// The graph of connections and flows at work, with what moves along its edges.
#pragma once

#include "admin/at_work.hpp"
#include "admin/traffic_meter.hpp"
#include "operate/flow_directory.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace mortise::host {

// connections: the views of those at work (app/connection_view.hpp).
boost::json::object topology(const at_work& now,
                             const flow_directory& flows,
                             const boost::json::array& connections,
                             const std::map<std::string, instance_counts>& counts,
                             const std::map<std::string, edge_traffic>& traffic);

} // namespace mortise::host
