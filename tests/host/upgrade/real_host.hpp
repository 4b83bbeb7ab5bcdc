// SPDX-License-Identifier: Apache-2.0
// `mortise run` as a process of its own, from a copy of the program that can be replaced.
#pragma once

#include "host_fixture.hpp"
#include "support/child_process.hpp"

#include <memory>
#include <string>
#include <vector>

namespace mortise::host::testing {

class real_host {
public:
    real_host();
    ~real_host();

    // before: words in front of the command, e.g. a shell that prepares descriptors.
    void start(std::vector<std::string> before = {});
    // SIGTERM, and the status.
    int stop();
    // Puts another file where the program is, as a package manager does.
    void replace_program(const std::filesystem::path& with = MORTISE_PROGRAM);
    std::filesystem::path program() const { return f.dir.path() / "bin" / "mortise"; }
    std::string log() const;
    std::size_t times(std::string_view text) const; // in the log
    bool wait_for(std::string_view text, std::size_t n);
    unsigned short port() const; // of the last start
    unsigned short admin_port() const;
    // As the account on this machine.
    test::http_reply admin(const std::string& path);
    // With the host stopped: every name was taken in once and created once.
    void check_each_once(const std::vector<std::string>& names);

    host_fixture f; // configuration and target; its own host is not started
    std::unique_ptr<test::child_process> child;

private:
    unsigned short port_after(std::string_view key) const;
};

} // namespace mortise::host::testing
