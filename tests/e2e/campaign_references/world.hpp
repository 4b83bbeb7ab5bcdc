// SPDX-License-Identifier: Apache-2.0
// Both systems as emulators, and what a person sees of them. The host comes in process or as a
// child.
#pragma once

#include "app/host.hpp"
#include "kit/server.hpp"
#include "kit/test_client.hpp"
#include "support/temp_dir.hpp"

#include <memory>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace mortise::test {

struct reference_node {
    std::int64_t id = 0;
    std::string name;
    std::string url;
};

class world {
public:
    struct options {
        bool webhooks = true;      // iconik tells the host; else only polls find changes
        std::string flow_settings; // further lines of [flows.campaigns.settings]
        std::string poll_interval = "200ms";
    };
    world();
    explicit world(options o);
    ~world();

    // ---- the host in process ----
    void start_host();
    void stop_host();
    host::host& running_host() { return *host_; }
    // ---- the host as a child process: kill_at as `mortise run --test-kill-at` takes it, or empty
    // ----
    void start_child(const std::string& kill_at);
    // Waits for its end; the signal it died of, or 0.
    int wait_child();
    bool child_ended();
    void end_child();

    // ---- people and faults ----
    void play_iconik(const std::string& action, const boost::json::object& what);
    void play_otcs(const std::string& action, const boost::json::object& what);
    void fault_otcs(const boost::json::object& fault);
    void fault_iconik(const boost::json::object& fault);
    void clear_faults();

    // ---- what can be seen ----
    std::vector<reference_node> references(const std::string& campaign = "C-1001");
    std::size_t references_named(const std::string& part, const std::string& campaign = "C-1001");
    // The one attribute of the category on a node, "" when absent.
    std::string reference_attribute(std::int64_t node, const std::string& attribute);
    // First value of a Marketing field of an asset (by story name), "" when empty.
    std::string asset_field(const std::string& story, const std::string& field);
    static std::string asset_id(const std::string& story);
    std::vector<host::run_record> runs(std::optional<host::run_state> state = std::nullopt);
    // No run is ready, active or waiting, and no event more comes from what happened so far.
    bool settled();
    host::journal_stats stats();
    std::size_t events_of(const std::string& type);

private:
    void write_config();
    bool watching(const std::string& connection);
    std::string workspace_of(const std::string& campaign);
    void register_webhooks();

    options options_;
    temp_dir dir_;
    sandbox::running iconik_;
    sandbox::running otcs_;
    sandbox::http_client iconik_client_;
    sandbox::http_client otcs_client_;
    std::unique_ptr<host::host> host_;
    pid_t child_ = 0;
    std::uint16_t port_ = 0;
};

} // namespace mortise::test
