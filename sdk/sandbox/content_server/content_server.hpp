// SPDX-License-Identifier: Apache-2.0
//
// The emulator of OpenText Content Server (Extended ECM with Business Workspaces) and the part of
// OTDS that clients log in with. For use in process; `mortise-sandbox` finds it by its registry.
//
// Options in emulator_options::extra (all optional):
//   session_timeout_ms  life of a ticket after its issue; default 7200000
//   out_of_range_page   what a page past the end answers: "last" (default), "first" or "empty"
//   recycle_bin         "false" deletes for good
//   dates_with_z        "false" leaves the Z off node dates
//   server_version      text of serverinfo.server.version; default "25.4"
//   modules_off         comma list of families to leave out: conws, xecmpf, workflow, rm, pulse
#pragma once

#include "kit/emulator.hpp"

#include <memory>

namespace mortise::sandbox {

std::unique_ptr<emulator> make_content_server(emulator_options options = {});

} // namespace mortise::sandbox
