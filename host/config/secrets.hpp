// SPDX-License-Identifier: Apache-2.0
//
// Secrets by name. The configuration holds references only; values are read when a plugin asks, so
// that an operator can rotate them without a restart, and wiped after use.
#pragma once

#include "base/result.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace mortise::host {

// Text that wipes its memory when it goes. Move-only.
class secret_text {
public:
    secret_text() = default;
    explicit secret_text(std::string_view text);
    ~secret_text();
    secret_text(secret_text&& other) noexcept;
    secret_text& operator=(secret_text&& other) noexcept;
    secret_text(const secret_text&) = delete;
    secret_text& operator=(const secret_text&) = delete;

    std::string_view view() const noexcept { return {data_.get(), size_}; }
    bool empty() const noexcept { return size_ == 0; }
    void wipe() noexcept;

private:
    std::unique_ptr<char[]> data_; // no small-string copies to lose track of
    std::size_t size_ = 0;
};

// { env = "NAME" } | { file = "/path" } | { credential = "name" }
struct secret_reference {
    enum class source { env, file, credential };
    source from = source::env;
    std::string name; // the variable, the path (absolute), or the credential's name

    bool operator==(const secret_reference&) const = default;
};

// "environment variable ICONIK_TOKEN", "secret file /run/keys/x", "credential iconik"
std::string describe(const secret_reference& reference);

// Reads one reference now. Errors (category config) name the source and how to mend it, never the
// value. The value is registered with redact_in_log before it is returned. [any-thread]
result<secret_text> read_secret(const secret_reference& reference);

// Something an operator should mend although the secret can be read, or empty: a file that others
// may read.
std::string secret_warning(const secret_reference& reference);

// The references of one configuration, by the name that plugins see:
// "connections.<name>.<path>" or "flows.<name>.<path>". Immutable after filling: [any-thread].
class secret_store {
public:
    void add(std::string name, secret_reference reference);
    const secret_reference* find(std::string_view name) const;
    const std::map<std::string, secret_reference, std::less<>>& all() const noexcept {
        return references_;
    }
    // category denied for a name the configuration does not mention, else as read_secret.
    result<secret_text> resolve(std::string_view name) const;

private:
    std::map<std::string, secret_reference, std::less<>> references_;
};

} // namespace mortise::host
