// SPDX-License-Identifier: Apache-2.0
#include "content/content_digest.hpp"

#include <openssl/evp.h>

#include <array>
#include <stdexcept>
#define XXH_INLINE_ALL
#include <xxhash.h>

namespace mortise::host {
namespace {

std::string to_hex(const unsigned char* bytes, std::size_t n) {
    std::string out;
    out.reserve(n * 2);
    for (std::size_t i = 0; i < n; ++i) {
        out.push_back("0123456789abcdef"[bytes[i] >> 4]);
        out.push_back("0123456789abcdef"[bytes[i] & 15]);
    }
    return out;
}

} // namespace

struct content_digest::impl {
    virtual ~impl() = default;
    virtual void update(std::string_view bytes) = 0;
    virtual std::string hex() const = 0;
};

namespace {

template <class Base>
struct of_openssl final : Base {
    explicit of_openssl(const EVP_MD* what) {
        if (ctx == nullptr || EVP_DigestInit_ex(ctx, what, nullptr) != 1)
            throw std::runtime_error("the digest is not available");
    }
    ~of_openssl() override { EVP_MD_CTX_free(ctx); }
    void update(std::string_view bytes) override {
        EVP_DigestUpdate(ctx, bytes.data(), bytes.size());
    }
    std::string hex() const override {
        std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
        unsigned n = 0;
        EVP_MD_CTX* so_far = EVP_MD_CTX_new();
        const bool good = so_far != nullptr && EVP_MD_CTX_copy_ex(so_far, ctx) == 1 &&
                          EVP_DigestFinal_ex(so_far, out.data(), &n) == 1;
        EVP_MD_CTX_free(so_far);
        if (!good) throw std::runtime_error("the digest is not available");
        return to_hex(out.data(), n);
    }
    EVP_MD_CTX* ctx = EVP_MD_CTX_new();
};

template <class Base>
struct of_xxhash final : Base {
    explicit of_xxhash(bool third) : newer(third) {
        XXH64_reset(&old, 0);
        XXH3_64bits_reset(&fresh);
    }
    void update(std::string_view bytes) override {
        if (newer)
            XXH3_64bits_update(&fresh, bytes.data(), bytes.size());
        else
            XXH64_update(&old, bytes.data(), bytes.size());
    }
    std::string hex() const override {
        XXH64_canonical_t out;
        XXH64_canonicalFromHash(&out, newer ? XXH3_64bits_digest(&fresh) : XXH64_digest(&old));
        return to_hex(out.digest, sizeof out.digest);
    }
    bool newer;
    XXH64_state_t old;
    XXH3_state_t fresh;
};

} // namespace

content_digest::content_digest(std::unique_ptr<impl> it) : it_(std::move(it)) {}
content_digest::content_digest() : it_(std::make_unique<of_openssl<impl>>(EVP_sha256())) {}
content_digest::~content_digest() = default;
content_digest::content_digest(content_digest&&) noexcept = default;
content_digest& content_digest::operator=(content_digest&&) noexcept = default;

std::string content_digest::plain_name(std::string_view algorithm) {
    std::string out;
    for (const char c : algorithm) {
        if (c >= 'A' && c <= 'Z')
            out += static_cast<char>(c - 'A' + 'a');
        else if (c != '-' && c != '_')
            out += c;
    }
    return out;
}

std::optional<content_digest> content_digest::of(std::string_view algorithm) {
    const auto name = plain_name(algorithm);
    const auto openssl = [](const EVP_MD* what) {
        return content_digest(std::make_unique<of_openssl<impl>>(what));
    };
    if (name == "md5") return openssl(EVP_md5());
    if (name == "sha1") return openssl(EVP_sha1());
    if (name == "sha256") return openssl(EVP_sha256());
    if (name == "sha512") return openssl(EVP_sha512());
    if (name == "xxh64" || name == "xxhash64" || name == "xxh3")
        return content_digest(std::make_unique<of_xxhash<impl>>(name == "xxh3"));
    return std::nullopt;
}

void content_digest::update(std::string_view bytes) {
    it_->update(bytes);
}

std::string content_digest::hex() const {
    return it_->hex();
}

} // namespace mortise::host
