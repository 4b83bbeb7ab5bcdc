// SPDX-License-Identifier: Apache-2.0
//
// This process becomes the program file that lies on disk now, with the listening sockets and the
// same process id. The new program is tried in a child first; one that does not start gives way to
// the former, which is still open as a file.
#pragma once

#include "app/sockets.hpp"
#include "base/result.hpp"

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace mortise::host {

// Runs `program version` and `program -c config [--plugins folder].. check` in children that get
// none of our descriptors. Errors (category config, "upgrade.refused"): the file is no program, it
// ends with something else than 0, or takes longer than `limit`; with what it said.
result<std::string> try_program(const std::filesystem::path& program,
                                const std::filesystem::path& config,
                                const std::vector<std::filesystem::path>& plugin_folders,
                                std::chrono::milliseconds limit = std::chrono::seconds(30));

// [main] The path behind /proc/self/exe, also when another file has taken its place.
std::filesystem::path own_program();

// [main] Comes back only when it failed; take_passed_sockets() gives the sockets back then. The
// former program is left open for the new one.
error become_program(const std::filesystem::path& program, const passed_sockets& sockets);

// [main] Whether an upgrade started this program, and its way back. Once, at the beginning.
class former_program {
public:
    former_program();
    ~former_program();
    former_program(const former_program&) = delete;
    former_program& operator=(const former_program&) = delete;
    bool exists() const noexcept { return fd_ >= 0; }
    // Becomes the former program again, which is told why; returns only when that failed.
    void go_back(const passed_sockets& sockets, const std::string& why);
    // The other side of go_back(): why the upgrade failed, or empty.
    const std::string& failure() const noexcept { return failure_; }
    void failed(std::string why) { failure_ = std::move(why); } // without having gone
    void forget();                                              // the new program stays

private:
    int fd_ = -1;
    std::vector<std::string> arguments_;
    std::string failure_;
};

} // namespace mortise::host
