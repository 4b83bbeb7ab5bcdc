// SPDX-License-Identifier: Apache-2.0
// What a host is watched by.
#include "app/host_impl.hpp"

#include <mortise/core.h>

namespace mortise::host {

result<void> host::impl::observe(std::string host_id) {
    if (!observed) return {};
    observed->attach({*runs, *gates, *store, *http, *plugins, MORTISE_VERSION,
                      std::to_string(MORTISE_ABI_MAJOR) + '.' + std::to_string(MORTISE_ABI_MINOR),
                      std::move(host_id), config->host.max_backlog});
    return observed->configure(config);
}

} // namespace mortise::host
