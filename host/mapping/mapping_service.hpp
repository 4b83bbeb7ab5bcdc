// SPDX-License-Identifier: Apache-2.0
//
// mortise.mapping/1 for one plugin instance: the mappings it has compiled. The host and the testing
// kit both serve it from here.
#pragma once

#include <mortise/mapping.h>

#include <memory>
#include <mutex>
#include <unordered_map>

namespace mortise::host {

class mapping_table;

class mapping_service {
public:
    mapping_service();
    ~mapping_service();
    mapping_service(const mapping_service&) = delete;
    mapping_service& operator=(const mapping_service&) = delete;

    // The table that the plugin gets; its ctx is this object.
    const mortise_svc_mapping& table() const noexcept { return table_; }
    mortise_svc_mapping& table() noexcept { return table_; }
    // [any-thread] Takes every mapping back; what is asked later is refused (STATE).
    void end();

private:
    struct entries;

    mortise_svc_mapping table_{};
    std::mutex guard_;
    bool ended_ = false;
    std::unordered_map<mortise_handle, std::shared_ptr<const mapping_table>> mappings_;
};

} // namespace mortise::host
