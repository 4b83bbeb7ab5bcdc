// SPDX-License-Identifier: Apache-2.0
//
// All plugins of this process: loads files, keeps what was refused with the reason, and finds
// connectors and flows by id. Several versions of one id live side by side when they come from
// different files; new work takes the newest, running work keeps what it began with.
//
// Loading is [main]; finding and listing are [any-thread], also while something is being loaded.
// Descriptors live as long as the catalog, libraries as long as the process. One bad file never
// stops the others.
#pragma once

#include "plugin/descriptors.hpp"
#include "plugin/library.hpp"
#include "plugin/refusal.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace mortise::host {

struct catalog_options {
    scan_options scan;
    // What a plugin's init() receives; called once per plugin, the host must outlive the catalog.
    // Empty: a host that offers mortise.log/1 only.
    std::function<const mortise_host*(const plugin_descriptor&)> host_for_init;
    // Loads a file never seen before in a child process first, so that a library that exits or
    // crashes while it is loaded cannot take the host along. Off when probe_program is empty.
    std::filesystem::path
        probe_program; // a program that answers `inspect --raw FILE` (inspect.hpp)
    // Remembers which files passed (path, size, mtime, sha256); empty: every file is probed again.
    std::filesystem::path probe_memory;
    std::chrono::milliseconds probe_timeout{10'000};
};

enum class plugin_state { loaded, refused };

// One line of `mortise plugins`.
struct plugin_listing {
    std::filesystem::path file;
    std::string kind; // "connector", "flow", or "plugin" for a refused file
    std::string id;   // of the connector or flow; of the plugin when refused (may be empty)
    std::string version;
    std::string title;
    std::string plugin_id;
    std::string plugin_version;
    std::string sdk;
    std::string abi; // "1.0"
    plugin_state state = plugin_state::loaded;
    plugin_refusal refusal; // when refused
};

class plugin_catalog {
public:
    explicit plugin_catalog(catalog_options options);
    ~plugin_catalog(); // calls deinit_all()
    plugin_catalog(const plugin_catalog&) = delete;
    plugin_catalog& operator=(const plugin_catalog&) = delete;

    // [main] Scans the folders and loads what is not loaded yet. Returns the plugins that are new;
    // refusals of this scan replace those of the one before.
    std::vector<const plugin_descriptor*> load_folders();
    // [main] Loads one file, e.g. one dropped into a watched folder. A file that is loaded already
    // and unchanged gives its plugin again.
    plugin_result<const plugin_descriptor*> load_file(const std::filesystem::path& file);
    // [main] deinit() of every plugin, the last loaded first. After the last instance is destroyed.
    // Finding gives nothing afterwards.
    void deinit_all() noexcept;

    // [any-thread] The newest version (semantic versioning; a release is newer than its
    // pre-releases), or exactly the one asked for. Null when there is none.
    const connector_descriptor* find_connector(std::string_view id,
                                               std::string_view version = {}) const;
    const flow_descriptor* find_flow(std::string_view id, std::string_view version = {}) const;

    // [any-thread] In order of loading.
    std::vector<const plugin_descriptor*> plugins() const;
    std::vector<plugin_refusal> refusals() const;
    // [any-thread] Sorted by file, kind, id; refused files included.
    std::vector<plugin_listing> list() const;

private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

// <0, 0, >0 as a is older than, equal to, newer than b by Semantic Versioning 2.0.0 precedence.
// Text that is not such a version is older than every version and compares as text.
int compare_versions(std::string_view a, std::string_view b) noexcept;

} // namespace mortise::host
