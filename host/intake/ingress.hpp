// SPDX-License-Identifier: Apache-2.0
//
// The way in from HTTP: webhooks (POST /hooks/{connection}[/{trigger}]) and flow requests
// (POST /flows/{instance}), plus GET /health/live and /health/ready. Turns outcomes into status
// codes.
#pragma once

#include "engine/engine.hpp"
#include "http/listener.hpp"
#include "intake/answer_counts.hpp"
#include "intake/refusal_log.hpp"
#include "observe/health.hpp"

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace mortise::host {

struct webhook_target {
    std::shared_ptr<connector_instance> connection;
    mortise_handle trigger = 0;
    std::string trigger_id;
    std::shared_ptr<void> lease; // held until a webhook was handed over
};

struct ingress_options {
    std::chrono::milliseconds webhook_timeout{30'000};
    std::chrono::milliseconds request_timeout{30'000};
    health* state = nullptr;            // answers /health/*; null: they are not known
    metric_registry* metrics = nullptr; // counts answers; null: they are not counted
};

class ingress {
public:
    // Both outlive it.
    ingress(engine& runs, const clock& time, ingress_options options);

    // [any-thread] By "<connection>" (its only webhook trigger) and "<connection>/<trigger>".
    void set_webhooks(std::map<std::string, webhook_target> targets);
    void set_ready(bool ready);
    // [any-thread] The listener's handler.
    void handle(inbound_request request, responder reply);
    // [any-thread] The listener's gate: a webhook that nobody takes, now or ever, is told so before
    // its body is read.
    admission admit(const inbound_request& head);

private:
    std::optional<inbound_response> find_hook(const std::string& target, webhook_target& to);
    void webhook(const std::string& target, inbound_request request, responder reply);
    void flow_request(const std::string& instance, inbound_request request, responder reply);

    engine& runs_;
    const clock& time_;
    const ingress_options options_;
    std::shared_ptr<answer_counts> hooks_, requests_;
    std::shared_ptr<refusal_log> refusals_; // answers may come after the end of this
    std::mutex guard_;
    std::map<std::string, webhook_target> webhooks_;
    std::atomic<bool> ready_{false};
};

} // namespace mortise::host
