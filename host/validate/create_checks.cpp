// SPDX-License-Identifier: Apache-2.0
// Making and ending instances, under hosts of several kinds.
#include "config/schema.hpp"
#include "plugin/library.hpp"
#include "validate/instances.hpp"
#include "validate/resources.hpp"

#include <boost/json/serialize.hpp>

namespace mortise::host::checks {

namespace {

// What create() said: nothing when it made an instance.
template <class Make>
std::optional<error> refusal_by(Make make) {
    try {
        make();
    } catch (const error& e) {
        return e;
    }
    return std::nullopt;
}

void expect_config(const error& e, const std::string& where, report& r) {
    if (e.category == category::config && !e.message.empty()) return;
    r.fail(where + ": refused with category " + std::string(to_string(e.category)) + " (" + e.code +
           ": " + e.message + "); a configuration that cannot be used is CONFIG, with a sentence");
}

template <class D>
void try_text(const subject& s,
              const D& d,
              const std::string& text,
              const std::string& how,
              bool must_refuse,
              report& r) {
    const std::string where = name_of(d) + ", create() with " + how;
    r.trying(where);
    stage on(s.seed);
    const auto refused = refusal_by([&] { on.make_with_text(d, text); });
    if (refused)
        expect_config(*refused, where, r);
    else if (must_refuse)
        r.fail(where + ": an instance was made; check the configuration in create()");
    on.report_violations(r, where);
}

template <class D>
bool has_members(const D& d) {
    return d.config_schema.find("\"properties\"") != std::string::npos;
}

// Makes an instance in a host of the shape and uses all it offers once. Failures of calls are
// expected; crashes, silence and breaches of the rules are not.
void use(const subject& s,
         const connector_descriptor& d,
         const sample_config& config,
         const host_shape& shape,
         const std::string& where,
         bool must_be_made,
         report& r) {
    r.trying(where);
    for (const auto http : {answers::unavailable, answers::empty}) {
        stage on(s.seed, http, shape);
        std::optional<testing::connector_harness> made;
        const auto refused = refusal_by([&] { made.emplace(on.make(d, config)); });
        if (refused && (must_be_made || refused->message.empty()))
            r.fail(where + ": create() fails: " + refused->code + ": " + refused->message);
        if (made) {
            each_operation(d, r, [&](const operation_descriptor& op, const json::value& input) {
                const std::string here = where + ", operation \"" + op.id + '"';
                attempt(r, here, [&] {
                    if (settle(on, made->start(op.id, input)) == ending::never)
                        r.fail(here + ": the call was never completed");
                });
            });
            attempt(r, where + ", destroy()", [&] { made->destroy(); });
        }
        on.report_violations(r, where);
    }
}

void use(const subject& s,
         const flow_descriptor& d,
         const sample_config& config,
         const host_shape& shape,
         const std::string& where,
         bool must_be_made,
         report& r) {
    r.trying(where);
    stage on(s.seed, answers::unavailable, shape);
    std::optional<testing::flow_harness> made;
    const auto refused = refusal_by([&] { made.emplace(on.make(d, config)); });
    if (refused && (must_be_made || refused->message.empty()))
        r.fail(where + ": create() fails: " + refused->code + ": " + refused->message);
    if (made) {
        attempt(r, where + ", a run", [&] {
            event first;
            first.id = "e1";
            first.type = "mortise.manual";
            first.data = json::object();
            const auto run = made->start(first);
            if (!run.finished()) run.cancel();
        });
        attempt(r, where + ", destroy()", [&] { made->destroy(); });
    }
    on.report_violations(r, where);
}

} // namespace

void create_with_valid_config(const subject& s, report& r) {
    const auto look = [&](const auto& d) {
        const auto all = sample_configs_of(d.config_schema);
        if (all.empty()) return r.fail(no_sample(name_of(d) + ": config_schema"));
        std::string refusals;
        for (const auto& config : all) {
            const std::string text = boost::json::serialize(config.value);
            const std::string where = name_of(d) + ", create() with " + text;
            r.trying(where);
            stage on(s.seed);
            std::optional<error> refused;
            attempt(r, where, [&] {
                refused = refusal_by([&] { on.make(d, config); });
                if (refused) expect_config(*refused, where, r);
            });
            on.report_violations(r, where);
            if (!refused) return;
            if (refusals.size() < 1000) refusals += " " + refused->message + " (for " + text + ')';
        }
        r.fail(name_of(d) +
               ": create() takes no configuration made from the required fields and "
               "others with their examples; give examples that go together:" +
               refusals);
    };
    for (const auto& d : s.plugin->connectors)
        look(d);
    for (const auto& d : s.plugin->flows)
        look(d);
}

void create_with_empty_config(const subject& s, report& r) {
    each_schema_config(s, r, [&](const auto& d, const sample_config&) {
        // Defaults are filled in by the host; an empty object is short of all of them.
        const bool needs_some = !schema(d.config_schema).check(json::value(json::object())).empty();
        try_text(s, d, "{}", "an empty configuration", needs_some, r);
    });
}

void create_with_each_required_field_missing(const subject& s, report& r) {
    each_schema_config(s, r, [&](const auto& d, const sample_config& config) {
        const auto all = without_required(config.value, d.config_schema);
        if (all.empty()) r.skip(name_of(d) + " requires no field");
        for (const auto& one : all)
            try_text(s, d, boost::json::serialize(one.value), "a configuration " + one.how, true,
                     r);
    });
}

void create_with_random_config(const subject& s, report& r) {
    each_schema_config(s, r, [&](const auto& d, const sample_config& config) {
        std::mt19937_64 random(s.seed);
        constexpr int rounds = 150;
        for (int i = 0; i < rounds; ++i) {
            const auto value = i % 3 == 0 ? random_value(random) : mutated(config.value, random);
            std::string text = boost::json::serialize(value);
            std::string how = text.size() > 200 ? text.substr(0, 200) + "..." : text;
            try_text(s, d, std::move(text), how, false, r);
        }
        for (const char* text : {"{", "[1", "nonsense", "{}{}", "\xff\xfe", "{\"a\":1,\"a\":2}"})
            try_text(s, d, text, "the text " + std::string(text), has_members(d), r);
        try_text(s, d, std::string(100'000, '['), "100000 opening brackets", has_members(d), r);
    });
}

void create_destroy_1000(const subject& s, report& r) {
    each_factory(s, r, [&](const auto& d, const sample_config& config) {
        const std::string where = name_of(d) + ", create() and destroy() a thousand times";
        attempt(r, where, [&] {
            constexpr int warm_up = 100;
            constexpr int rounds = 1000;
            constexpr std::size_t noise_bytes = 64 * 1024; // caches that grow once
            resources before;
            for (int i = 0; i < warm_up + rounds; ++i) {
                if (i == warm_up) before = resources::now();
                stage on(s.seed);
                on.make(d, config).destroy();
                if (i == 0) on.report_violations(r, where);
            }
            const auto after = resources::now();
            if (resources::threads_settling_to(before.threads) > before.threads)
                r.fail(where + ": threads are left over; join them in destroy()");
            if (after.files > before.files)
                r.fail(where + ": " + std::to_string(after.files - before.files) +
                       " files or sockets are left open");
            if (after.heap_bytes > before.heap_bytes + noise_bytes)
                r.fail(
                    where + ": " + std::to_string(after.heap_bytes - before.heap_bytes) +
                    " bytes of memory are left over; run it under AddressSanitizer to see whose");
        });
    });
}

void destroy_with_nothing_open(const subject& s, report& r) {
    each_factory(s, r, [&](const auto& d, const sample_config& config) {
        const std::string where = name_of(d) + ", destroy() at once";
        stage on(s.seed, answers::never);
        attempt(r, where, [&] {
            const auto made = on.make(d, config);
            made.destroy();
            on.host().advance(std::chrono::hours(1));
        });
        on.report_violations(r, where);
    });
}

void null_services(const subject& s, report& r) {
    each_factory(s, r, [&](const auto& d, const sample_config& config) {
        for (const auto id : host_services()) {
            host_shape shape;
            shape.withheld.emplace(id);
            use(s, d, config, shape, name_of(d) + ", without " + std::string(id), false, r);
        }
    });
}

void older_host(const subject& s, report& r) {
    each_factory(s, r, [&](const auto& d, const sample_config& config) {
        host_shape shape;
        shape.older = true;
        use(s, d, config, shape, name_of(d) + ", with the tables of 1.0", true, r);
    });
}

void newer_host(const subject& s, report& r) {
    each_factory(s, r, [&](const auto& d, const sample_config& config) {
        host_shape shape;
        shape.newer = true;
        use(s, d, config, shape, name_of(d) + ", with longer tables and requests", true, r);
    });
}

} // namespace mortise::host::checks
