// SPDX-License-Identifier: Apache-2.0
#include "client.hpp"

using namespace mortise::sandbox;
using namespace mortise::sandbox::content_server_test;
using namespace std::chrono_literals;

namespace {

std::int64_t start_review(client& c, const std::string& documents = {}) {
    pairs fields = {{"workflow_id", "8001"}};
    if (!documents.empty()) {
        fields.emplace_back("doc_ids", documents);
        fields.emplace_back("AttachDocuments", "true");
    }
    const auto draft = c.form("POST", "/api/v2/draftprocesses", fields);
    REQUIRE(draft.status == 200);
    const auto id = draft.number("/results/draftprocess_id");
    const std::string path = "/api/v2/draftprocesses/" + std::to_string(id);
    REQUIRE(c.body("PUT", path,
                   {{"action", "formUpdate"},
                    {"values",
                     {{"WorkflowForm_Title", "Review of hero film"},
                      {"WorkflowForm_2", "asset-1"},
                      {"WorkflowForm_3", 2}}}})
                .status == 200);
    const auto started = c.body("PUT", path, {{"action", "Initiate"}, {"comment", "go"}});
    REQUIRE(started.status == 200);
    CHECK(started.number("/results/process_id") == id);
    return id;
}

answer task(client& c, std::int64_t process, int id, const json::value& v) {
    const std::string p = std::to_string(process);
    return c.body(
        "PUT", "/api/v2/processes/" + p + "/subprocesses/" + p + "/tasks/" + std::to_string(id), v);
}

answer details(client& c, std::int64_t process) {
    return c.get("/api/v2/workflows/status/processes/" + std::to_string(process));
}

} // namespace

TEST_CASE("a review goes through its steps to the end", "[sandbox][content_server]") {
    client c;
    const auto file = c.document(5000, "hero.txt", "film");
    const auto id = start_review(c, std::to_string(file));
    const auto mine = c.get("/api/v2/members/assignments");
    REQUIRE(mine.size("/results") == 1);
    CHECK(mine.number("/results/0/data/assignments/workflow_id") == id);
    CHECK(mine.string("/results/0/data/assignments/name") == "Intake");
    const auto folder = details(c, id).number("/results/attachments/attachment_folder_id");
    CHECK(c.get(node(folder) + "/nodes").number("/results/0/data/properties/original_id") == file);
    CHECK(task(c, id, 1, {{"action", "SendOn"}, {"comment", "please"}}).status == 200);
    CHECK(c.get("/api/v2/members/assignments").size("/results") == 0);
    CHECK(details(c, id).size("/results/step_list/current") == 3);
    const auto status = c.get("/api/v2/workflows/status?Kind=Initiated&wstatus=ontime");
    CHECK(status.size("/results/0/data/wfstatus/parallel_steps") == 3);
    c.act("complete-task", {{"process", id}, {"title", "Legal Review"}, {"comment", "fine"}});
    c.act("complete-task", {{"process", id}, {"title", "Brand Review"}});
    CHECK(c.get("/api/v2/workflows/status?wstatus=completed").size("/results") == 0);
    c.act("complete-task", {{"process", id}, {"title", "Compliance Review"}});
    const auto end = details(c, id);
    CHECK(end.string("/results/wf_details/status") == "completed");
    CHECK(end.size("/results/step_list/completed") == 4);
    const auto history = c.get("/api/v2/processes/" + std::to_string(id) + "/subprocesses/" +
                               std::to_string(id) + "/activities");
    CHECK(history.size("/results/data") == 6);
    CHECK(history.string("/results/data/1/action") == "Approve");
    CHECK(history.string("/results/data/1/action_properties/label") == "Compliance Review");
    const auto info = c.get("/api/v2/workflows/status/info?workid=" + std::to_string(id));
    CHECK(info.string("/results/comments/1/STEPNAME") == "Intake");
    CHECK(info.string("/results/stepList/1/WORK/SubWorkTask_Status") == "Completed");
    CHECK(info.string("/results/stepList/1/WORK/_SUBWORKTASK_PERFORMERID_Name") == "lena.roth");
    const auto rows = c.get("/api/v2/workflows/status/active?mapObjId=8001&status=NOARCHIVE");
    CHECK(rows.number("/results/0/Work_WorkID") == id);
    CHECK(rows.number("/results/0/Map_MapObjID") == 8001);
    CHECK(c.get("/api/v2/workflows/status?wstatus=completed").size("/results") == 1);
}

TEST_CASE("a rejection ends the review", "[sandbox][content_server]") {
    client c;
    const auto id = start_review(c);
    task(c, id, 1, {{"action", "SendOn"}});
    c.log_in("ben.okafor", "ben-pass");
    CHECK(task(c, id, 3, {{"custom_action", "Reject"}, {"comment", "old logo"}}).status == 200);
    c.log_in("integration", "integration-pass");
    const auto end = details(c, id);
    CHECK(end.string("/results/wf_details/status") == "completed");
    CHECK(end.size("/results/step_list/current") == 0);
    const auto info = c.get("/api/v2/workflows/status/info?workid=" + std::to_string(id));
    CHECK(info.string("/results/comments/1/COMMENTS") == "old logo");
}

TEST_CASE("tasks refuse what is not theirs", "[sandbox][content_server]") {
    client c;
    const auto id = start_review(c);
    CHECK(task(c, id, 1, {{"action", "SendOn"}, {"custom_action", "Approve"}}).error() ==
          "It is not allowed to execute an action and a custom action");
    CHECK(task(c, id, 1, {{"custom_action", "Approve"}}).status == 400); // has no decisions
    CHECK(task(c, id, 1, {{"comment", "only"}}).status == 400);
    CHECK(task(c, id, 2, {{"custom_action", "Approve"}}).status == 400); // not yet
    CHECK(task(c, id, 9, {{"action", "SendOn"}}).status == 400);
    CHECK(task(c, id, 1, {{"action", "Delegate"}}).status == 400); // to whom?
    CHECK(
        task(c, id, 1, {{"action", "formUpdate"}, {"values", {{"WorkflowForm_3", "0"}}}}).status ==
        400); // a number field keeps its type
    c.log_in("guest", "guest-pass");
    CHECK(task(c, id, 1, {{"action", "SendOn"}}).status == 400);
    CHECK(details(c, id).status == 400);
}

TEST_CASE("a delegated task belongs to the other", "[sandbox][content_server]") {
    client c;
    const auto id = start_review(c);
    CHECK(task(c, id, 1, {{"action", "Delegate"}, {"assignee", "1011"}}).status == 200);
    CHECK(c.get("/api/v2/members/assignments").size("/results") == 0);
    c.log_in("clara.brandt", "clara-pass");
    CHECK(c.get("/api/v2/members/assignments").size("/results") == 1);
    CHECK(task(c, id, 1, {{"action", "SendOn"}}).status == 200);
}

TEST_CASE("a process is suspended, resumed, stopped and deleted", "[sandbox][content_server]") {
    client c;
    const auto id = start_review(c);
    const std::string path = "/api/v2/processes/" + std::to_string(id);
    CHECK(c.form("PUT", path + "/status", {{"status", "suspend"}}).status == 200);
    CHECK(c.get("/api/v2/members/assignments").size("/results") == 0);
    CHECK(task(c, id, 1, {{"action", "SendOn"}}).status == 400);
    CHECK(c.form("PUT", path + "/status", {{"status", "resume"}}).status == 200);
    CHECK(c.form("PUT", path + "/status", {{"status", "archive"}}).status == 400);
    CHECK(c.del(path).status == 400);
    CHECK(c.form("PUT", path + "/status", {{"status", "stop"}}).status == 200);
    CHECK(c.get("/api/v2/workflows/status?wstatus=stopped").size("/results") == 1);
    CHECK(c.del(path).status == 200);
    CHECK(details(c, id).status == 400);
}

TEST_CASE("a late task says so", "[sandbox][content_server]") {
    client c;
    start_review(c);
    c.system().clock().advance(24h * 30);
    c.log_in("integration", "integration-pass");
    CHECK(c.get("/api/v2/members/assignments").string("/results/0/data/assignments/status_name") ==
          "Late");
    CHECK(c.get("/api/v2/workflows/status?wstatus=workflowlate").size("/results") == 1);
}

TEST_CASE("workflows start directly and with roles", "[sandbox][content_server]") {
    client c;
    CHECK(c.body("POST", "/api/v2/draftprocesses/startwf", {{"workflow_id", 8001}}).status == 400);
    CHECK(c.body("POST", "/api/v2/draftprocesses/startwf", {{"workflow_id", 8002}})
              .at("/results/process_id")
              .is_number());
    CHECK(c.body("POST", "/api/v2/processes", {{"definition", {{"workflow_id", 8003}}}}).status ==
          400);
    const auto started =
        c.body("POST", "/api/v2/processes",
               {{"definition", {{"workflow_id", 8003}, {"role_info", {{"Approver", 1010}}}}}});
    REQUIRE(started.status == 200);
    const auto id = started.number("/process_id");
    const auto form =
        c.get("/api/v1/forms/processes/tasks/update?process_id=" + std::to_string(id) +
              "&subprocess_id=" + std::to_string(id) + "&task_id=1");
    CHECK(form.string("/data/custom_actions/0/key") == "Approve");
    CHECK(
        c.get("/api/v2/processes/8003/definition").string("/results/definition/workflow_roles/0") ==
        "Approver");
    CHECK(c.get("/api/v2/docworkflows").size("/results/data") == 3);
}

TEST_CASE("a group's task can be claimed by one member", "[sandbox][content_server]") {
    client c;
    const auto id = start_review(c);
    task(c, id, 1, {{"action", "SendOn"}});
    const std::string p = std::to_string(id);
    const std::string path = "/taskid/2/processid/" + p + "/subprocessid/" + p;
    c.log_in("lena.roth", "lena-pass");
    CHECK(c.get("/api/v2/mobilegroupassignment/check" + path).at("/results/can_accept").as_bool());
    CHECK(c.form("POST", "/api/v2/mobilegroupassignment/accept" + path, {}).status == 200);
    CHECK(c.form("POST", "/api/v2/mobilegroupassignment/accept" + path, {}).status == 400);
    CHECK(task(c, id, 2, {{"custom_action", "Approve"}}).status == 200);
}
