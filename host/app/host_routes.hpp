// SPDX-License-Identifier: Apache-2.0
// The host itself at the admin listener: the next configuration, the next program.
#pragma once

#include "base/result.hpp"

#include <boost/json/object.hpp>

#include <functional>
#include <string>

namespace mortise::host {

class route_table;

// Answer later, from any thread.
struct host_calls {
    std::function<void(std::function<void(result<boost::json::object>)> done)> reload;
    std::function<void(std::function<void(result<std::string>)> done)> upgrade; // its version
};

void add_host_routes(route_table& to, const host_calls& calls);

} // namespace mortise::host
