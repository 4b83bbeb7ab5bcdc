// SPDX-License-Identifier: Apache-2.0
#include "conformance_subject.hpp"

namespace xecm_test {

using conformance::row;

namespace {

json::value relation(bench& b) {
    return of(workspace(b, "account", "A-2001"),
              {{"related_id", workspace(b, "vendor", "V-4001")}});
}

json::value review(const char* title) {
    return json::object{{"map", "Asset Review"}, {"title", title}};
}

json::value started(bench& b) {
    return json::object{
        {"process_id", b.call("workflows.start", review("Running")).at("process_id")}};
}

} // namespace

std::vector<row> workspace_rows() {
    std::vector<row> r;
    const auto with_campaign = [](json::object more = {}) {
        return [more](bench& b) { return of(campaign(b), more); };
    };
    const json::object object{
        {"ext_system_id", "MRM"}, {"bo_type", "campaign"}, {"bo_id", "C-1003"}};
    json::object create = object;
    create["workspace_type"] = "Campaign";
    create["categories"] =
        json::object{{"Campaign", json::object{{"Status", "Planned"}, {"Campaign ID", "C-1003"}}}};
    r.push_back(row("workspace_types.list", json::object()));
    r.push_back(row("workspaces.find", json::value(object)));
    r.push_back(
        row("workspaces.get", with_campaign({{"categories", true}})).missing("id", nothing_there));
    r.push_back(row("workspaces.search", json::object{{"workspace_type", "Campaign"}}));
    r.push_back(row("workspaces.create", json::value(create)));
    r.push_back(row("workspaces.of_node", [](bench& b) { return of(brief(b)); })
                    .missing("id", nothing_there)
                    .tolerates(404));
    r.push_back(row("workspaces.update", with_campaign({{"name", "Spring"}}))
                    .missing("id", nothing_there)
                    .text("name", "name"));
    r.push_back(row("workspaces.related", [](bench& b) {
                    return of(workspace(b, "account", "A-2001"));
                }).missing("id", nothing_there));
    r.push_back(row("workspaces.relate", &relation).missing("id", nothing_there));
    r.push_back(row("workspaces.unrelate", [](bench& b) {
                    json::value input = relation(b);
                    b.call("workspaces.relate", input);
                    return input;
                }).missing("id", nothing_there));
    r.push_back(row("workspaces.roles", with_campaign()).missing("id", nothing_there));
    r.push_back(row("workspaces.role_members_set",
                    with_campaign({{"role", "Team"},
                                   {"members", json::array{"lena.roth", "Legal Reviewers"}},
                                   {"mode", "add"}}))
                    .missing("id", nothing_there));
    r.push_back(row("workflows.maps", json::object()));
    r.push_back(row("workflows.find", review("Running")));
    r.push_back(row("workflows.start", review("New review")).text("title", "title"));
    r.push_back(row("workflows.get", &started)
                    .missing("process_id", nothing_there)
                    .tolerates(400)
                    .tolerates(403)
                    .tolerates(404)
                    .tolerates(422));
    r.push_back(row("workflows.stop", &started).missing_is_fine("process_id", nothing_there));
    r.push_back(row("assignments.list", json::object()));
    r.push_back(row("assignments.complete",
                    [](bench& b) -> json::value {
                        started(b);
                        const auto mine = b.call("assignments.list").at("assignments");
                        const auto& task = mine.at(0);
                        return json::object{{"process_id", task.at("process_id")},
                                            {"task_id", task.at("task_id")},
                                            {"comment", "done"}};
                    })
                    .missing("process_id", nothing_there)
                    .tolerates(403)
                    .tolerates(404));
    return r;
}

} // namespace xecm_test
