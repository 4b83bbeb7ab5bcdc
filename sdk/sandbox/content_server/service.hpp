// SPDX-License-Identifier: Apache-2.0
//
// The emulator itself: routes, authentication, and what the areas share. Each area adds its routes
// in a function of its own (add_*_routes) and works on `repository`.
#pragma once

#include "arguments.hpp"
#include "kit/emulator.hpp"
#include "kit/tokens.hpp"
#include "repository.hpp"

#include <functional>
#include <optional>
#include <set>
#include <string>

namespace mortise::sandbox::content_server {

inline constexpr const char* api = "/otcs/cs/api"; // what all script prefixes are mapped to

// One call as a handler sees it.
struct call {
    const request& raw;
    arguments args;
    member_id user = 0;

    // A number in the path; 400 "Invalid datatype specified for argument" when it is none.
    std::int64_t id(std::string_view name = "id") const;
    // "/api/v2/nodes/5?fields=properties": relative to the script, as links have it.
    std::string self_href() const;
    std::string api_path() const;
};

class service final : public emulator {
public:
    using call_handler = std::function<reply(call&)>;

    explicit service(emulator_options options);

    repository& repo() noexcept { return *repo_; }
    const token_store& access_tokens() const noexcept { return access_tokens_; }

    // `path` is below /api: "v2/nodes/{id}". An open route needs no ticket.
    void add(std::string method, const std::string& path, call_handler fn);
    void add_open(std::string method, const std::string& path, call_handler fn);
    // Routes added from now on belong to a family that can be switched off; "" ends it.
    void module(std::string name) { module_ = std::move(name); }
    bool has_module(const std::string& name) const { return !modules_off_.contains(name); }

    // Sessions.
    std::string open_session(member_id user);
    std::string issue_ticket(const std::string& session);
    std::optional<std::string> session_of(const std::string& ticket) const;
    bool close_session(const std::string& ticket);
    void expire_sessions();
    std::string issue_otds_ticket(member_id user);
    std::string issue_access_token(const std::string& principal, milliseconds life);
    std::optional<member_id> user_of_otds_ticket(const std::string& ticket) const;
    static std::string presented_ticket(const request& r); // header or cookie, may be empty
    // 401 failure when nothing valid is presented.
    member_id authenticate(const request& r) const;
    milliseconds session_timeout() const noexcept { return session_timeout_; }

    // Settings.
    enum class page_quirk { last, first, empty };
    page_quirk out_of_range_page() const noexcept { return quirk_; }
    std::string date(time_point t) const;       // node dates, with or without Z
    std::string plain_date(time_point t) const; // always without
    const std::string& server_version() const noexcept { return server_version_; }
    void configure(const json::object& changes);
    std::string token(std::size_t length) { return ids().token(length); }
    void play_action(std::string name,
                     std::string help,
                     std::function<json::value(const json::object&)> fn) {
        play(std::move(name), std::move(help), std::move(fn));
    }

protected:
    void seed() override;
    json::value state() const override;
    void after(const request& r, reply& a) override;

private:
    reply run(const request& r, const call_handler& fn, bool open, const std::string& module_name);
    void set_option(const std::string& name, const std::string& value);

    struct session {
        member_id user = 0;
        time_point last_request;
    };
    std::unique_ptr<repository> repo_;
    std::string module_;
    std::set<std::string> modules_off_;
    std::map<std::string, session> sessions_;
    token_store otds_tickets_;
    token_store access_tokens_;
    milliseconds session_timeout_{7'200'000};
    page_quirk quirk_ = page_quirk::last;
    bool dates_with_z_ = true;
    bool recycle_bin_ = true;
    std::string server_version_ = "25.4";
};

// Areas.
void add_auth_routes(service& s);
void add_server_routes(service& s);
void add_node_routes(service& s);
void add_node_write_routes(service& s);
void add_version_routes(service& s);
void add_upload_routes(service& s);
void add_category_routes(service& s);
void add_category_form_routes(service& s);
void add_workspace_routes(service& s);
void add_workspace_type_routes(service& s);
void add_workspace_relation_routes(service& s);
void add_workspace_role_routes(service& s);
void add_search_routes(service& s);
void add_member_routes(service& s);
void add_permission_routes(service& s);
void add_workflow_routes(service& s);
void add_workflow_status_routes(service& s);
void add_record_routes(service& s);
void add_social_routes(service& s);
void add_play_actions(service& s);
void fill_seed(service& s);

reply error_reply_of(const failure& f);

} // namespace mortise::sandbox::content_server
