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

// What a simulation has put in the place of chance; see repeatable_ids.
std::atomic<bool> repeating{false};
std::mutex repeat_guard;
std::uint64_t repeat_state = 0;

std::uint64_t repeated_random() { // splitmix64
    const std::lock_guard lock(repeat_guard);
    std::uint64_t z = (repeat_state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

// The newest time stamp in an id of this process, and how many ids have it.
std::mutex uuid_guard;
unix_ms uuid_last = 0;
std::uint32_t uuid_counter = 0;

void forget_uuids() {
    const std::lock_guard lock(uuid_guard);
    uuid_last = 0;
    uuid_counter = 0;
}

} // namespace

repeatable_ids::repeatable_ids(std::uint64_t seed) {
    {
        const std::lock_guard lock(repeat_guard);
        repeat_state = seed;
    }
    repeating.store(true, std::memory_order_release);
    forget_uuids();
}

repeatable_ids::~repeatable_ids() {
    repeating.store(false, std::memory_order_release);
    forget_uuids();
}

std::uint64_t random_u64() {
    if (repeating.load(std::memory_order_acquire)) return repeated_random();
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
    std::uint32_t count = 0;
    {
        const std::lock_guard lock(uuid_guard);
        if (now > uuid_last) {
            uuid_last = now;
            uuid_counter = static_cast<std::uint32_t>(random_u64() & 0x3FF);
        } else if (++uuid_counter > 0xFFF) {
            ++uuid_last;
            uuid_counter = 0;
        }
        now = uuid_last;
        count = uuid_counter;
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
