// SPDX-License-Identifier: Apache-2.0
#include "content/background_digest.hpp"
#include "support/catch.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

using mortise::host::background_digest;
using mortise::host::content_digest;

TEST_CASE("digests are those the systems compute", "[content]") {
    // Of "hello", by the usual programs (md5sum, sha1sum, sha256sum, xxh64sum).
    const auto [name, wanted] = GENERATE(table<std::string, std::string>(
        {{"md5", "5d41402abc4b2a76b9719d911017c592"},
         {"SHA-1", "aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d"},
         {"Sha256", "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"},
         {"xxh64", "26c7827d889f6da3"}}));
    auto d = content_digest::of(name);
    REQUIRE(d);
    d->update("hel");
    d->hex(); // asking changes nothing
    d->update("lo");
    CHECK(d->hex() == wanted);
}

TEST_CASE("a digest in the background is that of the bytes in their order", "[content]") {
    // A thread that never comes, comes at once, or comes later.
    const int when = GENERATE(0, 1, 2);
    std::vector<std::function<void()>> later;
    background_digest d(content_digest::of("md5"), [&](std::function<void()> task) {
        if (when == 1) task();
        if (when == 2) later.push_back(std::move(task));
    });
    content_digest sha256;
    auto md5 = *content_digest::of("md5");
    for (std::size_t i = 1; i < 60; ++i) {
        const std::string piece(i * 2311 % 70'000, static_cast<char>('a' + i % 26));
        d.update(piece);
        sha256.update(piece);
        md5.update(piece);
        if (when == 2 && i % 7 == 0)
            for (const auto& task : std::exchange(later, {}))
                task();
        if (i % 20 == 0) CHECK(d.sha256() == sha256.hex());
    }
    CHECK(d.sha256() == sha256.hex());
    CHECK(d.also() == md5.hex());
    for (const auto& task : later)
        task(); // too late, and no matter
    CHECK(d.sha256() == sha256.hex());
}

TEST_CASE("digests in the background keep up with two threads", "[content]") {
    std::mutex guard;
    std::condition_variable work;
    std::deque<std::function<void()>> tasks;
    bool over = false;
    std::thread other([&] {
        for (;;) {
            std::function<void()> task;
            {
                std::unique_lock lock(guard);
                work.wait(lock, [&] { return over || !tasks.empty(); });
                if (tasks.empty()) return;
                task = std::move(tasks.front());
                tasks.pop_front();
            }
            task();
        }
    });
    background_digest d(std::nullopt, [&](std::function<void()> task) {
        const std::lock_guard lock(guard);
        tasks.push_back(std::move(task));
        work.notify_one();
    });
    content_digest sha256;
    for (std::size_t i = 0; i < 500; ++i) {
        const std::string piece(10'000 + i * 331 % 100'000, static_cast<char>(i));
        d.update(piece);
        sha256.update(piece);
    }
    CHECK(d.sha256() == sha256.hex());
    {
        const std::lock_guard lock(guard);
        over = true;
    }
    work.notify_one();
    other.join();
}

TEST_CASE("an unknown digest is none", "[content]") {
    CHECK_FALSE(content_digest::of("crc32"));
    CHECK_FALSE(content_digest::of(""));
}
