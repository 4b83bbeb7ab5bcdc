// SPDX-License-Identifier: Apache-2.0
#include "sim_target.hpp"

#include "base/result.hpp"

#include <mortise/sdk/abi.hpp>

#include <boost/json.hpp>

#include <algorithm>

namespace mortise::host::testing {
namespace {

constexpr std::uint64_t ms = 1'000'000;

mortise_status refuse_trigger(mortise_error_sink err, const char* why) {
    error e(category::input, "sim.trigger", why);
    const auto c = to_c(e);
    err.set(err.ctx, &c);
    return MORTISE_E_ARGUMENT;
}

std::string name_in(std::string_view input) {
    boost::system::error_code ec;
    const auto value = boost::json::parse(input, ec);
    if (ec || !value.is_object()) return {};
    const auto* body = value.get_object().if_contains("body");
    const auto& object = body != nullptr ? body->as_object() : value.get_object();
    const auto* name = object.if_contains("name");
    return name != nullptr && name->is_string() ? std::string(name->get_string()) : std::string();
}

bool changes_something(std::string_view operation) {
    return operation == "put" || operation == "create" || operation == "fire";
}

} // namespace

struct sim_target::connection {
    sim_target& owner;
    const mortise_svc_call* calls = nullptr;
    const mortise_svc_trigger* triggers = nullptr;
    std::set<mortise_handle> open_triggers;
    struct delivery { // a poll or webhook whose events are on their way
        connection* on;
        mortise_handle trigger, id;
        bool poll;
        std::size_t next, end; // of published, for what is still to be emitted
        bool fail_after;
    };
    std::set<std::unique_ptr<delivery>> deliveries;

    void emit(delivery& d, const announced* events, std::size_t n, const std::string* cursor);
    void go_on(delivery& d, mortise_status status);
    void end(delivery& d, bool well);
};

struct sim_target::call {
    connection* on = nullptr;
    std::string operation, name, key;
    fate how = fate::well;
    bool applied = false;
    std::size_t attempt = SIZE_MAX; // in attempts_
    bool cancelled = false;
};

// From C to the objects above.
struct sim_target::functions {
    static connection& of(void* self) { return *static_cast<connection*>(self); }

    static void fill(mortise_connector& t, sim_target* target) {
        current = target;
        t.create = [](const mortise_host* h, mortise_handle instance, mortise_payload,
                      mortise_error_sink, void** self) -> mortise_status {
            auto made =
                std::make_unique<connection>(connection{*current, nullptr, nullptr, {}, {}});
            made->calls = static_cast<const mortise_svc_call*>(
                h->get_service(h, instance, c_str_of(MORTISE_SVC_CALL)));
            made->triggers = static_cast<const mortise_svc_trigger*>(
                h->get_service(h, instance, c_str_of(MORTISE_SVC_TRIGGER)));
            *self = made.get();
            current->connections_.insert(std::move(made));
            return MORTISE_OK;
        };
        t.destroy = [](void* self) {
            auto& all = of(self).owner.connections_;
            all.erase(std::find_if(all.begin(), all.end(),
                                   [self](const auto& c) { return c.get() == self; }));
        };
        t.invoke = [](void* self, const mortise_call* c, mortise_error_sink err) -> mortise_status {
            return of(self).owner.invoke(of(self), *c, err);
        };
        t.cancel = [](void* self, mortise_handle id) { of(self).owner.cancel(id); };
        t.open_trigger = [](void* self, mortise_handle trigger, mortise_str, mortise_payload,
                            mortise_bytes, mortise_error_sink) -> mortise_status {
            of(self).open_triggers.insert(trigger);
            return MORTISE_OK;
        };
        t.deliver = [](void* self, mortise_handle trigger, const mortise_delivery* d,
                       mortise_error_sink err) -> mortise_status {
            if (!of(self).open_triggers.contains(trigger))
                return refuse_trigger(err, "the trigger is not open");
            return of(self).owner.deliver(of(self), trigger, *d);
        };
        t.resume = [](void*, mortise_handle) {};
        t.close_trigger = [](void* self, mortise_handle trigger, mortise_done_fn closed,
                             void* user) -> mortise_status {
            of(self).open_triggers.erase(trigger);
            closed(user, MORTISE_OK, nullptr);
            return MORTISE_OK;
        };
    }

    static thread_local sim_target* current; // whose descriptor create() is called for
};
thread_local sim_target* sim_target::functions::current = nullptr;

sim_target::sim_target(const manual_clock& time, sim_random& random, sim_trace& trace)
    : time_(time), random_(random), trace_(trace) {
    auto& d = descriptor_;
    d.id = "sim";
    d.version = "1.0.0";
    const auto operation = [&d](const char* id, effect_class repeat, const char* lookup = "") {
        operation_descriptor o;
        o.id = id;
        o.repeat = repeat;
        o.lookup_operation = lookup;
        d.operations.push_back(std::move(o));
    };
    operation("get", effect_class::read);
    operation("find", effect_class::read);
    operation("put", effect_class::idempotent);
    operation("create", effect_class::lookup_first, "find");
    operation("fire", effect_class::unsafe);
    trigger_descriptor t;
    t.id = "changes";
    t.kinds = MORTISE_TRIGGER_POLL | MORTISE_TRIGGER_WEBHOOK;
    for (const char* type : {"probe.changed", "probe.order", "probe.decided"}) {
        event_descriptor e;
        e.type = type;
        t.events.push_back(std::move(e));
    }
    d.triggers.push_back(std::move(t));
    functions::fill(d.table, this);
}

sim_target::~sim_target() {
    if (functions::current == this) functions::current = nullptr;
}

void sim_target::note(std::initializer_list<std::string_view> words) {
    trace_.note(time_.now_mono_ns(), words);
}

bool sim_target::happened(const std::string& name) const {
    return happened_.contains(name);
}

// ---- calls ----

sim_target::fate sim_target::draw_fate() {
    auto n = random_.below(1000);
    const auto hit = [&n](std::uint64_t share) {
        if (n < share) return true;
        n -= share;
        return false;
    };
    if (hit(faults.transient)) return fate::transient;
    if (hit(faults.cut_before)) return fate::cut_before;
    if (hit(faults.cut_after)) return fate::cut_after;
    if (hit(faults.rate_limit)) return fate::rate_limit;
    if (hit(faults.refused)) return fate::refused;
    if (hit(faults.broken)) return fate::broken;
    if (hit(faults.hang)) return fate::hang;
    if (hit(faults.mute)) return fate::mute;
    return fate::well;
}

mortise_status sim_target::invoke(connection& on, const mortise_call& c, mortise_error_sink err) {
    call made;
    made.on = &on;
    made.operation = view(c.operation);
    made.key = view(c.idempotency_key);
    made.name = name_in(view(c.input));
    if (deaf_ || random_.per_mille(faults.refused_now)) {
        note({"target: invoke refused", made.operation, made.name});
        error e(category::unavailable, "sim.refused-now", "not now");
        e.effect = effect::none;
        const auto out = to_c(e);
        err.set(err.ctx, &out);
        return MORTISE_E_FAILED;
    }
    made.how = draw_fate();
    const auto id = c.id;
    const bool changes = changes_something(made.operation);
    if (changes) {
        made.attempt = attempts_.size();
        attempts_.push_back({made.name, false, false});
    }
    note({"target: asked to", made.operation, made.name, made.key, "fate",
          std::to_string(static_cast<int>(made.how))});
    const bool does =
        changes && (made.how == fate::well || made.how == fate::cut_after ||
                    (made.how == fate::broken && random_.one_in(2)) ||
                    ((made.how == fate::hang || made.how == fate::mute) && random_.one_in(2)));
    const bool answers = made.how != fate::hang && made.how != fate::mute;
    const bool at_once = answers && random_.one_in(8);
    calls_.emplace(id, std::move(made));
    if (at_once) { // from inside invoke()
        if (does) apply(calls_.at(id));
        answer(id);
        return MORTISE_OK;
    }
    const auto longest = random_.per_mille(faults.slow) ? 8000 : 40;
    const auto first =
        time_.now_mono_ns() + random_.below(static_cast<std::uint64_t>(longest)) * ms;
    if (does) schedule(id, first, true);
    if (answers) schedule(id, first + random_.below(20) * ms, false);
    return MORTISE_OK;
}

void sim_target::schedule(mortise_handle id, std::uint64_t at_ns, bool is_effect) {
    agenda_.emplace(at_ns, due{id, is_effect});
}

std::optional<std::uint64_t> sim_target::next_due() const {
    if (agenda_.empty()) return std::nullopt;
    return agenda_.begin()->first;
}

bool sim_target::act_one() {
    if (agenda_.empty() || agenda_.begin()->first > time_.now_mono_ns()) return false;
    const auto next = agenda_.begin()->second;
    agenda_.erase(agenda_.begin());
    const auto it = calls_.find(next.call);
    if (it == calls_.end()) return true;
    if (next.effect)
        apply(it->second);
    else
        answer(next.call);
    return true;
}

void sim_target::apply(call& c) {
    if (c.applied) return;
    c.applied = true;
    if (c.operation == "put" && !put_keys_.insert(c.key).second) {
        note({"target: known already", c.operation, c.name});
        return;
    }
    if (c.operation == "create") ++created_[c.name];
    note({"target: DID", c.operation, c.name});
    happened_.insert(c.name);
    // In the order in which things happen, not in which they were asked for.
    auto seen = attempts_[c.attempt];
    seen.happened = true;
    attempts_.push_back(std::move(seen));
    attempts_[c.attempt].answered = true; // stands for nothing any more
    c.attempt = attempts_.size() - 1;
}

std::string sim_target::result_of(const call& c) const {
    if (c.operation == "find") {
        const bool found = created_.contains(c.name);
        return boost::json::serialize(
            boost::json::value{{"found", found}, {"result", {{"name", c.name}, {"n", 1}}}});
    }
    return boost::json::serialize(boost::json::value{{"name", c.name}, {"n", 1}});
}

void sim_target::answer(mortise_handle id) {
    const auto it = calls_.find(id);
    if (it == calls_.end()) return;
    auto c = std::move(it->second);
    calls_.erase(it);
    const auto& svc = *c.on->calls;
    const auto heard = [&](bool certain) {
        if (certain && c.attempt != SIZE_MAX) attempts_[c.attempt].answered = true;
    };
    error e(category::unavailable, "sim.cut", "the connection broke");
    switch (c.how) {
    case fate::well: {
        const auto text = result_of(c);
        const auto payload = json_payload(text);
        note({"target: answers", c.operation, c.name, text});
        heard(true);
        svc.complete(svc.ctx, id, &payload, 0);
        return;
    }
    case fate::transient:
        e = error(category::unavailable, "sim.unavailable", "try again later");
        e.effect = effect::none;
        break;
    case fate::cut_before:
    case fate::cut_after:
        e.effect = effect::unknown;
        break;
    case fate::rate_limit:
        e = error(category::rate_limit, "sim.rate-limit", "too many");
        e.effect = effect::none;
        e.retry_after = std::chrono::milliseconds(random_.between(1, 9000));
        break;
    case fate::refused:
        e = error(category::conflict, "sim.refused", "never");
        e.effect = effect::none;
        break;
    case fate::broken:
        e = error(category::internal, "sim.broken", "something is broken");
        e.effect = effect::unknown;
        break;
    case fate::hang:
    case fate::mute:
        e = error(category::cancelled, "sim.cancelled", "was told to stop");
        e.effect = effect::unknown;
        break;
    }
    heard(e.effect == effect::none);
    note({"target: fails", c.operation, c.name, e.code});
    const auto out = to_c(e);
    svc.fail(svc.ctx, id, &out);
}

// What is under way when it is told to stop has its effect now or never.
void sim_target::cancel(mortise_handle id) {
    const auto it = calls_.find(id);
    if (it == calls_.end() || it->second.cancelled) return;
    auto& c = it->second;
    c.cancelled = true;
    note({"target: told to stop", c.operation, c.name});
    if (!c.applied && c.attempt != SIZE_MAX && random_.one_in(2)) apply(c);
    c.applied = true;
    const bool mute = c.how == fate::mute;
    if (!mute) c.how = fate::hang;
    schedule(id, time_.now_mono_ns() + (mute ? 7000 + random_.below(3000) : random_.below(50)) * ms,
             false);
}

void sim_target::lose_host() {
    deaf_ = true;
    agenda_.clear();
    while (!calls_.empty()) {
        const auto id = calls_.begin()->first;
        auto& c = calls_.begin()->second;
        if (!c.applied && c.attempt != SIZE_MAX && random_.one_in(2)) apply(c);
        c.how = fate::hang; // whatever is said now, nobody is there
        answer(id);
    }
}

// ---- deliveries ----

mortise_status
sim_target::deliver(connection& on, mortise_handle trigger, const mortise_delivery& d) {
    auto made = std::make_unique<connection::delivery>();
    auto& it = *made;
    it.on = &on;
    it.trigger = trigger;
    it.id = d.id;
    it.poll = d.kind == MORTISE_TRIGGER_POLL;
    it.fail_after = random_.per_mille(faults.delivery);
    on.deliveries.insert(std::move(made));
    if (random_.per_mille(faults.delivery)) {
        note({"target: delivery fails"});
        on.end(it, false);
        return MORTISE_OK;
    }
    if (!it.poll) {
        const auto found = hooked ? hooked(view(d.body)) : std::nullopt;
        if (!found) {
            on.end(it, false);
            return MORTISE_OK;
        }
        it.next = it.end = 0;
        on.emit(it, &*found, 1, nullptr);
        return MORTISE_OK;
    }
    const auto cursor = std::string(view(d.cursor));
    it.next = cursor.empty() ? 0 : std::stoull(cursor);
    it.end = std::min<std::size_t>(published.size(), it.next + random_.between(1, 8));
    note({"target: polled from", cursor, "to", std::to_string(it.end)});
    on.go_on(it, MORTISE_OK);
    return MORTISE_OK;
}

// The next page, when the one before is durable.
void sim_target::connection::go_on(delivery& d, mortise_status status) {
    if (status != MORTISE_OK || !d.poll || d.next == d.end) {
        end(d, status == MORTISE_OK && !d.fail_after);
        return;
    }
    const auto n = static_cast<std::size_t>(owner.random_.between(1, d.end - d.next));
    const auto* first = owner.published.data() + d.next;
    d.next += n;
    const auto cursor = std::to_string(d.next);
    emit(d, first, n, &cursor);
}

void sim_target::connection::emit(delivery& d,
                                  const announced* events,
                                  std::size_t n,
                                  const std::string* cursor) {
    std::vector<mortise_event> out(n);
    for (std::size_t i = 0; i < n; ++i) {
        out[i].id = c_str_of(events[i].id);
        out[i].type = c_str_of(events[i].type);
        out[i].subject = c_str_of(events[i].subject);
        out[i].data = json_payload(events[i].data);
    }
    const auto at = cursor != nullptr ? c_bytes_of(*cursor) : mortise_bytes{};
    const auto status = triggers->emit(
        triggers->ctx, d.trigger, d.id, out.data(), n, at,
        [](void* user, mortise_status durable, const mortise_error*) {
            auto& it = *static_cast<delivery*>(user);
            it.on->go_on(it, durable);
        },
        &d);
    if (status != MORTISE_OK) end(d, false);
}

void sim_target::connection::end(delivery& d, bool well) {
    const auto id = d.id;
    deliveries.erase(std::find_if(deliveries.begin(), deliveries.end(),
                                  [&d](const auto& other) { return other.get() == &d; }));
    if (well) {
        calls->complete(calls->ctx, id, nullptr, 0);
        return;
    }
    error e(category::unavailable, "sim.delivery", "the delivery broke");
    e.effect = effect::unknown;
    const auto out = to_c(e);
    calls->fail(calls->ctx, id, &out);
}

} // namespace mortise::host::testing
