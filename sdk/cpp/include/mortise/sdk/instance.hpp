// SPDX-License-Identifier: Apache-2.0
//
// What a connector or flow instance has of its host. Given to the constructor, lives longer than
// the object made there.
#pragma once

#include <mortise/sdk/http.hpp>
#include <mortise/sdk/services.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace mortise {

// Service ids by name, for connector_builder::needs().
enum class service { http, secret, state, metric, content };

namespace detail {
struct service_tables;
}

class instance {
public:
    // Looks up the services; component is the id of the connector or flow, for messages.
    instance(const mortise_host& host, mortise_handle handle, std::string component);
    ~instance();
    instance(const instance&) = delete;
    instance& operator=(const instance&) = delete;

    const std::string& component() const noexcept { return component_; }
    mortise_handle handle() const noexcept { return handle_; }

    logger log() const noexcept;
    http_client http() noexcept { return {*this, nullptr}; }
    secret_reader secrets() const;
    state_store state() const;
    time_source time() const;
    metric_set metrics() const;
    content_store content() const;

    // The tables behind the wrappers; for the SDK itself.
    const detail::service_tables& tables() const noexcept { return *tables_; }

private:
    mortise_handle handle_;
    std::string component_;
    std::unique_ptr<detail::service_tables> tables_;
};

} // namespace mortise
