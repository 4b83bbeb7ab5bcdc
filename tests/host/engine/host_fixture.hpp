// SPDX-License-Identifier: Apache-2.0
// A whole host in the test's process, with the probe plugin and a recording target. Restartable:
// the journal lies in a folder of the fixture.
#pragma once

#include "api_document.hpp"
#include "app/host.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/http_call.hpp"
#include "support/recording_target.hpp"
#include "support/result_text.hpp"
#include "support/temp_dir.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mortise::host::testing {

using test::eventually;
using test::fault;

// What differs from the plain configuration.
struct host_setup {
    std::string host;       // lines in [host]
    std::string http;       // lines in [host.http]
    std::string admin;      // lines in [admin], and [admin.*] behind them
    std::string connection; // lines in [connections.target]
    std::string retry =
        "first_delay = \"10ms\"\nmax_delay = \"40ms\"\nmax_attempts = 4\njitter = 0";
    std::string poll = "1h";
    std::string flow;  // lines in [flows.steps]
    std::string extra; // further sections
    bool quiet = true;
    std::string plugins = "\"" MORTISE_BINARY_DIR "/test-plugins\""; // [plugins] paths
    std::vector<std::filesystem::path> plugin_folders;
    std::function<void(journal_point, std::uint64_t)> test_point;
    std::vector<std::shared_ptr<run_observer>> observers;
};

class host_fixture {
public:
    explicit host_fixture(host_setup setup = {});
    ~host_fixture();

    // Writes the configuration from setup and starts; requires success.
    void start();
    void stop();
    void restart();
    std::string toml() const;
    void write_config() const;

    // Posts one event to the webhook and returns the status.
    int send(const std::string& id,
             const std::string& plan,
             const std::string& type = "probe.changed",
             const std::string& subject = {});
    test::http_reply
    post(const std::string& path, const std::string& body, const test::header_list& headers = {});
    // An admin request with the local token; the answer is held against the API's document.
    test::http_reply
    admin(const std::string& method, const std::string& path, const std::string& body = {});

    // With these headers and no others.
    test::http_reply admin_as(const std::string& method,
                              const std::string& path,
                              const std::string& body,
                              const test::header_list& headers);
    std::string local_token() const;
    const api_document& document();

    std::vector<run_record> runs(std::optional<run_state> state = {},
                                 const std::string& instance = {});
    claimed_run run(const run_id& id);
    // Waits until so many runs are in the state.
    bool wait_runs(run_state state, std::size_t n, const std::string& instance = {});
    // The only run there is, when it has come to an end.
    claimed_run ended();
    double metric(const std::string& name);

    host_setup setup;
    test::temp_dir dir;
    test::recording_target target;
    std::unique_ptr<host> it;

private:
    std::unique_ptr<api_document> document_;
};

// {"do":...} steps into a plan.
std::string plan(std::initializer_list<std::string> steps);

} // namespace mortise::host::testing
