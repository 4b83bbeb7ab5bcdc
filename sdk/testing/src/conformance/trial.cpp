// SPDX-License-Identifier: Apache-2.0
#include "trial.hpp"

#include <mortise/sdk/abi.hpp>

#include <algorithm>
#include <cctype>
#include <cstring>
#include <stdexcept>

namespace mortise::testing::conformance {

void report::add(std::string text) {
    if (!excepted(check_)) found_.push_back({of_, check_, std::move(text)});
}

bool report::excepted(std::string_view check) const {
    return std::any_of(exceptions_.begin(), exceptions_.end(),
                       [&](const auto& e) { return check.starts_with(e.first); });
}

const mortise_connector& descriptor_of(const subject& s) {
    if (!s.connector.is_connector) throw std::logic_error("the subject is no connector");
    return *static_cast<const mortise_connector*>(s.connector.descriptor());
}

std::string code_prefix_of(const subject& s) {
    return s.code_prefix.empty() ? std::string(view(descriptor_of(s).id)) : s.code_prefix;
}

std::vector<operation_facts> operations_of(const subject& s) {
    const mortise_connector& d = descriptor_of(s);
    std::vector<operation_facts> out;
    const char* at = reinterpret_cast<const char*>(d.operations);
    for (std::uint64_t i = 0; i < d.operation_count; ++i, at += d.operation_stride) {
        mortise_operation o{};
        std::memcpy(&o, at, std::min<std::size_t>(d.operation_stride, sizeof o));
        operation_facts f;
        f.id = view(o.id);
        f.effect_class = o.effect_class;
        f.lookup = view(o.lookup_operation);
        if (o.input_schema.len) {
            const json::value schema = parse_json(view(o.input_schema));
            if (const auto* names = find_json(schema, "required")) {
                for (const auto& n : names->as_array())
                    f.required.emplace_back(n.as_string());
            }
        }
        out.push_back(std::move(f));
    }
    return out;
}

trial::trial(const subject& s, const operation_facts& o, const row& w, std::uint64_t order)
    : op(o), r(w), b(s, order) {
    input = r.input(b);
    b.settle();
    b.between->reset();
}

json::value trial::look() {
    json::object out;
    out["system"] = b.system->look();
    if (r.shown) out["shown"] = r.shown(b);
    return out;
}

call_outcome trial::run(std::uint32_t attempt) {
    return run(input, attempt);
}

call_outcome trial::run(const json::value& with, std::uint32_t attempt) {
    call_options options;
    options.attempt = attempt;
    const auto patience = std::chrono::duration_cast<std::chrono::nanoseconds>(deadline);
    options.deadline_ns = b.host.mono_ns() + static_cast<std::uint64_t>(patience.count());
    if (r.content_bytes) options.content = b.host.make_content(*r.content_bytes, r.content_type);
    const auto call = b.connection->start(op.id, with, options);
    if (!call.done()) b.wait(deadline);
    if (!call.done()) call.cancel();
    return call.outcome();
}

std::optional<call_outcome> trial::go_on(const error& failure) {
    b.between->planned.reset();
    b.between->alter = nullptr;
    b.between->before = nullptr;
    b.settle();
    const bool open = failure.effect != effect::none;
    if (open && op.effect_class == MORTISE_EFFECT_CLASS_UNSAFE) return std::nullopt;
    if (open && op.effect_class == MORTISE_EFFECT_CLASS_LOOKUP_FIRST) {
        call_outcome looked = b.connection->call(op.lookup, input);
        if (looked.failure) return looked;
        const json::value* found = find_json(looked.result, "found");
        if (found && found->is_bool() && found->get_bool()) {
            const json::value* result = find_json(looked.result, "result");
            looked.result = result ? *result : json::value(nullptr);
            return looked;
        }
    }
    return run(2);
}

void trial::finish(report& to) {
    b.connection->destroy();
    for (const auto& v : b.host.violations())
        to.add("breaks a rule of the ABI: " + v);
    for (const auto& p : b.system->problems())
        to.add("made the system itself fail: " + p);
    for (const auto& line : b.host.log()) {
        for (const auto& name : b.host.secrets_in(line.message + line.fields))
            to.add("writes the secret \"" + name + "\" to the log");
    }
}

std::string describe(const error& e) {
    return std::string(to_string(e.category)) + ", effect " + std::string(to_string(e.effect)) +
           ", " + e.code + ": " + e.message;
}

} // namespace mortise::testing::conformance
