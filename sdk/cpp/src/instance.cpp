// SPDX-License-Identifier: Apache-2.0
#include "tables.hpp"

#include <mortise/sdk/abi.hpp>
#include <mortise/sdk/instance.hpp>

#include <algorithm>
#include <cstring>

namespace mortise {
namespace detail {
namespace {

// A table that is shorter than version 1.0 of the service is no table. v1_size stays what it is
// when functions are appended; what is beyond the host's table reads as null.
template <class T>
std::optional<T>
load(const mortise_host& host, mortise_handle instance, std::string_view id, std::size_t v1_size) {
    const void* const table = host.get_service(&host, instance, c_str_of(id));
    if (!table) return std::nullopt;
    std::uint32_t size = 0;
    std::memcpy(&size, table, sizeof size);
    if (size < v1_size) return std::nullopt;
    T copy{};
    std::memcpy(&copy, table, std::min<std::size_t>(size, sizeof copy));
    return copy;
}

#define MORTISE_V1_SIZE(type, last) (offsetof(type, last) + sizeof(void*))

service_tables load_tables(const mortise_host& h, mortise_handle i) {
    service_tables t;
    t.call = load<mortise_svc_call>(h, i, MORTISE_SVC_CALL,
                                    MORTISE_V1_SIZE(mortise_svc_call, cancelled));
    t.log = load<mortise_svc_log>(h, i, MORTISE_SVC_LOG, MORTISE_V1_SIZE(mortise_svc_log, write));
    t.time =
        load<mortise_svc_time>(h, i, MORTISE_SVC_TIME, MORTISE_V1_SIZE(mortise_svc_time, post));
    t.trigger = load<mortise_svc_trigger>(h, i, MORTISE_SVC_TRIGGER,
                                          MORTISE_V1_SIZE(mortise_svc_trigger, emit));
    t.http =
        load<mortise_svc_http>(h, i, MORTISE_SVC_HTTP, MORTISE_V1_SIZE(mortise_svc_http, cancel));
    t.secret = load<mortise_svc_secret>(h, i, MORTISE_SVC_SECRET,
                                        MORTISE_V1_SIZE(mortise_svc_secret, read));
    t.state =
        load<mortise_svc_state>(h, i, MORTISE_SVC_STATE, MORTISE_V1_SIZE(mortise_svc_state, list));
    t.metric = load<mortise_svc_metric>(h, i, MORTISE_SVC_METRIC,
                                        MORTISE_V1_SIZE(mortise_svc_metric, observe));
    t.content = load<mortise_svc_content>(h, i, MORTISE_SVC_CONTENT,
                                          MORTISE_V1_SIZE(mortise_svc_content, close));
    t.flow =
        load<mortise_svc_flow>(h, i, MORTISE_SVC_FLOW, MORTISE_V1_SIZE(mortise_svc_flow, finish));
    t.mapping = load<mortise_svc_mapping>(h, i, MORTISE_SVC_MAPPING,
                                          MORTISE_V1_SIZE(mortise_svc_mapping, release));
    return t;
}

#undef MORTISE_V1_SIZE

} // namespace

void throw_not_granted(std::string_view component, std::string_view id) {
    std::string message;
    if (!component.empty()) message.append(component).append(" ");
    const std::string name(id.substr(id.find('.') + 1, id.find('/') - id.find('.') - 1));
    message.append(component.empty() ? "This plugin needs" : "needs")
        .append(" the service \"")
        .append(id)
        .append("\", which the host did not give: grant it in the configuration (grant.")
        .append(name)
        .append(") or use a host that has it.");
    throw error(category::config, "sdk.service.not-granted", std::move(message));
}

} // namespace detail

instance::instance(const mortise_host& host, mortise_handle handle, std::string component)
    : handle_(handle), component_(std::move(component)),
      tables_(std::make_unique<detail::service_tables>(detail::load_tables(host, handle))) {}

instance::~instance() = default;

logger instance::log() const noexcept {
    return logger(detail::pointer_to(tables_->log));
}
secret_reader instance::secrets() const {
    return secret_reader(detail::pointer_to(tables_->secret));
}
state_store instance::state() const {
    return state_store(detail::pointer_to(tables_->state));
}
time_source instance::time() const {
    return time_source(detail::pointer_to(tables_->time));
}
metric_set instance::metrics() const {
    return metric_set(detail::pointer_to(tables_->metric));
}
content_store instance::content() const {
    return content_store(detail::pointer_to(tables_->content));
}

} // namespace mortise
