// SPDX-License-Identifier: Apache-2.0
// What `mortise-sandbox` needs to know of a system. Each emulator's folder calls
// mortise_add_sandbox_system(<name> SOURCES ...) in its CMakeLists.txt and defines
//   system_entry mortise::sandbox::describe_<name>();     ('-' in the name becomes '_')
// and that is all: the program finds it.
#pragma once

#include "kit/emulator.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace mortise::sandbox {

struct system_entry {
    std::string name;                // "iconik"
    std::string title;               // for people
    std::uint16_t port_offset = 0;   // from the port base: iconik 1, content-server 2, ...
    std::string base_path;           // behind http://127.0.0.1:port in base_url: "/otcs/cs"
    boost::json::object credentials; // of the seeded integration user
    std::function<std::unique_ptr<emulator>(emulator_options)> make;
};

// All systems built in, in order of their ports.
std::vector<system_entry> all_systems();

} // namespace mortise::sandbox
