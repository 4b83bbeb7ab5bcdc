// SPDX-License-Identifier: Apache-2.0
#include "fixtures.hpp"
#include "plugin/library.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <sys/stat.h>
#include <unistd.h>

namespace fs = std::filesystem;
using namespace mortise::host;
using mortise::test::plugin_folder;

namespace {

scan_options only(const fs::path& folder) {
    scan_options o;
    o.folders = {folder};
    return o;
}

std::vector<std::string> names(const scan_result& r) {
    std::vector<std::string> out;
    for (const auto& f : r.files)
        out.push_back(f.path.filename().string());
    return out;
}

} // namespace

TEST_CASE("scan takes shared libraries of a folder in name order, and nothing else",
          "[plugin][scan]") {
    const plugin_folder folder;
    folder.add("good/echo_1_1", "b.so");
    folder.add("good/echo_1_0", "a.so");
    folder.add("good/echo_1_0", "c.so.old");
    folder.write("notes.txt", "not looked at");
    fs::create_directory(folder.path() / "sub");
    folder.add("good/echo_1_0", "sub/deep.so");

    const auto found = scan(only(folder.path()));

    CHECK(names(found) == std::vector<std::string>{"a.so", "b.so"});
    CHECK(found.refused.empty());
    REQUIRE(found.files.size() == 2);
    CHECK(found.files[0].sha256.size() == 64);
    CHECK(found.files[0].sha256 != found.files[1].sha256);
    CHECK(found.files[0].size == fs::file_size(folder.path() / "a.so"));
}

TEST_CASE("scan takes a file once when it is reached by two names", "[plugin][scan]") {
    const plugin_folder folder;
    const auto file = folder.add("good/echo_1_0", "a.so");
    fs::create_symlink(file, folder.path() / "b.so");
    auto options = only(folder.path());
    options.folders.push_back(folder.path());

    CHECK(names(scan(options)) == std::vector<std::string>{"a.so"});
}

TEST_CASE("scan takes a single file by its path", "[plugin][scan]") {
    const plugin_folder folder;
    folder.add("good/echo_1_0", "a.so");
    const auto file = folder.add("good/echo_1_1", "b.so");
    CHECK(names(scan(only(file))) == std::vector<std::string>{"b.so"});

    const auto found = scan(only(folder.path() / "gone.so"));
    CHECK(found.files.empty());
    REQUIRE(found.refused.size() == 1);
    CHECK(found.refused[0].reason_code == "unreadable");
}

TEST_CASE("scan refuses what others could have written", "[plugin][scan]") {
    const plugin_folder folder;
    const auto file = folder.add("good/echo_1_0", "a.so");

    SECTION("a file everyone may write") {
        REQUIRE(::chmod(file.c_str(), 0666) == 0);
        const auto found = scan(only(folder.path()));
        CHECK(found.files.empty());
        REQUIRE(found.refused.size() == 1);
        CHECK(found.refused[0].reason_code == "world-writable");
        CHECK(found.refused[0].hint == "Run: chmod o-w " + file.string());
    }
    SECTION("a folder everyone may write") {
        REQUIRE(::chmod(folder.path().c_str(), 0777) == 0);
        const auto found = scan(only(folder.path()));
        CHECK(found.files.empty());
        REQUIRE(found.refused.size() == 1);
        CHECK(found.refused[0].reason_code == "folder-world-writable");
        CHECK(found.refused[0].file == folder.path());
    }
    SECTION("a link into a folder everyone may write") {
        const plugin_folder open;
        const auto target = open.add("good/echo_1_1", "target.so");
        fs::create_symlink(target, folder.path() / "link.so");
        REQUIRE(::chmod(open.path().c_str(), 0777) == 0);
        const auto found = scan(only(folder.path()));
        CHECK(names(found) == std::vector<std::string>{"a.so"});
        REQUIRE(found.refused.size() == 1);
        CHECK(found.refused[0].reason_code == "folder-world-writable");
    }
    SECTION("a file or folder of another user") {
        auto options = only(folder.path());
        if (::geteuid() == 0) {
            REQUIRE(::chown(file.c_str(), 4711, static_cast<gid_t>(-1)) == 0);
        } else {
            options.owner_uid = ::geteuid() + 1;
        }
        const auto found = scan(options);
        CHECK(found.files.empty());
        REQUIRE(found.refused.size() == 1);
        CHECK_THAT(found.refused[0].reason_code, Catch::EndsWith("foreign-owner"));
    }
}

TEST_CASE("scan goes on after a folder that is not there", "[plugin][scan]") {
    const plugin_folder folder;
    folder.add("good/echo_1_0", "a.so");
    auto options = only(folder.path() / "missing");
    options.folders.push_back(folder.path());

    const auto found = scan(options);

    CHECK(names(found) == std::vector<std::string>{"a.so"});
    REQUIRE(found.refused.size() == 1);
    CHECK(found.refused[0].reason_code == "folder-missing");
}

TEST_CASE("scan refuses files that are no libraries for this machine", "[plugin][scan]") {
    const plugin_folder folder;
    std::string code;
    SECTION("a text") {
        folder.write("a.so", "#!/bin/sh\n");
        code = "not-a-library";
    }
    SECTION("an empty file") {
        folder.write("a.so", "");
        code = "not-a-library";
    }
    SECTION("a file that ends in its header") {
        folder.write("a.so", "\x7f"
                             "ELF");
        code = "not-a-library";
    }
    SECTION("another processor") {
        std::string bytes =
            mortise::test::read_file(mortise::test::fixture_dir / "good/echo_1_0.so");
        bytes[18] = '\x08'; // MIPS
        bytes[19] = '\0';
        folder.write("a.so", bytes);
        code = "wrong-architecture";
    }
    SECTION("a program") {
        std::string bytes =
            mortise::test::read_file(mortise::test::fixture_dir / "good/echo_1_0.so");
        bytes[16] = '\x02'; // ET_EXEC
        folder.write("a.so", bytes);
        code = "not-a-library";
    }
    SECTION("a FIFO") {
        REQUIRE(::mkfifo((folder.path() / "a.so").c_str(), 0600) == 0);
        code = "not-a-regular-file";
    }
    SECTION("a link to nothing") {
        fs::create_symlink(folder.path() / "gone", folder.path() / "a.so");
        code = "unreadable";
    }
    const auto found = scan(only(folder.path()));
    CHECK(found.files.empty());
    REQUIRE(found.refused.size() == 1);
    CHECK(found.refused[0].reason_code == code);
    CHECK_FALSE(found.refused[0].message.empty());
    CHECK_FALSE(found.refused[0].hint.empty());
}

TEST_CASE("a pinned file is taken only with the pinned content", "[plugin][scan]") {
    const plugin_folder folder;
    const auto file = folder.add("good/echo_1_0", "a.so");
    auto options = only(folder.path());
    const std::string right = "sha256:" + scan(options).files.at(0).sha256;

    SECTION("the right content") {
        options.pins["a.so"] = right;
        CHECK(scan(options).files.size() == 1);
    }
    SECTION("other content") {
        options.pins["a.so"] = "sha256:" + std::string(64, '0');
        const auto found = scan(options);
        CHECK(found.files.empty());
        REQUIRE(found.refused.size() == 1);
        CHECK(found.refused[0].reason_code == "pin-mismatch");
        CHECK(found.refused[0].found == right);
    }
    SECTION("a pin that is not a digest") {
        options.pins["a.so"] = GENERATE("sha256:12", "md5:00", "");
        const auto found = scan(options);
        CHECK(found.files.empty());
        REQUIRE(found.refused.size() == 1);
        CHECK(found.refused[0].reason_code == "pin-malformed");
        CHECK(found.refused[0].hint == "Correct plugins.pin.\"a.so\"");
    }
    SECTION("a pin for a file that is not there") {
        options.pins["aa.so"] = right;
        const auto found = scan(options);
        CHECK(found.files.size() == 1);
        REQUIRE(found.refused.size() == 1);
        CHECK(found.refused[0].reason_code == "pin-without-file");
    }
}
