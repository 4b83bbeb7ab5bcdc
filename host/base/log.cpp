// SPDX-License-Identifier: Apache-2.0
#include "base/log.hpp"

#include "base/bearer.hpp"

#include <boost/json.hpp>
#include <spdlog/async.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <shared_mutex>
#include <vector>

namespace mortise::host {
namespace {

struct state {
    std::shared_mutex guard;
    std::shared_ptr<spdlog::logger> logger;
    std::shared_ptr<spdlog::details::thread_pool> pool;
    std::vector<std::string> secrets;
    bool json = false;
    std::atomic<log_level> level{log_level::warn};
};

state& the() {
    // Never destroyed: a line may be written while other statics go away.
    static auto* s = new state;
    return *s;
}

spdlog::level::level_enum to_spdlog(log_level level) {
    switch (level) {
    case log_level::trace:
        return spdlog::level::trace;
    case log_level::debug:
        return spdlog::level::debug;
    case log_level::warn:
        return spdlog::level::warn;
    case log_level::error:
        return spdlog::level::err;
    case log_level::off:
        return spdlog::level::off;
    case log_level::info:
        break;
    }
    return spdlog::level::info;
}

std::string_view name_of(log_level level) {
    switch (level) {
    case log_level::trace:
        return "trace";
    case log_level::debug:
        return "debug";
    case log_level::warn:
        return "warn";
    case log_level::error:
        return "error";
    default:
        return "info";
    }
}

std::string redact_with(const std::vector<std::string>& secrets, std::string text) {
    for (const auto& secret : secrets) {
        for (auto at = text.find(secret); at != std::string::npos; at = text.find(secret, at + 3)) {
            text.replace(at, secret.size(), "***");
        }
    }
    return without_bearer(std::move(text));
}

std::string time_stamp() {
    const auto now = std::chrono::system_clock::now();
    const auto ms =
        std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count();
    const std::time_t seconds = static_cast<std::time_t>(ms / 1000);
    std::tm tm{};
    gmtime_r(&seconds, &tm);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", tm.tm_year + 1900,
                       tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, ms % 1000);
}

std::string in_quotes(std::string_view text) {
    return boost::json::serialize(boost::json::string_view(text));
}

// The merged tail of a plugin's own fields: ,"k":v for each member, or nothing when it is no
// object.
boost::json::object extra_object(std::string_view extra) {
    if (extra.empty()) return {};
    boost::system::error_code ec;
    auto value = boost::json::parse(extra, ec);
    if (ec || !value.is_object()) return {{"fields", extra}};
    return std::move(value.as_object());
}

thread_local const std::shared_ptr<const log_subject>* subject_now = nullptr;

// Of the scope around, but for those the line has itself.
log_subject::fields subject_fields(std::initializer_list<log_field> own) {
    log_subject::fields out;
    if (subject_now == nullptr || !*subject_now) return out;
    (*subject_now)->describe(out);
    std::erase_if(out, [&](const auto& f) {
        return std::any_of(own.begin(), own.end(), [&](const auto& o) { return o.key == f.first; });
    });
    return out;
}

std::string json_line(log_level level,
                      std::string_view message,
                      std::initializer_list<log_field> fields,
                      std::string_view extra) {
    std::string out = fmt::format(R"({{"time":"{}","level":"{}","message":{})", time_stamp(),
                                  name_of(level), in_quotes(message));
    for (const auto& f : fields) {
        fmt::format_to(std::back_inserter(out), ",{}:{}", in_quotes(f.key),
                       f.is_number ? f.value : in_quotes(f.value));
    }
    for (const auto& [key, value] : subject_fields(fields))
        fmt::format_to(std::back_inserter(out), ",{}:{}", in_quotes(key), in_quotes(value));
    for (const auto& [key, value] : extra_object(extra)) {
        fmt::format_to(std::back_inserter(out), ",{}:{}", in_quotes(key),
                       boost::json::serialize(value));
    }
    return out += '}';
}

std::string console_line(log_level level,
                         std::string_view message,
                         std::initializer_list<log_field> fields,
                         std::string_view extra) {
    std::string out = fmt::format("{} {:<5} {}", time_stamp(), name_of(level), message);
    for (const auto& f : fields) {
        const bool plain = f.is_number || f.value.find_first_of(" \"\n\t") == std::string::npos;
        fmt::format_to(std::back_inserter(out), " {}={}", f.key,
                       plain ? f.value : in_quotes(f.value));
    }
    for (const auto& [key, value] : subject_fields(fields))
        fmt::format_to(std::back_inserter(out), " {}={}", key, value);
    for (const auto& [key, value] : extra_object(extra)) {
        fmt::format_to(std::back_inserter(out), " {}={}", std::string_view(key),
                       boost::json::serialize(value));
    }
    return out;
}

} // namespace

void start_log(const log_options& options) {
    auto& s = the();
    const std::unique_lock lock(s.guard);
    auto pool = std::make_shared<spdlog::details::thread_pool>(2048, 1);
    spdlog::sink_ptr sink;
    if (options.file.empty()) {
        sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    } else {
        sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(options.file);
    }
    auto logger = std::make_shared<spdlog::async_logger>(
        "mortise", sink, pool, spdlog::async_overflow_policy::overrun_oldest);
    logger->set_pattern("%v");
    logger->set_level(spdlog::level::trace);
    logger->flush_on(spdlog::level::info);
    s.logger = std::move(logger);
    s.pool = std::move(pool);
    s.json = options.json;
    s.level = options.level;
}

void stop_log() {
    auto& s = the();
    const std::unique_lock lock(s.guard);
    s.pool.reset(); // joins the writer after the queue is empty
    s.logger.reset();
    s.level = log_level::warn;
}

bool log_enabled(log_level level) noexcept {
    return level >= the().level.load(std::memory_order_relaxed) && level != log_level::off;
}

void log(log_level level, std::string_view message, std::initializer_list<log_field> fields) {
    log(level, message, fields, {});
}

void log(log_level level,
         std::string_view message,
         std::initializer_list<log_field> fields,
         std::string_view extra_fields_json) {
    if (!log_enabled(level)) return;
    auto& s = the();
    const std::shared_lock lock(s.guard);
    auto line =
        redact_with(s.secrets, s.json ? json_line(level, message, fields, extra_fields_json)
                                      : console_line(level, message, fields, extra_fields_json));
    if (s.logger) {
        s.logger->log(to_spdlog(level), line);
    } else {
        std::fprintf(stderr, "%s\n", line.c_str());
    }
}

log_scope::log_scope(const std::shared_ptr<const log_subject>& subject) noexcept
    : before_(std::exchange(subject_now, &subject)) {}

log_scope::~log_scope() {
    subject_now = before_;
}

std::shared_ptr<const log_subject> log_scope::current() {
    return subject_now != nullptr ? *subject_now : nullptr;
}

std::uint64_t log_lines_dropped() noexcept {
    auto& s = the();
    const std::shared_lock lock(s.guard);
    return s.pool ? s.pool->overrun_counter() : 0;
}

void redact_in_log(std::string secret) {
    if (secret.size() < 4) return;
    auto& s = the();
    // Lines are redacted when they are written out, and there it looks like this.
    auto in_json = boost::json::serialize(boost::json::string(secret));
    in_json = in_json.substr(1, in_json.size() - 2);
    const std::unique_lock lock(s.guard);
    for (const auto& known : s.secrets) {
        if (known == secret) return;
    }
    if (in_json != secret) s.secrets.push_back(std::move(in_json));
    s.secrets.push_back(std::move(secret));
    // One that begins like another must go before it, or its end would stay.
    std::stable_sort(s.secrets.begin(), s.secrets.end(),
                     [](const auto& a, const auto& b) { return a.size() > b.size(); });
}

std::string redacted(std::string_view text) {
    auto& s = the();
    const std::shared_lock lock(s.guard);
    return redact_with(s.secrets, std::string(text));
}

} // namespace mortise::host
