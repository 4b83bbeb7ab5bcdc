// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"
#include "support/result_text.hpp"
#include "support/temp_dir.hpp"
#include "validate/elf_symbols.hpp"

#include <algorithm>
#include <cstdlib>
#include <elf.h>
#include <random>

using namespace mortise::host;
using mortise::test::read_file;

namespace {

const std::string fixtures = MORTISE_BINARY_DIR "/tests/fixtures/";

std::span<const unsigned char> bytes_of(const std::string& text) {
    return {reinterpret_cast<const unsigned char*>(text.data()), text.size()};
}

std::vector<std::string> names_in(const std::string& file) {
    const auto all = exported_symbols(std::filesystem::path(file));
    INFO((all ? "" : all.error().message));
    REQUIRE(all);
    std::vector<std::string> out;
    for (const auto& s : *all)
        if (!s.name.starts_with("__") && s.name != "_init" && s.name != "_fini")
            out.push_back(s.name);
    return out;
}

} // namespace

TEST_CASE("the symbols of a plugin are read from its file", "[validate][elf]") {
    CHECK(names_in(ACME_PLUGIN) == std::vector<std::string>{"mortise_plugin_entry_v1"});
    CHECK(names_in(fixtures + "bad/no_symbol.so") ==
          std::vector<std::string>{"mortise_fixture_answer"});
    CHECK(names_in(fixtures + "bad/other_major.so") ==
          std::vector<std::string>{"mortise_plugin_entry_v2"});
}

TEST_CASE("a unique symbol is told from others", "[validate][elf]") {
    const auto all = exported_symbols(std::filesystem::path(WRONG_PLUGINS "/unique_symbol.so"));
    REQUIRE(all);
    // A header of another library may bring more of them; this one is the fixture's own.
    const auto unique = std::count_if(all->begin(), all->end(), [](const auto& s) {
        return s.bound == elf_symbol::binding::unique &&
               s.name.find("counted") != std::string::npos;
    });
    CHECK(unique == 1);
}

TEST_CASE("a file that is no library is refused in words", "[validate][elf]") {
    const auto text = GENERATE(as<std::string>(), "", "x", "#!/bin/sh\n",
                               "\x7f"
                               "ELF");
    const auto all = exported_symbols(bytes_of(text));
    REQUIRE_FALSE(all);
    CHECK(all.error().category == mortise::category::input);
    CHECK_THAT(all.error().message, Catch::Contains("shared library"));
    CHECK_FALSE(exported_symbols(std::filesystem::path("/no/such/file.so")));
}

TEST_CASE("a library cut anywhere is refused or read, never read past", "[validate][elf]") {
    const std::string whole = read_file(fixtures + "bad/no_symbol.so");
    std::size_t refused = 0;
    for (std::size_t size = 0; size < whole.size(); size += 61) {
        // A buffer of exactly this size, so that a memory checker sees a read past it.
        const std::vector<unsigned char> part(whole.begin(),
                                              whole.begin() + static_cast<std::ptrdiff_t>(size));
        if (!exported_symbols(std::span(part))) ++refused;
    }
    CHECK(refused > 10);
}

TEST_CASE("a library with damaged bytes does not lead the reader astray", "[validate][elf]") {
    const std::string whole = read_file(fixtures + "bad/no_symbol.so");
    std::mt19937_64 random(7);
    for (int round = 0; round < 3000; ++round) {
        std::vector<unsigned char> damaged(whole.begin(), whole.end());
        for (int i = 0; i < 4; ++i) // headers and tables lie in the first kilobytes
            damaged[random() % std::min<std::size_t>(damaged.size(), 4096)] =
                static_cast<unsigned char>(random());
        const auto all = exported_symbols(std::span(damaged));
        if (!all) CHECK_FALSE(all.error().message.empty());
    }
}
