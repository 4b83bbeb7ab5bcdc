// SPDX-License-Identifier: Apache-2.0
// asset-approval on the sandbox, with the host in process and as a child that is killed.
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "world.hpp"

#include <boost/json.hpp>

#include <csignal>

using mortise::host::run_state;
using mortise::test::eventually;
using mortise::test::world;
namespace json = boost::json;

namespace {

constexpr const char* film = "social-cut";
constexpr const char* title = "Spring Launch Social Cut 15s";

world::options approvals(const std::string& settings = {}) {
    world::options o;
    o.flows = world::flow("approval", "asset-approval",
                          "review.asset_link = "
                          "\"{iconik}/asset/{asset_id}?version={version_id}\"\n" +
                              settings);
    o.otcs["watch_workflow_maps"] = "[\"Asset Review\"]";
    return o;
}

struct studio {
    explicit studio(const std::string& settings = {}) : w(approvals(settings)) {}

    // ids of the workflows that review the asset, newest last
    std::vector<std::int64_t> reviews(const std::string& wanted = "") {
        std::vector<std::int64_t> out;
        const auto list = w.get_otcs("/v2/workflows/status?Kind=Both");
        for (const auto& r : list.at("results").as_array()) {
            const auto& s = r.at_pointer("/data/wfstatus").as_object();
            const std::string name(s.at("wf_name").as_string());
            const bool is_ours = name.find(title) != std::string::npos;
            if (is_ours && (wanted.empty() || name.find(wanted) != std::string::npos))
                out.push_back(s.at("process_id").to_number<std::int64_t>());
        }
        std::sort(out.begin(), out.end());
        return out;
    }
    std::string state(std::int64_t process) {
        const auto path = "/v2/workflows/status/processes/" + std::to_string(process);
        return json::value_to<std::string>(
            w.get_otcs(path).at_pointer("/results/wf_details/status"));
    }
    // Submits the film and waits until the reviewers have it.
    std::int64_t submit() {
        w.play_iconik("request-approval",
                      {{"asset", film}, {"users", json::array{json::value("legal")}}});
        REQUIRE(eventually([&] { return reviews().size() == 1 && legal_is_open(reviews()[0]); }));
        return reviews().front();
    }
    bool legal_is_open(std::int64_t process) {
        const auto path = "/v2/workflows/status/processes/" + std::to_string(process);
        const auto answer = w.get_otcs(path);
        for (const auto& s : answer.at_pointer("/results/step_list/current").as_array())
            if (s.at("task_name").as_string() == "Legal Review") return true;
        return false;
    }
    void
    decide(std::int64_t process, const char* step, const char* decision, const char* comment = "") {
        w.play_otcs(
            "complete-task",
            {{"process", process}, {"title", step}, {"decision", decision}, {"comment", comment}});
    }
    void approve_all(std::int64_t process) {
        for (const char* step : {"Legal Review", "Brand Review", "Compliance Review"})
            decide(process, step, "Approve");
    }
    bool said(const std::string& part) {
        for (const auto& text : w.comments_on(film))
            if (text.find(part) != std::string::npos) return true;
        return false;
    }
    std::size_t times_said(const std::string& part) {
        std::size_t n = 0;
        for (const auto& text : w.comments_on(film))
            n += text.find(part) != std::string::npos;
        return n;
    }
    // The one item of that type in the workspace's folder of reviews whose name holds part.
    std::int64_t item(int type, const std::string& part) {
        std::int64_t found = 0;
        std::size_t n = 0;
        for (const auto& node : w.nodes_in("C-1001", "Reviews")) {
            if (node.type != type || node.name.find(part) == std::string::npos) continue;
            found = node.id;
            ++n;
        }
        CHECK(n <= 1);
        return found;
    }
    // Reminders on the review's reference in the workspace, oldest first.
    std::vector<std::string> reminders() {
        const auto answer =
            w.get_otcs("/v2/nodes/" + std::to_string(item(140, title)) + "/followups");
        std::vector<std::string> out;
        for (const auto& f : answer.at_pointer("/results/followups").as_array())
            out.emplace_back(f.at_pointer("/data/followup/description").as_string());
        return out;
    }
    bool ended() {
        return eventually([&] { return w.settled() && !w.runs().empty(); });
    }

    world w;
};

} // namespace

TEST_CASE("a submitted asset is reviewed in its workspace and comes back publish-ready",
          "[e2e][approval]") {
    studio s;
    s.w.start_host();
    const auto process = s.submit();
    CHECK(eventually([&] { return s.w.asset_field(film, "approval_status") == "In Review"; }));
    const auto reference = s.item(140, title);
    REQUIRE(reference != 0);
    CHECK(s.w.attribute(reference, "Result") == "In Review");

    s.decide(process, "Legal Review", "Approve", "[00:04] keep the claim short");
    REQUIRE(eventually([&] { return s.said("Legal Review (version 1): Approved"); }));
    CHECK(s.said("keep the claim short"));
    CHECK(s.w.asset_field(film, "publish_ready") == "false");
    s.decide(process, "Brand Review", "Approve");
    s.decide(process, "Compliance Review", "Approve");
    REQUIRE(s.ended());
    CHECK(s.w.dead_letter().empty());
    CHECK(s.w.asset_field(film, "publish_ready") == "true");
    CHECK(s.w.asset_field(film, "approval_status") == "Approved");
    CHECK(s.w.approval_of(film) == "APPROVED");
    CHECK(s.w.attribute(reference, "Result") == "Approved");
    CHECK(s.w.attribute(reference, "Asset Version") == "1");
    const auto document = s.item(144, title);
    REQUIRE(document != 0);
    CHECK(s.w.document_text(document).find("Legal Review: Approved") != std::string::npos);
    CHECK(s.w.asset_field(film, "approval_record").find("Result: Approved") != std::string::npos);

    SECTION("a version uploaded afterwards is not publish-ready") {
        s.w.play_iconik("add-version", {{"asset", film}});
        CHECK(eventually([&] { return s.w.asset_field(film, "publish_ready") == "false"; }));
    }
}

TEST_CASE("one rejection rejects the asset", "[e2e][approval]") {
    studio s;
    s.w.start_host();
    const auto process = s.submit();
    s.decide(process, "Brand Review", "Reject", "wrong logo");
    REQUIRE(s.ended());
    CHECK(s.w.dead_letter().empty());
    CHECK(s.w.approval_of(film) == "NOT_APPROVED");
    CHECK(s.w.asset_field(film, "approval_status") == "Rejected");
    CHECK(s.w.asset_field(film, "publish_ready") == "false");
    CHECK(s.said("wrong logo"));
    CHECK(s.w.attribute(s.item(140, title), "Result") == "Rejected");
}

TEST_CASE("a submission that is withdrawn, stopped or superseded ends its workflow",
          "[e2e][approval]") {
    studio s;
    s.w.start_host();
    const auto process = s.submit();
    SECTION("withdrawn in iconik") {
        s.w.play_iconik("withdraw-approval", {{"asset", film}});
        REQUIRE(s.ended());
        CHECK(s.state(process) == "stopped");
        const auto result = s.w.attribute(s.item(140, title), "Result");
        CHECK(result.find("Withdrawn") == 0);
        CHECK(s.w.asset_field(film, "approval_status") == "Draft");
    }
    SECTION("stopped by a person in Content Server") {
        s.w.play_otcs("stop-workflow", {{"process", process}});
        REQUIRE(s.ended());
        CHECK(s.w.attribute(s.item(140, title), "Result") == "Stopped");
        CHECK(s.w.approval_of(film) != "REQUESTED"); // it can be submitted again
    }
    SECTION("the asset is deleted") {
        s.w.play_iconik("delete-asset", {{"asset", film}});
        REQUIRE(s.ended());
        CHECK(s.state(process) == "stopped");
    }
    SECTION("a new version restarts it for exactly that version") {
        s.w.play_iconik("add-version", {{"asset", film}});
        REQUIRE(eventually([&] {
            return s.reviews("version 2").size() == 1 &&
                   s.legal_is_open(s.reviews("version 2").front());
        }));
        CHECK(s.state(process) == "stopped");
        CHECK(s.w.attribute(s.item(140, "version 1"), "Result").find("Superseded") == 0);
        s.approve_all(s.reviews("version 2").front());
        REQUIRE(s.ended());
        CHECK(s.w.approval_of(film) == "APPROVED");
        CHECK(s.w.asset_field(film, "publish_ready") == "true");
        CHECK(s.w.attribute(s.item(140, "version 2"), "Result") == "Approved");
        CHECK(s.reviews().size() == 2);
    }
    CHECK(s.w.dead_letter().empty());
    if (s.w.asset_field(film, "publish_ready") == "true")
        CHECK(s.w.approval_of(film) == "APPROVED");
}

TEST_CASE("submitted twice, it is reviewed once", "[e2e][approval]") {
    studio s;
    s.w.start_host();
    const auto process = s.submit();
    s.w.play_iconik("request-approval", {{"asset", film}});
    s.approve_all(process);
    REQUIRE(s.ended());
    CHECK(s.reviews().size() == 1);
    CHECK(s.times_said("Review of version 1: Approved") == 1);
    CHECK(s.w.dead_letter().empty());
}

TEST_CASE("a slow reviewer is reminded, then somebody else is told", "[e2e][approval]") {
    studio s("patience = { remind_after = \"1s\", remind_every = \"0s\", escalate_after = \"2s\", "
             "escalate_to = \"clara.brandt\" }");
    s.w.start_host();
    const auto process = s.submit();
    CHECK(eventually([&] { return s.said("Escalated to clara.brandt: Compliance Review"); }));
    // Reminded first, where the reviewers work; in iconik only the escalation is told. The pauses
    // are the host's own, hence these seconds.
    const auto told = s.reminders();
    const auto which = [&](const std::string& part) {
        std::vector<std::size_t> at;
        for (std::size_t i = 0; i < told.size(); ++i)
            if (told[i].find(part) != std::string::npos) at.push_back(i);
        return at;
    };
    const auto reminded = which("Reminder 1: Compliance Review");
    const auto escalated = which("Escalated to clara.brandt: Compliance Review");
    REQUIRE(reminded.size() == 1);
    REQUIRE(escalated.size() == 1);
    CHECK(reminded.front() < escalated.front());
    CHECK(which("Reminder 2").empty()); // remind_every is off
    CHECK_FALSE(s.said("Reminder"));
    s.approve_all(process);
    REQUIRE(s.ended());
    CHECK(s.times_said("Escalated to clara.brandt: Compliance Review") == 1);
    CHECK(s.w.asset_field(film, "publish_ready") == "true");
}

TEST_CASE("a fault in the middle delays the review and doubles nothing", "[e2e][approval]") {
    studio s;
    s.w.start_host();
    s.w.fault_otcs(
        {{"path", "/otcs/cs/api/v2/nodes"}, {"method", "POST"}, {"status", 503}, {"count", 2}});
    s.w.fault_otcs({{"path", "/otcs/cs/api/v2/draftprocesses"},
                    {"method", "POST"},
                    {"status", 503},
                    {"count", 2}});
    const auto process = s.submit();
    s.w.fault_iconik({{"path", "/API/assets/v1/assets/*/segments/"},
                      {"method", "POST"},
                      {"status", 503},
                      {"count", 2}});
    s.approve_all(process);
    REQUIRE(s.ended());
    CHECK(s.w.dead_letter().empty());
    CHECK(s.reviews().size() == 1);
    CHECK(s.w.asset_field(film, "publish_ready") == "true");
    CHECK(s.times_said("Legal Review (version 1)") == 1);
}

TEST_CASE("a review goes on after kill -9", "[e2e][approval][kill]") {
    studio s;
    s.w.start_child({});
    const auto process = s.submit();
    s.decide(process, "Legal Review", "Approve");
    REQUIRE(eventually([&] { return s.said("Legal Review (version 1)"); }));
    s.w.kill_child();
    s.decide(process, "Brand Review", "Approve");
    s.decide(process, "Compliance Review", "Approve");
    s.w.start_child({});
    CHECK(eventually([&] { return s.w.asset_field(film, "publish_ready") == "true"; }));
    s.w.end_child();
    CHECK(s.reviews().size() == 1);
    CHECK(s.times_said("Legal Review (version 1)") == 1);
}

TEST_CASE("bad input becomes a dead letter that names the field and the fix", "[e2e][approval]") {
    SECTION("no campaign") {
        studio s;
        s.w.start_host();
        s.w.play_iconik("request-approval", {{"asset", "logo"}});
        REQUIRE(eventually([&] { return !s.w.dead_letter().empty(); }));
        CHECK(s.w.dead_letter().find("metadata field \"campaign_id\"") != std::string::npos);
        CHECK(s.w.dead_letter().find("enter the campaign") != std::string::npos);
        // As the message says.
        s.w.play_iconik("set-metadata",
                        {{"asset", "logo"}, {"values", {{"campaign_id", json::array{"C-1001"}}}}});
        s.w.retry_dead_letters();
        CHECK(eventually([&] { return s.item(140, "Nordlicht Logo") != 0; }));
        CHECK(s.w.dead_letter().empty());
    }
    SECTION("nobody of that name to escalate to") {
        studio s("patience.escalate_to = \"Reviewers of Tax\"");
        s.w.start_host();
        s.w.play_iconik("request-approval", {{"asset", film}});
        REQUIRE(eventually([&] { return !s.w.dead_letter().empty(); }));
        CHECK(s.w.dead_letter().find("patience.escalate_to") != std::string::npos);
        CHECK(s.reviews().empty());
        // The setting is corrected; the run goes on with it.
        s.w.stop_host();
        s.w.configure(approvals("patience.escalate_to = \"clara.brandt\"").flows);
        s.w.start_host();
        s.w.retry_dead_letters(true);
        CHECK(eventually([&] { return s.reviews().size() == 1; }));
        CHECK(s.w.dead_letter().empty());
    }
}
