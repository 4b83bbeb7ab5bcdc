// SPDX-License-Identifier: Apache-2.0
// iconik and Extended ECM as emulators, the host between them with any flows, and what a person
// sees of all three. The host comes in process or as a child.
#pragma once

#include "app/host.hpp"
#include "kit/server.hpp"
#include "kit/test_client.hpp"
#include "support/temp_dir.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace mortise::test {

// An item in a folder of a workspace.
struct seen_node {
    std::int64_t id = 0;
    int type = 0; // 0 folder, 140 URL, 144 document
    std::string name;
    std::string url;
};

class world {
public:
    struct options {
        // The flow instances: TOML of [flows.*] and what else they need ([mappings.*]); see
        // flow(). "{iconik}" and "{otcs}" become the emulators' addresses.
        std::string flows;
        bool webhooks = true; // iconik tells the host; else only polls find changes
        std::vector<std::string> webhook_types{"assets", "collections"};
        std::string poll_interval = "200ms";
        // Settings of the connections, as TOML values; say more, or others, by key.
        std::map<std::string, std::string> iconik{{"metadata_views", "[\"Marketing\"]"}};
        std::map<std::string, std::string> otcs{{"watch_node_categories", "[\"Media Reference\"]"}};
    };
    explicit world(options o);
    ~world();
    // TOML of one instance with the roles dam and workspaces. settings: lines "key = value".
    static std::string
    flow(const std::string& instance, const std::string& plugin_flow, const std::string& settings);

    // ---- the host in process; comes back when both triggers have taken stock ----
    void start_host();
    void stop_host();
    void configure(std::string flows); // other flow instances, from the next start on
    host::host& running_host() { return *host_; }
    // ---- the host as a child process: kill_at as `mortise run --test-kill-at` takes it, or empty
    // ----
    void start_child(const std::string& kill_at);
    // Waits for its end; the signal it died of, or 0.
    int wait_child();
    bool child_ended();
    void end_child();
    void kill_child();                     // with SIGKILL, as a power cut would
    pid_t child() const { return child_; } // 0: none

    // ---- addresses, for what this class does not offer ----
    std::string host_url() const { return "http://127.0.0.1:" + std::to_string(port_); }
    std::string iconik_url() const { return iconik_.base_url(); }
    std::string otcs_url() const { return otcs_.base_url(); }

    // ---- people and faults; the answer of the emulator's control API ----
    boost::json::value play_iconik(const std::string& action, const boost::json::object& what);
    boost::json::value play_otcs(const std::string& action, const boost::json::object& what);
    void fault_otcs(const boost::json::object& fault);
    void fault_iconik(const boost::json::object& fault);
    void clear_faults();
    void advance_iconik(std::chrono::seconds by);
    void advance_otcs(std::chrono::seconds by);

    // ---- Extended ECM as its administrator sees it. bo: a business object of type bo_type ----
    // 0 when there is none.
    std::int64_t workspace_id(const std::string& bo, const std::string& bo_type = "campaign");
    std::size_t workspaces_of(const std::string& bo, const std::string& bo_type);
    std::vector<seen_node> children(std::int64_t node);
    // In the folder path ("Media", "Records/2026") of the workspace; empty when it is not there.
    std::vector<seen_node> nodes_in(const std::string& bo,
                                    const std::string& folder,
                                    const std::string& bo_type = "campaign");
    std::vector<seen_node> references(const std::string& bo = "C-1001",
                                      const std::string& bo_type = "campaign",
                                      const std::string& folder = "Media");
    std::size_t references_named(const std::string& part,
                                 const std::string& bo = "C-1001",
                                 const std::string& bo_type = "campaign",
                                 const std::string& folder = "Media");
    // An attribute of a category on a node: first value, "" when absent.
    std::string attribute(std::int64_t node, const std::string& attribute);
    std::vector<std::string> attribute_values(std::int64_t node, const std::string& attribute);
    std::string document_text(std::int64_t node);
    std::size_t versions_of(std::int64_t node);
    boost::json::value get_otcs(const std::string& path); // below /otcs/cs/api

    // ---- iconik as its administrator sees it. story: "hero-film", or an id ----
    static std::string asset_id(const std::string& story);
    static std::string collection_id(const std::string& story);
    // First value of a Marketing field, "" when empty.
    std::string asset_field(const std::string& story, const std::string& field);
    std::vector<std::string> asset_fields(const std::string& story, const std::string& field);
    std::string collection_field(const std::string& story, const std::string& field);
    std::string approval_of(const std::string& story);
    std::vector<std::string> comments_on(const std::string& story); // oldest first
    boost::json::value get_iconik(const std::string& path);         // below /API
    void rename_asset(const std::string& story, const std::string& title);
    // Imports a file into a collection (story name); its metadata is {field: [values]}. The id.
    std::string add_asset(const std::string& title,
                          const std::string& collection,
                          const boost::json::object& metadata);

    // ---- Mortise ----
    std::vector<host::run_record> runs(std::optional<host::run_state> state = std::nullopt);
    // The message of the newest dead letter, "" without one.
    std::string dead_letter();
    // As a person does; comes back when all are ready. repin: with the settings of today.
    void retry_dead_letters(bool repin = false);
    // Retries them once all is at rest; is it at rest then, and nothing failed or in doubt?
    bool mended();
    // A tick of the instance's schedule, now.
    void tick(const std::string& instance, const std::string& id);
    // No run is ready, active or waiting.
    bool settled();
    host::journal_stats stats();
    std::size_t events_of(const std::string& type);

private:
    void write_config();
    bool watching(const std::string& connection);
    void register_webhooks();
    void sign_in();
    std::vector<std::string>
    fields_of(const std::string& type, const std::string& id, const std::string& field);

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
