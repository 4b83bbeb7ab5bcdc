// SPDX-License-Identifier: Apache-2.0
// The host's log: structured lines, asynchronous, JSON or console, with known secrets redacted.
// spdlog stays behind it. [any-thread]
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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

// What lines are about that are written by code which does not know it: a run, a call. Asked only
// when a line is written. Immutable: [any-thread].
class log_subject {
public:
    using fields = std::vector<std::pair<std::string_view, std::string>>; // keys live for ever
    virtual ~log_subject() = default;
    virtual void describe(fields& out) const = 0;
};

// Until its end, each line of this thread has the subject's fields besides its own, which win.
class log_scope {
public:
    // subject may be null: as if there were no scope around. It must outlive the scope.
    explicit log_scope(const std::shared_ptr<const log_subject>& subject) noexcept;
    ~log_scope();
    log_scope(const log_scope&) = delete;
    log_scope& operator=(const log_scope&) = delete;
    // The innermost one's, to be taken along to another thread or a later time; may be null.
    static std::shared_ptr<const log_subject> current();

private:
    const std::shared_ptr<const log_subject>* before_;
};

// Values that must never appear: every later line shows "***" in their place. Texts shorter than 4
// bytes are ignored (they would blank everything).
void redact_in_log(std::string secret);
// As a line would show it: without these, and without what base/bearer.hpp knows by its place.
std::string redacted(std::string_view text);

} // namespace mortise::host
