// SPDX-License-Identifier: Apache-2.0
// Child runs: recorded, and ended as the test says.
#include "run_steps.hpp"

namespace mortise::testing {
namespace {

bool starts_on(const fake_instance& i, std::string_view type) {
    const auto* at = reinterpret_cast<const char*>(i.flow->subscriptions);
    for (std::uint64_t k = 0; k < i.flow->subscription_count; ++k) {
        const auto& s = *reinterpret_cast<const mortise_subscription*>(at);
        if (view(s.event_type) == type) return true;
        at += i.flow->subscription_stride;
    }
    return false;
}

// What the host would refuse, as far as it can be known here: other flows have no names.
std::optional<error> unfit(const fake_instance& i, const fake_run& parent, const child_run& child) {
    if (!child.flow.empty()) return std::nullopt;
    std::optional<error> out;
    const auto& first = parent.first;
    const auto& own_key = first.partition_key.empty() ? first.subject : first.partition_key;
    if (!starts_on(i, child.event_type)) {
        out.emplace(category::config, "run.child-flow",
                    "The flow does not start on \"" + child.event_type + "\".");
    } else if (!child.key.empty() && child.key == own_key) {
        out.emplace(category::input, "run.child-order",
                    "The child would wait for its parent: both have the order key \"" + child.key +
                        "\".");
    }
    if (out) out->effect = effect::none;
    return out;
}

fake_child* child_of(fake_instance& i, const std::string& id) {
    for (auto& c : i.children) {
        if (c.shown.id == id) return &c;
    }
    return nullptr;
}

void answer(fake_child& child) {
    switch (child.shown.state) {
    case child_state::running:
    case child_state::dead_letter:
        return;
    case child_state::succeeded: {
        std::optional<std::string> text;
        if (!child.result.is_null()) text = serialize_json(child.result);
        child.answer(std::move(text), std::nullopt);
        return;
    }
    case child_state::cancelled:
    case child_state::discarded:
        break;
    }
    const char* const how = child.shown.state == child_state::cancelled
                                ? "The child run was cancelled."
                                : "The child run was discarded.";
    error e(category::cancelled, "run.child-ended", how);
    e.effect = effect::none;
    child.answer(std::nullopt, std::move(e));
}

} // namespace

mortise_status spawn_child(void* ctx,
                           mortise_handle run,
                           mortise_str key,
                           const mortise_spawn* s,
                           mortise_result_fn done,
                           void* user) noexcept {
    return checked(ctx, [&] {
        child_run shown;
        shown.flow = view(s->flow);
        shown.event_type = view(s->event_type);
        if (shown.event_type.empty()) shown.event_type = "mortise.child";
        shown.key = view(s->key);
        shown.data = s->data.data.len ? parse_json(view(s->data)) : json::value(json::object());
        const json::value request{{"flow", shown.flow},
                                  {"event_type", shown.event_type},
                                  {"key", shown.key},
                                  {"data", shown.data}};
        return step(ctx, run, key, "spawn", request, to_result(done, user),
                    [&](found_run f, std::string k, deliver_fn deliver) {
                        fake_instance& i = instance_of(ctx);
                        shown.step = k;
                        shown.id = "run-" + std::to_string(f.index) + "/" + k;
                        auto refused = unfit(i, *f.run, shown);
                        if (refused) {
                            later(f, std::move(k), std::move(deliver),
                                  [e = *refused]() -> std::optional<std::string> { throw e; });
                            return;
                        }
                        fake_child* child = child_of(i, shown.id);
                        const bool fresh = child == nullptr;
                        if (fresh) {
                            ++f.run->effects;
                            child = &i.children.emplace_back();
                            child->run = f.index;
                            child->shown = shown;
                        }
                        child->answer = [f, run, k, deliver](std::optional<std::string> result,
                                                             std::optional<error> failure) {
                            conclude(*f.c, f.index, run, k, deliver, std::move(result),
                                     std::move(failure));
                        };
                        if (fresh) f.c->run_child(i, i.children.size() - 1);
                        answer(*child);
                    });
    });
}

void core::run_child(fake_instance& i, std::size_t n) {
    post([this, &i, n] {
        fake_child& child = i.children[n];
        if (child.shown.state != child_state::running) return;
        auto at = i.child_handlers.find(child.shown.flow);
        if (at == i.child_handlers.end()) at = i.child_handlers.find("*");
        if (at == i.child_handlers.end()) return;
        try {
            end_child(child, child_state::succeeded, at->second(child.shown));
        } catch (const error&) {
            child.shown.state = child_state::dead_letter;
        }
    });
}

void core::end_child(fake_child& child, child_state how, json::value result) {
    child.shown.state = how;
    child.result = std::move(result);
    answer(child);
}

// The step of the parent fails like all its steps; the child knows nothing of it.
void core::cancel_children(std::size_t run) {
    for (auto& i : instances) {
        for (auto& child : i.children) {
            const bool open = child.shown.state == child_state::running ||
                              child.shown.state == child_state::dead_letter;
            if (child.run == run && open) child.shown.state = child_state::cancelled;
        }
    }
}

} // namespace mortise::testing
