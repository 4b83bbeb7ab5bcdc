// SPDX-License-Identifier: Apache-2.0
#include "base/footprint.hpp"
#include "support/catch.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <dlfcn.h>
#include <fstream>
#include <string>
#include <sys/mman.h>
#include <thread>
#include <unistd.h>

using mortise::host::give_back_memory;

namespace {

struct mapping {
    std::uintptr_t begin = 0;
    std::uintptr_t end = 0;
    std::size_t resident = 0; // bytes
};

mapping mapping_around(const void* address) {
    const auto wanted = reinterpret_cast<std::uintptr_t>(address);
    std::ifstream in("/proc/self/smaps");
    mapping found;
    for (std::string line; std::getline(in, line);) {
        std::uintptr_t begin = 0, end = 0;
        if (std::sscanf(line.c_str(), "%lx-%lx ", &begin, &end) == 2)
            found = {begin, end, 0};
        else if (line.starts_with("Rss:") && found.begin <= wanted && wanted < found.end) {
            found.resident = std::stoul(line.substr(4)) * 1024;
            return found;
        }
    }
    return {};
}

// Reads a byte of each page.
std::uint64_t sum_of(const mapping& m) {
    std::uint64_t sum = 0;
    for (auto at = m.begin; at < m.end; at += 4096)
        sum = sum * 31 + *reinterpret_cast<const volatile unsigned char*>(at);
    return sum;
}

// A page of this program's constants with nothing else in it.
alignas(4096) extern const unsigned char own_page[4096];
const unsigned char own_page[4096] = {1, 2, 3};

const void* code_of_a_library() {
    return ::dlsym(RTLD_DEFAULT, "OPENSSL_cleanse");
}

} // namespace

TEST_CASE("code that was touched once is given back, and is the same when it is wanted again",
          "[base][footprint]") {
    unsigned char text[] = "secret";
    OPENSSL_cleanse(text, sizeof text); // the library is linked and bound
    const auto code = mapping_around(code_of_a_library());
    REQUIRE(code.end - code.begin > 256 * 1024);
    const auto before = sum_of(code);
    const auto touched = mapping_around(code_of_a_library()).resident;
    CHECK(touched == code.end - code.begin);

    give_back_memory();
    CHECK(mapping_around(code_of_a_library()).resident < touched / 2);
    CHECK(sum_of(code) == before);
}

TEST_CASE("a page that somebody changed is not given back", "[base][footprint]") {
    // What a debugger does for a break point: the page is no longer that of the file.
    auto* page = const_cast<unsigned char*>(own_page);
    REQUIRE(::mprotect(page, 4096, PROT_READ | PROT_WRITE) == 0);
    *const_cast<volatile unsigned char*>(page + 7) = 42;
    REQUIRE(::mprotect(page, 4096, PROT_READ) == 0);
    give_back_memory();
    CHECK(*const_cast<const volatile unsigned char*>(own_page + 7) == 42);
    CHECK(*const_cast<const volatile unsigned char*>(own_page + 2) == 3);
}

TEST_CASE("threads that run the code meanwhile do not notice", "[base][footprint]") {
    std::atomic<bool> enough{false};
    std::atomic<std::uint64_t> wrong{0};
    std::atomic<std::uint64_t> rounds{0};
    std::thread busy([&] {
        while (!enough) {
            unsigned char text[64];
            std::fill(std::begin(text), std::end(text), static_cast<unsigned char>(7));
            OPENSSL_cleanse(text, sizeof text);
            for (const unsigned char c : text)
                wrong += c != 0;
            ++rounds;
        }
    });
    for (int i = 0; i < 20; ++i)
        give_back_memory();
    const auto so_far = rounds.load();
    while (rounds == so_far)
        std::this_thread::yield();
    enough = true;
    busy.join();
    CHECK(wrong == 0);
}
