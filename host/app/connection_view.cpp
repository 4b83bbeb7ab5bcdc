// SPDX-License-Identifier: Apache-2.0
#include "app/connection_view.hpp"

#include "http/client.hpp"

#include <boost/json.hpp>

namespace mortise::host {

boost::json::object to_view(const connection_state& c) {
    boost::json::value paused = nullptr;
    if (c.gate.paused)
        paused = {{"since", c.gate.paused->since}, {"reason", c.gate.paused->reason}};
    boost::json::object polls;
    for (const auto& [id, p] : c.polls)
        polls[id] = {{"count", p.count}, {"last_at", p.last_at}};
    boost::json::value last_error = nullptr;
    if (const auto& f = c.gate.last_failure) {
        last_error = {{"code", f->what.code},
                      {"category", to_string(f->what.category)},
                      {"effect", to_string(f->what.effect)},
                      {"message", f->what.message},
                      {"at", f->at}};
    }
    return {{"name", c.name},
            {"connector", c.connector},
            {"version", c.version},
            {"triggers", boost::json::value_from(c.triggers)},
            {"open_calls", c.open_calls},
            {"requests_queued", c.lane.queued},
            {"requests_in_flight", c.lane.in_flight},
            {"waits_ms", c.lane.paused_for.count()},
            {"breaker", to_string(c.gate.breaker)},
            {"failures_in_a_row", c.gate.failures_in_a_row},
            {"sign_ins_refused", c.gate.sign_ins_refused},
            {"locked_out", c.gate.is_locked_out()},
            {"probe_in_ms", c.gate.probe_in.count()},
            {"polls", std::move(polls)},
            {"last_error", std::move(last_error)},
            {"paused", std::move(paused)}};
}

} // namespace mortise::host
