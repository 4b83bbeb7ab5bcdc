// SPDX-License-Identifier: Apache-2.0
#include "base/ids.hpp"

#include "base/digest.hpp"

#include <openssl/rand.h>

#include <array>
#include <atomic>
#include <cstring>
#include <mutex>
#include <stdexcept>

namespace mortise::host {
namespace {

std::string format_uuid(const std::array<unsigned char, 16>& b) {
    static constexpr char hex[] = "0123456789abcdef";
    std::string out;
    out.reserve(36);
    for (std::size_t i = 0; i < b.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) out.push_back('-');
        out.push_back(hex[b[i] >> 4]);
        out.push_back(hex[b[i] & 15]);
    }
    return out;
}

} // namespace

std::uint64_t random_u64() {
    thread_local std::array<std::uint64_t, 64> buffer;
    thread_local std::size_t used = buffer.size();
    if (used == buffer.size()) {
        if (RAND_bytes(reinterpret_cast<unsigned char*>(buffer.data()), sizeof(buffer)) != 1) {
            throw std::runtime_error("the operating system gives no random numbers");
        }
        used = 0;
    }
    return buffer[used++];
}

std::string uuid_v7(unix_ms now) {
    // RFC 9562 6.2 method 1: 12 bits of counter after the time stamp keep ids of one process in
    // order.
    static std::mutex guard;
    static unix_ms last = 0;
    static std::uint32_t counter = 0;
    std::uint32_t count = 0;
    {
        const std::lock_guard lock(guard);
        if (now > last) {
            last = now;
            counter = static_cast<std::uint32_t>(random_u64() & 0x3FF);
        } else if (++counter > 0xFFF) {
            ++last;
            counter = 0;
        }
        now = last;
        count = counter;
    }
    std::array<unsigned char, 16> b{};
    for (int i = 0; i < 6; ++i) {
        b[static_cast<std::size_t>(i)] = static_cast<unsigned char>(now >> (40 - 8 * i));
    }
    b[6] = static_cast<unsigned char>(0x70 | (count >> 8));
    b[7] = static_cast<unsigned char>(count & 0xFF);
    const std::uint64_t r = random_u64();
    std::memcpy(&b[8], &r, 8);
    b[8] = static_cast<unsigned char>((b[8] & 0x3F) | 0x80);
    return format_uuid(b);
}

std::string uuid_from(std::string_view text) {
    const auto digest = sha256(text);
    std::array<unsigned char, 16> b{};
    std::memcpy(b.data(), digest.data(), b.size());
    b[6] = static_cast<unsigned char>((b[6] & 0x0F) | 0x80);
    b[8] = static_cast<unsigned char>((b[8] & 0x3F) | 0x80);
    return format_uuid(b);
}

} // namespace mortise::host
