// SPDX-License-Identifier: Apache-2.0
// The host's service tables as this SDK knows them: copied at min(their size, ours). Private to the
// SDK.
#pragma once

#include <mortise/call.h>
#include <mortise/content.h>
#include <mortise/http.h>
#include <mortise/log.h>
#include <mortise/mapping.h>
#include <mortise/metric.h>
#include <mortise/run.h>
#include <mortise/secret.h>
#include <mortise/state.h>
#include <mortise/time.h>
#include <mortise/trigger.h>

#include <optional>
#include <string>
#include <string_view>

namespace mortise::detail {

struct service_tables {
    std::optional<mortise_svc_call> call;
    std::optional<mortise_svc_log> log;
    std::optional<mortise_svc_time> time;
    std::optional<mortise_svc_trigger> trigger;
    std::optional<mortise_svc_http> http;
    std::optional<mortise_svc_secret> secret;
    std::optional<mortise_svc_state> state;
    std::optional<mortise_svc_metric> metric;
    std::optional<mortise_svc_content> content;
    std::optional<mortise_svc_flow> flow;
    std::optional<mortise_svc_mapping> mapping;
};

template <class T>
const T* pointer_to(const std::optional<T>& o) noexcept {
    return o ? &*o : nullptr;
}

// Throws CONFIG that names the service and how to grant it.
[[noreturn]] void throw_not_granted(std::string_view component, std::string_view service_id);

template <class T>
const T& needed(const T* table, std::string_view service_id) {
    if (!table) throw_not_granted({}, service_id);
    return *table;
}

} // namespace mortise::detail
