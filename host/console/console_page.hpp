// SPDX-License-Identifier: Apache-2.0
//
// Answers browsers that ask for the console: its files, with a policy that lets the page load and
// ask nothing but this host, and without anything a person has to sign in for. Pure.
#pragma once

#include "console/console_files.hpp"
#include "http/listener.hpp"

#include <span>
#include <string_view>

namespace mortise::host {

// Whether a path of the admin listener belongs to the console and not to the API, the metrics or
// the health checks.
bool is_console_path(std::string_view path) noexcept;

// [any-thread] 200, 304, 404 or 405. A program without the console says at / how to get it.
inbound_response serve_console(const inbound_request& request,
                               std::span<const console_file> files = built_in_console());

} // namespace mortise::host
