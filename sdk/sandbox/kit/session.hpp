// SPDX-License-Identifier: Apache-2.0
// One HTTP/1.1 connection of an emulator. Internal to the kit.
#pragma once

#include "kit/emulator.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace mortise::sandbox {

// Serves requests until the client leaves or a fault cuts the connection. Runs on the emulator's
// thread; e outlives the coroutine.
boost::asio::awaitable<void> serve_connection(boost::asio::ip::tcp::socket socket, emulator& e);

} // namespace mortise::sandbox
