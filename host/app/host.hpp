// SPDX-License-Identifier: Apache-2.0
//
// The host process: every part in the order it is made, and the reverse at the end.
#pragma once

#include "app/deployment.hpp"
#include "app/reload.hpp"
#include "app/sockets.hpp"
#include "config/config.hpp"
#include "journal/journal.hpp"
#include "plugin/catalog.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mortise::host {

class run_observer;

struct host_options {
    std::filesystem::path config; // the TOML file
    std::filesystem::path
        program; // this executable, to look at new plugins in a child process; empty: no look
    std::vector<std::filesystem::path> plugin_folders;  // besides the configured ones
    std::optional<std::uint16_t> http_port, admin_port; // instead of the configured
    bool quiet = false;                                 // leave the log alone (tests)
    // A connection test: a journal of its own in a temporary folder, no listener, no trigger, no
    // flow. A connection that cannot be put to work answers with the reason when it is tested, and
    // keeps no other from being tested.
    bool probe = false;
    std::function<void(journal_point, std::uint64_t)> journal_test_point;
    std::vector<std::shared_ptr<run_observer>> observers; // besides the host's own
    passed_sockets sockets; // to use instead of the configured addresses; the host's from now on
    // What POST /api/v1/upgrade does once the new program was found good; empty: it is refused.
    // [any-thread]
    std::function<void()> upgrade;
};

// Configuration and plugins, checked and not yet at work. [main]
struct prepared {
    std::unique_ptr<plugin_catalog> plugins;
    std::shared_ptr<configuration> config;
    std::vector<config_problem> problems; // warnings only when prepare() succeeded
    bool ok = false;
};
prepared prepare(const host_options& options);

class host {
public:
    explicit host(host_options options);
    ~host(); // stop()

    // [main] Comes back when everything listens. Errors name file and line where there is one.
    result<void> start();
    // [main] Takes no more in, lets runs reach an end for the configured grace, closes all.
    // Idempotent.
    void stop();
    // [main] As stop(), for a program that goes on with the sockets: whoever connects from here on
    // waits for it. Requests under way are answered, runs are cut off soon and go on there.
    passed_sockets hand_over();
    // [any-thread] Whether the host's threads still do their work: false when they did not within
    // the limit.
    bool responds(std::chrono::milliseconds limit);
    // [any-thread], none of the host's own: reads the configuration again; refused as a whole with
    // every problem, or applied as a whole. Runs in memory finish on what they began with.
    // by: who asked, for the ledger ("signal:root", see admin/admin_action.hpp); empty: no entry.
    result<reload_report> reload(std::string by = {});
    // [any-thread] An entry of the ledger for what was asked for besides the admin listener.
    // operation: as the listener calls it, "upgradeHost".
    void note(std::string by, std::string operation, const result<void>& outcome);

    std::uint16_t http_port() const;
    std::uint16_t admin_port() const;
    const configuration& config() const;                        // [main] until the next reload
    std::shared_ptr<const configuration> config_in_use() const; // [any-thread]
    engine& runs();
    journal& store();
    connection_gates& gates();
    scheduler& schedules();
    backfill& backfills();
    // [main] What is at work.
    std::vector<connection_state> connections();
    // [main] mortise.test-connection/1 of one connection.
    result<std::string> test_connection(const std::string& name, std::chrono::milliseconds timeout);
    // Not from the host's own threads: one operation of a connection, outside of any run; JSON in
    // and out. For operations that only read. Errors: config "connection.no-operation".
    result<std::string> call(const std::string& connection,
                             const std::string& operation,
                             std::string input,
                             std::chrono::milliseconds timeout);
    // Does the connector behind it have the operation? [any-thread]
    bool offers(const std::string& connection, std::string_view operation) const;
    const plugin_catalog& plugins() const;

private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

} // namespace mortise::host
