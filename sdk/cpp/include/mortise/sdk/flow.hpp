// SPDX-License-Identifier: Apache-2.0
//
// How a flow is written: a class with a constructor (instance&, settings), a static
// describe(flow_builder<F>&) and task<R> run(flow_run&, event), R being void, json::value or a
// described struct. The code between steps must be deterministic: time, random numbers and ids come
// from the run.
#pragma once

#include <mortise/sdk/detail/flow_spec.hpp>
#include <mortise/sdk/detail/guard.hpp>
#include <mortise/sdk/flow_run.hpp>
#include <mortise/sdk/plugin.hpp>
#include <mortise/sdk/schema.hpp>

#include <memory>
#include <string>
#include <type_traits>
#include <utility>

namespace mortise {

class role_builder {
public:
    explicit role_builder(detail::role_spec& spec) noexcept : spec_(spec) {}
    // Every operation the flow may call there.
    template <class... Ids>
    role_builder& uses(Ids&&... operations) {
        (spec_.operations.emplace_back(std::forward<Ids>(operations)), ...);
        return *this;
    }

private:
    detail::role_spec& spec_;
};

template <class F>
class flow_builder {
public:
    explicit flow_builder(detail::flow_spec& spec) noexcept : spec_(spec) {}

    flow_builder& id(std::string text) { return set(spec_.id, std::move(text)); }
    flow_builder& version(std::string text) { return set(spec_.version, std::move(text)); }
    flow_builder& title(std::string text) { return set(spec_.title, std::move(text)); }
    flow_builder& doc(std::string text) { return set(spec_.doc, std::move(text)); }
    // The settings' type: F(instance&, S) is the constructor then, F(instance&) without.
    template <class S>
    flow_builder& config() {
        spec_.config_schema = schema_text<S>();
        spec_.make = [](instance& in, const json::value& v) -> void* {
            return new F(in, from_json<S>(v, category::config));
        };
        return *this;
    }
    // connectors: one id, or several separated by '|'.
    role_builder role(std::string name, std::string connectors, std::string doc = {}) {
        detail::role_spec& r = spec_.roles.emplace_back();
        r.name = std::move(name);
        r.connector = std::move(connectors);
        r.doc = std::move(doc);
        return role_builder(r);
    }
    flow_builder& starts_on(std::string role, std::string event_type) {
        spec_.subscriptions.push_back({std::move(role), std::move(event_type)});
        return *this;
    }
    flow_builder& on_request() { return starts_on({}, "mortise.request"); }
    flow_builder& on_schedule() { return starts_on({}, "mortise.schedule"); }
    // Started by other runs (flow_run::spawn); such a flow needs a host of plugin ABI 1.1.
    flow_builder& on_child() { return starts_on({}, "mortise.child"); }
    flow_builder& on_manual() { return starts_on({}, "mortise.manual"); }

private:
    flow_builder& set(std::string& to, std::string text) {
        to = std::move(text);
        return *this;
    }
    detail::flow_spec& spec_;
};

namespace detail {

template <class F>
task<std::optional<std::string>> run_flow(F& self, flow_run& run, event first) {
    auto work = self.run(run, std::move(first));
    using out_type = typename decltype(work)::value_type;
    if constexpr (std::is_void_v<out_type>) {
        co_await std::move(work);
        co_return std::nullopt;
    } else {
        const out_type out = co_await std::move(work);
        std::string text = serialize_json(to_json(out));
        co_return std::optional<std::string>(std::move(text));
    }
}

template <class F>
struct flow_factory {
    static const flow_spec& spec() {
        static const flow_spec& s = *build();
        return s;
    }
    static const void* descriptor() { return &spec().c; }

private:
    static const flow_spec* build() {
        auto s = std::make_unique<flow_spec>();
        if constexpr (std::is_constructible_v<F, instance&>) {
            s->make = [](instance& in, const json::value&) -> void* { return new F(in); };
        }
        s->destroy = [](void* self) { delete static_cast<F*>(self); };
        s->run = [](void* self, flow_run& run, event first) {
            return run_flow(*static_cast<F*>(self), run, std::move(first));
        };
        flow_builder<F> builder(*s);
        F::describe(builder);
        finish_flow(*s, &create);
        return s.release();
    }
    static mortise_status create(const mortise_host* h,
                                 mortise_handle handle,
                                 mortise_payload config,
                                 mortise_error_sink err,
                                 void** self) noexcept {
        return guarded(err, [&] { *self = create_flow(spec(), h, handle, config); });
    }
};

} // namespace detail
} // namespace mortise
