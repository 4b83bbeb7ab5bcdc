// SPDX-License-Identifier: Apache-2.0
#include "core.hpp"

#include <stdexcept>

namespace mortise::testing {

void core::start_run(std::size_t index) {
    fake_run& r = runs[index];
    if (!r.owner->self) throw std::logic_error("the flow instance was destroyed");
    r.handle = next_handle();
    r.met.clear();
    r.replaying.clear();
    r.in_flight.clear();
    r.outcome = {};
    const std::string data = serialize_json(r.first.data);
    mortise_event e{};
    e.id = c_str_of(r.first.id);
    e.source = c_str_of(r.first.source);
    e.type = c_str_of(r.first.type);
    e.subject = c_str_of(r.first.subject);
    e.partition_key = c_str_of(r.first.partition_key);
    e.data = json_payload(data);
    struct captured {
        std::optional<error> value;
        static void set(void* ctx, const mortise_error* err) noexcept {
            static_cast<captured*>(ctx)->value = from_c(*err);
        }
    } said;
    const mortise_status st =
        r.owner->flow->start(r.owner->self, r.handle, &e, {&said, &captured::set});
    if (st != MORTISE_OK) {
        r.handle = 0;
        r.outcome.finished = true;
        r.outcome.failure = said.value.value_or(
            error(category::internal, "host.run.no-reason", "The plugin gave no reason."));
    }
}

void core::drop_run(fake_run& r) {
    if (!r.handle) return;
    const mortise_handle handle = r.handle;
    r.handle = 0; // from here on nothing of it may be used
    r.replaying.clear();
    r.in_flight.clear();
    if (r.owner->self) r.owner->flow->drop(r.owner->self, handle);
}

run_outcome test_run::outcome() const {
    return core_->runs[index_].outcome;
}

json::value test_run::result() const {
    const run_outcome& o = core_->runs[index_].outcome;
    if (!o.finished) throw std::logic_error("the run has not finished");
    if (o.failure) throw *o.failure;
    return o.result;
}

const std::vector<step_record>& test_run::steps() const {
    return core_->runs[index_].journal;
}

void test_run::replay() const {
    core_->drop_run(core_->runs[index_]);
    fake_run& r = core_->runs[index_];
    r.now_ms = r.started_ms;
    core_->start_run(index_);
    core_->run();
}

void test_run::drop() const {
    core_->drop_run(core_->runs[index_]);
    core_->run();
}

void test_run::cancel() const {
    fake_run& r = core_->runs[index_];
    r.cancelled = true;
    if (r.handle) r.owner->flow->cancel(r.owner->self, r.handle);
    core_->post([c = core_, index = index_] {
        const auto open = c->runs[index].in_flight; // failing one may begin or end others
        for (const auto& [key, fail] : open) {
            fail(error(category::cancelled, "host.run.cancelled", "The run was cancelled."));
        }
    });
    core_->run();
}

std::size_t test_run::effects() const {
    return core_->runs[index_].effects;
}

void flow_harness::on(std::string role, std::string operation_id, operation handler) const {
    instance_->operations[{std::move(role), std::move(operation_id)}] = std::move(handler);
}

void flow_harness::answer(std::string role, std::string operation_id, json::value result) const {
    on(std::move(role), std::move(operation_id),
       [result = std::move(result)](const json::value&) { return result; });
}

void flow_harness::fail(std::string role, std::string operation_id, error e) const {
    on(std::move(role), std::move(operation_id),
       [e = std::move(e)](const json::value&) -> json::value { throw e; });
}

test_run flow_harness::start(const event& first) const {
    fake_run& r = core_->runs.emplace_back();
    r.owner = instance_;
    r.first = first;
    r.started_ms = core_->unix_ms;
    r.sent_before = instance_->sent.size();
    r.now_ms = r.started_ms;
    const std::size_t index = core_->runs.size() - 1;
    core_->start_run(index);
    core_->run();
    return {*core_, index};
}

void flow_harness::send(const event& e) const {
    instance_->sent.push_back(e);
    core_->match_waits(*instance_);
    core_->run();
}

void flow_harness::destroy() const {
    core_->run();
    core_->destroy(*instance_);
    core_->run();
}

} // namespace mortise::testing
