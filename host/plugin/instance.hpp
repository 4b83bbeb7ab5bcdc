// SPDX-License-Identifier: Apache-2.0
//
// What connector and flow instances have in common: a name, a strand, and the services of the ABI
// bound to them. Callbacks into the plugin always come through the strand; close() waits for the
// ones that are still owed before the instance may be destroyed.
#pragma once

#include "config/secrets.hpp"
#include "plugin/environment.hpp"

#include <mortise/core.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace mortise::host {

class http_lane;
class log_subject;

struct instance_settings {
    std::string kind;        // "connection" or "flow", for logs and metrics
    std::string name;        // as configured
    std::string plugin_id;   // the connector's or flow's
    std::string config;      // effective JSON, secrets as references
    std::string state_scope; // of mortise.state/1; one namespace per instance
    std::shared_ptr<const secret_store> secrets;
    std::string secret_prefix;       // "connections.<name>.": only these may be read
    std::shared_ptr<http_lane> lane; // null: mortise.http/1 is not granted
    bool state_granted = true;
};

class plugin_instance : public std::enable_shared_from_this<plugin_instance> {
public:
    plugin_instance(plugin_environment& env, instance_settings settings);
    virtual ~plugin_instance();
    plugin_instance(const plugin_instance&) = delete;
    plugin_instance& operator=(const plugin_instance&) = delete;

    const std::string& name() const noexcept { return settings_.name; }
    const std::string& plugin_id() const noexcept { return settings_.plugin_id; }
    mortise_handle handle() const noexcept { return handle_; }
    // The struct create() receives.
    const mortise_host* host() const noexcept;

    // [any-thread] Runs fn on the strand; false (and fn is dropped) once the instance is gone.
    void on_strand(std::function<void()> fn);
    // [strand] Runs plugin code under the watchdog; an exception through the C boundary is logged,
    // counted and swallowed (returns false).
    template <class Code>
    bool guarded(std::string_view what, const Code& plugin_code) {
        return guarded_call(
            what, [](const void* code) { (*static_cast<const Code*>(code))(); }, &plugin_code);
    }

    // Copies an error out of a plugin's sink; "plugin gave no reason" when it set none.
    class error_catcher {
    public:
        mortise_error_sink sink() noexcept;
        error take(mortise_status status, std::string_view doing) const;

    private:
        error caught_;
        bool set_ = false;
    };

protected:
    // Extra tables (mortise.call/1, mortise.flow/1, ...); null when unknown.
    virtual const void* own_service(std::string_view id) = 0;
    // On whose behalf an open call is made; empty for others.
    struct call_trace {
        std::string parent; // W3C traceparent
        std::shared_ptr<const log_subject> subject;
        std::shared_ptr<std::atomic<std::int64_t>> queued_ns; // see http_request
    };
    virtual call_trace trace_of(mortise_handle /*call*/) const { return {}; }
    // [strand] Refuses new callbacks, cancels timers and requests, and calls then() on the strand
    // when nothing is owed to the plugin any more.
    void close_services(std::function<void()> then);
    // [strand] Metrics may be defined until this is called.
    void freeze_metrics();

    struct services;
    services& owed_services() noexcept { return *services_; } // owe() and pay(), services.hpp

    plugin_environment& env_;
    const instance_settings settings_;

private:
    friend struct service_tables;
    bool guarded_call(std::string_view what, void (*run)(const void*), const void* plugin_code);
    const mortise_handle handle_;
    std::unique_ptr<services> services_;
};

} // namespace mortise::host
