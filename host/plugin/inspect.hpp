// SPDX-License-Identifier: Apache-2.0
//
// Looks at a plugin without trusting it: loads it in a child process, calls init() and deinit()
// there, and brings back its manifest as JSON, or how the child died. Costs a few milliseconds a
// file.
#pragma once

#include "plugin/descriptors.hpp"
#include "plugin/library.hpp"
#include "plugin/refusal.hpp"

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace mortise::host {

// [any-thread] Everything a plugin says about itself, as one JSON object with stable key order:
// ids, versions, schemas, operations with their effect class, triggers, events, roles,
// subscriptions.
std::string manifest_json(const plugin_descriptor& plugin);

struct inspect_options {
    std::filesystem::path
        program; // run as `<program> inspect --raw FILE`; normally the host itself
    std::chrono::milliseconds timeout{10'000};
};

// [any-thread] Blocks until the child has ended or the time is over (it is killed then). The
// manifest, or the refusal the child found, or a refusal with reason code "died-while-loading",
// "probe-timeout" or "probe-failed" and the last lines the child wrote to standard error.
plugin_result<std::string> inspect_in_child(const std::filesystem::path& file,
                                            const inspect_options& options);

// [any-thread] The same look at many files, without their manifests: one answer for each, in their
// order. Far quicker than one after the other, because a few children look at them all, each file
// in a copy of its own made by fork(); where such a child itself dies, its files are looked at one
// by one.
std::vector<plugin_result<void>> probe_in_children(const std::vector<std::filesystem::path>& files,
                                                   const inspect_options& options);

// The child's half: loads the file, writes its answer to standard output, and ends the process
// without running destructors. "-" for the file: standard input names many. A program that offers
// `inspect --raw FILE` calls this before anything else is set up, above all before it has threads.
[[noreturn]] void run_raw_inspect(const std::filesystem::path& file);

// [any-thread] How the host offers itself to init() when nothing else is offered: mortise.log/1,
// whose lines go to the host's log. Lives as long as the process.
const mortise_host* log_only_host() noexcept;

} // namespace mortise::host
