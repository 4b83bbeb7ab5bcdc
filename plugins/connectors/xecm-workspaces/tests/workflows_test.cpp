// SPDX-License-Identifier: Apache-2.0
//
// Workflows: started, found, followed, stopped; and what the poll tells of them.
#include "bridged.hpp"

using namespace xecm_test;
using mortise::category;

namespace {

json::object watching() {
    json::object more;
    more["watch_workflow_maps"] = json::array{"Asset Review", "Quick Approval"};
    return more;
}

json::object review(const char* title) {
    return json::object{{"map", "Asset Review"}, {"title", title}};
}

std::int64_t start(bridged& b, const char* title) {
    return b.call("workflows.start", review(title)).at("process_id").as_int64();
}

json::value of(std::int64_t process) {
    return json::object{{"process_id", process}};
}

void finish(bridged& b, std::int64_t process, const char* title, const char* decision = nullptr) {
    json::object input{{"process", process}, {"title", title}, {"comment", "noted"}};
    if (decision) input["decision"] = decision;
    b.people("complete-task", input);
}

const json::value& step(const json::value& workflow, std::string_view title) {
    for (const auto& one : workflow.at("steps").as_array()) {
        if (one.at("title") == json::value(title)) return one;
    }
    FAIL("there is no step " << title);
    return workflow;
}

const mortise::event& event_of(bridged& b, std::string_view type) {
    for (const auto& e : b.xecm->events()) {
        if (e.type == type) return e;
    }
    FAIL("there is no event " << type);
    return b.xecm->events().front();
}

} // namespace

TEST_CASE("xecm: the workflow maps are listed by name", "[plugins][xecm][sandbox]") {
    bridged b;
    const auto maps = b.call("workflows.maps").at("maps").as_array();
    REQUIRE(maps.size() == 3);
    CHECK(maps.at(0).at("name") == "Asset Review");
    CHECK(maps.at(0).at("id") == 8001);
    const auto e =
        b.failure("workflows.start", json::object{{"map", "Aset Review"}, {"title", "x"}});
    CHECK(e.category == category::input);
    CHECK(e.message.find("did you mean \"Asset Review\"?") != std::string::npos);
    b.check_clean();
}

TEST_CASE("xecm: a workflow starts once with attachments, attributes and due date",
          "[plugins][xecm][sandbox]") {
    bridged b;
    const std::int64_t item =
        b.reference(b.media_folder(b.workspace("campaign", "C-1001")), "Spot.mov", "a-1");
    json::object input = review("Review Größe v3");
    input["attachments"] = json::array{item};
    input["attributes"] = json::object{{"Asset ID", "a-1"}, {"asset version", 3}};
    input["due_date"] = "2030-05-01";
    CHECK(b.call("workflows.find", input).at("found") == false);
    const auto started = b.call("workflows.start", input);
    const auto found = b.call("workflows.find", input);
    CHECK(found.at("result") == started);
    const auto w = b.call("workflows.get", of(started.at("process_id").as_int64()));
    CHECK(w.at("state") == "running");
    CHECK(w.at("map") == "Asset Review");
    CHECK(w.at("title") == "Review Größe v3");
    CHECK(w.at("attributes").at("Asset ID") == "a-1");
    CHECK(w.at("attributes").at("Asset Version") == 3);
    CHECK(std::string(w.at("due_date").as_string()).starts_with("2030-05-01"));
    CHECK(step(w, "Intake").at("state") == "current");
    CHECK(step(w, "Legal Review").at("state") == "waiting");
    const auto attached =
        b.call("nodes.children", json::object{{"id", w.at("attachments_folder")}});
    CHECK(attached.at("nodes").at(0).at("original_id") == item);
    b.check_clean();
}

TEST_CASE("xecm: a wrong attribute of a workflow is refused before anything starts",
          "[plugins][xecm][sandbox]") {
    bridged b;
    json::object input = review("Never");
    input["attributes"] = json::object{{"Asset Idd", "a-1"}};
    const auto e = b.failure("workflows.start", input);
    CHECK(e.category == category::input);
    CHECK(e.effect == mortise::effect::none);
    CHECK(e.message.find("did you mean \"Asset ID\"?") != std::string::npos);
    CHECK(b.call("workflows.find", input).at("found") == false);
}

TEST_CASE("xecm: decisions and comments are those of the performers", "[plugins][xecm][sandbox]") {
    bridged b;
    const std::int64_t id = start(b, "Review 1");
    finish(b, id, "Intake");
    b.people("complete-task", {{"process", id},
                               {"title", "Legal Review"},
                               {"decision", "Approve"},
                               {"comment", "§ 5 is fine"}});
    const auto w = b.call("workflows.get", of(id));
    CHECK(step(w, "Legal Review").at("decision") == "Approve");
    CHECK(step(w, "Legal Review").at("comment") == "§ 5 is fine");
    CHECK(step(w, "Legal Review").at("by") == "lena.roth");
    CHECK(step(w, "Intake").at("decision") == "SendOn");
    CHECK(step(w, "Brand Review").at("performers").at(0).at("name") == "ben.okafor");
    CHECK(w.at("comments").as_array().size() == 2);
    CHECK(w.at("comments").at(1).at("step") == "Legal Review");
    b.check_clean();
}

TEST_CASE("xecm: a workflow is stopped once", "[plugins][xecm][sandbox]") {
    bridged b;
    const std::int64_t id = start(b, "Review 1");
    CHECK(b.call("workflows.stop", of(id)).at("stopped") == true);
    const auto again = b.call("workflows.stop", of(id));
    CHECK(again.at("stopped") == false);
    CHECK(again.at("state") == "stopped");
    CHECK(b.call("workflows.stop", of(999)).at("state") == "deleted");
    CHECK(b.failure("workflows.get", of(999)).category == category::not_found);
    b.check_clean();
}

TEST_CASE("xecm: the connection's user finishes his own tasks", "[plugins][xecm][sandbox]") {
    bridged b;
    const std::int64_t id = start(b, "Review 1");
    const auto mine = b.call("assignments.list").at("assignments").as_array();
    REQUIRE(mine.size() == 1);
    CHECK(mine.at(0).at("title") == "Intake");
    json::object input{{"process_id", id}, {"task_id", 1}, {"decision", "Aprove"}};
    CHECK(b.failure("assignments.complete", input).category == category::input);
    input.erase("decision");
    CHECK(b.call("assignments.complete", input).at("completed") == true);
    CHECK(b.call("assignments.complete", input).at("completed") == false);
    input["task_id"] = 2;
    CHECK(b.failure("assignments.complete", input).effect == mortise::effect::none);
    b.check_clean();
}

TEST_CASE("xecm: each finished step and the end of a workflow are told once",
          "[plugins][xecm][sandbox]") {
    bridged b(watching());
    const std::int64_t before = start(b, "Review 0");
    finish(b, before, "Intake");
    b.poll();
    CHECK(b.news().empty());
    const std::int64_t id = start(b, "Review 1");
    const std::string subject = std::to_string(id);
    finish(b, id, "Intake");
    b.poll();
    CHECK(b.news() == std::vector<std::string>{"xecm.workflow.step-completed " + subject});
    b.poll();
    CHECK(b.news().empty());
    finish(b, id, "Legal Review", "Approve");
    finish(b, id, "Brand Review", "Approve");
    b.poll();
    CHECK(b.news().size() == 2);
    finish(b, id, "Compliance Review", "Approve");
    b.poll();
    const auto last = b.news();
    REQUIRE(last.size() == 2);
    CHECK(last.at(1) == "xecm.workflow.completed " + subject);
    const json::value& data = event_of(b, "xecm.workflow.completed").data;
    CHECK(data.at("map") == "Asset Review");
    CHECK(data.at("title") == "Review 1");
    REQUIRE(data.at("steps").as_array().size() == 4);
    CHECK(data.at("steps").at(0).at("title") == "Intake");
    CHECK(data.at("steps").at(1).at("decision") == "Approve");
    b.poll();
    CHECK(b.news().empty());
    // The one from before watching began goes on as news, too.
    finish(b, before, "Legal Review", "Reject");
    b.poll();
    const auto rejected = b.news();
    REQUIRE(rejected.size() == 2);
    CHECK(rejected.at(1) == "xecm.workflow.completed " + std::to_string(before));
    b.check_clean();
}

TEST_CASE("xecm: a workflow that somebody stops or deletes is told as stopped",
          "[plugins][xecm][sandbox]") {
    bridged b(watching());
    b.poll();
    const std::int64_t stopped = start(b, "Review 1");
    const std::int64_t deleted = start(b, "Review 2");
    b.poll();
    CHECK(b.news().empty());
    b.people("stop-workflow", {{"process", stopped}});
    b.people("delete-workflow", {{"process", deleted}});
    b.poll();
    b.poll(); // what is not there is believed the second time
    const std::vector<std::string> wanted{"xecm.workflow.stopped " + std::to_string(stopped),
                                          "xecm.workflow.stopped " + std::to_string(deleted)};
    CHECK(b.news() == wanted);
    CHECK(b.xecm->events().back().data.at("state") == "deleted");
    b.poll();
    CHECK(b.news().empty());
    b.check_clean();
}

TEST_CASE("xecm: workflows of other maps are not told", "[plugins][xecm][sandbox]") {
    json::object more;
    more["watch_workflow_maps"] = json::array{"Quick Approval"};
    bridged b(more);
    b.poll();
    finish(b, start(b, "Review 1"), "Intake");
    b.poll();
    CHECK(b.news().empty());
    b.check_clean();
}

TEST_CASE("xecm: documents and versions in watched workspaces are told in order",
          "[plugins][xecm][sandbox]") {
    json::object more;
    more["watch_documents_in"] = json::array{"Vendor"};
    bridged b(more);
    b.poll();
    CHECK(b.news().empty());
    const auto upload = [&](const char* bo, const char* folder, const char* name,
                            const char* content) {
        return b
            .people("upload-document",
                    {{"bo_id", bo}, {"folder", folder}, {"name", name}, {"content", content}})
            .at("id")
            .as_int64();
    };
    const std::int64_t invoice = upload("V-4001", "Invoices", "Rechnung Mai.pdf", "1");
    upload("C-1001", "Briefs", "Elsewhere.pdf", "1");
    b.poll();
    const std::string subject = std::to_string(invoice);
    CHECK(b.news() == std::vector<std::string>{"xecm.document.added " + subject});
    const json::value data = b.xecm->events().back().data;
    CHECK(data.at("name") == "Rechnung Mai.pdf");
    CHECK(data.at("business_objects").at(0).at("bo_id") == "V-4001");
    CHECK(data.at("version") == 1);
    b.poll();
    CHECK(b.news().empty());
    upload("V-4001", "Invoices", "Rechnung Mai.pdf", "2");
    upload("V-4001", "Invoices", "Rechnung Mai.pdf", "3");
    b.poll();
    const std::vector<std::string> two(2, "xecm.document.version-added " + subject);
    CHECK(b.news() == two);
    CHECK(b.xecm->events().back().data.at("version") == 3);
    b.people("rename", {{"node", invoice}, {"name", "Invoice May.pdf"}});
    b.poll();
    CHECK(b.news().empty());
    b.check_clean();
}
