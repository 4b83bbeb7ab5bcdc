// SPDX-License-Identifier: Apache-2.0
#include "plugin/connector_instance.hpp"

#include "base/handles.hpp"
#include "base/log.hpp"
#include "base/timers.hpp"
#include "base/trace_context.hpp"
#include "content/content_store.hpp"
#include "journal/records.hpp"
#include "plugin/services.hpp"

#include <mortise/sdk/abi.hpp>

#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>

namespace mortise::host {
namespace {

// How often deadlines are looked at, and how long a plugin may take to answer after a cancel.
constexpr auto sweep_every = std::chrono::milliseconds(100);
constexpr std::uint64_t cancel_grace_ns = 5'000'000'000u;

error internal_error(std::string code, std::string message) {
    return {category::internal, std::move(code), std::move(message)};
}

error timed_out(std::string message) {
    error e{category::timeout, "call.timeout", std::move(message)};
    e.effect = effect::unknown;
    return e;
}

// For a plugin that may still touch what it was given.
void keep_for_good(std::shared_ptr<connector_instance> instance) {
    static std::mutex guard;
    static auto& kept = *new std::vector<std::shared_ptr<connector_instance>>; // never destroyed
    const std::lock_guard lock(guard);
    kept.push_back(std::move(instance));
}

connector_instance& me(void* ctx) {
    return *static_cast<connector_instance*>(ctx);
}

} // namespace

struct connector_instance::timers {
    explicit timers(boost::asio::thread_pool& pool)
        : worker(boost::asio::make_strand(pool.get_executor())) {}
    timer sweep;                                                         // [strand]
    timer grace;                                                         // [strand] of close()
    boost::asio::strand<boost::asio::thread_pool::executor_type> worker; // BLOCKING, one at a time
};

connector_instance::connector_instance(plugin_environment& env,
                                       instance_settings settings,
                                       const connector_descriptor& d)
    : plugin_instance(env, std::move(settings)), descriptor_(d),
      timers_(std::make_unique<timers>(env.workers)) {
    call_table_.struct_size = sizeof(call_table_);
    call_table_.ctx = this;
    call_table_.complete = [](void* ctx, mortise_handle call, const mortise_payload* r,
                              mortise_handle content) -> mortise_status {
        auto& self = me(ctx);
        call_answer a;
        if (r != nullptr) {
            if (r->data.len > self.env_.max_payload_bytes) {
                if (content != 0) self.env_.contents.close(content);
                error e{category::limit, "call.result-too-large",
                        "the result has " + std::to_string(r->data.len) + " bytes; the limit is " +
                            std::to_string(self.env_.max_payload_bytes) +
                            ": ask for fewer objects, or return content"};
                return self.answered(call, std::move(e));
            }
            a.json = view(*r);
        }
        a.content = content;
        return self.answered(call, std::move(a));
    };
    call_table_.fail = [](void* ctx, mortise_handle call,
                          const mortise_error* e) -> mortise_status {
        if (e == nullptr)
            return me(ctx).answered(
                call, internal_error("plugin.no-reason", "the plugin failed without a reason"));
        return me(ctx).answered(call, from_c(*e));
    };
    call_table_.cancelled = [](void* ctx, mortise_handle call) -> std::uint32_t {
        auto& self = me(ctx);
        const std::lock_guard lock(self.guard_);
        const auto it = self.calls_.find(call);
        if (it == self.calls_.end() || it->second.cancelled) return 1;
        const auto deadline = it->second.deadline_ns;
        return deadline != 0 && self.env_.time.now_mono_ns() >= deadline ? 1 : 0;
    };
    trigger_table_.struct_size = sizeof(trigger_table_);
    trigger_table_.ctx = this;
    trigger_table_.emit = [](void* ctx, mortise_handle trigger, mortise_handle delivery,
                             const mortise_event* events, std::uint64_t n, mortise_bytes cursor,
                             mortise_done_fn done, void* user) -> mortise_status {
        return me(ctx).emit(trigger, delivery, events, n, cursor, done, user);
    };
}

connector_instance::~connector_instance() = default;

std::shared_ptr<connector_instance> connector_instance::shared() {
    return std::static_pointer_cast<connector_instance>(shared_from_this());
}

const void* connector_instance::own_service(std::string_view id) {
    if (id == MORTISE_SVC_CALL) return &call_table_;
    if (id == MORTISE_SVC_TRIGGER) return &trigger_table_;
    return nullptr;
}

std::uint64_t connector_instance::deadline_from(std::chrono::milliseconds timeout) const {
    if (timeout.count() <= 0) return 0;
    return env_.time.now_mono_ns() + static_cast<std::uint64_t>(timeout.count()) * 1'000'000u;
}

void connector_instance::open(std::function<void(result<void>)> opened) {
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
        auto e = caught.take(status, "to be created");
        opened(e.context("connection \"" + self->name() + "\""));
    });
}

// ---- calls ----

mortise_handle connector_instance::begin(pending_call call) {
    const auto handle = next_handle();
    const std::lock_guard lock(guard_);
    call.refused = closing_;
    calls_.emplace(handle, std::move(call));
    arm_sweep();
    return handle;
}

plugin_instance::call_trace connector_instance::trace_of(mortise_handle call) const {
    const std::lock_guard lock(guard_);
    const auto it = calls_.find(call);
    return it == calls_.end() ? call_trace{} : it->second.trace;
}

mortise_handle connector_instance::invoke(call_request request, call_handler done) {
    const auto* op = descriptor_.operation(request.operation);
    pending_call call;
    call.done = std::move(done);
    call.deadline_ns = deadline_from(request.timeout);
    call.trace = {request.trace_parent, request.subject, request.queued_ns};
    const auto handle = begin(std::move(call));
    if (op == nullptr) {
        error e{category::config, "call.unknown-operation",
                "connector \"" + descriptor_.id + "\" " + descriptor_.version +
                    " has no operation \"" + request.operation + '"'};
        e.effect = effect::none;
        settle(handle, std::move(e));
        return handle;
    }
    auto start = [self = shared(), handle, op, request = std::move(request)]() mutable {
        self->start_call(handle, *op, std::move(request));
    };
    if (!op->blocking()) {
        on_strand(std::move(start));
    } else if (op->concurrent()) {
        boost::asio::post(env_.workers, std::move(start));
    } else {
        boost::asio::post(timers_->worker, std::move(start));
    }
    return handle;
}

void connector_instance::start_call(mortise_handle call,
                                    const operation_descriptor& op,
                                    call_request request) {
    std::uint64_t deadline = 0;
    bool cancelled = false, gone = false;
    void* self = nullptr;
    {
        const std::lock_guard lock(guard_);
        const auto it = calls_.find(call);
        if (it == calls_.end()) return;
        deadline = it->second.deadline_ns;
        cancelled = it->second.cancelled;
        self = self_;
        gone = self == nullptr || it->second.refused;
    }
    if (cancelled || gone) {
        if (request.content != 0) env_.contents.close(request.content);
        // A reload has replaced the instance: the next attempt meets the new one.
        error e = cancelled
                      ? error{category::cancelled, "call.cancelled", "cancelled before it began"}
                      : error{category::unavailable, "connection.closed",
                              "connection \"" + name() + "\" is being replaced"};
        e.effect = effect::none;
        settle(call, std::move(e));
        return;
    }
    mortise_call c{};
    c.struct_size = sizeof(c);
    c.attempt = request.attempt;
    c.id = call;
    c.operation = c_str_of(op.id);
    c.idempotency_key = c_str_of(request.idempotency_key);
    c.trace_parent = c_str_of(request.trace_parent);
    c.deadline_ns = deadline;
    c.input = json_payload(request.input);
    c.content = request.content;
    error_catcher caught;
    mortise_status status = MORTISE_E_FAILED;
    const auto run = [&] {
        const log_scope scope(request.subject);
        status = descriptor_.table.invoke(self, &c, caught.sink());
    };
    bool fine = true;
    if (op.blocking()) {
        // Blocking is allowed on a worker: no watchdog. The instance must outlive the return, also
        // when the call was completed before it.
        {
            const std::lock_guard lock(guard_);
            ++on_workers_;
        }
        try {
            run();
        } catch (...) {
            fine = false;
        }
        bool last = false;
        {
            const std::lock_guard lock(guard_);
            last = --on_workers_ == 0 && closing_ && calls_.empty();
        }
        if (last) on_strand([keep = shared()] { keep->try_destroy(); });
    } else {
        fine = guarded("invoke", run);
    }
    if (!fine) {
        auto e = internal_error("plugin.exception",
                                "the plugin let an exception through the C boundary");
        e.effect = effect::unknown;
        settle(call, std::move(e));
    } else if (status != MORTISE_OK) {
        if (request.content != 0) env_.contents.close(request.content);
        settle(call, caught.take(status, "operation " + op.id));
    }
}

void connector_instance::cancel(mortise_handle call) {
    {
        const std::lock_guard lock(guard_);
        const auto it = calls_.find(call);
        if (it == calls_.end() || it->second.cancelled) return;
        it->second.cancelled = true;
        it->second.abandon_ns = env_.time.now_mono_ns() + cancel_grace_ns;
    }
    on_strand([self = shared(), call] {
        {
            const std::lock_guard lock(self->guard_);
            if (!self->calls_.contains(call) || self->self_ == nullptr) return;
        }
        self->guarded("cancel", [&] { self->descriptor_.table.cancel(self->self_, call); });
    });
}

void connector_instance::test_connection(std::chrono::milliseconds timeout, call_handler done) {
    pending_call pending;
    pending.done = std::move(done);
    pending.deadline_ns = deadline_from(timeout);
    const auto deadline = pending.deadline_ns;
    const auto call = begin(std::move(pending));
    on_strand([self = shared(), call, deadline] {
        const auto* ext = self->self_ == nullptr || self->descriptor_.table.get_extension == nullptr
                              ? nullptr
                              : static_cast<const mortise_ext_test_connection*>(
                                    self->descriptor_.table.get_extension(
                                        self->self_, c_str_of(MORTISE_EXT_TEST_CONNECTION)));
        if (ext == nullptr || ext->test == nullptr) {
            error e{category::config, "connection.no-test",
                    "connector \"" + self->descriptor_.id + "\" offers no connection test"};
            e.effect = effect::none;
            self->settle(call, std::move(e));
            return;
        }
        error_catcher caught;
        mortise_status status = MORTISE_E_FAILED;
        self->guarded("test",
                      [&] { status = ext->test(self->self_, call, deadline, caught.sink()); });
        if (status != MORTISE_OK) self->settle(call, caught.take(status, "the connection test"));
    });
}

// The plugin's answer, through complete() or fail().
mortise_status connector_instance::answered(mortise_handle call, result<call_answer> outcome) {
    {
        const std::lock_guard lock(guard_);
        const auto it = calls_.find(call);
        if (it != calls_.end() && !it->second.answered && it->second.emits > 0) {
            // A webhook's reply waits until every event it brought is durable.
            it->second.answered = true;
            it->second.held = std::move(outcome);
            return MORTISE_OK;
        }
        if (it == calls_.end() || it->second.answered) {
            if (abandoned_.erase(call) > 0) {
                late_.fetch_add(1);
                log(log_level::warn, "a call was answered after the host had given it up",
                    {{"instance", name()}, {"plugin", plugin_id()}});
            } else {
                misuses_.fetch_add(1);
                log(log_level::error,
                    "the plugin answered a call that is not open (answered twice?)",
                    {{"instance", name()},
                     {"plugin", plugin_id()},
                     {"call", static_cast<std::uint64_t>(call)}});
            }
            if (outcome && outcome->content != 0) env_.contents.close(outcome->content);
            return MORTISE_E_STATE;
        }
    }
    settle(call, std::move(outcome));
    return MORTISE_OK;
}

void connector_instance::settle(mortise_handle call, result<call_answer> outcome) {
    call_handler done;
    bool last = false;
    {
        const std::lock_guard lock(guard_);
        const auto it = calls_.find(call);
        if (it == calls_.end()) return;
        if (it->second.overdue && !outcome && outcome.error().category == category::cancelled) {
            // The cancel was the host's way to end it; for whoever called, it took too long.
            auto e = timed_out("connector \"" + descriptor_.id +
                               "\" did not finish within the time-out of the call");
            e.effect = outcome.error().effect;
            outcome = std::move(e);
        }
        done = std::move(it->second.done);
        calls_.erase(it);
        last = closing_ && calls_.empty();
    }
    if (done) done(std::move(outcome));
    if (last) on_strand([self = shared()] { self->try_destroy(); });
}

// Deadlines, and calls that were cancelled but never answered.
void connector_instance::sweep() {
    std::vector<mortise_handle> overdue, abandoned;
    {
        const std::lock_guard lock(guard_);
        const auto now = env_.time.now_mono_ns();
        for (auto& [handle, call] : calls_) {
            if (call.abandon_ns != 0 && now >= call.abandon_ns) {
                abandoned.push_back(handle);
            } else if (!call.cancelled && call.deadline_ns != 0 && now >= call.deadline_ns) {
                call.overdue = true;
                overdue.push_back(handle);
            }
        }
        for (const auto handle : abandoned)
            abandoned_.insert(handle);
    }
    for (const auto handle : overdue)
        cancel(handle);
    for (const auto handle : abandoned) {
        log(log_level::error, "the plugin did not answer a call; the host gives it up",
            {{"instance", name()}, {"plugin", plugin_id()}});
        settle(handle, timed_out("no answer from connector \"" + descriptor_.id + "\" in time"));
    }
    const std::lock_guard lock(guard_);
    sweeping_ = false;
    if (!calls_.empty()) arm_sweep();
}

// Under guard_.
void connector_instance::arm_sweep() {
    if (sweeping_) return;
    sweeping_ = true;
    boost::asio::post(env_.io, [weak = weak_from_this()] {
        const auto base = weak.lock();
        if (!base) return;
        auto& self = static_cast<connector_instance&>(*base);
        self.on_strand([keep = self.shared()] {
            keep->timers_->sweep =
                keep->env_.timers.start(sweep_every, [weak = keep->weak_from_this()] {
                    if (const auto again = weak.lock()) {
                        again->on_strand(
                            [again] { static_cast<connector_instance&>(*again).sweep(); });
                    }
                });
        });
    });
}

std::size_t connector_instance::open_calls() const {
    const std::lock_guard lock(guard_);
    return calls_.size();
}

// ---- triggers ----

void connector_instance::open_trigger(std::string trigger,
                                      std::string config,
                                      std::string cursor,
                                      std::function<void(result<mortise_handle>)> opened) {
    on_strand([self = shared(), trigger = std::move(trigger), config = std::move(config),
               cursor = std::move(cursor), opened = std::move(opened)] {
        const auto handle = next_handle();
        {
            const std::lock_guard lock(self->guard_);
            self->triggers_.emplace(handle, open_trigger_state{trigger, false, false});
        }
        error_catcher caught;
        mortise_status status = MORTISE_E_FAILED;
        if (self->descriptor_.table.open_trigger != nullptr) {
            self->guarded("open_trigger", [&] {
                status = self->descriptor_.table.open_trigger(
                    self->self_, handle, c_str_of(trigger), json_payload(config),
                    c_bytes_of(cursor), caught.sink());
            });
        }
        if (status == MORTISE_OK) {
            opened(handle);
            return;
        }
        {
            const std::lock_guard lock(self->guard_);
            self->triggers_.erase(handle);
        }
        opened(caught.take(status, "to open trigger " + trigger)
                   .context("connection \"" + self->name() + "\""));
    });
}

void connector_instance::deliver(mortise_handle trigger,
                                 delivery_request request,
                                 call_handler done) {
    pending_call pending;
    pending.done = std::move(done);
    pending.deadline_ns = deadline_from(request.timeout);
    pending.via = request.kind == MORTISE_TRIGGER_WEBHOOK    ? "webhook"
                  : request.kind == MORTISE_TRIGGER_BACKFILL ? "backfill"
                                                             : "poll";
    pending.page = std::move(request.page);
    pending.trace.parent = request.trace_parent;
    const auto deadline = pending.deadline_ns;
    const auto call = begin(std::move(pending));
    on_strand([self = shared(), trigger, call, deadline, request = std::move(request)] {
        bool open = false;
        {
            const std::lock_guard lock(self->guard_);
            const auto it = self->triggers_.find(trigger);
            open = it != self->triggers_.end() && !it->second.closing;
        }
        if (!open || self->self_ == nullptr) {
            error e{category::unavailable, "trigger.closed", "the trigger is not open"};
            e.effect = effect::none;
            self->settle(call, std::move(e));
            return;
        }
        mortise_delivery d{};
        d.struct_size = sizeof(d);
        d.kind = request.kind;
        d.id = call;
        d.cursor = c_bytes_of(request.cursor);
        d.head = json_payload(request.head);
        d.body = {c_str_of(request.media_type), c_bytes_of(request.body)};
        d.trace_parent = c_str_of(request.trace_parent);
        d.deadline_ns = deadline;
        error_catcher caught;
        mortise_status status = MORTISE_E_FAILED;
        const bool fine = self->guarded("deliver", [&] {
            status = self->descriptor_.table.deliver(self->self_, trigger, &d, caught.sink());
        });
        if (!fine) {
            self->settle(call,
                         internal_error("plugin.exception", "the plugin let an exception through"));
        } else if (status != MORTISE_OK) {
            self->settle(call, caught.take(status, "a delivery"));
        }
    });
}

mortise_status connector_instance::emit(mortise_handle trigger,
                                        mortise_handle delivery,
                                        const mortise_event* events,
                                        std::uint64_t n,
                                        mortise_bytes cursor,
                                        mortise_done_fn done,
                                        void* user) {
    if (done == nullptr || (n > 0 && events == nullptr)) return MORTISE_E_ARGUMENT;
    emitted batch;
    batch.connection = name();
    std::string via = "stream", trace_parent;
    page_taken page;
    {
        const std::lock_guard lock(guard_);
        const auto it = triggers_.find(trigger);
        if (it == triggers_.end()) return MORTISE_E_STATE;
        const auto call = calls_.find(delivery);
        if (delivery != 0 && (call == calls_.end() || call->second.answered))
            return MORTISE_E_STATE;
        if (env_.intake == nullptr) return MORTISE_E_STATE;
        if (!env_.intake->has_room()) {
            it->second.limited = true;
            return MORTISE_E_LIMIT;
        }
        batch.trigger = it->second.id;
        if (call != calls_.end()) {
            via = call->second.via;
            trace_parent = call->second.trace.parent;
            page = call->second.page;
        }
    }
    batch.events.reserve(n);
    for (std::uint64_t i = 0; i < n; ++i) {
        const auto& in = events[i];
        if (in.id.len == 0 || in.type.len == 0) return MORTISE_E_ARGUMENT;
        if (in.data.data.len > env_.max_payload_bytes) return MORTISE_E_LIMIT;
        event_record e;
        e.id = view(in.id);
        e.source = in.source.len != 0 ? std::string(view(in.source)) : "/connections/" + name();
        e.type = view(in.type);
        e.subject = view(in.subject);
        e.partition_key = view(in.partition_key);
        // What the event says itself (CloudEvents), else what the webhook came with.
        e.trace_parent = clean_trace_parent(view(in.trace_parent));
        if (e.trace_parent.empty()) e.trace_parent = trace_parent;
        e.time = in.time_unix_ms;
        e.via = via;
        e.data = view(in.data);
        batch.events.push_back(std::move(e));
    }
    if (cursor.ptr != nullptr) batch.cursor = std::string(view(cursor));
    if (page) {
        batch.also = [page = std::move(page), position = std::exchange(batch.cursor, std::nullopt)](
                         journal_tx& tx, std::uint64_t fresh, std::uint64_t known) {
            page(tx, fresh, known, position ? &*position : nullptr);
        };
    }
    if (!owed_services().owe()) return MORTISE_E_STATE;
    if (delivery != 0) {
        const std::lock_guard lock(guard_);
        if (const auto call = calls_.find(delivery); call != calls_.end()) ++call->second.emits;
    }
    env_.intake->take(std::move(batch),
                      [self = shared(), delivery, done, user](const result<void>& durable) {
                          // The plugin hears of it first; its reply and ours are both held until
                          // then.
                          self->owed_services().pay(
                              [self, durable, done, user] {
                                  if (durable) {
                                      done(user, MORTISE_OK, nullptr);
                                  } else {
                                      const auto why = durable.error();
                                      const auto e = to_c(why); // views into it
                                      done(user, MORTISE_E_FAILED, &e);
                                  }
                              },
                              "emitted");
                          if (delivery != 0) self->emit_settled(delivery, durable);
                      });
    return MORTISE_OK;
}

void connector_instance::emit_settled(mortise_handle call, const result<void>& durable) {
    std::optional<result<call_answer>> ready;
    {
        const std::lock_guard lock(guard_);
        const auto it = calls_.find(call);
        if (it == calls_.end()) return;
        auto& pending = it->second;
        --pending.emits;
        if (!durable) pending.held = durable.error();
        if (pending.answered && pending.emits == 0) ready = std::move(pending.held);
    }
    if (ready) settle(call, std::move(*ready));
}

void connector_instance::resume_triggers() {
    std::vector<mortise_handle> limited;
    {
        const std::lock_guard lock(guard_);
        for (auto& [handle, t] : triggers_) {
            if (std::exchange(t.limited, false)) limited.push_back(handle);
        }
    }
    if (limited.empty() || descriptor_.table.resume == nullptr) return;
    on_strand([self = shared(), limited = std::move(limited)] {
        for (const auto handle : limited) {
            self->guarded("resume", [&] { self->descriptor_.table.resume(self->self_, handle); });
        }
    });
}

void connector_instance::close_trigger(mortise_handle trigger, std::function<void()> closed) {
    on_strand([self = shared(), trigger, closed = std::move(closed)] {
        {
            const std::lock_guard lock(self->guard_);
            const auto it = self->triggers_.find(trigger);
            if (it == self->triggers_.end() || it->second.closing) {
                closed();
                return;
            }
            it->second.closing = true;
        }
        struct closing_trigger {
            std::shared_ptr<connector_instance> self;
            mortise_handle trigger;
            std::function<void()> closed;
        };
        auto* state = new closing_trigger{self, trigger, closed};
        const auto finished = [](void* user, mortise_status, const mortise_error*) {
            const std::unique_ptr<closing_trigger> owned(static_cast<closing_trigger*>(user));
            {
                const std::lock_guard lock(owned->self->guard_);
                owned->self->triggers_.erase(owned->trigger);
            }
            owned->self->on_strand(owned->closed);
        };
        mortise_status status = MORTISE_E_FAILED;
        if (self->descriptor_.table.close_trigger != nullptr) {
            self->guarded("close_trigger", [&] {
                status =
                    self->descriptor_.table.close_trigger(self->self_, trigger, finished, state);
            });
        }
        if (status != MORTISE_OK) finished(state, status, nullptr);
    });
}

// ---- closing ----

void connector_instance::close(std::chrono::milliseconds grace, std::function<void()> closed) {
    std::vector<mortise_handle> open;
    {
        const std::lock_guard lock(guard_);
        for (const auto& [handle, t] : triggers_)
            open.push_back(handle);
    }
    auto left = std::make_shared<std::size_t>(open.size() + 1);
    auto next = [self = shared(), left, grace, closed = std::move(closed)]() mutable {
        if (--*left != 0) return; // counted on the strand only
        {
            const std::lock_guard lock(self->guard_);
            self->closing_ = true;
            self->closed_ = std::move(closed);
        }
        self->close_calls(grace);
    };
    auto shared_next = std::make_shared<decltype(next)>(std::move(next));
    for (const auto handle : open)
        close_trigger(handle, [shared_next] { (*shared_next)(); });
    on_strand([shared_next] { (*shared_next)(); });
}

void connector_instance::close_calls(std::chrono::milliseconds grace) {
    // On the strand, as settle() and try_destroy() that end it.
    timers_->grace = env_.timers.start(grace, [self = shared()] {
        std::vector<mortise_handle> open;
        {
            const std::lock_guard lock(self->guard_);
            for (const auto& [handle, call] : self->calls_)
                open.push_back(handle);
        }
        for (const auto handle : open)
            self->cancel(handle);
    });
    {
        const std::lock_guard lock(guard_);
        if (!calls_.empty()) return; // settle() comes back here
    }
    try_destroy();
}

void connector_instance::try_destroy() {
    {
        const std::lock_guard lock(guard_);
        if (!calls_.empty() || on_workers_ > 0 || !closed_) return;
    }
    timers_->grace.cancel();
    close_services([self = shared()] {
        std::function<void()> closed;
        bool leak = false;
        {
            const std::lock_guard lock(self->guard_);
            leak = !self->abandoned_.empty(); // answers may still have come by a cancelled timer
            closed = std::exchange(self->closed_, nullptr);
        }
        if (!closed) return;
        if (leak) {
            // The plugin may still touch the instance: keep both for the life of the process.
            log(log_level::error,
                "a plugin still owes answers at its end; its instance is kept in memory",
                {{"instance", self->name()}, {"plugin", self->plugin_id()}});
            keep_for_good(self);
        } else if (self->self_ != nullptr) {
            self->guarded("destroy", [&] { self->descriptor_.table.destroy(self->self_); });
            const std::lock_guard lock(self->guard_);
            self->self_ = nullptr;
        }
        closed();
    });
}

} // namespace mortise::host
