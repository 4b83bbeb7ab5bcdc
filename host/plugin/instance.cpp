// SPDX-License-Identifier: Apache-2.0
#include "plugin/instance.hpp"

#include "base/handles.hpp"
#include "base/log.hpp"
#include "http/client.hpp"
#include "plugin/services.hpp"
#include "plugin/watchdog.hpp"

#include <mortise/sdk/abi.hpp>

#include <boost/asio/post.hpp>

namespace mortise::host {
namespace {

const void* find_service(const mortise_host* h, mortise_handle instance, mortise_str id);

} // namespace

// Reaches the protected lookup from the C function.
struct service_tables {
    static const void* find(plugin_instance& self, mortise_handle instance, std::string_view id) {
        if (instance != self.handle()) return nullptr;
        auto& s = *self.services_;
        if (id == MORTISE_SVC_LOG) return &s.log;
        if (id == MORTISE_SVC_CONFIG) return &s.config;
        if (id == MORTISE_SVC_SECRET) return self.settings_.secrets ? &s.secret : nullptr;
        if (id == MORTISE_SVC_HTTP) return self.settings_.lane ? &s.http : nullptr;
        if (id == MORTISE_SVC_STATE) return self.settings_.state_granted ? &s.state : nullptr;
        if (id == MORTISE_SVC_TIME) return &s.time;
        if (id == MORTISE_SVC_METRIC) return &s.metric;
        if (id == MORTISE_SVC_CONTENT) return &s.content;
        if (id == MORTISE_SVC_MAPPING) return &s.mappings.table();
        return self.own_service(id);
    }
};

namespace {

const void* find_service(const mortise_host* h, mortise_handle instance, mortise_str id) {
    return service_tables::find(*static_cast<plugin_instance*>(h->ctx), instance, view(id));
}

} // namespace

plugin_instance::services::services(plugin_instance& owner)
    : self(owner), strand(boost::asio::make_strand(owner.env_.io)) {
    host.struct_size = sizeof(host);
    host.abi_major = MORTISE_ABI_MAJOR;
    host.abi_minor = MORTISE_ABI_MINOR;
    host.ctx = &owner;
    host.name = c_str_of("mortise");
    host.version = c_str_of(MORTISE_VERSION);
    host.get_service = find_service;
    fill_tables();
}

bool plugin_instance::services::owe() {
    const std::lock_guard lock(guard);
    if (closing) return false;
    ++owed;
    return true;
}

void plugin_instance::services::pay(std::function<void()> plugin_code, std::string_view what) {
    // Lines that the plugin writes there are about what they would be about here.
    boost::asio::post(strand, [keep = self.shared_from_this(), code = std::move(plugin_code), what,
                               subject = log_scope::current()] {
        const log_scope scope(subject);
        keep->guarded(what, code);
        keep->services_->settle();
    });
}

void plugin_instance::services::settle() {
    std::function<void()> then;
    {
        const std::lock_guard lock(guard);
        if (--owed == 0 && closing) then = std::exchange(when_settled, nullptr);
    }
    if (then) then();
}

plugin_instance::plugin_instance(plugin_environment& env, instance_settings settings)
    : env_(env), settings_(std::move(settings)), handle_(next_handle()),
      services_(std::make_unique<services>(*this)) {}

plugin_instance::~plugin_instance() = default;

const mortise_host* plugin_instance::host() const noexcept {
    return &services_->host;
}

void plugin_instance::on_strand(std::function<void()> fn) {
    boost::asio::post(services_->strand, std::move(fn));
}

bool plugin_instance::guarded_call(std::string_view what,
                                   void (*run)(const void*),
                                   const void* plugin_code) {
    try {
        const watchdog::scope watched(env_.dog, what, settings_.name);
        run(plugin_code);
        return true;
    } catch (const std::exception& e) {
        log(log_level::error, "a plugin let an exception through the C boundary",
            {{"instance", settings_.name},
             {"plugin", settings_.plugin_id},
             {"function", what},
             {"what", e.what()}});
    } catch (...) {
        log(log_level::error, "a plugin let an unknown exception through the C boundary",
            {{"instance", settings_.name}, {"plugin", settings_.plugin_id}, {"function", what}});
    }
    return false;
}

void plugin_instance::close_services(std::function<void()> then) {
    auto& s = *services_;
    std::vector<std::shared_ptr<boost::asio::steady_timer>> timers;
    std::vector<request_id> requests;
    bool now = false;
    {
        const std::lock_guard lock(s.guard);
        s.closing = true;
        for (auto& [id, timer] : s.timers)
            timers.push_back(timer);
        for (auto& [id, request] : s.requests)
            requests.push_back(request);
        now = s.owed == 0;
        if (!now) s.when_settled = std::move(then);
    }
    for (auto& timer : timers)
        timer->cancel();
    for (const auto request : requests)
        env_.http.cancel(request);
    if (now) then();
}

void plugin_instance::freeze_metrics() {
    const std::lock_guard lock(services_->guard);
    services_->metrics_frozen = true;
}

mortise_error_sink plugin_instance::error_catcher::sink() noexcept {
    return {this, [](void* ctx, const mortise_error* e) {
                auto* catcher = static_cast<error_catcher*>(ctx);
                if (e == nullptr) return;
                catcher->caught_ = from_c(*e);
                catcher->set_ = true;
            }};
}

error plugin_instance::error_catcher::take(mortise_status status, std::string_view doing) const {
    if (set_) return caught_;
    error e{category::internal, "plugin.no-reason",
            "the plugin refused " + std::string(doing) + " (status " + std::to_string(status) +
                ") and gave no reason"};
    e.effect = effect::none;
    return e;
}

void put_error(mortise_error_sink sink, const error& e) {
    if (sink.set == nullptr) return;
    const auto c = to_c(e);
    sink.set(sink.ctx, &c);
}

mortise_status refuse(mortise_error_sink sink, mortise_status status, error e) {
    e.effect = effect::none;
    put_error(sink, e);
    return status;
}

} // namespace mortise::host
