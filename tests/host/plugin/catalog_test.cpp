// SPDX-License-Identifier: Apache-2.0
#include "fixtures.hpp"
#include "plugin/catalog.hpp"
#include "support/catch.hpp"

#include <mortise/log.h>
#include <mortise/sdk/abi.hpp>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <sys/stat.h>
#include <thread>

namespace fs = std::filesystem;
using namespace mortise::host;
using mortise::test::plugin_folder;

namespace {

// Every bad fixture that is harmless to map, in name order of the files made here.
void add_harmless(const plugin_folder& folder) {
    for (const char* name :
         {"bad_schema", "duplicate_id_a", "duplicate_id_b", "init_fails", "no_symbol",
          "other_major", "short_struct", "throws_in_init", "undefined_symbol", "unknown_service",
          "wrong_abi_major", "wrong_magic"})
        folder.add(std::string("bad/") + name);
    folder.write("not_a_library.so", "This is a letter, not a library.\n");
    const auto open = folder.add("good/echo_1_1", "world_writable.so");
    REQUIRE(::chmod(open.c_str(), 0666) == 0);
    folder.add("good/echo_1_0", "zz_good.so");
}

std::string refusal_texts(const plugin_catalog& catalog, const fs::path& folder) {
    std::string out;
    for (const auto& r : catalog.refusals()) {
        out += "[" + r.reason_code + "] " + r.text() + "\n    found: " + r.found +
               "\n    wanted: " + r.wanted + "\n";
    }
    for (auto at = out.find(folder.string()); at != std::string::npos;
         at = out.find(folder.string()))
        out.replace(at, folder.string().size(), "<plugins>");
    return out;
}

void check_golden(const std::string& name, const std::string& text) {
    const fs::path file = fs::path(MORTISE_SOURCE_DIR) / "tests/host/plugin/golden" / name;
    if (std::getenv("MORTISE_ACCEPT") != nullptr) {
        std::ofstream(file, std::ios::binary) << text;
        return;
    }
    INFO("run again with MORTISE_ACCEPT=1 to accept the new text of " << file);
    CHECK(text == mortise::test::read_file(file));
}

} // namespace

TEST_CASE("each bad plugin is refused with its own reason and the good one still loads",
          "[plugin][catalog]") {
    mortise::test::leave_signals_alone();
    const plugin_folder folder;
    add_harmless(folder);
    folder.add("bad/exits_in_constructor");
    folder.add("bad/crashes_in_constructor");
    plugin_catalog catalog(folder.options(true));

    const auto fresh = catalog.load_folders();

    // The first of the two duplicates is good by itself.
    REQUIRE(fresh.size() == 2);
    CHECK(catalog.find_connector("echo") != nullptr);
    CHECK(catalog.find_connector("duplicate-id") != nullptr);
    CHECK(catalog.refusals().size() == 15);
    check_golden("refusals.txt", refusal_texts(catalog, folder.path()));
}

TEST_CASE("a refusal found in the child reads like one found in the host", "[plugin][catalog]") {
    const plugin_folder folder;
    add_harmless(folder);
    plugin_catalog in_child(folder.options(true));
    in_child.load_folders();
    plugin_catalog in_host(folder.options(false));
    in_host.load_folders();

    CHECK(refusal_texts(in_host, folder.path()) == refusal_texts(in_child, folder.path()));
    CHECK(in_host.refusals().size() == 13);
}

TEST_CASE("two versions of a connector live side by side and the newest is the default",
          "[plugin][catalog]") {
    const plugin_folder folder;
    folder.add("good/echo_1_1", "a_newer.so"); // loaded first: order must not decide
    folder.add("good/echo_1_0", "b_older.so");
    plugin_catalog catalog(folder.options());
    catalog.load_folders();

    REQUIRE(catalog.refusals().empty());
    REQUIRE(catalog.find_connector("echo") != nullptr);
    CHECK(catalog.find_connector("echo")->version == "1.1.0");
    REQUIRE(catalog.find_connector("echo", "1.0.0") != nullptr);
    CHECK(catalog.find_connector("echo", "1.0.0")->version == "1.0.0");
    CHECK(catalog.find_connector("echo", "1.0.0")->table.create !=
          catalog.find_connector("echo", "1.1.0")->table.create);
    CHECK(catalog.find_connector("echo", "2.0.0") == nullptr);
    CHECK(catalog.find_connector("ech") == nullptr);
    CHECK(catalog.find_flow("echo") == nullptr);
}

TEST_CASE("a plugin added later serves new work while the old one stays", "[plugin][catalog]") {
    const plugin_folder folder;
    folder.add("good/echo_1_0");
    plugin_catalog catalog(folder.options());
    REQUIRE(catalog.load_folders().size() == 1);
    const auto* old = catalog.find_connector("echo");

    const auto added = catalog.load_file(folder.add("good/echo_1_1"));

    REQUIRE(added.has_value());
    CHECK(catalog.find_connector("echo")->version == "1.1.0");
    CHECK(catalog.find_connector("echo", "1.0.0") == old);
    CHECK(catalog.load_folders().empty()); // both are known already
    CHECK(catalog.plugins().size() == 2);
}

TEST_CASE("loading a loaded file again gives the same plugin", "[plugin][catalog]") {
    const plugin_folder folder;
    const auto file = folder.add("good/echo_1_0");
    plugin_catalog catalog(folder.options());
    const auto first = catalog.load_file(file);
    REQUIRE(first.has_value());
    const auto second = catalog.load_file(file);
    REQUIRE(second.has_value());
    CHECK(*first == *second);
    CHECK(catalog.plugins().size() == 1);
}

TEST_CASE("new content under the path of a loaded plugin is refused", "[plugin][catalog]") {
    const plugin_folder folder;
    const auto file = folder.add("good/echo_1_0", "echo.so");
    plugin_catalog catalog(folder.options());
    REQUIRE(catalog.load_folders().size() == 1);
    fs::rename(folder.add("good/echo_1_1", "echo.new"), file);

    CHECK(catalog.load_folders().empty());

    REQUIRE(catalog.refusals().size() == 1);
    CHECK(catalog.refusals()[0].reason_code == "file-replaced");
    CHECK(catalog.find_connector("echo")->version == "1.0.0");
}

TEST_CASE("a refusal goes away when the file is mended or removed", "[plugin][catalog]") {
    const plugin_folder folder;
    const auto file = folder.write("echo.so", "half a fi");
    plugin_catalog catalog(folder.options());
    catalog.load_folders();
    REQUIRE(catalog.refusals().size() == 1);

    SECTION("mended") {
        fs::remove(file);
        REQUIRE(catalog.load_file(folder.add("good/echo_1_0", "echo.so")).has_value());
        CHECK(catalog.refusals().empty());
    }
    SECTION("removed") {
        fs::remove(file);
        catalog.load_folders();
        CHECK(catalog.refusals().empty());
    }
}

TEST_CASE("the listing shows what is loaded and what is not", "[plugin][catalog]") {
    const plugin_folder folder;
    folder.add("good/echo_1_0", "a.so");
    folder.add("bad/unknown_service", "b.so");
    plugin_catalog catalog(folder.options());
    catalog.load_folders();

    const auto lines = catalog.list();

    REQUIRE(lines.size() == 2);
    CHECK(lines[0].kind == "connector");
    CHECK(lines[0].id == "echo");
    CHECK(lines[0].version == "1.0.0");
    CHECK(lines[0].plugin_id == "test.echo");
    CHECK(lines[0].abi == "1." + std::to_string(MORTISE_ABI_MINOR));
    CHECK(lines[0].state == plugin_state::loaded);
    CHECK(lines[1].kind == "plugin");
    CHECK(lines[1].id == "test.unknown-service");
    CHECK(lines[1].state == plugin_state::refused);
    CHECK(lines[1].refusal.reason_code == "unknown-service");
}

TEST_CASE("a file that passed is not looked at again until it changes", "[plugin][catalog]") {
    const plugin_folder folder;
    const mortise::test::temp_dir state;
    folder.add("good/echo_1_0", "echo.so");
    auto options = folder.options(true);
    options.probe_memory = state.path() / "plugins.json";
    {
        plugin_catalog first(options);
        REQUIRE(first.load_folders().size() == 1);
    }
    // A program that cannot be started shows whether it is asked for.
    options.probe_program = "/nonexistent/mortise";
    SECTION("unchanged") {
        plugin_catalog again(options);
        CHECK(again.load_folders().size() == 1);
    }
    SECTION("unchanged but for its inode") {
        const auto file = folder.path() / "echo.so";
        const auto time = fs::last_write_time(file);
        fs::remove(file);
        folder.add("good/echo_1_0", "echo.so");
        fs::last_write_time(file, time);
        plugin_catalog again(options);
        CHECK(again.load_folders().size() == 1);
    }
    SECTION("other content with the same size and time") {
        const auto file = folder.path() / "echo.so";
        const auto time = fs::last_write_time(file);
        std::string bytes = mortise::test::read_file(file);
        bytes.back() = static_cast<char>(bytes.back() + 1);
        fs::remove(file);
        folder.write("echo.so", bytes);
        fs::last_write_time(file, time);
        plugin_catalog again(options);
        CHECK(again.load_folders().empty());
        REQUIRE(again.refusals().size() == 1);
        CHECK(again.refusals()[0].reason_code == "probe-failed");
    }
    SECTION("touched") {
        fs::last_write_time(folder.path() / "echo.so", fs::file_time_type::clock::now());
        plugin_catalog again(options);
        CHECK(again.load_folders().empty());
        REQUIRE(again.refusals().size() == 1);
        CHECK(again.refusals()[0].reason_code == "probe-failed");
    }
    SECTION("another file beside it") {
        folder.add("good/echo_1_1", "other.so");
        plugin_catalog again(options);
        CHECK(again.load_folders().size() == 1);
        CHECK(again.refusals().size() == 1);
    }
    SECTION("the memory is damaged") {
        state.write("plugins.json", "{\"host\":");
        plugin_catalog again(options);
        CHECK(again.load_folders().empty());
    }
}

TEST_CASE("init gets the host that is offered for that plugin", "[plugin][catalog]") {
    const plugin_folder folder;
    folder.add("good/echo_1_0");
    folder.add("good/echo_1_1");
    std::vector<std::string> asked;
    auto options = folder.options();
    options.host_for_init = [&](const plugin_descriptor& p) {
        asked.push_back(p.version);
        return static_cast<const mortise_host*>(nullptr); // these fixtures have no init()
    };
    plugin_catalog catalog(options);
    catalog.load_folders();
    CHECK(asked == std::vector<std::string>{"1.0.0", "1.1.0"});
}

TEST_CASE("a stopped catalog finds and loads nothing", "[plugin][catalog]") {
    const plugin_folder folder;
    const auto file = folder.add("good/echo_1_0");
    plugin_catalog catalog(folder.options());
    REQUIRE(catalog.load_folders().size() == 1);
    catalog.deinit_all();
    CHECK(catalog.find_connector("echo") == nullptr);
    CHECK(catalog.load_folders().empty());
    CHECK(catalog.load_file(file).error().reason_code == "stopping");
}

TEST_CASE("finding is possible on other threads while plugins are loaded", "[plugin][catalog]") {
    const plugin_folder folder;
    folder.add("good/echo_1_0", "a.so");
    plugin_catalog catalog(folder.options());
    REQUIRE(catalog.load_folders().size() == 1);
    std::atomic<bool> stop{false};
    std::atomic<int> wrong{0};
    std::thread reader([&] {
        while (!stop) {
            const auto* c = catalog.find_connector("echo");
            if (c == nullptr || c->operations.size() != 1) ++wrong;
            if (catalog.list().empty()) ++wrong;
        }
    });
    const auto added = catalog.load_file(folder.add("good/echo_1_1", "b.so"));
    for (int i = 0; i < 20; ++i)
        (void)catalog.load_file(folder.write("c" + std::to_string(i) + ".so", "no library"));
    stop = true;
    reader.join();
    CHECK(added.has_value());
    CHECK(wrong == 0);
}

TEST_CASE("a plugin built against the headers of 1.0 still loads", "[plugin][catalog][abi]") {
    plugin_catalog catalog({});
    const auto loaded =
        catalog.load_file(fs::path(MORTISE_BINARY_DIR) / "tests" / "abi" / "frozen_1_0.so");
    REQUIRE(loaded.has_value());
    const auto* c = catalog.find_connector("frozen");
    REQUIRE(c != nullptr);
    CHECK(c->operation("echo.twice")->repeat == effect_class::lookup_first);
    CHECK(c->operation("echo.twice")->blocking());
    CHECK(c->trigger("ticks")->default_poll_interval_s == 30);
    CHECK(c->trigger("ticks")->streams());
    const auto* f = catalog.find_flow("frozen-flow");
    REQUIRE(f != nullptr);
    CHECK(f->subscribes_to("source", "frozen.tick"));
    CHECK(f->role("source")->operations == std::vector<std::string>{"echo"});
}

TEST_CASE("a plugin built against the headers of 1.1 still loads", "[plugin][catalog][abi]") {
    plugin_catalog catalog({});
    const auto loaded =
        catalog.load_file(fs::path(MORTISE_BINARY_DIR) / "tests" / "abi" / "frozen_1_1.so");
    REQUIRE(loaded.has_value());
    const auto* c = catalog.find_connector("frozen-1-1");
    REQUIRE(c != nullptr);
    CHECK(c->trigger("ticks")->polls());
    CHECK(c->trigger("ticks")->backfills());
    CHECK_FALSE(c->trigger("ticks")->streams());
    const auto* f = catalog.find_flow("frozen-flow-1-1");
    REQUIRE(f != nullptr);
    CHECK(f->subscribes_to("", "mortise.child"));
}

TEST_CASE("versions are ordered as semantic versioning says", "[plugin][catalog]") {
    const char* ascending[] = {"not a version",
                               "0.9.9",
                               "1.0.0-alpha",
                               "1.0.0-alpha.1",
                               "1.0.0-alpha.beta",
                               "1.0.0-beta",
                               "1.0.0-beta.2",
                               "1.0.0-beta.11",
                               "1.0.0-rc.1",
                               "1.0.0",
                               "1.0.1",
                               "1.2.0",
                               "1.10.0",
                               "10.0.0",
                               "18446744073709551616.0.0"};
    for (std::size_t i = 0; i < std::size(ascending); ++i) {
        for (std::size_t k = 0; k < std::size(ascending); ++k) {
            INFO(ascending[i] << " and " << ascending[k]);
            const int order = compare_versions(ascending[i], ascending[k]);
            CHECK((order < 0) == (i < k));
            CHECK((order > 0) == (i > k));
        }
    }
    CHECK(compare_versions("1.0.0+a", "1.0.0+b") == 0);
}
