// SPDX-License-Identifier: Apache-2.0
// The certificates of the two listeners: looked at with the configuration, taken up by a reload,
// watched for their end.
#pragma once

#include "config/config.hpp"
#include "http/tls_identity.hpp"
#include "observe/health.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace mortise::host {

class metric_registry;

// From here on before its end a certificate is spoken of.
constexpr std::chrono::hours certificate_notice{24 * 14};

// Null: plain HTTP.
struct certificates {
    std::shared_ptr<const tls_identity> webhooks, admin;
};

// What a start would stumble over, with file and line. One that has ended or soon will is a
// warning: a host that is started anew with it is better than none. One that this account may not
// read is a warning too, as the host may run under another.
std::vector<config_problem> check_certificates(const configuration& config, std::int64_t now);

// Those the next configuration names, for listeners that speak TLS already; each error is a reason
// to refuse the reload: not readable, not belonging together, not valid now. One that is at work
// already is no worse for having ended, and holds nothing up.
struct renewed_certificates {
    certificates next;
    std::vector<config_problem> problems; // errors only
};
renewed_certificates
renew_certificates(const configuration& next, const certificates& at_work, std::int64_t now);

// For health: those that end soon, or have ended.
void find_ending(const certificates& at_work, std::int64_t now, std::vector<health::finding>& out);

// mortise_tls_certificate_expiry_timestamp_seconds, while the returned object lives.
[[nodiscard]] std::shared_ptr<void> collect_certificates(metric_registry& metrics,
                                                         std::function<certificates()> at_work);

} // namespace mortise::host
