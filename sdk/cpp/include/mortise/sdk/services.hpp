// SPDX-License-Identifier: Apache-2.0
//
// The host's smaller services as C++: log, secrets, state, time, metrics. All come from
// mortise::instance and live as long as it. A service that was not granted throws CONFIG when it is
// used.
#pragma once

#include <mortise/log.h>
#include <mortise/metric.h>
#include <mortise/sdk/content.hpp>
#include <mortise/sdk/json.hpp>
#include <mortise/sdk/task.hpp>
#include <mortise/sdk/time_text.hpp>
#include <mortise/secret.h>
#include <mortise/state.h>
#include <mortise/time.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mortise {

struct secret_ref;
class call_context;

// [any-thread] Never throws for want of a log, never blocks. No secrets in messages.
class logger {
public:
    explicit logger(const mortise_svc_log* service) noexcept : service_(service) {}
    bool enabled(std::uint32_t level) const noexcept;
    void
    write(std::uint32_t level, std::string_view message, const json::object& fields = {}) const;
    void debug(std::string_view message, const json::object& fields = {}) const {
        write(MORTISE_LOG_DEBUG, message, fields);
    }
    void info(std::string_view message, const json::object& fields = {}) const {
        write(MORTISE_LOG_INFO, message, fields);
    }
    void warn(std::string_view message, const json::object& fields = {}) const {
        write(MORTISE_LOG_WARN, message, fields);
    }
    void error(std::string_view message, const json::object& fields = {}) const {
        write(MORTISE_LOG_ERROR, message, fields);
    }

private:
    const mortise_svc_log* service_;
};

// [any-thread] Read a secret each time it is needed: the operator may have rotated it.
class secret_reader {
public:
    explicit secret_reader(const mortise_svc_secret* service) noexcept : service_(service) {}
    std::string read(const secret_ref& ref) const;

private:
    const mortise_svc_secret* service_;
};

struct stored_value {
    std::string key;
    json::value value;
    std::uint64_t version = 0;
};

// Durable small values of the instance.
class state_store {
public:
    explicit state_store(const mortise_svc_state* service) noexcept : service_(service) {}
    task<std::optional<stored_value>> get(std::string key) const {
        return get_from(service_, std::move(key));
    }
    // Throws CONFLICT when the version is another. Returns the new version.
    task<std::uint64_t> put(std::string key,
                            json::value value,
                            std::uint64_t expected_version = MORTISE_STATE_ANY) const {
        return put_to(service_, std::move(key), std::optional<json::value>(std::move(value)),
                      expected_version);
    }
    task<std::uint64_t> remove(std::string key,
                               std::uint64_t expected_version = MORTISE_STATE_ANY) const {
        return put_to(service_, std::move(key), std::nullopt, expected_version);
    }
    // Up to limit (at most 1000) values whose keys begin with prefix and sort after `after`.
    task<std::vector<stored_value>>
    list(std::string prefix, std::string after = {}, std::uint64_t limit = 1000) const {
        return list_from(service_, std::move(prefix), std::move(after), limit);
    }

private:
    static task<std::optional<stored_value>> get_from(const mortise_svc_state* s, std::string key);
    static task<std::uint64_t> put_to(const mortise_svc_state* s,
                                      std::string key,
                                      std::optional<json::value> value,
                                      std::uint64_t expected);
    static task<std::vector<stored_value>> list_from(const mortise_svc_state* s,
                                                     std::string prefix,
                                                     std::string after,
                                                     std::uint64_t limit);
    const mortise_svc_state* service_;
};

// Use nothing else for time, so that tests can run on a clock of their own.
class time_source {
public:
    explicit time_source(const mortise_svc_time* service) noexcept : service_(service) {}
    time_point now() const;
    std::uint64_t now_mono_ns() const;
    // Throws CANCELLED when the instance ends first. call_context::sleep() also ends with its call.
    task<void> sleep(std::chrono::milliseconds d) const { return sleep_on(service_, nullptr, d); }

private:
    friend class call_context;
    static task<void>
    sleep_on(const mortise_svc_time* s, call_context* call, std::chrono::milliseconds d);
    const mortise_svc_time* service_;
};

// One metric; a default-made or refused one does nothing.
class metric {
public:
    metric() noexcept = default;
    metric(const mortise_svc_metric* service, mortise_handle handle) noexcept
        : service_(service), handle_(handle) {}
    void add(std::int64_t value = 1) const noexcept;
    void observe(double value) const noexcept; // or sets a gauge

private:
    const mortise_svc_metric* service_ = nullptr;
    mortise_handle handle_ = 0;
};

// Define metrics in the constructor of the connector or flow; later the set is frozen.
class metric_set {
public:
    explicit metric_set(const mortise_svc_metric* service) noexcept : service_(service) {}
    metric counter(std::string_view name, std::string_view help) const;
    metric gauge(std::string_view name, std::string_view help) const;
    metric histogram(std::string_view name, std::string_view help) const;

private:
    metric define(std::uint32_t kind, std::string_view name, std::string_view help) const;
    const mortise_svc_metric* service_;
};

// Streams to write to; reading is on content_stream itself.
class content_store {
public:
    explicit content_store(const mortise_svc_content* service) noexcept : service_(service) {}
    // A new stream. length as far as it is known.
    content_stream create(std::string_view media_type,
                          std::optional<std::uint64_t> length = std::nullopt,
                          const call_context* on_behalf_of = nullptr) const;

private:
    const mortise_svc_content* service_;
};

} // namespace mortise
