// SPDX-License-Identifier: Apache-2.0
#include "base/digest.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <stdexcept>

namespace mortise::host {

struct sha256_stream::impl {
    EVP_MD_CTX* ctx = EVP_MD_CTX_new();
    impl() {
        if (ctx == nullptr || EVP_DigestInit_ex(ctx, EVP_sha256(), nullptr) != 1) {
            throw std::runtime_error("SHA-256 is not available");
        }
    }
    ~impl() { EVP_MD_CTX_free(ctx); }
    impl(const impl&) = delete;
    impl& operator=(const impl&) = delete;
};

sha256_stream::sha256_stream() : impl_(std::make_unique<impl>()) {}
sha256_stream::~sha256_stream() = default;
sha256_stream::sha256_stream(sha256_stream&&) noexcept = default;
sha256_stream& sha256_stream::operator=(sha256_stream&&) noexcept = default;

void sha256_stream::update(std::string_view data) {
    EVP_DigestUpdate(impl_->ctx, data.data(), data.size());
}

sha256_stream sha256_stream::copy() const {
    sha256_stream out;
    if (EVP_MD_CTX_copy_ex(out.impl_->ctx, impl_->ctx) != 1)
        throw std::runtime_error("SHA-256 is not available");
    return out;
}

sha256_digest sha256_stream::finish() {
    sha256_digest out{};
    EVP_DigestFinal_ex(impl_->ctx, out.data(), nullptr);
    return out;
}

namespace {

// Looking the algorithm up costs more than hashing a kilobyte, so each thread keeps what it needs.
struct hasher {
    EVP_MD* algorithm = EVP_MD_fetch(nullptr, "SHA2-256", nullptr);
    EVP_MD_CTX* ctx = EVP_MD_CTX_new();
    hasher() = default;
    ~hasher() {
        EVP_MD_CTX_free(ctx);
        EVP_MD_free(algorithm);
    }
    hasher(const hasher&) = delete;
    hasher& operator=(const hasher&) = delete;
};

} // namespace

sha256_digest sha256(std::string_view data) {
    thread_local hasher h;
    sha256_digest out{};
    if (h.algorithm == nullptr || h.ctx == nullptr ||
        EVP_DigestInit_ex2(h.ctx, h.algorithm, nullptr) != 1 ||
        EVP_DigestUpdate(h.ctx, data.data(), data.size()) != 1 ||
        EVP_DigestFinal_ex(h.ctx, out.data(), nullptr) != 1) {
        throw std::runtime_error("SHA-256 is not available");
    }
    return out;
}

std::string to_hex(const sha256_digest& digest) {
    static constexpr char hex[] = "0123456789abcdef";
    std::string out;
    out.reserve(digest.size() * 2);
    for (const auto b : digest) {
        out.push_back(hex[b >> 4]);
        out.push_back(hex[b & 15]);
    }
    return out;
}

bool equal_constant_time(std::string_view a, std::string_view b) noexcept {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

} // namespace mortise::host
