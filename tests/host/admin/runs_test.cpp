// SPDX-License-Identifier: Apache-2.0
// Runs: lists by every filter, everything of one, the form of an edit and its trial.
#include "answer_check.hpp"

using namespace mortise;
using namespace mortise::host;
using namespace mortise::host::testing;
namespace json = boost::json;

namespace {

std::string put(const std::string& name) {
    return plan({R"({"do":"put","body":{"name":")" + name + R"("}})"});
}

std::vector<std::string> subjects(host_fixture& f, const std::string& query) {
    std::vector<std::string> out;
    const auto page = good_list(f, "/api/v1/runs?" + query, "runs", "run");
    for (const auto& r : page.at("runs").as_array())
        out.emplace_back(r.at("event_subject").as_string());
    return out;
}
using texts = std::vector<std::string>;

std::string only_run(host_fixture& f) {
    const auto all = f.runs();
    REQUIRE(all.size() == 1);
    return all.front().id.str();
}

} // namespace

TEST_CASE("runs are found by state, flow, key, type, time and what they begin with",
          "[admin][runs]") {
    host_fixture f;
    f.start();
    f.target.next("put", {fault::kind::status, 400, "", 1});
    REQUIRE(f.send("e1", put("a"), "probe.changed", "apple") == 202);
    REQUIRE(f.wait_runs(run_state::failed, 1));
    REQUIRE(f.send("e2", put("b"), "probe.changed", "apricot") == 202);
    REQUIRE(f.send("e3", put("c"), "probe.changed", "Birne") == 202);
    REQUIRE(f.wait_runs(run_state::succeeded, 2));
    REQUIRE(f.send("e4", plan({R"({"do":"sleep","ms":3600000})"}), "probe.changed", "fig") == 202);
    REQUIRE(f.wait_runs(run_state::waiting, 1));
    CHECK(subjects(f, "") == texts{"fig", "Birne", "apricot", "apple"});
    CHECK(subjects(f, "state=failed") == texts{"apple"});
    CHECK(subjects(f, "state=failed,in_doubt") == texts{"apple"});
    CHECK(subjects(f, "state=waiting,succeeded") == texts{"fig", "Birne", "apricot"});
    CHECK(subjects(f, "state=ready,active").empty());
    CHECK(subjects(f, "flow=steps&state=waiting") == texts{"fig"});
    CHECK(subjects(f, "flow=nothing").empty());
    CHECK(subjects(f, "key=apple") == texts{"apple"});
    CHECK(subjects(f, "type=probe.changed&state=failed") == texts{"apple"});
    CHECK(subjects(f, "type=probe.order").empty());
    CHECK(subjects(f, "q=ap") == texts{"apricot", "apple"});
    CHECK(subjects(f, "q=ap&state=failed") == texts{"apple"});
    CHECK(subjects(f, "q=Ap").empty());
    const auto fig = f.runs(run_state::waiting).front();
    CHECK(subjects(f, "q=" + fig.id.str()) == texts{"fig"});
    CHECK(subjects(f, "q=" + fig.id.str().substr(0, 9)).front() == "fig");
    CHECK(subjects(f, "since=" + std::to_string(fig.created_at)).front() == "fig");
    CHECK(subjects(f, "since=" + std::to_string(fig.created_at + 1)).empty());
    CHECK(subjects(f, "until=" + std::to_string(fig.created_at + 1)).size() == 4);
    CHECK(subjects(f, "until=" + std::to_string(f.runs(run_state::failed).front().created_at))
              .empty());
    SECTION("page by page each comes once") {
        texts seen;
        std::string cursor;
        for (int pages = 0; pages < 4; ++pages) {
            const auto page = good_list(f, "/api/v1/runs?limit=3" + cursor, "runs", "run");
            for (const auto& r : page.at("runs").as_array())
                seen.emplace_back(r.at("event_subject").as_string());
            if (page.at("next").is_null()) break;
            cursor = "&cursor=" + std::string(page.at("next").as_string());
        }
        CHECK(seen == texts{"fig", "Birne", "apricot", "apple"});
    }
    SECTION("what cannot be meant is refused with what can") {
        CHECK_THAT(refusal_of(f, "/api/v1/runs?state=faild", 400),
                   Catch::Contains("faild") && Catch::Contains("in_doubt"));
        CHECK_THAT(refusal_of(f, "/api/v1/runs?cursor=12", 400), Catch::Contains("cursor"));
        CHECK_THAT(refusal_of(f, "/api/v1/runs?q=%FF", 400), Catch::Contains("UTF-8"));
        CHECK_THAT(refusal_of(f, "/api/v1/runs?since=yesterday", 400), Catch::Contains("since"));
        CHECK_THAT(refusal_of(f, "/api/v1/runs?sate=failed", 400), Catch::Contains("sate"));
    }
}

TEST_CASE("a run shows its steps, what it wrote where, its links and its trace", "[admin][runs]") {
    host_fixture f;
    f.start();
    const auto steps = plan({R"({"do":"put","body":{"name":"a"}})",
                             R"({"do":"link","relation":"asset-folder","a":"pear","b":"folder-1"})",
                             R"({"do":"link","relation":"asset-folder","a":"other","b":"x"})"});
    REQUIRE(f.send("e1", steps, "probe.changed", "pear") == 202);
    REQUIRE(f.wait_runs(run_state::succeeded, 1));
    const auto one = good_answer(f, "/api/v1/runs/" + only_run(f), "run_details");
    REQUIRE(one.at("steps").as_array().size() == 3);
    CHECK(one.at("steps").at(0).at("attempts") == 1);
    CHECK(one.at("steps").at(0).at("input").at("body").at("name") == "a");
    REQUIRE(one.at("objects").as_array().size() == 1);
    CHECK(one.at("objects").at(0).at("connection") == "target");
    CHECK(one.at("objects").at(0).at("operation") == "put");
    CHECK(one.at("objects").at(0).at("outcome") == "done");
    REQUIRE(one.at("links").as_array().size() == 1);
    CHECK(one.at("links").at(0).at("b") == "folder-1");
    CHECK(one.at("trace_id").as_string().size() == 32);
    CHECK_THAT(refusal_of(f, "/api/v1/runs/01900000-0000-7000-8000-000000000000", 404),
               Catch::Contains("no run"));
}

TEST_CASE("what can be edited comes with its schema, and an edit is tried without doing it",
          "[admin][runs][edit]") {
    host_fixture f;
    f.start();
    f.target.next("store", {fault::kind::status, 400, "", 1});
    REQUIRE(f.send("e1", plan({R"({"do":"store","name":"a","count":2})"})) == 202);
    REQUIRE(f.wait_runs(run_state::failed, 1));
    const auto id = only_run(f);
    const auto form = good_answer(f, "/api/v1/runs/" + id + "/edit-form", "edit_form");
    CHECK(form.at("event").is_null()); // the step would be done a second time
    CHECK(form.at("step").at("value").at("count") == 2);
    CHECK(form.at("step").at("schema").at("properties").as_object().contains("count"));
    const auto edit = [&](const std::string& body) {
        return f.admin("POST", "/api/v1/runs/" + id + "/edit", body);
    };
    CHECK(edit(R"({"input":{"name":"b","count":1},"dry_run":true})").body == R"({"ok":true})");
    const auto wrong = edit(R"({"input":{"name":"b","count":0},"dry_run":true})");
    CHECK(wrong.status == 400);
    CHECK_THAT(wrong.body, Catch::Contains("/count"));
    CHECK(edit(R"({"patch":{"count":0},"dry_run":true})").status == 400);
    CHECK(edit(R"({"patch":{"count":5},"dry_run":true})").status == 200);
    CHECK(edit(R"({"event":{"plan":[]},"dry_run":true})").status == 409);
    CHECK(edit(R"({"input":{},"step":"nothing","dry_run":true})").status == 404);
    CHECK(edit(R"({"dry_run":true})").status == 400);
    // None of it has changed anything.
    CHECK(f.run(run_id(id)).run.state == run_state::failed);
    CHECK(f.target.count("store", "b") == 0);
    const auto notes = good_answer(f, "/api/v1/runs/" + id, "run_details").at("notes");
    CHECK(notes.as_array().empty());
    const auto audited = [&] {
        return good_list(f, "/api/v1/ledger?operation=admin:editRun", "entries", "ledger_entry")
            .at("entries")
            .as_array()
            .size();
    };
    CHECK(audited() == 0); // a trial is no change
    CHECK(edit(R"({"input":{"name":"b","count":1}})").status == 200);
    CHECK(audited() == 1);
    REQUIRE(f.wait_runs(run_state::succeeded, 1));
    CHECK(f.target.count("store", "b") == 1);
    CHECK_THAT(refusal_of(f, "/api/v1/runs/" + id + "/edit-form", 409),
               Catch::Contains("succeeded"));
    CHECK(edit(R"({"input":{"name":"b","count":1},"dry_run":true})").status == 409);
}

TEST_CASE("a run that has only read can have its event edited", "[admin][runs][edit]") {
    host_fixture f;
    f.start();
    REQUIRE(f.send("e1", plan({R"({"do":"get","id":"nothing"})"})) == 202);
    REQUIRE(f.wait_runs(run_state::failed, 1));
    const auto id = only_run(f);
    const auto form = good_answer(f, "/api/v1/runs/" + id + "/edit-form", "edit_form");
    CHECK(form.at("event").at("value").at("plan").at(0).at("id") == "nothing");
    CHECK(form.at("event").at("schema").at("properties").as_object().contains("plan"));
    const auto edit = [&](const std::string& body) {
        return f.admin("POST", "/api/v1/runs/" + id + "/edit", body);
    };
    CHECK(edit(R"({"event":{"plan":[{"do":"random"}]},"dry_run":true})").status == 200);
    CHECK(edit(R"({"event":{"plan":7},"dry_run":true})").status == 400);
    CHECK(f.run(run_id(id)).run.state == run_state::failed);
}

TEST_CASE("known secrets leave through no answer, whoever put them where",
          "[admin][runs][secrets]") {
    const std::string secret = "s3cr3t-\"quoted\"-9471";
    ::setenv("PROBE_SECRET_B", secret.c_str(), 1);
    host_fixture f;
    f.setup.connection = "secret = { env = \"PROBE_SECRET_B\" }\n";
    f.start();
    // The webhook reads it, which is when the host comes to know it.
    const std::string body =
        R"({"events":[{"id":"e1","type":"probe.changed","subject":"s3cr3t-\"quoted\"-9471","data":)" +
        plan(
            {R"({"do":"put","body":{"name":"s3cr3t-\"quoted\"-9471"},"n":9471})",
             R"({"do":"fail","category":"input","message":"told s3cr3t-\"quoted\"-9471 to all"})"}) +
        "}]}";
    REQUIRE(f.post("/hooks/target", body, {{"x-probe-secret", secret}}).status == 202);
    REQUIRE(f.wait_runs(run_state::failed, 1));
    const auto id = only_run(f);
    const auto ref = f.run(run_id(id)).event.ref.str();
    for (const auto& path :
         {"/api/v1/runs/" + id, std::string("/api/v1/runs"), "/api/v1/runs/" + id + "/edit-form",
          std::string("/api/v1/dead-letters"), std::string("/api/v1/events"),
          "/api/v1/events/" + ref, std::string("/api/v1/connections/target"),
          std::string("/api/v1/settings"), std::string("/api/v1/ledger"),
          std::string("/api/v1/topology"), std::string("/api/v1/overview"),
          std::string("/api/v1/connections"), std::string("/api/v1/plugins")}) {
        const auto reply = f.admin("GET", path);
        INFO(path << '\n' << reply.body);
        CHECK(reply.status == 200);
        CHECK_THAT(reply.body, !Catch::Contains("s3cr3t"));
    }
    for (const std::string query : {"", "?format=csv"}) {
        const auto [head, body_of_export] = exported(f, query);
        CHECK_THAT(head, Catch::Contains("200 OK"));
        CHECK_THAT(body_of_export, Catch::Contains("target") && !Catch::Contains("s3cr3t"));
    }
    const auto one = good_answer(f, "/api/v1/runs/" + id, "run_details");
    CHECK(one.at("event_subject") == "***");
    CHECK(one.at("failure").at("message") == "told *** to all");
    CHECK(one.at("steps").at(0).at("input").at("body").at("name") == "***");
    CHECK(one.at("steps").at(0).at("input").at("n") == 9471);
    // Numbers and the rest of a text stay; the journal has it all.
    CHECK_THAT(f.run(run_id(id)).steps.front().input, Catch::Contains("s3cr3t"));
    ::unsetenv("PROBE_SECRET_B");
}

TEST_CASE("an edit gives back what the form did not show", "[admin][runs][edit][secrets]") {
    const std::string secret = "hidden-value-77";
    ::setenv("PROBE_SECRET_B", secret.c_str(), 1);
    host_fixture f;
    f.setup.connection = "secret = { env = \"PROBE_SECRET_B\" }\n";
    f.start();
    f.target.next("store", {fault::kind::status, 400, "", 1});
    const std::string body = R"({"events":[{"id":"e1","type":"probe.changed","data":)" +
                             plan({R"({"do":"store","name":"hidden-value-77","count":1})"}) + "}]}";
    REQUIRE(f.post("/hooks/target", body, {{"x-probe-secret", secret}}).status == 202);
    REQUIRE(f.wait_runs(run_state::failed, 1));
    const auto id = only_run(f);
    const auto form = good_answer(f, "/api/v1/runs/" + id + "/edit-form", "edit_form");
    REQUIRE(form.at("step").at("value").at("name") == "***");
    const auto edited =
        f.admin("POST", "/api/v1/runs/" + id + "/edit", R"({"input":{"name":"***","count":4}})");
    INFO(edited.body);
    REQUIRE(edited.status == 200);
    REQUIRE(f.wait_runs(run_state::succeeded, 1));
    CHECK(f.target.count("store", "hidden-value-77") == 1);
    CHECK(f.target.count("store", "***") == 0);
    ::unsetenv("PROBE_SECRET_B");
}

TEST_CASE("a presigned URL is shown without its signature, and the run has it whole",
          "[admin][runs][secrets]") {
    host_fixture f;
    f.start();
    const std::string url = "https://h/f.mov?X-Amz-Expires=60&X-Amz-Signature=0f1e2d3c";
    f.target.next("store", {fault::kind::status, 400, "", 1});
    REQUIRE(f.send("e1", plan({R"({"do":"store","name":")" + url + R"(","count":1})"}),
                   "probe.changed", url) == 202);
    REQUIRE(f.wait_runs(run_state::failed, 1));
    const auto id = only_run(f);
    const auto ref = f.run(run_id(id)).event.ref.str();
    for (const std::string& path :
         {"/api/v1/runs/" + id, "/api/v1/runs/" + id + "/edit-form", "/api/v1/events/" + ref,
          std::string("/api/v1/runs"), std::string("/api/v1/events"), std::string("/api/v1/ledger"),
          std::string("/api/v1/dead-letters")}) {
        const auto reply = f.admin("GET", path);
        INFO(path << '\n' << reply.body);
        CHECK(reply.status == 200);
        CHECK_THAT(reply.body, !Catch::Contains("0f1e2d3c"));
    }
    const auto form = good_answer(f, "/api/v1/runs/" + id + "/edit-form", "edit_form");
    const std::string seen = "https://h/f.mov?X-Amz-Expires=60&X-Amz-Signature=***";
    CHECK(form.at("step").at("value").at("name") == json::string(seen));
    const auto edit = [&](const std::string& body) {
        return f.admin("POST", "/api/v1/runs/" + id + "/edit", body);
    };
    // A trial says so as the edit itself does; neither writes anything.
    for (const char* trial : {"", R"(,"dry_run":true)"}) {
        const auto refused = edit(
            std::string() + R"({"input":{"name":"https://h/g.mov?X-Amz-Signature=***","count":2})" +
            trial + "}");
        CHECK(refused.status == 400);
        CHECK_THAT(refused.body, Catch::Contains("edit.hidden") && Catch::Contains("/name"));
    }
    CHECK(f.admin("POST", "/api/v1/bulk", R"({"action":"edit","all":true,"patch":{"name":"***"}})")
              .status == 400);
    CHECK(edit(R"({"input":{"name":")" + seen + R"(","count":2}})").status == 200);
    REQUIRE(f.wait_runs(run_state::succeeded, 1));
    CHECK(f.target.count("store", url) == 1);
}
