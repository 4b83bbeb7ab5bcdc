// SPDX-License-Identifier: Apache-2.0
//
// The connections of a host as online checks reach them; the host may be one that only probes, or
// one at work.
#pragma once

#include "app/host.hpp"
#include "online/online_check.hpp"

namespace mortise::host {

class host_systems final : public online_systems {
public:
    // h outlives it.
    explicit host_systems(host& h) : host_(h) {}
    result<std::string> test(const std::string& connection) override;
    bool offers(const std::string& connection, std::string_view operation) const override;
    result<std::string> call(const std::string& connection,
                             const std::string& operation,
                             const std::string& input) override;

private:
    host& host_;
};

// What the enabled flows may call, by connection.
used_operations operations_used(const configuration& config, const plugin_catalog& plugins);

} // namespace mortise::host
