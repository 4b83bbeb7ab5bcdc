// SPDX-License-Identifier: Apache-2.0
#include <mortise/sdk/signature.hpp>
#include <mortise/sdk/trigger.hpp>

#include <array>
#include <bit>
#include <cstdint>

namespace mortise {
namespace {

constexpr std::size_t block = 64;

// FIPS 180-4, 4.2.2: the first 32 bits of the fractional parts of the cube roots of the first 64
// primes.
constexpr std::array<std::uint32_t, 64> constants{
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

class sha256 {
public:
    void add(std::string_view bytes) {
        total_ += bytes.size();
        for (const char c : bytes)
            take(static_cast<std::uint8_t>(c));
    }
    std::string finish() {
        const std::uint64_t bits = total_ * 8;
        take(0x80);
        while (used_ != block - 8)
            take(0);
        for (int shift = 56; shift >= 0; shift -= 8)
            take(static_cast<std::uint8_t>(bits >> shift));
        std::string out;
        for (const std::uint32_t word : state_)
            for (int shift = 24; shift >= 0; shift -= 8)
                out += static_cast<char>(word >> shift & 0xff);
        return out;
    }

private:
    void take(std::uint8_t byte) {
        buffer_[used_++] = byte;
        if (used_ != block) return;
        used_ = 0;
        work();
    }
    // FIPS 180-4, 6.2.2
    void work() {
        std::array<std::uint32_t, 64> w{};
        for (std::size_t i = 0; i < 16; ++i)
            w[i] = std::uint32_t(buffer_[4 * i]) << 24 | std::uint32_t(buffer_[4 * i + 1]) << 16 |
                   std::uint32_t(buffer_[4 * i + 2]) << 8 | buffer_[4 * i + 3];
        for (std::size_t i = 16; i < 64; ++i) {
            const auto s0 = std::rotr(w[i - 15], 7) ^ std::rotr(w[i - 15], 18) ^ w[i - 15] >> 3;
            const auto s1 = std::rotr(w[i - 2], 17) ^ std::rotr(w[i - 2], 19) ^ w[i - 2] >> 10;
            w[i] = w[i - 16] + s0 + w[i - 7] + s1;
        }
        auto [a, b, c, d, e, f, g, h] = state_;
        for (std::size_t i = 0; i < 64; ++i) {
            const auto s1 = std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25);
            const auto t1 = h + s1 + ((e & f) ^ (~e & g)) + constants[i] + w[i];
            const auto s0 = std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22);
            const auto t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
            h = g;
            g = f;
            f = e;
            e = d + t1;
            d = c;
            c = b;
            b = a;
            a = t1 + t2;
        }
        const std::array<std::uint32_t, 8> more{a, b, c, d, e, f, g, h};
        for (std::size_t i = 0; i < more.size(); ++i)
            state_[i] += more[i];
    }

    std::array<std::uint32_t, 8> state_{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                        0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    std::array<std::uint8_t, block> buffer_{};
    std::size_t used_ = 0;
    std::uint64_t total_ = 0;
};

std::string digest_of(std::string_view a, std::string_view b) {
    sha256 h;
    h.add(a);
    h.add(b);
    return h.finish();
}

std::string padded(std::string_view key, char with) {
    std::string out = key.size() > block ? digest_of(key, {}) : std::string(key);
    out.resize(block, '\0');
    for (char& c : out)
        c = static_cast<char>(c ^ with);
    return out;
}

} // namespace

std::string hmac_sha256(std::string_view key, std::string_view message) {
    return digest_of(padded(key, 0x5c), digest_of(padded(key, 0x36), message));
}

std::string hex_encode(std::string_view bytes) {
    constexpr char digits[] = "0123456789abcdef";
    std::string out;
    out.reserve(2 * bytes.size());
    for (const char c : bytes) {
        const auto b = static_cast<std::uint8_t>(c);
        out += digits[b >> 4];
        out += digits[b & 15];
    }
    return out;
}

bool is_signed(std::string_view message, std::string_view signature, std::string_view key) {
    if (key.empty()) return false; // anybody could sign with it
    std::string lower(signature);
    for (char& c : lower)
        if (c >= 'A' && c <= 'F') c = static_cast<char>(c - 'A' + 'a');
    return constant_time_equal(lower, hex_encode(hmac_sha256(key, message)));
}

} // namespace mortise
