// SPDX-License-Identifier: Apache-2.0
#include "ops.hpp"
#include "tables.hpp"

#include <mortise/sdk/abi.hpp>
#include <mortise/sdk/instance.hpp>
#include <mortise/sdk/mapping.hpp>

#include <mutex>
#include <new>

namespace mortise {

namespace {

thread_local const mortise_svc_mapping* current = nullptr;

struct text_sink {
    std::string text;
    bool no_memory = false;
    static void put(void* ctx, mortise_payload value) noexcept {
        auto* self = static_cast<text_sink*>(ctx);
        try {
            self->text = view(value);
        } catch (...) {
            self->no_memory = true;
        }
    }
};

[[noreturn]] void fail(mortise_status st, detail::error_capture& details, std::string_view what) {
    if (details.value) throw std::move(*details.value);
    throw detail::refusal(st, what);
}

} // namespace

struct mapping::state {
    json::object table;
    const mortise_svc_mapping* service = nullptr; // of the instance, which lives longer
    mutable std::mutex guard;
    mutable mortise_handle handle = 0;

    state(json::object t, const mortise_svc_mapping* s) : table(std::move(t)), service(s) {}
    ~state() {
        if (handle != 0) service->release(service->ctx, handle);
    }

    // Late for defaults: most are replaced by what the configuration says.
    mortise_handle compiled() const {
        const auto& svc = detail::needed(service, MORTISE_SVC_MAPPING);
        const std::lock_guard lock(guard);
        if (handle != 0) return handle;
        const std::string text = serialize_json(table);
        detail::error_capture details;
        const mortise_status st = svc.compile(svc.ctx, json_payload(text), details.sink(), &handle);
        if (st != MORTISE_OK) fail(st, details, "compiling a mapping");
        return handle;
    }
};

mapping::mapping(json::object table)
    : state_(std::make_shared<const state>(std::move(table), current)) {}

bool mapping::empty() const noexcept {
    return !state_ || state_->table.empty();
}

const json::object& mapping::table() const noexcept {
    static const json::object& none = *new json::object;
    return state_ ? state_->table : none;
}

bool mapping::has(std::string_view target) const {
    return table().contains(target);
}

json::object mapping::apply(const json::value& facts) const {
    if (empty()) return {};
    const mortise_handle handle = state_->compiled();
    const auto& svc = *state_->service;
    const std::string text = serialize_json(facts);
    text_sink out;
    detail::error_capture details;
    const mortise_status st = svc.apply(svc.ctx, handle, json_payload(text),
                                        mortise_sink{&out, &text_sink::put}, details.sink());
    if (st != MORTISE_OK) fail(st, details, "applying a mapping");
    if (out.no_memory) throw std::bad_alloc();
    json::value result =
        parse_json(out.text, {.blame = category::internal, .what = "the result of a mapping"});
    require_object(result, "", category::internal);
    return std::move(result.get_object());
}

mapping mapping::bound_to(instance& in) const {
    const detail::mapping_scope scope(in);
    mapping out(table());
    if (!out.empty()) out.state_->compiled();
    return out;
}

namespace detail {

mapping_scope::mapping_scope(instance& in) noexcept : outer_(current) {
    current = pointer_to(in.tables().mapping);
}

mapping_scope::~mapping_scope() {
    current = static_cast<const mortise_svc_mapping*>(outer_);
}

json::object codec<mapping>::schema() {
    json::object out;
    out["x-mapping"] = true;
    return out;
}

void codec<mapping>::read(const json::value& from, mapping& to, const location& where) {
    const json::object* table = from.if_object();
    if (!table) where.expected("a table of target fields", from);
    to = mapping(*table);
    if (to.empty() || !to.state_->service) return;
    try {
        to.state_->compiled();
    } catch (const error& e) {
        where.fail("mapping", e.message);
    }
}

void codec<mapping>::write(const mapping& from, json::value& to) {
    to = from.table();
}

} // namespace detail
} // namespace mortise
