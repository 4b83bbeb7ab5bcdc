// SPDX-License-Identifier: Apache-2.0
#include "trial.hpp"

namespace mortise::testing::conformance {

std::string difference(const json::value& expected, const json::value& found, std::string at) {
    if (expected == found) return {};
    const auto step = [&at](std::string_view name) {
        return at.empty() ? std::string(name) : at + '.' + std::string(name);
    };
    if (expected.is_object() && found.is_object()) {
        for (const auto& m : expected.get_object()) {
            const json::value* other = found.get_object().if_contains(m.key());
            if (!other) return step(m.key()) + " is missing";
            if (auto inner = difference(m.value(), *other, step(m.key())); !inner.empty()) {
                return inner;
            }
        }
        for (const auto& m : found.get_object()) {
            if (!expected.get_object().contains(m.key())) return step(m.key()) + " is new";
        }
    }
    if (expected.is_array() && found.is_array()) {
        const auto& a = expected.get_array();
        const auto& b = found.get_array();
        if (a.size() != b.size()) {
            return at + " has " + std::to_string(b.size()) + " elements instead of " +
                   std::to_string(a.size());
        }
        for (std::size_t i = 0; i < a.size(); ++i) {
            if (auto inner = difference(a[i], b[i], step(std::to_string(i))); !inner.empty()) {
                return inner;
            }
        }
    }
    return at + " is " + serialize_json(found).substr(0, 120) + " instead of " +
           serialize_json(expected).substr(0, 120);
}

} // namespace mortise::testing::conformance
