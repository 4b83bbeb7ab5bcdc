// SPDX-License-Identifier: Apache-2.0
//
// The one error type of Mortise, and result<T>. Used by plugins (thrown inside coroutines, turned
// into mortise_error at the boundary) and by the host (returned as a value).
#pragma once

#include <mortise/core.h>

#include <boost/system/result.hpp>

#include <chrono>
#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace mortise {

// What kind of failure: drives the default retry decision (table in mortise/core.h).
enum class category : std::uint32_t {
    unknown = MORTISE_CAT_UNKNOWN,
    config = MORTISE_CAT_CONFIG,
    input = MORTISE_CAT_INPUT,
    auth = MORTISE_CAT_AUTH,
    denied = MORTISE_CAT_DENIED,
    not_found = MORTISE_CAT_NOT_FOUND,
    conflict = MORTISE_CAT_CONFLICT,
    rate_limit = MORTISE_CAT_RATE_LIMIT,
    unavailable = MORTISE_CAT_UNAVAILABLE,
    timeout = MORTISE_CAT_TIMEOUT,
    cancelled = MORTISE_CAT_CANCELLED,
    remote_protocol = MORTISE_CAT_REMOTE_PROTOCOL,
    limit = MORTISE_CAT_LIMIT,
    internal = MORTISE_CAT_INTERNAL,
};

enum class retry_advice : std::uint32_t {
    by_category = MORTISE_RETRY_BY_CATEGORY,
    yes = MORTISE_RETRY_YES,
    no = MORTISE_RETRY_NO,
};

// Did the remote side change?
enum class effect : std::uint32_t {
    unknown = MORTISE_EFFECT_UNKNOWN,
    none = MORTISE_EFFECT_NONE,
    done = MORTISE_EFFECT_DONE,
};

// Lower-case names as they appear in logs and JSON: "rate_limit", "unknown", ...
std::string_view to_string(category c) noexcept;
std::string_view to_string(effect e) noexcept;
// Unknown text gives category::unknown / effect::unknown.
category category_from_string(std::string_view text) noexcept;
effect effect_from_string(std::string_view text) noexcept;

// A value type; copying may throw std::bad_alloc. It is an exception type only so that plugin
// coroutines can throw it; host code passes it in result<T>.
class error : public std::exception {
public:
    error() = default;
    error(enum category c, std::string code_text, std::string message_text)
        : category(c), code(std::move(code_text)), message(std::move(message_text)) {}

    // code and message, for logs and for exceptions that escape.
    const char* what() const noexcept override { return message.c_str(); }

    // Adds where it happened in front of the message: "loading acme.so: <message>".
    error& context(std::string_view where) & {
        message.insert(0, ": ").insert(0, where);
        return *this;
    }
    error&& context(std::string_view where) && { return std::move(context(where)); }

    enum category category = category::unknown;
    retry_advice retry = retry_advice::by_category;
    enum effect effect = effect::unknown;
    std::uint32_t http_status = 0;
    std::optional<std::chrono::milliseconds> retry_after;
    std::string code;    // stable: "<plugin>.<object>.<reason>"
    std::string message; // one English sentence for a person; never a secret
    std::string details; // JSON text or empty
};

// Copies a borrowed C error; unknown enumerators become the documented default.
error from_c(const mortise_error& e);
// A C view of e, valid while e lives and is unchanged.
mortise_error to_c(const error& e) noexcept;
mortise_error to_c(const error&& e) = delete; // result::error() is by value: name it first

[[noreturn]] void throw_exception_from_error(const error& e, const boost::source_location&);

template <class T>
using result = boost::system::result<T, error>;

} // namespace mortise
