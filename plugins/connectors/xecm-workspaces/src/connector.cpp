// SPDX-License-Identifier: Apache-2.0
#include "connector.hpp"

#include "content_server/describe.hpp"
#include "content_server/describe_documents.hpp"
#include "content_server/describe_workflows.hpp"

namespace xecm_workspaces {

using mortise::task;

namespace {

constexpr const char* object_schema =
    R"({"type":"object","required":["id","type","name","changed_at"],"properties":{)"
    R"("id":{"type":"integer","description":"Id of the item"},)"
    R"("type":{"type":"integer","description":"Its type: 848 workspace, 140 URL, ..."},)"
    R"("type_name":{"type":"string","description":"Name of the item's or workspace's type"},)"
    R"("name":{"type":"string"},"parent_id":{"type":"integer"},)"
    R"("workspace_id":{"type":"integer","description":"The workspace it lies in"},)"
    R"("business_objects":{"type":"array","items":{"type":"object","properties":{)"
    R"("ext_system_id":{"type":"string"},"bo_type":{"type":"string"},"bo_id":{"type":"string"}}}},)"
    R"("categories":{"type":"object","description":"Watched attributes by names"},)"
    R"("changed_by":{"type":"integer","description":"Id of the user"},)"
    R"("changed_at":{"type":"string","description":"As the server writes it"}}})";

constexpr const char* step_schema =
    R"({"type":"object","properties":{"task_id":{"type":"integer"},"title":{"type":"string"},)"
    R"("decision":{"type":"string","description":"Approve, Reject, ...; SendOn for a plain step"},)"
    R"("comment":{"type":"string"},"by":{"type":"string","description":"Login name"},)"
    R"("by_id":{"type":"integer"},"finished_at":{"type":"string"}}})";

std::string process_schema(const char* more) {
    return R"({"type":"object","required":["process_id","map","title","state"],"properties":{)"
           R"("process_id":{"type":"integer"},"map":{"type":"string"},"map_id":{"type":"integer"},)"
           R"("title":{"type":"string"},"state":{"type":"string","description":"running, )"
           R"(suspended, completed, stopped, archived or deleted"},)"
           R"("changed_at":{"type":"string"},)" +
           std::string(more) + "}}";
}

constexpr const char* document_schema =
    R"({"type":"object","required":["id","name","workspace_id","version"],"properties":{)"
    R"("id":{"type":"integer","description":"Id of the document"},"type":{"type":"integer"},)"
    R"("name":{"type":"string"},"parent_id":{"type":"integer"},)"
    R"("workspace_id":{"type":"integer"},"workspace_type":{"type":"string"},)"
    R"("business_objects":{"type":"array","items":{"type":"object","properties":{)"
    R"("ext_system_id":{"type":"string"},"bo_type":{"type":"string"},"bo_id":{"type":"string"}}}},)"
    R"("version":{"type":"integer"},"mime_type":{"type":"string"},)"
    R"("description":{"type":"string","description":"Of the version"},"size":{"type":"integer"},)"
    R"("changed_by":{"type":"integer"},"changed_at":{"type":"string"}}})";

} // namespace

connector::connector(mortise::instance& in, settings s)
    : repository(in, s.connection()), documents(static_cast<repository&>(*this)),
      records(static_cast<repository&>(*this)), social(static_cast<repository&>(*this)),
      workflows(static_cast<repository&>(*this)), teams(static_cast<repository&>(*this)), in_(in),
      settings_(std::move(s)) {}

void connector::describe(mortise::connector_builder<connector>& b) {
    using mortise::service;
    b.id("xecm-workspaces")
        .version("1.0.0")
        .title("OpenText Extended ECM - Business Workspaces")
        .vendor("OpenText");
    b.doc("Business workspaces, their items, categories and changes, by Content Server's REST "
          "interface.");
    b.needs({service::http, service::secret, service::state, service::content});
    b.config<settings>();
    content_server::describe_repository(b);
    content_server::describe_documents(b);
    content_server::describe_records(b);
    content_server::describe_social(b);
    content_server::describe_workflows(b);
    b.operation("workspace_types.list", &connector::list_types)
        .title("List workspace types and their templates")
        .reads();
    b.operation("workspaces.find", &connector::find)
        .title("Find a workspace by business object or name")
        .doc("Answers {found, workspace}; result repeats the workspace for the look before "
             "workspaces.create is repeated.")
        .reads();
    b.operation("workspaces.get", &connector::get).title("Read a workspace").reads();
    b.operation("workspaces.search", &connector::search).title("Search workspaces").reads();
    b.operation("workspaces.create", &connector::create)
        .title("Create a workspace from a template")
        .lookup_first("workspaces.find");
    b.operation("workspaces.update", &connector::update)
        .title("Rename a workspace, or link a business object to it")
        .idempotent();
    content_server::add_operation(b, "workspaces.related", &teams::list_related)
        .title("List related workspaces")
        .reads();
    content_server::add_operation(b, "workspaces.relate", &teams::relate)
        .title("Relate two workspaces")
        .idempotent();
    content_server::add_operation(b, "workspaces.unrelate", &teams::unrelate)
        .title("Take a relation of two workspaces away")
        .idempotent();
    content_server::add_operation(b, "workspaces.roles", &teams::list_roles)
        .title("List the roles of a workspace with their members")
        .reads();
    content_server::add_operation(b, "workspaces.role_members_set", &teams::set_role_members)
        .title("Set the members of a role")
        .doc("Writes only what differs.")
        .idempotent();
    b.operation("workspaces.of_node", &connector::of_node)
        .title("Find the workspace an item lies in")
        .reads();
    const std::string ended = R"("attributes":{"type":"object"},"steps":{"type":"array","items":)" +
                              std::string(step_schema) + '}';
    b.operation("names.list", &connector::list_names)
        .title("List names of what settings can name")
        .reads();
    b.operation("rights.check", &connector::check_rights)
        .title("Check which operations the server refuses altogether")
        .doc("By function: a module that is not installed, or not for this user. Rights on single "
             "items show only when they are used.")
        .reads();
    b.trigger("changes")
        .title("Changed workspaces and items")
        .doc("Found by polling: the system sends no webhooks.")
        .poll(&connector::on_poll, std::chrono::seconds(60))
        .backfill(&connector::on_backfill)
        .event("xecm.workspace.created", object_schema, "A watched workspace was created.")
        .event("xecm.workspace.changed", object_schema,
               "A watched workspace's name, business objects or watched attributes changed.")
        .event("xecm.node.changed", object_schema,
               "An item with a watched category appeared or changed.")
        .event("xecm.node.deleted", object_schema,
               "An item with a watched category was deleted or hidden from this connection.")
        .event("xecm.workflow.step-completed",
               process_schema((R"("step":)" + std::string(step_schema)).c_str()),
               "A step of a watched workflow was finished.")
        .event("xecm.workflow.completed", process_schema(ended.c_str()),
               "A watched workflow came to its end.")
        .event("xecm.workflow.stopped", process_schema(ended.c_str()),
               "A watched workflow was stopped by somebody, or deleted.")
        .event("xecm.document.added", document_schema,
               "A document was added to a workspace of a watched type.")
        .event("xecm.document.version-added", document_schema,
               "A document in a workspace of a watched type got a new version.");
    b.test_connection(&connector::test_all);
}

task<mortise::connection_report> connector::test_all(context& c) {
    mortise::connection_report report = co_await test(c);
    co_await load_types(c);
    report.summary += "; " + std::to_string(types_.size()) + " workspace types";
    report.details["workspace_types"] = types_.size();
    for (const auto& name : settings_.watch_workspace_types) {
        co_await type_named(c, name, mortise::category::config);
    }
    for (const auto& name : settings_.watch_workspace_categories) {
        co_await category_id(c, name, mortise::category::config);
    }
    for (const auto& name : settings_.watch_node_categories) {
        co_await category_id(c, name, mortise::category::config);
    }
    for (const auto& name : settings_.watch_workflow_maps) {
        co_await map_named(c, json::value(name), mortise::category::config);
    }
    for (const auto& name : settings_.watch_documents_in) {
        co_await type_named(c, name, mortise::category::config);
    }
    co_return report;
}

} // namespace xecm_workspaces
