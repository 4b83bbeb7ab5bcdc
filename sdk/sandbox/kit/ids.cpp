// SPDX-License-Identifier: Apache-2.0
#include "kit/ids.hpp"

#include <algorithm>
#include <cstdio>

namespace mortise::sandbox {

namespace {

constexpr std::uint64_t first_time = 0x1f0'0c1b'6f0c'1a52; // 100 ns since 1582, in 2025

std::string format_uuid(std::uint64_t time, unsigned sequence, std::uint64_t node) {
    char text[40];
    std::snprintf(
        text, sizeof text, "%08x-%04x-1%03x-%04x-%012llx", static_cast<unsigned>(time & 0xffffffff),
        static_cast<unsigned>((time >> 32) & 0xffff), static_cast<unsigned>((time >> 48) & 0xfff),
        0x8000U | (sequence & 0x3fff), static_cast<unsigned long long>(node & 0xffff'ffff'ffff));
    return text;
}

std::uint64_t fnv(std::string_view text, std::uint64_t hash) {
    for (const char c : text)
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    // Finish as splitmix64 does: short names differ in few bits otherwise.
    hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9ULL;
    hash = (hash ^ (hash >> 27)) * 0x94d049bb133111ebULL;
    return hash ^ (hash >> 31);
}

} // namespace

void id_source::reset(std::uint64_t seed) {
    engine_.seed(seed);
    time_ = first_time;
    number_ = 0;
}

std::string id_source::uuid() {
    time_ += 1'000'000 + engine_() % 9'000'000;
    const std::uint64_t noise = engine_();
    return format_uuid(time_, static_cast<unsigned>(noise), 0x0242'ac1d'0000 | (noise >> 48));
}

std::string id_source::hex(std::size_t digits) {
    std::string out(digits, '0');
    for (char& c : out)
        c = "0123456789abcdef"[engine_() & 15];
    return out;
}

std::string id_source::token(std::size_t length) {
    constexpr std::string_view letters =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    std::string out(length, '0');
    for (char& c : out)
        c = letters[engine_() % letters.size()];
    return out;
}

std::uint64_t id_source::number(std::uint64_t first) {
    number_ = std::max(number_ + 1, first);
    return number_;
}

std::uint64_t id_source::random() {
    return engine_();
}

std::string id_source::named_uuid(std::string_view name) {
    const std::uint64_t a = fnv(name, 0xcbf29ce484222325ULL);
    const std::uint64_t b = fnv(name, 0x84222325cbf29ce4ULL);
    const std::uint64_t time = (0x1f0ULL << 48) | (0x0b77ULL << 32) | (a & 0xffffffff);
    return format_uuid(time, static_cast<unsigned>(a >> 40), 0x0242'0000'0000 | (b & 0xffffffff));
}

} // namespace mortise::sandbox
