// SPDX-License-Identifier: Apache-2.0
#include "core.hpp"

#include <stdexcept>

namespace mortise::testing {
namespace {

// What a plugin says through an error sink.
struct captured {
    std::optional<error> value;
    static void set(void* ctx, const mortise_error* e) noexcept {
        static_cast<captured*>(ctx)->value = from_c(*e);
    }
    mortise_error_sink sink() noexcept { return {this, &set}; }
};

// A refused call has ended, with the reason given.
void refused(core& c, mortise_handle h, mortise_status st, captured& said) {
    fake_call& call = c.calls[h];
    if (call.outcome.done) {
        c.violation("call " + std::to_string(h) + " (" + call.name + ") was completed and refused");
        return;
    }
    if (!said.value) {
        c.violation("call " + std::to_string(h) + " (" + call.name + ") was refused with status " +
                    std::to_string(st) + " and no reason");
    }
    call.outcome.done = true;
    call.outcome.failure = said.value.value_or(
        error(category::internal, "host.call.no-reason", "The plugin gave no reason."));
}

mortise_handle find_open(const fake_instance& i, std::string_view trigger) {
    for (const auto& [h, t] : i.triggers) {
        if (t.id == trigger && !t.closed) return h;
    }
    return 0;
}

mortise_connector& living(fake_instance& i) {
    if (!i.self) throw std::logic_error("the connector instance was destroyed");
    return *i.connector;
}

call_outcome ended(const pending_call& p, std::string_view what) {
    call_outcome out = p.outcome();
    if (!out.done) {
        throw std::logic_error(std::string(what) +
                               " is still open although nothing is left to do; it waits for "
                               "time (advance the clock), a scripted answer, or for ever");
    }
    return out;
}

} // namespace

const json::value& call_outcome::value() const {
    if (failure) throw *failure;
    return result;
}

bool pending_call::done() const {
    return core_->calls[handle_].outcome.done;
}

call_outcome pending_call::outcome() const {
    return core_->calls[handle_].outcome;
}

void pending_call::cancel() const {
    fake_call& call = core_->calls[handle_];
    call.cancelled = true;
    core_->post([c = core_, h = handle_] {
        fake_call& open = c->calls[h];
        if (!open.outcome.done && open.owner->self) {
            open.owner->connector->cancel(open.owner->self, h);
        }
        c->cancel_requests_of(h);
    });
    core_->run();
}

pending_call connector_harness::start(std::string_view operation,
                                      const json::value& input,
                                      const call_options& options) const {
    return start_text(operation, serialize_json(input), options);
}

pending_call connector_harness::start_text(std::string_view operation,
                                           std::string_view input,
                                           const call_options& options) const {
    auto& descriptor = living(*instance_);
    const mortise_handle h =
        core_->add_call(*instance_, std::string(operation), options.deadline_ns);
    // Copies that end with the call: what the plugin keeps must be its own.
    const auto op = std::make_unique<std::string>(operation);
    const auto text = std::make_unique<std::string>(input);
    mortise_call call{};
    call.struct_size = sizeof(call);
    call.attempt = options.attempt;
    call.id = h;
    call.operation = c_str_of(*op);
    call.idempotency_key = c_str_of(options.idempotency_key);
    call.deadline_ns = options.deadline_ns;
    call.input = json_payload(*text);
    call.content = options.content;
    if (options.content) {
        core_->give_to_plugin(options.content, *instance_);
        auto& given = core_->contents[options.content];
        if (given.finished && !given.source) given.source = given.bytes;
    }
    captured said;
    const mortise_status st = descriptor.invoke(instance_->self, &call, said.sink());
    if (st != MORTISE_OK) {
        if (options.content) core_->contents[options.content].plugin_owns = false;
        refused(*core_, h, st, said);
    }
    core_->run();
    return {*core_, h};
}

call_outcome connector_harness::call(std::string_view operation,
                                     const json::value& input,
                                     const call_options& options) const {
    return ended(start(operation, input, options), operation);
}

call_outcome connector_harness::test_connection() const {
    auto& descriptor = living(*instance_);
    const void* table =
        descriptor.get_extension
            ? descriptor.get_extension(instance_->self, c_str_of(MORTISE_EXT_TEST_CONNECTION))
            : nullptr;
    if (!table) throw std::logic_error("the connector has no connection test");
    const mortise_handle h = core_->add_call(*instance_, "test_connection", 0);
    captured said;
    const auto* test = static_cast<const mortise_ext_test_connection*>(table);
    const mortise_status st = test->test(instance_->self, h, 0, said.sink());
    if (st != MORTISE_OK) refused(*core_, h, st, said);
    core_->run();
    return ended({*core_, h}, "the connection test");
}

void connector_harness::open(std::string_view trigger,
                             const json::value& config,
                             std::string_view cursor) const {
    auto& descriptor = living(*instance_);
    const mortise_handle h = core_->next_handle();
    fake_trigger& t = instance_->triggers[h];
    t.id = trigger;
    if (!cursor.empty()) t.cursor.emplace(cursor);
    const std::string text = serialize_json(config);
    captured said;
    const mortise_status st = descriptor.open_trigger(
        instance_->self, h, c_str_of(trigger), json_payload(text), c_bytes_of(cursor), said.sink());
    if (st != MORTISE_OK) {
        instance_->triggers.erase(h);
        throw said.value.value_or(
            error(category::internal, "host.trigger.no-reason", "The plugin gave no reason."));
    }
    core_->run();
}

pending_call connector_harness::start_webhook(std::string_view trigger,
                                              const header_list& headers,
                                              std::string_view body,
                                              std::string_view query) const {
    auto& descriptor = living(*instance_);
    if (!find_open(*instance_, trigger)) open(trigger);
    const mortise_handle h = core_->add_call(*instance_, "webhook " + std::string(trigger), 0);
    json::object head{{"method", "POST"}, {"path", "/hooks/test"}, {"remote", "127.0.0.1"}};
    head["query"] = json::string(query);
    json::object& names = head["headers"].emplace_object();
    for (const auto& [name, value] : headers) {
        std::string lower = name; // as every host hands them over
        for (char& c : lower)
            if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        names[lower] = json::string(value);
    }
    const std::string head_text = serialize_json(head);
    mortise_delivery d{};
    d.struct_size = sizeof(d);
    d.kind = MORTISE_TRIGGER_WEBHOOK;
    d.id = h;
    d.head = json_payload(head_text);
    d.body = json_payload(body);
    captured said;
    const mortise_status st =
        descriptor.deliver(instance_->self, find_open(*instance_, trigger), &d, said.sink());
    if (st != MORTISE_OK) refused(*core_, h, st, said);
    core_->run();
    return {*core_, h};
}

call_outcome connector_harness::webhook(std::string_view trigger,
                                        const header_list& headers,
                                        std::string_view body,
                                        std::string_view query) const {
    return ended(start_webhook(trigger, headers, body, query), "the webhook");
}

pending_call connector_harness::start_from(std::string_view trigger,
                                           std::uint32_t kind,
                                           std::string mark) const {
    const bool backfill = kind == MORTISE_TRIGGER_BACKFILL;
    const mortise_handle h =
        core_->add_call(*instance_, (backfill ? "backfill " : "poll ") + std::string(trigger), 0);
    core_->calls[h].backfill = backfill;
    mortise_delivery d{};
    d.struct_size = sizeof(d);
    d.kind = kind;
    d.id = h;
    d.cursor = c_bytes_of(mark);
    captured said;
    const mortise_status st =
        living(*instance_)
            .deliver(instance_->self, find_open(*instance_, trigger), &d, said.sink());
    if (st != MORTISE_OK) refused(*core_, h, st, said);
    core_->run();
    return {*core_, h};
}

pending_call connector_harness::start_poll(std::string_view trigger,
                                           std::optional<std::string> from) const {
    if (!find_open(*instance_, trigger)) open(trigger);
    const auto& kept = instance_->triggers[find_open(*instance_, trigger)].cursor;
    return start_from(trigger, MORTISE_TRIGGER_POLL, from ? *from : kept.value_or(std::string()));
}

pending_call connector_harness::start_backfill(std::string_view trigger,
                                               std::optional<std::string> from) const {
    if (!find_open(*instance_, trigger)) open(trigger);
    const auto& kept = instance_->triggers[find_open(*instance_, trigger)].position;
    return start_from(trigger, MORTISE_TRIGGER_BACKFILL,
                      from ? *from : kept.value_or(std::string()));
}

call_outcome connector_harness::backfill(std::string_view trigger,
                                         std::optional<std::string> from) const {
    return ended(start_backfill(trigger, std::move(from)), "the page of the backfill");
}

std::size_t connector_harness::backfill_all(std::string_view trigger, std::size_t most) const {
    std::string position;
    for (std::size_t page = 1;; ++page) {
        const call_outcome out = backfill(trigger, position);
        const json::value* done =
            out.value().is_object() ? find_json(out.value(), "done") : nullptr;
        if (!done || !done->is_bool()) {
            throw std::logic_error("a page of the backfill must be completed with {\"done\":bool}");
        }
        if (done->get_bool()) return page;
        const std::string next = backfill_position(trigger).value_or(std::string());
        if (next == position) {
            throw std::logic_error("page " + std::to_string(page) +
                                   " of the backfill is not the last and has not moved the "
                                   "position \"" +
                                   position + '"');
        }
        if (page == most) {
            throw std::logic_error("the backfill has not ended after " + std::to_string(most) +
                                   " pages");
        }
        position = next;
    }
}

call_outcome connector_harness::poll(std::string_view trigger,
                                     std::optional<std::string> from) const {
    return ended(start_poll(trigger, std::move(from)), "the poll");
}

void connector_harness::resume(std::string_view trigger) const {
    living(*instance_).resume(instance_->self, find_open(*instance_, trigger));
    core_->run();
}

bool connector_harness::close(std::string_view trigger) const {
    const mortise_handle h = find_open(*instance_, trigger);
    if (!h) throw std::logic_error("the trigger is not open");
    fake_trigger& t = instance_->triggers[h];
    t.closing = true;
    const auto closed = [](void* user, mortise_status, const mortise_error*) noexcept {
        static_cast<fake_trigger*>(user)->closed = true;
    };
    living(*instance_).close_trigger(instance_->self, h, closed, &t);
    core_->run();
    return t.closed;
}

const std::vector<event>& connector_harness::events() const {
    return instance_->events;
}

std::optional<std::string> connector_harness::cursor(std::string_view trigger) const {
    for (const auto& [h, t] : instance_->triggers) {
        if (t.id == trigger) return t.cursor;
    }
    return std::nullopt;
}

std::optional<std::string> connector_harness::backfill_position(std::string_view trigger) const {
    for (const auto& [h, t] : instance_->triggers) {
        if (t.id == trigger) return t.position;
    }
    return std::nullopt;
}

void connector_harness::destroy() const {
    core_->run();
    core_->destroy(*instance_);
    core_->run(); // answers that come after the end must find nothing
}

} // namespace mortise::testing
