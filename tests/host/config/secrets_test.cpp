// SPDX-License-Identifier: Apache-2.0
#include "base/log.hpp"
#include "config/secrets.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <cstdlib>
#include <sys/stat.h>
#include <unistd.h>

using namespace mortise::host;
using source = secret_reference::source;

namespace {

// Sets a variable for as long as it lives.
struct env_guard {
    env_guard(const char* n, const char* value) : name(n) {
        if (value)
            ::setenv(n, value, 1);
        else
            ::unsetenv(n);
    }
    ~env_guard() { ::unsetenv(name); }
    const char* name;
};

} // namespace

TEST_CASE("a secret comes from an environment variable", "[config][secrets]") {
    const env_guard env("MORTISE_TEST_SECRET", "s3cret-of-env");
    secret_store store;
    store.add("connections.dam.token", {source::env, "MORTISE_TEST_SECRET"});
    const auto text = store.resolve("connections.dam.token");
    REQUIRE(text.has_value());
    CHECK(text->view() == "s3cret-of-env");
    CHECK(redacted("token s3cret-of-env!") == "token ***!");
}

TEST_CASE("an unset or empty variable is named in the error", "[config][secrets]") {
    const env_guard env("MORTISE_TEST_SECRET", GENERATE(static_cast<const char*>(nullptr), ""));
    const auto text = read_secret({source::env, "MORTISE_TEST_SECRET"});
    REQUIRE(!text);
    CHECK(text.error().category == category::config);
    CHECK(text.error().message.find("environment variable MORTISE_TEST_SECRET is") == 0);
}

TEST_CASE("a secret file loses one trailing newline", "[config][secrets]") {
    const mortise::test::temp_dir dir;
    const auto [content, expected] =
        GENERATE(table<std::string, std::string>({{"value\n", "value"},
                                                  {"value\r\n", "value"},
                                                  {"value", "value"},
                                                  {"two\nlines\n\n", "two\nlines\n"}}));
    const auto path = dir.write("secret", content);
    const auto text = read_secret({source::file, path.string()});
    REQUIRE(text.has_value());
    CHECK(text->view() == expected);
}

TEST_CASE("a rotated secret file is read again", "[config][secrets]") {
    const mortise::test::temp_dir dir;
    secret_store store;
    store.add("x", {source::file, dir.write("secret", "first-value").string()});
    CHECK(store.resolve("x")->view() == "first-value");
    dir.write("secret", "second-value");
    CHECK(store.resolve("x")->view() == "second-value");
}

TEST_CASE("secret files that cannot be used are named with the cause", "[config][secrets]") {
    const mortise::test::temp_dir dir;
    const auto message = [](const std::string& path) {
        const auto text = read_secret({source::file, path});
        REQUIRE(!text);
        CHECK(text.error().message.find("secret file " + path) != std::string::npos);
        return text.error().message;
    };
    CHECK(message((dir.path() / "none").string()).find("No such file") != std::string::npos);
    CHECK(message(dir.path().string()).find("no plain file") != std::string::npos);
    CHECK(message(dir.write("empty", "\n").string()).find("is empty") != std::string::npos);
    CHECK(message(dir.write("huge", std::string((1u << 20) + 1, 'x')).string()).find("1 MiB") !=
          std::string::npos);
}

TEST_CASE("a credential is looked for in CREDENTIALS_DIRECTORY", "[config][secrets]") {
    const mortise::test::temp_dir dir;
    dir.write("iconik", "cred-value\n");
    SECTION("found") {
        const env_guard env("CREDENTIALS_DIRECTORY", dir.path().c_str());
        CHECK(read_secret({source::credential, "iconik"})->view() == "cred-value");
        CHECK(!read_secret({source::credential, "other"}));
    }
    SECTION("without the directory the error tells of LoadCredential") {
        const env_guard env("CREDENTIALS_DIRECTORY", nullptr);
        const auto text = read_secret({source::credential, "iconik"});
        REQUIRE(!text);
        CHECK(text.error().message.find("LoadCredential=iconik") != std::string::npos);
    }
    SECTION("a name cannot lead out of the directory") {
        const env_guard env("CREDENTIALS_DIRECTORY", dir.path().c_str());
        const auto text = read_secret({source::credential, "../iconik"});
        REQUIRE(!text);
        CHECK(text.error().message.find("no plain name") != std::string::npos);
    }
}

TEST_CASE("a name that the configuration does not mention is denied", "[config][secrets]") {
    const auto text = secret_store().resolve("connections.other.token");
    REQUIRE(!text);
    CHECK(text.error().category == category::denied);
}

TEST_CASE("a secret file that everyone may read draws a warning", "[config][secrets]") {
    const mortise::test::temp_dir dir;
    const auto path = dir.write("secret", "value");
    REQUIRE(::chmod(path.c_str(), 0644) == 0);
    CHECK(secret_warning({source::file, path.string()}).find("every user") != std::string::npos);
    REQUIRE(::chmod(path.c_str(), 0640) == 0);
    CHECK(secret_warning({source::file, path.string()}).empty());
}

TEST_CASE("secret text moves and is gone after wiping", "[config][secrets]") {
    secret_text a("value-to-move");
    secret_text b(std::move(a));
    CHECK(b.view() == "value-to-move");
    CHECK(a.empty());
    a = std::move(b);
    CHECK(a.view() == "value-to-move");
    a.wipe();
    CHECK(a.empty());
    CHECK(a.view().empty());
}
