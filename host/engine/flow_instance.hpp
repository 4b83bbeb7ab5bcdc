// SPDX-License-Identifier: Apache-2.0
//
// A configured flow at work: the plugin's instance and the connections bound to its roles. Its
// strand makes and ends the instance; each run has one of its own.
#pragma once

#include "plugin/connector_instance.hpp"
#include "plugin/descriptors.hpp"
#include "plugin/instance.hpp"
#include "policy/call_policy.hpp"
#include "policy/connection_gate.hpp"

#include <mortise/run.h>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

namespace mortise::host {

class active_run;
class engine;

// A role's connection as the flow sees it now; replaced as a whole when a connection is renewed.
struct bound_connection {
    std::shared_ptr<connector_instance> instance;
    retry_policy retry;
    std::chrono::milliseconds call_timeout{0};
    std::shared_ptr<const call_policies> operations; // may be null
    std::shared_ptr<connection_gate> gate;           // may be null: always open
    std::shared_ptr<void> lease; // keeps it open after it was replaced; may be null

    call_policy policy_of(std::string_view operation) const {
        if (operations) {
            const auto it = operations->find(operation);
            if (it != operations->end()) return it->second;
        }
        return {retry, call_timeout};
    }
};

struct flow_settings {
    std::string name;
    std::string config_revision;
    std::map<std::string, std::string> roles; // role -> connection name
    retry_config retry;                       // over the operation's and the connection's
    std::chrono::milliseconds deadline{0};    // of a run; 0: none
};

class flow_instance final : public plugin_instance {
public:
    flow_instance(plugin_environment& env,
                  instance_settings settings,
                  const flow_descriptor& d,
                  flow_settings flow,
                  engine& owner);
    ~flow_instance() override;

    const flow_descriptor& descriptor() const noexcept { return descriptor_; }
    const flow_settings& flow() const noexcept { return flow_; }
    engine& owner() noexcept { return owner_; }
    std::shared_ptr<flow_instance> shared();

    // [any-thread] create() on the strand.
    void open(std::function<void(result<void>)> opened);
    // [any-thread] destroy() on the strand once no run is open; later starts are refused.
    void close(std::function<void()> closed);

    // [any-thread] Between add_run() and remove_run() the plugin's instance stays.
    void* plugin_self() const noexcept { return self_; }
    bool add_run(std::shared_ptr<active_run> run); // false: close() was called, it must not begin
    std::shared_ptr<active_run> find_run(mortise_handle handle) const;
    void remove_run(mortise_handle handle); // with none of its plugin code on any stack
    std::size_t open_runs() const;

protected:
    const void* own_service(std::string_view id) override;

private:
    void try_destroy();

    const flow_descriptor& descriptor_;
    const flow_settings flow_;
    engine& owner_;
    void* self_ = nullptr; // written on the strand with no run open
    mortise_svc_flow table_{};
    mutable std::mutex guard_;
    std::unordered_map<mortise_handle, std::shared_ptr<active_run>> runs_;
    std::function<void()> closed_;
    bool closing_ = false;
};

// Fills the mortise.flow/1 table; ctx is the flow_instance. (flow_service.cpp)
void fill_flow_service(mortise_svc_flow& table, flow_instance& instance);

} // namespace mortise::host
