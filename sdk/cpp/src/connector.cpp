// SPDX-License-Identifier: Apache-2.0
#include "connector_entries.hpp"
#include "copy_in.hpp"
#include "open_trigger.hpp"
#include "tables.hpp"

#include <mortise/sdk/abi.hpp>
#include <mortise/sdk/completion.hpp>
#include <mortise/sdk/connector.hpp>
#include <mortise/sdk/detail/root.hpp>
#include <mortise/sdk/mapping.hpp>

#include <mutex>
#include <unordered_map>

namespace mortise::detail {
namespace {

class connector_instance;

// One accepted call or delivery.
struct job {
    connector_instance& owner;
    mortise_handle handle;
    open_trigger* trigger = nullptr;
    completion answer;
    std::optional<call_context> call;
    std::optional<delivery_context> delivery;
    reply_text text;
    root runner;

    job(connector_instance& o, mortise_handle h) : owner(o), handle(h) {}
    call_context& context() noexcept { return delivery ? *delivery : *call; }
};

class connector_instance {
public:
    connector_instance(const connector_spec& spec, const mortise_host& h, mortise_handle handle)
        : spec_(spec), in_(h, handle, spec.id) {}
    ~connector_instance();

    void make(const json::value& config);

    mortise_status invoke(const mortise_call* call, mortise_error_sink err);
    mortise_status test(mortise_handle call, std::uint64_t deadline_ns);
    void cancel(mortise_handle call) noexcept;
    mortise_status
    open(mortise_handle trigger, std::string_view id, mortise_payload config, mortise_bytes cursor);
    mortise_status
    deliver(mortise_handle trigger, const mortise_delivery* d, mortise_error_sink err);
    void resume(mortise_handle trigger) noexcept;
    mortise_status close(mortise_handle trigger, mortise_done_fn closed, void* user) noexcept;
    const connector_spec& spec() const noexcept { return spec_; }

private:
    std::unique_ptr<job> new_job(mortise_handle handle);
    void run(std::unique_ptr<job> j, task<void> work, mortise_handle content = 0);
    static void ended(void* ctx, std::exception_ptr failure) noexcept;
    void close_if_done(open_trigger& t) noexcept;
    const operation_spec* find_operation(std::string_view id) const noexcept;
    content_stream adopt(mortise_handle content) noexcept {
        return {pointer_to(in_.tables().content), content};
    }

    const connector_spec& spec_;
    instance in_;
    void* self_ = nullptr;
    std::mutex mutex_; // jobs of blocking operations begin and may end on workers
    std::unordered_map<mortise_handle, std::unique_ptr<job>> jobs_;
    std::unordered_map<mortise_handle, std::unique_ptr<open_trigger>> triggers_;
};

connector_instance::~connector_instance() {
    jobs_.clear();
    triggers_.clear();
    if (self_) spec_.destroy(self_);
}

void connector_instance::make(const json::value& config) {
    for (const auto& id : spec_.c_services) {
        const auto& t = in_.tables();
        const std::string_view name = view(id);
        const bool there =
            (name == MORTISE_SVC_CALL && t.call) || (name == MORTISE_SVC_LOG && t.log) ||
            (name == MORTISE_SVC_TIME && t.time) || (name == MORTISE_SVC_TRIGGER && t.trigger) ||
            (name == MORTISE_SVC_HTTP && t.http) || (name == MORTISE_SVC_SECRET && t.secret) ||
            (name == MORTISE_SVC_STATE && t.state) || (name == MORTISE_SVC_METRIC && t.metric) ||
            (name == MORTISE_SVC_CONTENT && t.content);
        if (!there) throw_not_granted("The connector \"" + spec_.id + "\"", name);
    }
    const mapping_scope scope(in_);
    self_ = spec_.make(in_, config);
}

const operation_spec* connector_instance::find_operation(std::string_view id) const noexcept {
    for (const auto& op : spec_.operations) {
        if (op.id == id) return &op;
    }
    return nullptr;
}

std::unique_ptr<job> connector_instance::new_job(mortise_handle handle) {
    return std::make_unique<job>(*this, handle);
}

// From here on the call is accepted: nothing may throw past this point but into the job.
void connector_instance::run(std::unique_ptr<job> j, task<void> work, mortise_handle content) {
    job& running = *j;
    {
        const std::lock_guard lock(mutex_);
        const auto [at, fresh] = jobs_.try_emplace(j->handle, std::move(j));
        if (!fresh) {
            throw error(category::internal, "sdk.call.repeated",
                        "The host gave the same call twice.");
        }
    }
    if (running.call) running.call->content() = adopt(content);
    running.answer = completion(*in_.tables().call, running.handle);
    if (running.trigger) running.trigger->delivery_began();
    running.runner.start(std::move(work), &ended, &running);
}

void connector_instance::ended(void* ctx, std::exception_ptr failure) noexcept {
    job& finished = *static_cast<job*>(ctx);
    connector_instance& self = finished.owner;
    std::unique_ptr<job> mine;
    {
        const std::lock_guard lock(self.mutex_);
        const auto at = self.jobs_.find(finished.handle);
        mine = std::move(at->second);
        self.jobs_.erase(at);
    }
    completion answer = std::move(mine->answer);
    const reply_text text = std::move(mine->text);
    content_stream content = mine->context().take_answer();
    open_trigger* const trigger = mine->trigger;
    mine.reset(); // frees the frames before the host may destroy the instance
    if (trigger) trigger->delivery_ended();
    if (failure) {
        answer.fail(error_of(std::move(failure)));
    } else {
        answer.complete(text ? &*text : nullptr, std::move(content));
    }
    if (trigger) self.close_if_done(*trigger);
}

json::value read_payload(const mortise_payload& p, std::string_view what) {
    const std::string_view type = view(p.media_type);
    if (!type.empty() && type.substr(0, type.find(';')) != "application/json") {
        throw error(category::input, "sdk.payload.media-type",
                    std::string(what) + " has the media type \"" + std::string(type) +
                        "\"; application/json is needed.");
    }
    if (p.data.len == 0) return json::object();
    parse_options options;
    options.blame = category::input;
    options.what = what;
    return parse_json(view(p), options);
}

task<void> run_one(job& j, task<reply_text> work) {
    j.text = co_await std::move(work);
}

task<void> run_test_job(job& j, task<json::value> work) {
    const json::value report = co_await std::move(work);
    j.text = serialize_json(report);
}

task<void> run_page(job& j, task<bool> work) {
    const bool done = co_await std::move(work);
    j.text = done ? R"({"done":true})" : R"({"done":false})";
}

task<void> run_webhook(job& j, task<webhook_reply> work) {
    const webhook_reply reply = co_await std::move(work);
    json::object out;
    out["status"] = reply.status;
    json::object& headers = out["headers"].emplace_object();
    for (const auto& [name, value] : reply.headers)
        headers[name] = json::string(value);
    out["body"] = json::string(reply.body);
    j.text = serialize_json(out);
}

mortise_status refuse(mortise_error_sink err,
                      mortise_status st,
                      enum category c,
                      std::string_view code,
                      std::string message) {
    report(err, error(c, std::string(code), std::move(message)));
    return st;
}

mortise_status connector_instance::invoke(const mortise_call* from, mortise_error_sink err) {
    mortise_call c;
    if (!copy_in(from, c)) {
        return refuse(err, MORTISE_E_UNSUPPORTED, category::internal, "sdk.call.unsupported",
                      "The host asks for something this plugin's SDK does not know; rebuild the "
                      "plugin with a newer SDK.");
    }
    const operation_spec* op = find_operation(view(c.operation));
    if (!op) {
        return refuse(err, MORTISE_E_ARGUMENT, category::input, "sdk.operation.unknown",
                      "The connector \"" + spec_.id + "\" has no operation \"" +
                          std::string(view(c.operation)) + "\".");
    }
    json::value input = read_payload(c.input, "the input of " + op->id);
    auto j = new_job(c.id);
    j->call.emplace(in_, c.id);
    j->call->begin(op->id, c.attempt, std::string(view(c.idempotency_key)),
                   std::string(view(c.trace_parent)), c.deadline_ns, content_stream());
    task<void> work = run_one(*j, op->run(self_, *j->call, std::move(input)));
    run(std::move(j), std::move(work), c.content);
    return MORTISE_OK;
}

mortise_status connector_instance::test(mortise_handle call, std::uint64_t deadline_ns) {
    auto j = new_job(call);
    j->call.emplace(in_, call);
    j->call->begin("test_connection", 1, {}, {}, deadline_ns, content_stream());
    task<void> work = run_test_job(*j, spec_.test(self_, *j->call));
    run(std::move(j), std::move(work));
    return MORTISE_OK;
}

void connector_instance::cancel(mortise_handle call) noexcept {
    open_trigger* trigger = nullptr;
    {
        const std::lock_guard lock(mutex_);
        const auto at = jobs_.find(call);
        if (at == jobs_.end()) return;
        at->second->context().cancel();
        trigger = at->second->trigger;
    }
    if (trigger) trigger->wake();
}

mortise_status connector_instance::open(mortise_handle handle,
                                        std::string_view id,
                                        mortise_payload config,
                                        mortise_bytes cursor) {
    const trigger_spec* found = nullptr;
    for (const auto& t : spec_.triggers) {
        if (t.id == id) found = &t;
    }
    if (!found) {
        throw error(category::config, "sdk.trigger.unknown",
                    "The connector \"" + spec_.id + "\" has no trigger \"" + std::string(id) +
                        "\".");
    }
    auto t = std::make_unique<open_trigger>(in_, *found, handle);
    if (found->read_config) {
        t->set_config(found->read_config(read_payload(config, "the trigger's configuration")));
    }
    open_trigger& opened = *t;
    if (!triggers_.try_emplace(handle, std::move(t)).second) {
        throw error(category::internal, "sdk.trigger.repeated",
                    "The host opened the same trigger twice.");
    }
    try {
        opened.open_stream(self_, std::string(view(cursor)));
    } catch (...) {
        triggers_.erase(handle);
        throw;
    }
    return MORTISE_OK;
}

webhook read_webhook(const mortise_delivery& d) {
    const json::value head = read_payload(d.head, "the webhook's head");
    webhook w;
    w.method = optional_string(head, "method", category::internal).value_or("POST");
    w.path = optional_string(head, "path", category::internal).value_or("");
    w.query = optional_string(head, "query", category::internal).value_or("");
    w.remote = optional_string(head, "remote", category::internal).value_or("");
    if (const auto* headers = find_json(head, "headers"); headers && headers->is_object()) {
        for (const auto& h : headers->get_object()) {
            if (h.value().is_string()) w.headers[h.key()] = std::string(h.value().get_string());
        }
    }
    w.media_type = view(d.body.media_type);
    w.body = view(d.body);
    return w;
}

// What the trigger has no handler for; empty when it has one.
std::string_view kind_not_taken(const trigger_spec& t, std::uint32_t kind) noexcept {
    switch (kind) {
    case MORTISE_TRIGGER_POLL:
        return t.on_poll ? "" : "polls";
    case MORTISE_TRIGGER_WEBHOOK:
        return t.on_webhook ? "" : "webhooks";
    case MORTISE_TRIGGER_BACKFILL:
        return t.on_backfill ? "" : "backfills";
    default:
        return "deliveries of a kind this SDK does not know";
    }
}

mortise_status connector_instance::deliver(mortise_handle trigger,
                                           const mortise_delivery* from,
                                           mortise_error_sink err) {
    mortise_delivery d;
    if (!copy_in(from, d)) {
        return refuse(err, MORTISE_E_UNSUPPORTED, category::internal, "sdk.delivery.unsupported",
                      "The host asks for something this plugin's SDK does not know; rebuild the "
                      "plugin with a newer SDK.");
    }
    const auto at = triggers_.find(trigger);
    if (at == triggers_.end() || at->second->closing()) {
        return refuse(err, MORTISE_E_STATE, category::internal, "sdk.trigger.closed",
                      "The trigger is not open.");
    }
    open_trigger& t = *at->second;
    const std::string_view refused = kind_not_taken(t.spec(), d.kind);
    if (!refused.empty()) {
        return refuse(err, MORTISE_E_UNSUPPORTED, category::input, "sdk.trigger.kind",
                      "The trigger \"" + t.spec().id + "\" does not take " + std::string(refused) +
                          ".");
    }
    auto j = new_job(d.id);
    j->trigger = &t;
    j->delivery.emplace(in_, d.id, t);
    j->delivery->begin(t.spec().id, 1, {}, std::string(view(d.trace_parent)), d.deadline_ns,
                       content_stream());
    task<void> work;
    if (d.kind == MORTISE_TRIGGER_POLL) {
        work = t.spec().on_poll(self_, *j->delivery, std::string(view(d.cursor)));
    } else if (d.kind == MORTISE_TRIGGER_BACKFILL) {
        work = run_page(*j, t.spec().on_backfill(self_, *j->delivery, std::string(view(d.cursor))));
    } else {
        work = run_webhook(*j, t.spec().on_webhook(self_, *j->delivery, read_webhook(d)));
    }
    run(std::move(j), std::move(work));
    return MORTISE_OK;
}

void connector_instance::resume(mortise_handle trigger) noexcept {
    const auto at = triggers_.find(trigger);
    if (at != triggers_.end()) at->second->wake();
}

mortise_status
connector_instance::close(mortise_handle trigger, mortise_done_fn closed, void* user) noexcept {
    const auto at = triggers_.find(trigger);
    if (at == triggers_.end() || at->second->closing() || !closed) return MORTISE_E_STATE;
    open_trigger& t = *at->second;
    // Held open meanwhile: waking may end the last delivery.
    t.delivery_began();
    t.begin_close(closed, user);
    t.delivery_ended();
    close_if_done(t);
    return MORTISE_OK;
}

void connector_instance::close_if_done(open_trigger& t) noexcept {
    const mortise_handle handle = t.handle();
    if (t.try_close()) triggers_.erase(handle);
}

connector_instance& instance_of(void* self) noexcept {
    return *static_cast<connector_instance*>(self);
}

// Runs an entry that reports through a sink and may also refuse by status.
template <class F>
mortise_status entry(mortise_error_sink err, F&& f) noexcept {
    mortise_status st = MORTISE_E_FAILED;
    const mortise_status thrown = guarded(err, [&] { st = f(); });
    return thrown != MORTISE_OK ? thrown : st;
}

void destroy_entry(void* self) noexcept {
    delete static_cast<connector_instance*>(self);
}
mortise_status invoke_entry(void* self, const mortise_call* call, mortise_error_sink err) noexcept {
    return entry(err, [&] { return instance_of(self).invoke(call, err); });
}
void cancel_entry(void* self, mortise_handle call) noexcept {
    instance_of(self).cancel(call);
}
mortise_status open_entry(void* self,
                          mortise_handle trigger,
                          mortise_str id,
                          mortise_payload config,
                          mortise_bytes cursor,
                          mortise_error_sink err) noexcept {
    return entry(err, [&] { return instance_of(self).open(trigger, view(id), config, cursor); });
}
mortise_status deliver_entry(void* self,
                             mortise_handle trigger,
                             const mortise_delivery* d,
                             mortise_error_sink err) noexcept {
    return entry(err, [&] { return instance_of(self).deliver(trigger, d, err); });
}
void resume_entry(void* self, mortise_handle trigger) noexcept {
    instance_of(self).resume(trigger);
}
mortise_status
close_entry(void* self, mortise_handle trigger, mortise_done_fn closed, void* user) noexcept {
    return instance_of(self).close(trigger, closed, user);
}
mortise_status test_entry(void* self,
                          mortise_handle call,
                          std::uint64_t deadline_ns,
                          mortise_error_sink err) noexcept {
    return entry(err, [&] { return instance_of(self).test(call, deadline_ns); });
}

constexpr mortise_ext_test_connection test_table{sizeof(mortise_ext_test_connection), 0,
                                                 &test_entry};

const void* extension_entry(void* self, mortise_str id) noexcept {
    if (view(id) == MORTISE_EXT_TEST_CONNECTION && instance_of(self).spec().test) {
        return &test_table;
    }
    return nullptr;
}

} // namespace

void set_connector_entries(mortise_connector& c) noexcept {
    c.destroy = &destroy_entry;
    c.invoke = &invoke_entry;
    c.cancel = &cancel_entry;
    c.open_trigger = &open_entry;
    c.deliver = &deliver_entry;
    c.resume = &resume_entry;
    c.close_trigger = &close_entry;
    c.get_extension = &extension_entry;
}

void* create_connector(const connector_spec& spec,
                       const mortise_host* h,
                       mortise_handle handle,
                       mortise_payload config) {
    auto made = std::make_unique<connector_instance>(spec, *h, handle);
    json::value settings;
    try {
        settings = read_payload(config, "the configuration");
    } catch (error& e) {
        e.category = category::config;
        throw;
    }
    made->make(settings);
    return made.release();
}

} // namespace mortise::detail
