// SPDX-License-Identifier: Apache-2.0
#include "support/test_certificate.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <memory>
#include <stdexcept>

namespace mortise::test {
namespace {

void check(bool ok) {
    if (!ok) throw std::runtime_error("cannot make a test certificate");
}

void extend(X509* cert, int kind, const char* value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, cert, cert, nullptr, nullptr, 0);
    const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> e(
        X509V3_EXT_conf_nid(nullptr, &context, kind, value), &X509_EXTENSION_free);
    check(e && X509_add_ext(cert, e.get(), -1) == 1);
}

} // namespace

test_certificate::test_certificate(const temp_dir& where,
                                   const std::string& name_of_files,
                                   certificate_days days)
    : cert_file(where.path() / (name_of_files + "cert.pem")),
      key_file(where.path() / (name_of_files + "key.pem")) {
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"),
                                                                  &EVP_PKEY_free);
    const std::unique_ptr<X509, decltype(&X509_free)> cert(X509_new(), &X509_free);
    check(key && cert);
    X509_set_version(cert.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(cert.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(cert.get()), days.from);
    X509_gmtime_adj(X509_getm_notAfter(cert.get()), days.until);
    X509_set_pubkey(cert.get(), key.get());
    X509_NAME* const name = X509_get_subject_name(cert.get());
    check(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                     reinterpret_cast<const unsigned char*>("localhost"), -1, -1,
                                     0) == 1);
    X509_set_issuer_name(cert.get(), name);
    extend(cert.get(), NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1");
    extend(cert.get(), NID_basic_constraints, "critical,CA:TRUE");
    check(X509_sign(cert.get(), key.get(), EVP_sha256()) > 0);

    const auto write = [](const std::string& path, auto put) {
        std::FILE* const f = std::fopen(path.c_str(), "wb");
        check(f != nullptr);
        const bool ok = put(f) == 1;
        check(std::fclose(f) == 0 && ok);
    };
    write(cert_file, [&](std::FILE* f) { return PEM_write_X509(f, cert.get()); });
    write(key_file, [&](std::FILE* f) {
        return PEM_write_PrivateKey(f, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    });
}

} // namespace mortise::test
