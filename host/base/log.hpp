// SPDX-License-Identifier: Apache-2.0
// The host's log: structured lines, asynchronous, JSON or console, with known secrets redacted.
// spdlog stays behind it. [any-thread]
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace mortise::host {

enum class log_level : std::uint32_t { trace, debug, info, warn, error, off };

// One key and value of a line. Numbers are written without quotes in JSON.
struct log_field {
    log_field(std::string_view k, std::string_view v) : key(k), value(v) {}
    log_field(std::string_view k, const char* v) : key(k), value(v) {}
    log_field(std::string_view k, const std::string& v) : key(k), value(v) {}
    log_field(std::string_view k, std::int64_t v)
        : key(k), value(std::to_string(v)), is_number(true) {}
    log_field(std::string_view k, int v) : log_field(k, static_cast<std::int64_t>(v)) {}
    log_field(std::string_view k, std::uint64_t v)
        : key(k), value(std::to_string(v)), is_number(true) {}

    std::string_view key;
    std::string value;
    bool is_number = false;
};

struct log_options {
    bool json = false;
    log_level level = log_level::info;
    std::string file; // empty: standard error
};

// [main] Starts the writer thread; may be called again to change the options. Before the first
// call, lines of level warn and above go to standard error, synchronously.
void start_log(const log_options& options);
// [main] Writes what is queued and stops the writer thread.
void stop_log();

bool log_enabled(log_level level) noexcept;
// Never blocks: when the queue is full the oldest lines are dropped and counted.
void log(log_level level, std::string_view message, std::initializer_list<log_field> fields = {});
// As above; extra_fields_json is a JSON object (or empty) merged after fields.
void log(log_level level,
         std::string_view message,
         std::initializer_list<log_field> fields,
         std::string_view extra_fields_json);
std::uint64_t log_lines_dropped() noexcept;

// Values that must never appear: every later line shows "***" in their place. Texts shorter than 4
// bytes are ignored (they would blank everything).
void redact_in_log(std::string secret);
std::string redacted(std::string_view text);

} // namespace mortise::host
