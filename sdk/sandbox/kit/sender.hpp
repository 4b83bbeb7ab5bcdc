// SPDX-License-Identifier: Apache-2.0
// Posts one webhook. Internal to the kit.
#pragma once

#include "kit/webhook.hpp"

#include <boost/asio/awaitable.hpp>

namespace mortise::sandbox {

// Never throws for network reasons: the result says what went wrong. https is refused with a clear
// error; the sandbox speaks plain HTTP.
boost::asio::awaitable<webhook_result> send_webhook(webhook hook);

} // namespace mortise::sandbox
