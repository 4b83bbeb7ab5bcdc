// SPDX-License-Identifier: Apache-2.0
#include "core.hpp"

#include <cstring>
#include <stdexcept>

namespace mortise::testing {
namespace {

const void* get_service(const mortise_host* h, mortise_handle instance, mortise_str id) noexcept {
    auto& c = *static_cast<core*>(h->ctx);
    for (auto& i : c.instances) {
        if (i.handle == instance && !i.destroyed) return c.service(i, view(id));
    }
    c.violation("a service was asked for under an unknown instance handle");
    return nullptr;
}

} // namespace

core::core(std::uint64_t seed_value) : seed(seed_value), random_(seed_value) {
    host.struct_size = sizeof(host);
    host.abi_major = MORTISE_ABI_MAJOR;
    host.abi_minor = MORTISE_ABI_MINOR;
    host.ctx = this;
    host.name = c_str_of("mortise-fake-host");
    host.version = c_str_of("0.1.0");
    host.get_service = &get_service;
}

core::~core() {
    for (auto& i : instances)
        destroy(i);
}

void core::post(std::function<void()> f) {
    const std::lock_guard lock(mutex);
    ready_.push_back(std::move(f));
}

mortise_handle
core::add_timer(fake_instance& i, std::uint64_t after_ms, std::function<void(bool)> f) {
    const std::lock_guard lock(mutex);
    const mortise_handle h = next_handle();
    timers_.emplace(h, timer{mono_ns + after_ms * 1'000'000, &i, std::move(f)});
    return h;
}

void core::cancel_timer(mortise_handle h) {
    const std::lock_guard lock(mutex);
    const auto at = timers_.find(h);
    if (at == timers_.end()) return;
    post([f = std::move(at->second.fire)] { f(true); });
    timers_.erase(at);
}

void core::run() {
    if (running_) throw std::logic_error("fake_host::run() called from within a plugin's callback");
    constexpr std::size_t most = 1'000'000;
    running_ = true;
    std::size_t steps = 0;
    for (;; ++steps) {
        std::function<void()> next;
        {
            const std::lock_guard lock(mutex);
            if (ready_.empty() || steps == most) break;
            const std::size_t at = seed == 0 ? 0 : random_() % ready_.size();
            next = std::move(ready_[at]);
            ready_.erase(ready_.begin() + static_cast<std::ptrdiff_t>(at));
        }
        next();
    }
    running_ = false;
    if (steps == most) violation("the plugin does not come to rest: it asks for ever more");
}

void core::advance(std::chrono::milliseconds d) {
    const std::uint64_t until = mono_ns + static_cast<std::uint64_t>(d.count()) * 1'000'000;
    const auto move_to = [&](std::uint64_t to) {
        unix_ms += static_cast<std::int64_t>((to - mono_ns) / 1'000'000);
        mono_ns = to;
    };
    run();
    for (;;) {
        auto first = timers_.end();
        for (auto at = timers_.begin(); at != timers_.end(); ++at) {
            if (first == timers_.end() || at->second.due_ns < first->second.due_ns) first = at;
        }
        if (first == timers_.end() || first->second.due_ns > until) break;
        if (first->second.due_ns > mono_ns) move_to(first->second.due_ns);
        post([f = std::move(first->second.fire)] { f(false); });
        timers_.erase(first);
        run();
    }
    move_to(until);
}

void core::violation(std::string text) {
    const std::lock_guard lock(mutex);
    violations.push_back(std::move(text));
}

bool core::alive(void* ctx, const char* what) {
    const auto& i = instance_of(ctx);
    if (!i.destroyed) return true;
    violation(std::string(what) + " was used after destroy()");
    return false;
}

void core::on_strand(const char* what) {
    if (std::this_thread::get_id() != thread) {
        violation(std::string(what) + " was called outside the strand");
    }
}

fake_instance& core::add_instance(const json::value& config) {
    fake_instance& i = instances.emplace_back();
    i.owner = this;
    i.handle = next_handle();
    i.config = serialize_json(config.is_null() ? json::value(json::object()) : config);
    fill_call(i);
    fill_content(i);
    fill_flow(i);
    fill_http(i);
    fill_small(i);
    return i;
}

void core::destroy(fake_instance& i) {
    if (i.destroyed) return;
    for (const auto& [handle, call] : calls) {
        if (call.owner == &i && !call.outcome.done) {
            violation("call " + std::to_string(handle) + " (" + call.name +
                      ") was never completed");
        }
    }
    for (auto& r : runs) {
        if (r.owner == &i && r.handle) drop_run(r);
    }
    if (i.self) {
        if (i.connector) i.connector->destroy(i.self);
        if (i.flow) i.flow->destroy(i.self);
    }
    i.self = nullptr;
    i.mappings.end();
    i.destroyed = true;
    for (auto& [handle, content] : contents) {
        if (content.owner == &i && content.plugin_owns) {
            violation("content " + std::to_string(handle) + " was never closed or passed on");
        }
    }
    std::erase_if(timers_, [&](const auto& t) { return t.second.owner == &i; });
    std::erase_if(waits, [&](const fake_wait& w) { return runs[w.run].owner == &i; });
}

const void* core::service(fake_instance& i, std::string_view id) {
    if (withheld.contains(id)) return nullptr;
    struct entry {
        std::string_view id;
        void* table;
    };
    const entry all[] = {
        {MORTISE_SVC_CALL, &i.tables.call},         {MORTISE_SVC_CONFIG, &i.tables.config},
        {MORTISE_SVC_CONTENT, &i.tables.content},   {MORTISE_SVC_FLOW, &i.tables.flow},
        {MORTISE_SVC_HTTP, &i.tables.http},         {MORTISE_SVC_LOG, &i.tables.log},
        {MORTISE_SVC_MAPPING, &i.mappings.table()}, {MORTISE_SVC_METRIC, &i.tables.metric},
        {MORTISE_SVC_SECRET, &i.tables.secret},     {MORTISE_SVC_STATE, &i.tables.state},
        {MORTISE_SVC_TIME, &i.tables.time},         {MORTISE_SVC_TRIGGER, &i.tables.trigger}};
    for (const auto& e : all) {
        if (e.id != id) continue;
        const bool for_flows = id == MORTISE_SVC_FLOW;
        const bool for_connectors = id == MORTISE_SVC_CALL || id == MORTISE_SVC_TRIGGER;
        if ((for_flows && !i.flow) || (for_connectors && !i.connector)) return nullptr;
        if (const auto at = cut.find(id); at != cut.end()) {
            std::memcpy(e.table, &at->second, sizeof at->second);
        }
        return e.table;
    }
    return nullptr;
}

mortise_handle core::add_call(fake_instance& i, std::string name, std::uint64_t deadline_ns) {
    const mortise_handle h = next_handle();
    fake_call& c = calls[h];
    c.name = std::move(name);
    c.owner = &i;
    c.deadline_ns = deadline_ns;
    return h;
}

} // namespace mortise::testing
