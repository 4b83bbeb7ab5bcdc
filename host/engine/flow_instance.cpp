// SPDX-License-Identifier: Apache-2.0
#include "engine/flow_instance.hpp"

#include "engine/active_run.hpp"
#include "plugin/services.hpp"

#include <mortise/sdk/abi.hpp>

namespace mortise::host {

flow_instance::flow_instance(plugin_environment& env,
                             instance_settings settings,
                             const flow_descriptor& d,
                             flow_settings flow,
                             engine& owner)
    : plugin_instance(env, std::move(settings)), descriptor_(d), flow_(std::move(flow)),
      owner_(owner) {
    fill_flow_service(table_, *this);
}

flow_instance::~flow_instance() = default;

std::shared_ptr<flow_instance> flow_instance::shared() {
    return std::static_pointer_cast<flow_instance>(shared_from_this());
}

const void* flow_instance::own_service(std::string_view id) {
    return id == MORTISE_SVC_FLOW ? &table_ : nullptr;
}

void flow_instance::open(std::function<void(result<void>)> opened) {
    on_strand([self = shared(), opened = std::move(opened)] {
        error_catcher caught;
        mortise_status status = MORTISE_E_FAILED;
        self->guarded("create", [&] {
            status = self->descriptor_.table.create(self->host(), self->handle(),
                                                    json_payload(self->settings_.config),
                                                    caught.sink(), &self->self_);
        });
        self->freeze_metrics();
        if (status == MORTISE_OK) {
            opened({});
            return;
        }
        self->self_ = nullptr;
        opened(caught.take(status, "to be created").context("flow \"" + self->name() + "\""));
    });
}

void flow_instance::close(std::function<void()> closed) {
    {
        const std::lock_guard lock(guard_);
        closed_ = std::move(closed);
        closing_ = true;
    }
    on_strand([self = shared()] { self->try_destroy(); });
}

void flow_instance::try_destroy() {
    {
        const std::lock_guard lock(guard_);
        if (!closed_ || !runs_.empty()) return;
    }
    close_services([self = shared()] {
        std::function<void()> closed;
        {
            const std::lock_guard lock(self->guard_);
            closed = std::exchange(self->closed_, nullptr);
        }
        if (!closed) return;
        if (self->self_ != nullptr) {
            self->guarded("destroy", [&] { self->descriptor_.table.destroy(self->self_); });
            self->self_ = nullptr;
        }
        closed();
    });
}

bool flow_instance::add_run(std::shared_ptr<active_run> run) {
    const std::lock_guard lock(guard_);
    if (closing_) return false;
    const auto handle = run->handle();
    runs_.emplace(handle, std::move(run));
    return true;
}

std::shared_ptr<active_run> flow_instance::find_run(mortise_handle handle) const {
    const std::lock_guard lock(guard_);
    const auto it = runs_.find(handle);
    return it == runs_.end() ? nullptr : it->second;
}

void flow_instance::remove_run(mortise_handle handle) {
    bool last = false;
    {
        const std::lock_guard lock(guard_);
        runs_.erase(handle);
        last = runs_.empty() && closed_;
    }
    if (last) on_strand([self = shared()] { self->try_destroy(); });
}

std::size_t flow_instance::open_runs() const {
    const std::lock_guard lock(guard_);
    return runs_.size();
}

} // namespace mortise::host
