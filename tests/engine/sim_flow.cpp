// SPDX-License-Identifier: Apache-2.0
#include "sim_flow.hpp"

#include "plugins/probe/flows.hpp"

#include <mortise/sdk/abi.hpp>

namespace mortise::host::testing {
namespace {

thread_local sim_flow_observer* watching = nullptr;

const mortise_flow& real() {
    static const auto* table =
        static_cast<const mortise_flow*>(flow<probe::steps_flow>().descriptor());
    return *table;
}

struct watched {
    void* self = nullptr; // of the real one
    sim_flow_observer* observer = nullptr;
    std::string name;
    const mortise_host* real_host = nullptr;
    mortise_host host{}; // the real one, but for who hears of finish()
    mortise_svc_flow service{};
};

watched& of(void* self) {
    return *static_cast<watched*>(self);
}

mortise_status (*real_finish)(void*, mortise_handle, const mortise_payload*, const mortise_error*);

const void* find_service(const mortise_host* h, mortise_handle instance, mortise_str id) {
    auto& w = of(h->ctx);
    const auto* found = w.real_host->get_service(w.real_host, instance, id);
    if (found == nullptr || view(id) != MORTISE_SVC_FLOW) return found;
    w.service = *static_cast<const mortise_svc_flow*>(found);
    real_finish = w.service.finish;
    w.service.finish = [](void* ctx, mortise_handle run, const mortise_payload* result,
                          const mortise_error* e) -> mortise_status {
        if (watching != nullptr) watching->run_left(run);
        return real_finish(ctx, run, result, e);
    };
    return &w.service;
}

flow_descriptor make() {
    flow_descriptor d;
    d.id = "probe-steps";
    d.version = "1.0.0";
    d.roles.push_back({"target", {"sim"}, "", {"get", "put", "create", "fire"}});
    for (const char* type : {"probe.changed", "probe.order"})
        d.subscriptions.push_back({"target", type});
    d.subscriptions.push_back({"", "mortise.request"});
    d.subscriptions.push_back({"", "mortise.child"});
    d.table = real();
    d.table.create = [](const mortise_host* h, mortise_handle instance, mortise_payload config,
                        mortise_error_sink err, void** self) -> mortise_status {
        auto made = std::make_unique<watched>();
        const auto quoted = view(config);
        made->name = quoted.substr(1, quoted.size() - 2);
        made->observer = watching;
        made->real_host = h;
        made->host = *h;
        made->host.ctx = made.get();
        made->host.get_service = find_service;
        const auto status =
            real().create(&made->host, instance, json_payload("{}"), err, &made->self);
        if (status == MORTISE_OK) *self = made.release();
        return status;
    };
    d.table.destroy = [](void* self) {
        real().destroy(of(self).self);
        delete &of(self);
    };
    d.table.start = [](void* self, mortise_handle run, const mortise_event* first,
                       mortise_error_sink err) -> mortise_status {
        if (of(self).observer != nullptr)
            of(self).observer->run_began(of(self).name, run, std::string(view(first->id)));
        return real().start(of(self).self, run, first, err);
    };
    d.table.cancel = [](void* self, mortise_handle run) { real().cancel(of(self).self, run); };
    d.table.drop = [](void* self, mortise_handle run) {
        if (of(self).observer != nullptr) of(self).observer->run_left(run);
        real().drop(of(self).self, run);
    };
    return d;
}

} // namespace

const flow_descriptor& sim_flow() {
    static const flow_descriptor d = make();
    return d;
}

void watch_flows(sim_flow_observer* observer) {
    watching = observer;
}

} // namespace mortise::host::testing
