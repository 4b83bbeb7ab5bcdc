// SPDX-License-Identifier: Apache-2.0
#include "intake/answer_counts.hpp"

namespace mortise::host {

answer_counts::answer_counts(metric_registry& metrics, std::string_view kind)
    : metrics_(metrics), kind_(kind) {}

answer_counts::one* answer_counts::find(const std::string& name) {
    const std::lock_guard lock(guard_);
    const auto it = all_.find(name);
    return it == all_.end() ? nullptr : &it->second;
}

answer_counts::one* answer_counts::make(const std::string& name) {
    const std::lock_guard lock(guard_);
    auto& of = all_[name];
    of.labels = metric_label("kind", kind_) + ',' + metric_label("name", name);
    return &of;
}

responder answer_counts::through(one& of, const responder& reply) {
    return reply.through(
        [self = shared_from_this(), &of](inbound_response r, const responder& next) {
            self->count(of, r.status);
            next(std::move(r));
        });
}

void answer_counts::count(one& of, unsigned status) {
    auto& slot = of.by_status[status < of.by_status.size() ? status : 0];
    auto* m = slot.load(std::memory_order_relaxed);
    if (m == nullptr) {
        m = &metrics_.get(metric_kind::counter, "mortise_answers_total",
                          "Answers to webhooks and to requests to flows, by status",
                          of.labels + ',' + metric_label("status", std::to_string(status)));
        slot.store(m, std::memory_order_relaxed);
    }
    m->add(1);
}

} // namespace mortise::host
