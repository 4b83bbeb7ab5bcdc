// SPDX-License-Identifier: Apache-2.0
#include "content/content_digest.hpp"
#include "support/catch.hpp"

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

TEST_CASE("an unknown digest is none", "[content]") {
    CHECK_FALSE(content_digest::of("crc32"));
    CHECK_FALSE(content_digest::of(""));
}
