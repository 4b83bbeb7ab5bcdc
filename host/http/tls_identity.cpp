// SPDX-License-Identifier: Apache-2.0
#include "http/tls_identity.hpp"

#include "base/digest.hpp"

#include <boost/asio/ssl/context.hpp>

#include <algorithm>
#include <ctime>
#include <limits>

namespace asio = boost::asio;

namespace mortise::host {
namespace {

error bad_file(std::string message) {
    error e(category::config, "tls.certificate", std::move(message));
    e.effect = effect::none;
    return e;
}

std::int64_t seconds_of(const ASN1_TIME* time) {
    std::tm fields{};
    return ASN1_TIME_to_tm(time, &fields) == 1 ? ::timegm(&fields) : 0;
}

std::string hash_of(const X509& certificate) {
    unsigned char* der = nullptr;
    const int size = i2d_X509(&certificate, &der);
    if (size <= 0) return {};
    const std::string bytes(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
    OPENSSL_free(der);
    return sha256_hex(bytes);
}

} // namespace

struct tls_identity::impl {
    asio::ssl::context context{asio::ssl::context::tls_server};
    std::int64_t from = 0;
    std::int64_t until = 0;
    std::string fingerprint;
    std::string file;

    void look_at(const X509& certificate) {
        from = std::max(from, seconds_of(X509_get0_notBefore(&certificate)));
        until = std::min(until, seconds_of(X509_get0_notAfter(&certificate)));
    }
};

tls_identity::tls_identity(std::unique_ptr<impl> i) : impl_(std::move(i)) {}
tls_identity::~tls_identity() = default;

result<std::shared_ptr<const tls_identity>> tls_identity::load(const std::string& certificate_file,
                                                               const std::string& key_file) {
    if (certificate_file.empty() || key_file.empty())
        return bad_file("certificate_file and key_file must be given together");
    auto made = std::make_unique<impl>();
    auto& context = made->context;
    boost::system::error_code ec;
    context.set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_sslv2 |
                            asio::ssl::context::no_sslv3 | asio::ssl::context::no_tlsv1 |
                            asio::ssl::context::no_tlsv1_1 | SSL_OP_NO_RENEGOTIATION,
                        ec);
    // A key with a passphrase is an error; without this OpenSSL would ask at the terminal.
    context.set_password_callback([](std::size_t, auto) { return std::string(); }, ec);
    context.use_certificate_chain_file(certificate_file, ec);
    if (ec)
        return bad_file("certificate_file \"" + certificate_file +
                        "\" is not a readable PEM certificate chain: " + ec.message());
    context.use_private_key_file(key_file, asio::ssl::context::pem, ec);
    if (ec)
        return bad_file("key_file \"" + key_file +
                        "\" is not the readable PEM key of the certificate \"" + certificate_file +
                        "\": " + ec.message());
    auto* const native = context.native_handle();
    made->until = std::numeric_limits<std::int64_t>::max();
    if (const auto* leaf = SSL_CTX_get0_certificate(native)) {
        made->look_at(*leaf);
        made->fingerprint = hash_of(*leaf);
    }
    STACK_OF(X509)* others = nullptr;
    SSL_CTX_get0_chain_certs(native, &others);
    for (int i = 0; i < sk_X509_num(others); ++i)
        made->look_at(*sk_X509_value(others, i));
    made->file = certificate_file;
    return std::shared_ptr<const tls_identity>(new tls_identity(std::move(made)));
}

std::int64_t tls_identity::valid_from() const noexcept {
    return impl_->from;
}

std::int64_t tls_identity::valid_until() const noexcept {
    return impl_->until;
}

const std::string& tls_identity::fingerprint() const noexcept {
    return impl_->fingerprint;
}

const std::string& tls_identity::certificate_file() const noexcept {
    return impl_->file;
}

asio::ssl::context& tls_identity::context() const noexcept {
    return impl_->context;
}

std::string utc_minute(std::int64_t seconds) {
    const auto time = static_cast<std::time_t>(seconds);
    std::tm fields{};
    char text[32] = {};
    if (::gmtime_r(&time, &fields) == nullptr ||
        std::strftime(text, sizeof text, "%Y-%m-%d %H:%M UTC", &fields) == 0)
        return std::to_string(seconds);
    return text;
}

} // namespace mortise::host
