// SPDX-License-Identifier: Apache-2.0
//
// From a folder to checked plugin descriptors: finds the files, refuses unsafe ones, loads a
// library, checks what it says about itself and copies it. Nothing here calls init(), create() or
// any other function of a plugin except the entry function and get_factory(), which only return
// const data.
//
// A loaded library stays mapped for the life of the process: unloading runs into thread-local
// destructors, background threads and foreign runtimes, and a replaced file under the same path
// would still be the old code. Errors are plugin_refusal values; nothing throws but std::bad_alloc.
#pragma once

#include "plugin/descriptors.hpp"
#include "plugin/refusal.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mortise::host {

// A file that may be loaded, with the facts it was checked by.
struct plugin_file {
    std::filesystem::path path; // absolute, links resolved
    std::uint64_t size = 0;
    std::int64_t mtime_ns = 0;
    std::int64_t ctime_ns = 0;
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::string sha256; // lower-case hex of the opened file
};

struct scan_options {
    // In this order; files of one folder in name order. A path ending in ".so" may be a single
    // file.
    std::vector<std::filesystem::path> folders;
    std::map<std::string, std::string> pins; // file name -> "sha256:<hex>" ([plugins.pin])
    // Who may own a plugin file besides root; not given: the user this process runs as.
    std::optional<std::uint32_t> owner_uid;
    // The content hash of a file with exactly these facts (all but sha256 are set), when it is
    // known already; reading every file costs most of a start. Pinned files are always read. Called
    // on several threads at once.
    std::function<std::optional<std::string>(const plugin_file&)> known_hash;
};

struct scan_result {
    std::vector<plugin_file> files;
    std::vector<plugin_refusal> refused;
};

// [main] Regular files ending in ".so" (symbolic links to such files too), not recursive. A folder
// that is missing or cannot be read is a refusal of that folder and stops nothing else.
scan_result scan(const scan_options& options);
// [any-thread] The same checks for one file; its folder is checked as well.
plugin_result<plugin_file> check_file(const std::filesystem::path& file,
                                      const scan_options& options);

// Ids of the services this host offers: "mortise.http/1", ...
std::span<const std::string_view> host_services() noexcept;

// [main] Loads the library and describes it, checking everything that can be checked without
// running the plugin's own code. Loading runs the library's constructors: a file never seen before
// goes through inspect_in_child() (inspect.hpp) first.
plugin_result<std::unique_ptr<plugin_descriptor>>
open_library(const plugin_file& file, std::span<const std::string_view> services = host_services());

// [any-thread] The checks and copies alone, for an entry that is already in memory.
plugin_result<std::unique_ptr<plugin_descriptor>>
describe(const mortise_entry* entry,
         const std::filesystem::path& file,
         std::span<const std::string_view> services = host_services());

} // namespace mortise::host
