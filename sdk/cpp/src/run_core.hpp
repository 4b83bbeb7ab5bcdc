// SPDX-License-Identifier: Apache-2.0
// One run of a flow instance in memory. Private to the SDK.
#pragma once

#include <mortise/sdk/detail/flow_spec.hpp>
#include <mortise/sdk/detail/root.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace mortise::detail {

class run_core {
public:
    run_core(const mortise_svc_flow& flow_service,
             const mortise_svc_content* content_service,
             mortise_handle run,
             void* instance)
        : service(flow_service), content(content_service), handle(run), owner(instance),
          facade(*this) {}

    const mortise_svc_flow& service;
    const mortise_svc_content* content; // null when not granted
    mortise_handle handle;
    void* owner;
    bool cancel_requested = false;
    std::uint64_t random_used = 0;
    flow_run facade;
    std::optional<std::string> text;
    root runner; // last: its frames use all of the above
};

} // namespace mortise::detail
