// SPDX-License-Identifier: Apache-2.0
// What a listener proves itself with: a certificate chain and its key, read from their files once.
// A renewed one is another object; connections keep the one they began with.
#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace boost::asio::ssl {
class context;
}

namespace mortise::host {

class tls_identity { // immutable: [any-thread]
public:
    // Errors: config "tls.certificate", naming the file: not readable, not PEM, a key that is not
    // the certificate's or asks for a passphrase. Says nothing of the time: see below.
    static result<std::shared_ptr<const tls_identity>> load(const std::string& certificate_file,
                                                            const std::string& key_file);
    ~tls_identity();
    tls_identity(const tls_identity&) = delete;
    tls_identity& operator=(const tls_identity&) = delete;

    // Unix seconds; of the whole chain, so the latest begin and the earliest end.
    std::int64_t valid_from() const noexcept;
    std::int64_t valid_until() const noexcept;
    // SHA-256 of the first certificate, lower-case hex.
    const std::string& fingerprint() const noexcept;
    const std::string& certificate_file() const noexcept;

    boost::asio::ssl::context& context() const noexcept; // for the sessions

private:
    struct impl;
    explicit tls_identity(std::unique_ptr<impl> i);
    std::unique_ptr<impl> impl_;
};

// "2027-01-31 08:00 UTC", of Unix seconds.
std::string utc_minute(std::int64_t seconds);

} // namespace mortise::host
