// SPDX-License-Identifier: Apache-2.0
//
// How a connector is written: a class with a constructor (instance&, settings), a static
// describe(connector_builder<C>&) and one member coroutine per operation and trigger.
//
//     class acme {
//     public:
//         acme(mortise::instance& in, acme_settings s);
//         static void describe(mortise::connector_builder<acme>& b);
//         mortise::task<contact> get(mortise::call_context& c, contact_get in);
//     };
//     MORTISE_PLUGIN("com.example.acme", "1.0.0", mortise::connector<acme>())
//
// Members run on the instance's strand and must not block, except operations declared blocking().
#pragma once

#include <mortise/sdk/detail/connector_spec.hpp>
#include <mortise/sdk/detail/guard.hpp>
#include <mortise/sdk/plugin.hpp>
#include <mortise/sdk/schema.hpp>
#include <mortise/sdk/trigger.hpp>

#include <chrono>
#include <initializer_list>
#include <string>
#include <type_traits>
#include <utility>

namespace mortise {

// Wording of a declared operation. Say what a repeat does (reads, idempotent, lookup_first,
// unsafe): the host decides by it whether a call with unknown effect may be repeated. Default:
// unsafe.
class operation_builder {
public:
    explicit operation_builder(detail::operation_spec& spec) noexcept : spec_(spec) {}
    operation_builder& title(std::string text);
    operation_builder& doc(std::string text);
    operation_builder& reads();
    operation_builder& idempotent();
    // The named operation takes the same input and answers {"found":bool,"result":...}.
    operation_builder& lookup_first(std::string operation);
    operation_builder& unsafe();
    // Runs on a worker and may block until its first co_await of a service; the rest runs on the
    // strand.
    operation_builder& blocking(bool concurrent = false);

private:
    detail::operation_spec& spec_;
};

template <class C>
class trigger_builder {
public:
    explicit trigger_builder(detail::trigger_spec& spec) noexcept : spec_(spec) {}
    trigger_builder& title(std::string text) { return set(spec_.title, std::move(text)); }
    trigger_builder& doc(std::string text) { return set(spec_.doc, std::move(text)); }
    template <class T>
    trigger_builder& config() {
        spec_.config_schema = schema_text<T>();
        spec_.read_config = [](const json::value& v) -> std::shared_ptr<const void> {
            return std::make_shared<const T>(from_json<T>(v, category::config));
        };
        return *this;
    }
    trigger_builder& webhook(task<webhook_reply> (C::*handler)(delivery_context&,
                                                               mortise::webhook)) {
        spec_.on_webhook = [handler](void* self, delivery_context& c, mortise::webhook w) {
            return (static_cast<C*>(self)->*handler)(c, std::move(w));
        };
        return *this;
    }
    // cursor: the last durable one, empty the first time.
    trigger_builder& poll(task<void> (C::*handler)(delivery_context&, std::string cursor),
                          std::chrono::seconds every = std::chrono::seconds(0)) {
        spec_.poll_interval_s = static_cast<std::uint32_t>(every.count());
        spec_.on_poll = forward_to(handler);
        return *this;
    }
    // Started when the trigger opens, destroyed when it closes.
    trigger_builder& stream(task<void> (C::*handler)(delivery_context&, std::string cursor)) {
        spec_.on_stream = forward_to(handler);
        return *this;
    }
    // One page of a walk over every object the events are about: emits events together with the
    // position behind them (empty: begin), and returns true when nothing is left. A page that is
    // not the last moves the position; the same object gets the same event id each time. The
    // position is the backfill's own, whatever the poll's cursor is.
    //
    //     mortise::task<bool> assets::all(mortise::delivery_context& c, std::string position) {
    //         asset_page page = co_await search(c, std::move(position));
    //         co_await c.emit(std::move(page.events), page.next);
    //         co_return page.last;
    //     }
    trigger_builder& backfill(task<bool> (C::*handler)(delivery_context&, std::string position)) {
        spec_.on_backfill = forward_to(handler);
        return *this;
    }
    trigger_builder&
    event(std::string type, std::string data_schema, std::string doc, std::string title = {}) {
        spec_.events.push_back(
            {std::move(type), std::move(title), std::move(doc), std::move(data_schema)});
        return *this;
    }
    // An event whose data is a described struct.
    template <class T>
    trigger_builder& event(std::string type, std::string doc, std::string title = {}) {
        return event(std::move(type), schema_text<T>(), std::move(doc), std::move(title));
    }

private:
    trigger_builder& set(std::string& to, std::string text) {
        to = std::move(text);
        return *this;
    }
    template <class R>
    static auto forward_to(task<R> (C::*handler)(delivery_context&, std::string)) {
        return [handler](void* self, delivery_context& c, std::string cursor) {
            return (static_cast<C*>(self)->*handler)(c, std::move(cursor));
        };
    }
    detail::trigger_spec& spec_;
};

// The answer of a connection test.
struct connection_report {
    std::string summary; // "Connected as integration@example.com; 3 collections visible"
    json::object details;
};

namespace detail {

template <class C, class Out, class In>
task<reply_text> run_operation(C& self,
                               task<Out> (C::*handler)(call_context&, In),
                               call_context& c,
                               json::value input) {
    using in_type = std::remove_cvref_t<In>;
    in_type in = from_json<in_type>(input, category::input);
    input = nullptr;
    task<Out> work = (self.*handler)(c, std::move(in));
    if constexpr (std::is_void_v<Out>) {
        co_await std::move(work);
        co_return std::nullopt;
    } else {
        const Out out = co_await std::move(work);
        std::string text = serialize_json(to_json(out));
        co_return reply_text(std::move(text));
    }
}

template <class C>
task<json::value>
run_test(C& self, task<connection_report> (C::*handler)(call_context&), call_context& c) {
    connection_report report = co_await (self.*handler)(c);
    json::object out;
    out["summary"] = std::move(report.summary);
    out["details"] = std::move(report.details);
    co_return json::value(std::move(out));
}

} // namespace detail

template <class C>
class connector_builder {
public:
    explicit connector_builder(detail::connector_spec& spec) noexcept : spec_(spec) {}

    connector_builder& id(std::string text) { return set(spec_.id, std::move(text)); }
    connector_builder& version(std::string text) { return set(spec_.version, std::move(text)); }
    connector_builder& title(std::string text) { return set(spec_.title, std::move(text)); }
    connector_builder& vendor(std::string text) { return set(spec_.vendor, std::move(text)); }
    connector_builder& doc(std::string text) { return set(spec_.doc, std::move(text)); }
    // Services without which no instance can be made. call, log, time and, with triggers, trigger
    // are always needed.
    connector_builder& needs(std::initializer_list<service> services) {
        spec_.needs.assign(services);
        return *this;
    }
    // The settings' type: C(instance&, S) is the constructor then, C(instance&) without.
    template <class S>
    connector_builder& config() {
        spec_.config_schema = schema_text<S>();
        spec_.make = [](instance& in, const json::value& v) -> void* {
            return new C(in, from_json<S>(v, category::config));
        };
        return *this;
    }

    // In and Out: described structs, json::value or json::object; Out may be void.
    template <class Out, class In>
    operation_builder operation(std::string id, task<Out> (C::*handler)(call_context&, In)) {
        detail::operation_spec& op = spec_.operations.emplace_back();
        op.id = std::move(id);
        op.input_schema = schema_text<std::remove_cvref_t<In>>();
        if constexpr (!std::is_void_v<Out>) op.output_schema = schema_text<Out>();
        op.run = [handler](void* self, call_context& c, json::value in) {
            return detail::run_operation(*static_cast<C*>(self), handler, c, std::move(in));
        };
        return operation_builder(op);
    }
    trigger_builder<C> trigger(std::string id) {
        detail::trigger_spec& t = spec_.triggers.emplace_back();
        t.id = std::move(id);
        return trigger_builder<C>(t);
    }
    // Checks address, credentials and rights without changing anything.
    connector_builder& test_connection(task<connection_report> (C::*handler)(call_context&)) {
        spec_.test = [handler](void* self, call_context& c) {
            return detail::run_test(*static_cast<C*>(self), handler, c);
        };
        return *this;
    }

private:
    connector_builder& set(std::string& to, std::string text) {
        to = std::move(text);
        return *this;
    }
    detail::connector_spec& spec_;
};

namespace detail {

template <class C>
struct connector_factory {
    // Built on first use; throws std::logic_error for a wrong declaration.
    static const connector_spec& spec() {
        static const connector_spec& s = *build();
        return s;
    }
    static const void* descriptor() { return &spec().c; }

private:
    static const connector_spec* build() {
        auto s = std::make_unique<connector_spec>();
        if constexpr (std::is_constructible_v<C, instance&>) {
            s->make = [](instance& in, const json::value&) -> void* { return new C(in); };
        }
        s->destroy = [](void* self) { delete static_cast<C*>(self); };
        connector_builder<C> builder(*s);
        C::describe(builder);
        finish_connector(*s, &create);
        return s.release();
    }
    static mortise_status create(const mortise_host* h,
                                 mortise_handle handle,
                                 mortise_payload config,
                                 mortise_error_sink err,
                                 void** self) noexcept {
        return guarded(err, [&] { *self = create_connector(spec(), h, handle, config); });
    }
};

} // namespace detail
} // namespace mortise
