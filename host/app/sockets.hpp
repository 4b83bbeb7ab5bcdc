// SPDX-License-Identifier: Apache-2.0
//
// Sockets that another program opened and left to this one: the service manager (systemd's socket
// activation) or the program that was replaced by an upgrade. Both use the protocol of
// sd_listen_fds(3): LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES, descriptors from 3 on.
#pragma once

#include "base/result.hpp"

#include <string>
#include <vector>

namespace mortise::host {

// Owned by whoever holds it; -1: there is none.
struct passed_sockets {
    int http = -1;                // "http"
    int admin = -1;               // "admin"
    std::vector<int> connections; // "connection": idle ones of the http listener
    bool empty() const noexcept { return http < 0 && admin < 0 && connections.empty(); }
};

// [main] What was left to this process, close-on-exec from now on; the variables are removed, so
// that children do not take them for theirs. Without names the first is "http", the second "admin".
// Errors (category config): a name that is none of these, a descriptor that is not open.
result<passed_sockets> take_passed_sockets();
// [main] Once more, for a second use; close-on-exec.
passed_sockets duplicate(const passed_sockets& sockets);
void close_all(passed_sockets& sockets);
// Where a socket is bound, without the port: "127.0.0.1"; empty for none of the Internet.
std::string address_of(int socket);
// [main] Right before this process becomes another program: puts the sockets where that one finds
// them, and closes what is below them. Nothing else of the process works afterwards. The number of
// the first descriptor behind them.
int leave_sockets(const passed_sockets& sockets);

} // namespace mortise::host
