// SPDX-License-Identifier: Apache-2.0
// The real program, beside a host in the test's process.
#pragma once

#include "host_fixture.hpp"
#include "support/child_process.hpp"

#include <boost/json.hpp>

#include <atomic>
#include <csignal>
#include <string>
#include <sys/wait.h>
#include <vector>

namespace mortise::host::testing {

struct said {
    int code = -1;
    std::string text; // both outputs
    boost::json::value json() const {
        INFO(text);
        boost::system::error_code ec;
        auto v = boost::json::parse(text, ec);
        REQUIRE_FALSE(ec);
        return v;
    }
};

// mortise -c <the fixture's configuration> words...
inline said program(const host_fixture& f, std::vector<std::string> words) {
    static std::atomic<int> calls{0};
    const auto out = f.dir.path() / ("said-" + std::to_string(calls++));
    std::vector<std::string> command{MORTISE_PROGRAM, "-c",
                                     (f.dir.path() / "mortise.toml").string()};
    command.insert(command.end(), words.begin(), words.end());
    test::child_process child(command, out.string());
    const auto status = child.wait(std::chrono::seconds(60));
    REQUIRE(status);
    INFO("ended by a signal");
    REQUIRE(WIFEXITED(*status));
    return {WEXITSTATUS(*status), test::read_file(out)};
}

} // namespace mortise::host::testing
