// SPDX-License-Identifier: Apache-2.0
#include "run_core.hpp"
#include "tables.hpp"

#include <mortise/sdk/abi.hpp>
#include <mortise/sdk/flow.hpp>
#include <mortise/sdk/mapping.hpp>

#include <memory>
#include <mutex>
#include <set>
#include <stdexcept>
#include <unordered_map>

namespace mortise::detail {
namespace {

class flow_instance {
public:
    flow_instance(const flow_spec& spec, const mortise_host& h, mortise_handle handle)
        : spec_(spec), in_(h, handle, spec.id) {}
    ~flow_instance() {
        runs_.clear();
        if (self_) spec_.destroy(self_);
    }
    flow_instance(const flow_instance&) = delete;
    flow_instance& operator=(const flow_instance&) = delete;

    void make(const json::value& config);
    void start(mortise_handle run, const mortise_event& first);
    void cancel(mortise_handle run) noexcept;
    void drop(mortise_handle run) noexcept { take(run); }

private:
    static void ended(void* ctx, std::exception_ptr failure) noexcept;
    std::unique_ptr<run_core> take(mortise_handle run) noexcept;

    const flow_spec& spec_;
    instance in_;
    void* self_ = nullptr;
    std::mutex mutex_; // each run has a strand of its own
    std::unordered_map<mortise_handle, std::unique_ptr<run_core>> runs_;
};

void flow_instance::make(const json::value& config) {
    const auto& t = in_.tables();
    const std::string name = "The flow \"" + spec_.id + "\"";
    if (!t.flow) throw_not_granted(name, MORTISE_SVC_FLOW);
    if (!t.log) throw_not_granted(name, MORTISE_SVC_LOG);
    const mapping_scope scope(in_);
    self_ = spec_.make(in_, config);
}

std::unique_ptr<run_core> flow_instance::take(mortise_handle run) noexcept {
    const std::lock_guard lock(mutex_);
    const auto at = runs_.find(run);
    if (at == runs_.end()) return nullptr;
    auto core = std::move(at->second);
    runs_.erase(at);
    return core;
}

task<void> run_to_text(run_core& core, task<std::optional<std::string>> work) {
    core.text = co_await std::move(work);
}

void flow_instance::start(mortise_handle run, const mortise_event& first) {
    const auto& t = in_.tables();
    auto made = std::make_unique<run_core>(*t.flow, pointer_to(t.content), run, this);
    run_core& core = *made;
    event e = from_c(first);
    task<void> work = run_to_text(core, spec_.run(self_, core.facade, std::move(e)));
    {
        const std::lock_guard lock(mutex_);
        if (!runs_.try_emplace(run, std::move(made)).second) {
            throw error(category::internal, "sdk.run.repeated",
                        "The host started the same run twice.");
        }
    }
    core.runner.start(std::move(work), &ended, &core);
}

void flow_instance::cancel(mortise_handle run) noexcept {
    const std::lock_guard lock(mutex_);
    const auto at = runs_.find(run);
    if (at != runs_.end()) at->second->cancel_requested = true;
}

void flow_instance::ended(void* ctx, std::exception_ptr failure) noexcept {
    auto& core = *static_cast<run_core*>(ctx);
    auto& self = *static_cast<flow_instance*>(core.owner);
    const mortise_svc_flow& svc = core.service;
    const mortise_handle handle = core.handle;
    auto mine = self.take(handle);
    const std::optional<std::string> text = std::move(mine->text);
    mine.reset(); // frees the frames before the host may destroy the instance
    if (failure) {
        const error e = error_of(std::move(failure));
        const mortise_error c = to_c(e);
        svc.finish(svc.ctx, handle, nullptr, &c);
    } else if (text) {
        const mortise_payload payload = json_payload(*text);
        svc.finish(svc.ctx, handle, &payload, nullptr);
    } else {
        svc.finish(svc.ctx, handle, nullptr, nullptr);
    }
}

flow_instance& instance_of(void* self) noexcept {
    return *static_cast<flow_instance*>(self);
}

void destroy_entry(void* self) noexcept {
    delete static_cast<flow_instance*>(self);
}
mortise_status start_entry(void* self,
                           mortise_handle run,
                           const mortise_event* first,
                           mortise_error_sink err) noexcept {
    return guarded(err, [&] {
        const mortise_event none{};
        instance_of(self).start(run, first ? *first : none);
    });
}
void cancel_entry(void* self, mortise_handle run) noexcept {
    instance_of(self).cancel(run);
}
void drop_entry(void* self, mortise_handle run) noexcept {
    instance_of(self).drop(run);
}

[[noreturn]] void wrong(const flow_spec& s, const std::string& what) {
    throw std::logic_error("describe() of flow \"" + s.id + "\": " + what);
}

void check(const flow_spec& s) {
    if (s.id.empty()) wrong(s, "b.id(...) is missing");
    if (s.version.empty()) wrong(s, "b.version(...) is missing");
    if (!s.make) {
        wrong(s, "the class has no constructor (instance&); declare its settings with "
                 "b.config<S>() and give it a constructor (instance&, S)");
    }
    std::set<std::string> roles;
    for (const auto& r : s.roles) {
        if (r.name.empty() || r.connector.empty()) wrong(s, "a role needs a name and a connector");
        if (!roles.insert(r.name).second) wrong(s, "role \"" + r.name + "\" is declared twice");
    }
    if (s.subscriptions.empty()) wrong(s, "nothing starts it; add b.starts_on or b.on_request");
    for (const auto& sub : s.subscriptions) {
        if (!sub.role.empty() && !roles.contains(sub.role)) {
            wrong(s, "it starts on the role \"" + sub.role + "\", which is not declared");
        }
    }
}

} // namespace

void finish_flow(flow_spec& s, create_flow_fn create) {
    check(s);
    for (auto& r : s.roles) {
        for (const auto& op : r.operations)
            r.c_operations.push_back(c_str_of(op));
        mortise_role c{};
        c.struct_size = sizeof(c);
        c.name = c_str_of(r.name);
        c.connector = c_str_of(r.connector);
        c.doc = c_str_of(r.doc);
        c.operations = r.c_operations.data();
        c.operation_count = r.c_operations.size();
        s.c_roles.push_back(c);
    }
    for (const auto& sub : s.subscriptions) {
        mortise_subscription c{};
        c.struct_size = sizeof(c);
        c.role = c_str_of(sub.role);
        c.event_type = c_str_of(sub.event_type);
        s.c_subscriptions.push_back(c);
    }
    mortise_flow& c = s.c;
    c.struct_size = sizeof(c);
    c.id = c_str_of(s.id);
    c.version = c_str_of(s.version);
    c.title = c_str_of(s.title);
    c.doc = c_str_of(s.doc);
    c.config_schema = c_str_of(s.config_schema);
    c.roles = s.c_roles.data();
    c.role_count = s.c_roles.size();
    c.role_stride = sizeof(mortise_role);
    c.subscriptions = s.c_subscriptions.data();
    c.subscription_count = s.c_subscriptions.size();
    c.subscription_stride = sizeof(mortise_subscription);
    c.create = create;
    c.destroy = &destroy_entry;
    c.start = &start_entry;
    c.cancel = &cancel_entry;
    c.drop = &drop_entry;
}

void* create_flow(const flow_spec& spec,
                  const mortise_host* h,
                  mortise_handle handle,
                  mortise_payload config) {
    auto made = std::make_unique<flow_instance>(spec, *h, handle);
    parse_options options;
    options.blame = category::config;
    options.what = "the flow's settings";
    json::value settings = json::object();
    if (config.data.len != 0) settings = parse_json(view(config), options);
    made->make(settings);
    return made.release();
}

} // namespace mortise::detail
