// SPDX-License-Identifier: Apache-2.0
#include "core.hpp"

#include <algorithm>
#include <stdexcept>

namespace mortise::testing {

void core::start_run(std::size_t index) {
    fake_run& r = runs[index];
    if (!r.owner->self) throw std::logic_error("the flow instance was destroyed");
    r.handle = next_handle();
    r.met.clear();
    r.outcomes.clear();
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
    r.outcomes.clear();
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
    core_->cancel_children(index_);
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

void flow_harness::on_child(std::string flow, child_handler handler) const {
    instance_->child_handlers[std::move(flow)] = std::move(handler);
}

void flow_harness::answer_child(std::string flow, json::value result) const {
    on_child(std::move(flow), [result = std::move(result)](const child_run&) { return result; });
}

std::vector<child_run> flow_harness::children() const {
    std::vector<child_run> out;
    for (const auto& c : instance_->children)
        out.push_back(c.shown);
    return out;
}

static fake_child&
child_in(fake_instance& i, std::size_t n, std::initializer_list<child_state> in) {
    if (n >= i.children.size()) {
        throw std::logic_error("there is no child " + std::to_string(n) + "; " +
                               std::to_string(i.children.size()) + " were started");
    }
    fake_child& child = i.children[n];
    if (std::find(in.begin(), in.end(), child.shown.state) == in.end()) {
        throw std::logic_error("child " + std::to_string(n) + " is in another state");
    }
    return child;
}

void flow_harness::end_child(std::size_t n, json::value result) const {
    auto& child = child_in(*instance_, n, {child_state::running});
    core_->end_child(child, child_state::succeeded, std::move(result));
    core_->run();
}

void flow_harness::cancel_child(std::size_t n) const {
    auto& child = child_in(*instance_, n, {child_state::running, child_state::dead_letter});
    core_->end_child(child, child_state::cancelled, nullptr);
    core_->run();
}

void flow_harness::discard_child(std::size_t n) const {
    auto& child = child_in(*instance_, n, {child_state::dead_letter});
    core_->end_child(child, child_state::discarded, nullptr);
    core_->run();
}

void flow_harness::retry_child(std::size_t n) const {
    child_in(*instance_, n, {child_state::dead_letter}).shown.state = child_state::running;
    core_->run_child(*instance_, n);
    core_->run();
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
