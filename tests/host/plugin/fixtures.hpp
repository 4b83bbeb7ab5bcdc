// SPDX-License-Identifier: Apache-2.0
// Where the fixture plugins are, and a folder to put copies of them into.
#pragma once

#include "plugin/catalog.hpp"
#include "support/temp_dir.hpp"

#include <cstdlib>
#include <filesystem>
#include <string>

namespace mortise::test {

inline const std::filesystem::path fixture_dir =
    std::filesystem::path(MORTISE_BINARY_DIR) / "tests" / "fixtures";
inline const std::filesystem::path probe_program = PLUGIN_INSPECT_PROGRAM;

// Sanitizers would turn a fixture's SIGSEGV into an exit of their own.
inline void leave_signals_alone() {
    for (const char* name : {"ASAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS"}) {
        const char* old = std::getenv(name);
        const std::string value = (old ? std::string(old) + ":" : std::string()) + "handle_segv=0";
        ::setenv(name, value.c_str(), 1);
    }
}

// A folder of plugins that only this test knows. Copies get names of their own, so that the loader
// sees another file in every test.
class plugin_folder {
public:
    std::filesystem::path add(const std::string& fixture, const std::string& name = {}) const {
        const auto from = fixture_dir / (fixture + ".so");
        const auto to = dir_.path() / (name.empty() ? from.filename().string() : name);
        std::filesystem::copy_file(from, to);
        return to;
    }
    std::filesystem::path write(std::string_view name, std::string_view text) const {
        return dir_.write(name, text);
    }
    const std::filesystem::path& path() const { return dir_.path(); }
    host::catalog_options options(bool probe = false) const {
        host::catalog_options o;
        o.scan.folders = {dir_.path()};
        if (probe) o.probe_program = probe_program;
        return o;
    }

private:
    temp_dir dir_;
};

} // namespace mortise::test
