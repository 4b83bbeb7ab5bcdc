// SPDX-License-Identifier: Apache-2.0
#include "engine/router.hpp"

#include "journal/record_json.hpp"

#include <boost/json/parse.hpp>

namespace mortise::host {

std::vector<routed> router::find(const event_record& e, unix_ms now) const {
    std::vector<routed> out;
    std::optional<boost::json::value> document; // parsed once, only when an expression wants it
    for (const auto& r : routes_) {
        if (r.event_type != e.type || r.source != e.source) continue;
        routed hit;
        hit.seed = {run_id(), r.instance, {}, r.flow, r.flow_version, r.config_revision};
        if (r.when || r.key) {
            if (!document) {
                boost::system::error_code ec;
                document = boost::json::parse(event_to_json(e), ec);
                if (ec) {
                    hit.failure = error{category::input, "event.data.malformed",
                                        "the event's data is not JSON"};
                    document.reset();
                }
            }
            if (document && r.when) {
                const auto matched = r.when->matches(*document);
                if (matched && !*matched) continue;
                if (!matched) hit.failure = matched.error();
            }
            if (document && r.key && !hit.failure) {
                auto key = r.key->text(*document);
                if (key)
                    hit.seed.key = std::move(*key);
                else
                    hit.failure = key.error();
            }
            if (hit.failure)
                hit.failure->context("flow \"" + r.instance + "\": its when/key expression");
        }
        if (hit.seed.key.empty()) {
            hit.seed.key = !e.partition_key.empty() ? e.partition_key
                           : !e.subject.empty()     ? e.subject
                                                    : e.id;
        }
        hit.seed.id = run_id(uuid_v7(now));
        out.push_back(std::move(hit));
    }
    return out;
}

const route* router::of_instance(std::string_view instance) const {
    for (const auto& r : routes_) {
        if (r.instance == instance) return &r;
    }
    return nullptr;
}

} // namespace mortise::host
