// SPDX-License-Identifier: Apache-2.0
//
// The approval of assets in a fake host: a small iconik and a small workflow, a clock that only the
// test moves.
#include "flow.hpp"
#include "support/catch.hpp"

#include <mortise/testing/fake_host.hpp>

using namespace mortise;
using namespace mortise::testing;
using namespace std::chrono_literals;

namespace {

struct bench {
    explicit bench(const json::value& settings = json::object())
        : flow(host.create_flow(mortise::flow<asset_approval::flow>(), settings)) {
        flow.on("dam", "assets.get", [this](const json::value&) { return asset(); });
        flow.answer("dam", "collections.of_asset", {{"collections", json::array{}}});
        flow.on("dam", "metadata.get", [this](const json::value&) -> json::value {
            return {{"values", fields}};
        });
        flow.on("dam", "metadata.set", [this](const json::value& in) -> json::value {
            for (const auto& [name, v] : in.at("values").as_object())
                fields[name] = v;
            return {{"changed", true}};
        });
        flow.on("dam", "comments.add", [this](const json::value& in) -> json::value {
            comments.emplace_back(in.at("text").as_string());
            times.push_back(in.as_object().contains("time_start_ms"));
            return {{"id", "c"}};
        });
        flow.on("dam", "approvals.vote", [this](const json::value& in) -> json::value {
            votes.emplace_back(in.at("status").as_string());
            approval = votes.back();
            return {{"changed", true}};
        });
        flow.on("dam", "approvals.request", [this](const json::value& in) -> json::value {
            requests.push_back(in);
            approval = "REQUESTED";
            submitted = "again";
            return {{"changed", true}};
        });
        flow.on("dam", "approvals.withdraw", [this](const json::value&) -> json::value {
            approval = "N/A";
            return {{"changed", true}};
        });
        flow.on("workspaces", "workspaces.find", [this](const json::value& in) -> json::value {
            if (in.at("bo_id") != workspace_of) return {{"found", false}};
            return {{"found", true}, {"workspace", {{"id", 500}, {"name", "Spring"}}}};
        });
        flow.answer("workspaces", "workspaces.get", {{"id", 500}, {"name", "Spring"}});
        flow.answer("workspaces", "nodes.path_ensure", {{"id", 600}, {"created", false}});
        flow.on("workspaces", "nodes.create_url", [this](const json::value& in) -> json::value {
            references.emplace_back(in.at("name").as_string());
            return {{"id", 700 + static_cast<int>(references.size())}};
        });
        flow.on("workspaces", "categories.set", [this](const json::value& in) -> json::value {
            record = in.at("values");
            return {{"changed", true}};
        });
        flow.on("workspaces", "nodes.upload", [this](const json::value& in) -> json::value {
            documents.emplace_back(in.at("text").as_string());
            return {{"id", 800 + static_cast<int>(documents.size())}};
        });
        flow.on("workspaces", "versions.add", [this](const json::value& in) -> json::value {
            documents.emplace_back(in.at("text").as_string());
            return {{"version_number", 2}};
        });
        flow.on("workspaces", "members.find", [](const json::value& in) -> json::value {
            if (in.at("login") != "clara.brandt" || in.at("type") != "user")
                return {{"found", false}};
            return {{"found", true}, {"member", {{"id", 1011}}}};
        });
        flow.on("workspaces", "workflows.start", [this](const json::value& in) -> json::value {
            started.push_back(in);
            begin_steps();
            return {{"process_id", process()}};
        });
        flow.on("workspaces", "workflows.get", [this](const json::value& in) -> json::value {
            if (deleted) throw error(category::not_found, "test.gone", "no such workflow");
            return {{"process_id", in.at("process_id")}, {"state", state}, {"steps", steps}};
        });
        flow.on("workspaces", "workflows.stop", [this](const json::value& in) -> json::value {
            stopped.push_back(in.at("process_id").as_int64());
            return {{"stopped", true}, {"state", "stopped"}};
        });
        flow.on("workspaces", "assignments.complete", [this](const json::value& in) -> json::value {
            CHECK(in.at("task_id") == 1);
            set_step(0, "done", "SendOn");
            for (std::size_t i = 1; i < steps.size(); ++i)
                set_step(i, "current");
            return {{"completed", true}};
        });
        flow.on("workspaces", "comments.add", [this](const json::value& in) -> json::value {
            nudges.emplace_back(in.at("text").as_string());
            return {{"id", 1}};
        });
        flow.on("workspaces", "reminders.create", [this](const json::value& in) -> json::value {
            reminded.push_back(in.at("recipients"));
            return {{"id", 1}};
        });
    }

    json::value asset() const {
        if (gone)
            throw error(category::not_found, "iconik.asset.not-found", "there is no such asset");
        json::array versions;
        for (int v = 1; v <= version; ++v)
            versions.push_back(
                json::object{{"id", "v-" + std::to_string(v)}, {"version_number", v}});
        return {{"id", "a-1"},
                {"title", "Hero Film"},
                {"status", "ACTIVE"},
                {"versions", std::move(versions)},
                {"version_id", "v-" + std::to_string(version)},
                {"web_url", "https://app.iconik.io/asset/a-1"},
                {"approval",
                 {{"status", approval},
                  {"request_date", submitted},
                  {"users", {"u-1"}},
                  {"groups", json::array{}},
                  {"min_number", 1}}}};
    }
    void begin_steps() {
        state = "running";
        steps.clear();
        int task = 0;
        for (const char* title : {"Intake", "Legal Review", "Brand Review", "Compliance Review"}) {
            steps.push_back(json::object{{"task_id", ++task},
                                         {"title", title},
                                         {"state", task == 1 ? "current" : "waiting"},
                                         {"performers", {{{"id", 1010 + task}, {"name", "p"}}}}});
        }
    }
    std::int64_t process() const { return 4000 + static_cast<std::int64_t>(started.size()); }
    void set_step(std::size_t i, const char* s, const char* decision = "", const char* text = "") {
        auto& step = steps[i].as_object();
        step["state"] = s;
        if (!*decision) return;
        step["decision"] = decision;
        step["comment"] = text;
        step["by"] = "reviewer" + std::to_string(i);
        step["finished_at"] = "2026-05-04T10:00:00";
    }
    test_run submit() {
        return flow.start({"iconik.asset.approval-changed",
                           "e-" + std::to_string(++events),
                           "a-1",
                           {{"asset_id", "a-1"}}});
    }
    void tell(const char* type) {
        const bool ours = std::string_view(type).starts_with("xecm.");
        flow.send({type, "e-" + std::to_string(++events),
                   ours ? std::to_string(process()) : std::string("a-1"), json::object()});
    }
    void decide(std::size_t step, const char* decision, const char* text = "") {
        set_step(step, "done", decision, text);
        tell("xecm.workflow.step-completed");
    }
    std::string field(const char* name) const {
        const auto* v = fields.if_contains(name);
        return v == nullptr || v->as_array().empty() ? "" : v->as_array()[0].as_string().c_str();
    }
    void finish() {
        flow.destroy();
        CHECK(host.violations() == std::vector<std::string>{});
    }

    fake_host host;
    flow_harness flow;
    int events = 0, version = 1;
    bool gone = false, deleted = false;
    std::string approval = "REQUESTED", submitted = "2026-05-01T08:00:00";
    json::value workspace_of = "C-1001";
    std::string state;
    json::object fields{{"campaign_id", {"C-1001"}}};
    json::array steps;
    json::value record;
    std::vector<std::string> comments, votes, references, documents, nudges;
    std::vector<bool> times;
    std::vector<json::value> requests, started, reminded;
    std::vector<std::int64_t> stopped;
};

bool holds(const std::string& text, const char* part) {
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("all reviewers approve: comments, record, vote and mark come back", "[asset-approval]") {
    bench b;
    const auto run = b.submit();
    CHECK_FALSE(run.finished());
    REQUIRE(b.started.size() == 1);
    CHECK(b.started[0].at("attachments") == json::array{701});
    CHECK(b.started[0].at("attributes").at("Asset Version") == 1);
    CHECK(b.field("approval_status") == "In Review");
    CHECK(b.field("publish_ready") == "false");

    b.decide(2, "Approve");
    b.decide(1, "Approve", "[00:12] check the claim");
    b.host.advance(24h);
    run.replay(); // as after a crash: nothing twice
    CHECK(b.comments.size() == 2);
    CHECK(b.times == std::vector<bool>{false, true});
    CHECK(b.field("publish_ready") == "false");

    b.set_step(3, "done", "Approve");
    b.state = "completed";
    b.tell("xecm.workflow.completed");
    REQUIRE(run.finished());
    CHECK(run.result().at_pointer("/reviews/0/result") == "Approved");
    CHECK(b.votes == std::vector<std::string>{"APPROVED"});
    CHECK(b.field("approval_status") == "Approved");
    CHECK(b.field("publish_ready") == "true");
    CHECK(b.record.at("Result") == "Approved");
    CHECK(b.record.at("Decisions").as_array().size() == 3);
    REQUIRE(b.documents.size() == 1);
    CHECK(holds(b.documents[0], "Legal Review: Approved by reviewer1"));
    CHECK(holds(b.documents[0], "check the claim"));
    CHECK(holds(b.field("approval_record"), "Result: Approved"));
    CHECK(holds(b.comments.back(), "Review of version 1: Approved"));
    CHECK(b.stopped.empty());
    b.finish();
}

TEST_CASE("one rejection rejects the asset", "[asset-approval]") {
    bench b;
    const auto run = b.submit();
    b.set_step(1, "done", "Reject", "no release form");
    b.state = "completed";
    b.tell("xecm.workflow.completed");
    REQUIRE(run.finished());
    CHECK(b.votes == std::vector<std::string>{"NOT_APPROVED"});
    CHECK(b.field("approval_status") == "Rejected");
    CHECK(b.field("publish_ready") == "false");
    CHECK(holds(b.comments.front(), "no release form"));
    b.finish();
}

TEST_CASE("withdrawal, deletion and a person's stop end the review with a record",
          "[asset-approval]") {
    bench b;
    const auto run = b.submit();
    SECTION("withdrawn in iconik") {
        b.approval = "N/A";
        b.tell("iconik.asset.approval-changed");
        CHECK(b.stopped == std::vector<std::int64_t>{4001});
        CHECK(holds(b.record.at("Result").as_string().c_str(), "Withdrawn"));
        CHECK(b.record.at("Decisions").at(0).at("Decision") == "Withdrawn");
        CHECK(b.field("approval_status") == "Draft");
        CHECK(b.votes.empty());
    }
    SECTION("deleted in iconik") {
        b.gone = true;
        b.tell("iconik.asset.deleted");
        CHECK(b.stopped.size() == 1);
        CHECK(holds(b.record.at("Result").as_string().c_str(), "deleted in iconik"));
        CHECK(b.comments.empty());
    }
    SECTION("stopped in Content Server") {
        b.state = "stopped";
        b.tell("xecm.workflow.stopped");
        CHECK(b.record.at("Result") == "Stopped");
        CHECK(b.approval == "N/A"); // it can be submitted again
        CHECK(b.field("approval_status") == "Draft");
    }
    SECTION("the workflow is deleted") {
        b.deleted = true;
        b.tell("xecm.workflow.stopped");
        CHECK(holds(b.record.at("Result").as_string().c_str(), "workflow was deleted"));
    }
    REQUIRE(run.finished());
    CHECK_FALSE(run.outcome().failure);
    CHECK(b.field("publish_ready") == "false");
    CHECK(b.documents.size() == 1);
    b.finish();
}

TEST_CASE("a new version while in review restarts it for exactly that version",
          "[asset-approval]") {
    bench b;
    const auto run = b.submit();
    b.decide(1, "Approve");
    b.version = 2;
    b.approval = "N/A"; // a new version has no request
    b.tell("iconik.asset.version-created");
    CHECK_FALSE(run.finished());
    CHECK(b.stopped == std::vector<std::int64_t>{4001});
    REQUIRE(b.requests.size() == 1);
    CHECK(b.requests[0].at("users") == json::array{"u-1"});
    REQUIRE(b.started.size() == 2);
    CHECK(b.started[1].at("attributes").at("Asset Version") == 2);
    CHECK(b.references.size() == 2);
    CHECK(b.references[0] != b.references[1]);
    CHECK(holds(b.documents.at(0), "Superseded (version 2 was uploaded)"));
    CHECK(b.field("approval_status") == "In Review");

    run.replay();
    for (std::size_t i = 1; i < 4; ++i)
        b.set_step(i, "done", "Approve");
    b.state = "completed";
    b.tell("xecm.workflow.completed");
    REQUIRE(run.finished());
    CHECK(run.result().at("reviews").as_array().size() == 2);
    CHECK(b.votes == std::vector<std::string>{"APPROVED"});
    CHECK(b.field("publish_ready") == "true");
    b.finish();
}

TEST_CASE("a version that comes while the last reviewer approves is not marked",
          "[asset-approval]") {
    bench b;
    const auto run = b.submit();
    for (std::size_t i = 1; i < 4; ++i)
        b.set_step(i, "done", "Approve");
    b.state = "completed";
    // It comes while the record is being filed.
    b.flow.on("workspaces", "nodes.upload", [&](const json::value&) -> json::value {
        b.version = 2;
        return {{"id", 800}};
    });
    b.tell("xecm.workflow.completed");
    REQUIRE(run.finished());
    CHECK(b.votes.empty());
    CHECK(b.field("publish_ready") == "false");
    b.finish();
}

TEST_CASE("an asset that gets a version after its approval is no longer publish-ready",
          "[asset-approval]") {
    bench b;
    b.submit();
    for (std::size_t i = 1; i < 4; ++i)
        b.set_step(i, "done", "Approve");
    b.state = "completed";
    b.tell("xecm.workflow.completed");
    REQUIRE(b.field("publish_ready") == "true");
    const auto same = b.flow.start({"iconik.asset.version-created", "late", "a-1", json::object()});
    CHECK(same.result().at("review") == "none");
    CHECK(b.field("publish_ready") == "true");

    b.version = 2;
    b.approval = "N/A";
    const auto next = b.flow.start({"iconik.asset.version-created", "v2", "a-1", json::object()});
    CHECK(next.result().at("publish_ready") == false);
    CHECK(b.field("publish_ready") == "false");
    b.finish();
}

TEST_CASE("submitted twice is reviewed once; submitted again is reviewed again",
          "[asset-approval]") {
    bench b;
    const auto first = b.submit();
    const auto second = b.submit();
    CHECK(second.result().at("review") == "known");
    CHECK(b.started.size() == 1);
    b.state = "stopped";
    b.tell("xecm.workflow.stopped");
    REQUIRE(first.finished());
    b.approval = "REQUESTED";
    b.submitted = "2026-05-09T08:00:00";
    b.submit();
    CHECK(b.started.size() == 2);
    CHECK(b.started[0].at("title") != b.started[1].at("title"));
    b.finish();
}

TEST_CASE("a slow reviewer is reminded, then somebody else is told", "[asset-approval]") {
    bench b(json::value{{"patience",
                         {{"remind_after", "2d"},
                          {"remind_every", "1d"},
                          {"escalate_after", "4d"},
                          {"escalate_to", "clara.brandt"}}}});
    const auto run = b.submit();
    b.decide(1, "Approve");
    b.decide(2, "Approve");
    b.host.advance(47h);
    CHECK(b.nudges.empty());
    b.host.advance(2h);
    REQUIRE(b.nudges.size() == 1);
    CHECK(holds(b.nudges[0], "Reminder 1: Compliance Review"));
    CHECK(b.reminded == std::vector<json::value>{json::array{1014}});
    run.replay();
    b.host.advance(48h);
    CHECK(b.nudges.size() == 4); // two more, and the escalation
    CHECK(b.reminded.back() == json::array{1011});
    CHECK(holds(b.comments.back(), "Escalated to clara.brandt: Compliance Review"));
    b.set_step(3, "done", "Approve");
    b.state = "completed";
    b.tell("xecm.workflow.completed");
    REQUIRE(run.finished());
    CHECK(b.field("publish_ready") == "true");
    b.finish();
}

TEST_CASE("bad input ends as an error that names the field and the fix", "[asset-approval]") {
    const auto fails = [](bench& b, const char* name, const char* fix) {
        const auto run = b.submit();
        REQUIRE(run.finished());
        const auto outcome = run.outcome();
        REQUIRE(outcome.failure);
        INFO(outcome.failure->message);
        CHECK(holds(outcome.failure->message, name));
        CHECK(holds(outcome.failure->message, fix));
        b.finish();
    };
    SECTION("no campaign") {
        bench b;
        b.fields["campaign_id"] = json::array{};
        fails(b, "metadata field \"campaign_id\"", "enter the campaign");
        CHECK(b.started.empty());
    }
    SECTION("no workspace of it") {
        bench b(json::value{{"wait_for_workspace", {{"longest", "0s"}}}});
        b.workspace_of = "C-2";
        fails(b, "metadata field \"campaign_id\"", "retry this run");
        CHECK(b.started.empty());
    }
    SECTION("nobody of the name to escalate to") {
        bench b(json::value{{"patience", {{"escalate_to", "nobody"}}}});
        fails(b, "patience.escalate_to", "correct the name");
        CHECK(b.references.empty()); // nothing was written
    }
    SECTION("a step that the map has not") {
        bench b(json::value{{"review", {{"steps", {"Tax Review"}}}}});
        fails(b, "\"Tax Review\"", "review.steps");
        CHECK(b.stopped.size() == 1); // no workflow is left behind
    }
}

TEST_CASE("an asset that is not submitted starts nothing", "[asset-approval]") {
    bench b;
    b.approval = GENERATE(as<std::string>(), "N/A", "APPROVED", "NOT_APPROVED");
    const auto run = b.submit();
    CHECK(run.result().at("review") == "none");
    CHECK(b.started.empty());
    b.finish();
}
