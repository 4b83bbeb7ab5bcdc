// SPDX-License-Identifier: Apache-2.0
//
// The configuration of a connection to Extended ECM.
#pragma once

#include "content_server/connection.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace xecm_workspaces {

struct settings {
    std::string base_url;
    std::string username;
    mortise::secret_ref password;
    std::string domain;
    std::string otds_url;
    std::string client_id;
    mortise::secret_ref client_secret;
    content_server::body_encoding body_encoding = content_server::body_encoding::form;
    std::vector<std::string> watch_workspace_types;
    std::vector<std::string> watch_workspace_categories;
    std::vector<std::string> watch_node_categories;
    std::vector<std::string> watch_workflow_maps;
    std::vector<std::string> watch_documents_in;
    std::chrono::seconds poll_overlap{60};
    std::chrono::seconds search_overlap{900};
    std::int64_t recheck_per_poll = 2500;

    content_server::connection connection() const {
        content_server::connection to;
        to.base_url = base_url;
        to.username = username;
        to.password = password;
        to.domain = domain;
        to.otds_url = otds_url;
        to.client_id = client_id;
        to.client_secret = client_secret;
        to.encoding = body_encoding;
        return to;
    }

    static auto describe() {
        return mortise::object<settings>("OpenText Extended ECM - Business Workspaces")
            .field("base_url", &settings::base_url,
                   "Address of Content Server, all that stands before \"/api\"", mortise::required)
            .uri()
            .examples("https://ecm.example.com/otcs/cs", "https://ecm.example.com/otcs/cs.exe")
            .field("username", &settings::username, "Login name of the connection's user")
            .group("Sign-in")
            .field("password", &settings::password, "Password of that user")
            .group("Sign-in")
            .field("domain", &settings::domain, "Domain of that user, where the server has any")
            .group("Sign-in")
            .field("otds_url", &settings::otds_url,
                   "Address of OpenText Directory Services, for sign-in there")
            .uri()
            .examples("https://otds.example.com/otdsws")
            .group("Sign-in")
            .field("client_id", &settings::client_id,
                   "Instead of a user: OAuth2 client of OTDS that is mapped to a user")
            .group("Sign-in")
            .field("client_secret", &settings::client_secret, "Secret of that client")
            .group("Sign-in")
            .field("body_encoding", &settings::body_encoding,
                   "How structured requests are sent: form suits every server, json only newer "
                   "ones")
            .group("Sign-in")
            .field("watch_workspace_types", &settings::watch_workspace_types,
                   "Workspace types (names) whose workspaces are watched; empty: all")
            .max(100)
            .names("", "workspace-type")
            .group("Changes")
            .field("watch_workspace_categories", &settings::watch_workspace_categories,
                   "Categories (names) of workspaces whose attributes are watched; empty: all")
            .max(100)
            .names("", "category")
            .group("Changes")
            .field("watch_node_categories", &settings::watch_node_categories,
                   "Items that carry one of these categories (names or ids) are watched; empty: "
                   "no items are watched")
            .max(20)
            .examples(mortise::json::array{"Media Reference"})
            .names("", "category")
            .group("Changes")
            .field("watch_workflow_maps", &settings::watch_workflow_maps,
                   "Workflow maps (names or ids) whose workflows are watched; empty: none")
            .max(100)
            .examples(mortise::json::array{"Asset Review"})
            .names("", "workflow-map")
            .group("Changes")
            .field("watch_documents_in", &settings::watch_documents_in,
                   "Workspace types (names) whose documents are watched; empty: none")
            .max(100)
            .examples(mortise::json::array{"Vendor"})
            .names("", "workspace-type")
            .group("Changes")
            .field("poll_overlap", &settings::poll_overlap,
                   "How far each poll looks back, for changes that become visible late")
            .group("Changes")
            .field("search_overlap", &settings::search_overlap,
                   "How far a search for documents looks back, for what the index takes in late")
            .group("Changes")
            .field("recheck_per_poll", &settings::recheck_per_poll,
                   "Watched items each poll looks at again, in turn")
            .min(250)
            .max(100'000)
            .group("Changes");
    }
};

} // namespace xecm_workspaces
