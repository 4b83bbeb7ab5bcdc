// SPDX-License-Identifier: Apache-2.0
// Steps that several checks share. Private to the checks.
#pragma once

#include "validate/checks.hpp"
#include "validate/sample.hpp"
#include "validate/stage.hpp"

#include <exception>
#include <optional>
#include <string>

namespace mortise::host::checks {

inline std::string name_of(const connector_descriptor& c) {
    return "connector \"" + c.id + '"';
}
inline std::string name_of(const flow_descriptor& f) {
    return "flow \"" + f.id + '"';
}

inline std::string no_sample(const std::string& what) {
    return what + ": no value that satisfies its schema could be made; add \"examples\" to it";
}

// The first configuration made from its schema that create() takes.
template <class D>
std::optional<sample_config> working_config(const subject& s, const D& d, report& r) {
    r.preparing(name_of(d) + ", create() and destroy()");
    for (auto& config : sample_configs_of(d.config_schema)) {
        try {
            stage on(s.seed);
            on.make(d, config).destroy();
            return std::move(config);
        } catch (const mortise::error&) {
            continue; // create-with-valid-config judges it
        }
    }
    return std::nullopt;
}

// visit(descriptor, a configuration it takes) for each; one that takes none is skipped.
template <class Descriptors, class F>
void each_of(const subject& s, const Descriptors& all, report& r, F& visit) {
    for (const auto& d : all) {
        if (const auto config = working_config(s, d, r))
            visit(d, *config);
        else
            r.skip(name_of(d) + " takes no configuration made from its schema: see "
                                "create-with-valid-config");
    }
}
template <class F>
void each_connector(const subject& s, report& r, F visit) {
    if (s.plugin->connectors.empty()) r.skip("the plugin has no connector");
    each_of(s, s.plugin->connectors, r, visit);
}
template <class F>
void each_flow(const subject& s, report& r, F visit) {
    if (s.plugin->flows.empty()) r.skip("the plugin has no flow");
    each_of(s, s.plugin->flows, r, visit);
}
template <class F>
void each_factory(const subject& s, report& r, F visit) {
    each_of(s, s.plugin->connectors, r, visit);
    each_of(s, s.plugin->flows, r, visit);
}

// visit(descriptor, a configuration that its schema allows), whether create() takes it or not.
template <class F>
void each_schema_config(const subject& s, report& r, F visit) {
    const auto look = [&](const auto& d) {
        const auto config = sample_config_of(d.config_schema);
        if (config)
            visit(d, *config);
        else
            r.skip(no_sample(name_of(d) + ": config_schema"));
    };
    for (const auto& d : s.plugin->connectors)
        look(d);
    for (const auto& d : s.plugin->flows)
        look(d);
}

// Runs a step; what is thrown is a failure with `where` in front.
template <class F>
void attempt(report& r, const std::string& where, F step) {
    r.trying(where);
    try {
        step();
    } catch (const mortise::error& e) {
        r.fail(where + ": " + e.code + ": " + e.message);
    } catch (const std::exception& e) {
        r.fail(where + ": " + e.what());
    }
}

// visit(operation, a valid input) for every operation of a connector.
template <class F>
void each_operation(const connector_descriptor& d, report& r, F visit) {
    for (const auto& op : d.operations) {
        const auto input = sample_of(op.input_schema);
        if (input)
            visit(op, *input);
        else
            r.skip(no_sample(name_of(d) + ", operation \"" + op.id + "\": input_schema"));
    }
}

} // namespace mortise::host::checks
