// SPDX-License-Identifier: Apache-2.0
#include "conformance_subject.hpp"

namespace iconik_test {

using conformance::bench;
using conformance::row;

namespace {

const std::string cut = seed::id("asset/social-cut");

json::value of_hero(json::object more = {}) {
    more["asset_id"] = hero;
    return more;
}

json::value written(bench& b) {
    const auto made = b.call("comments.add", of_hero({{"text", "Too loud"}}));
    return of_hero({{"comment_id", made.at("id")}});
}

} // namespace

std::vector<row> review_rows() {
    std::vector<row> r;
    r.push_back(row("approvals.get", of_hero()).missing("asset_id", nobody).tolerates(404));
    const json::value ask =
        json::object{{"asset_id", cut}, {"users", json::array{seed::id("user/legal")}}};
    r.push_back(row("approvals.request", ask).missing("asset_id", nobody).tolerates(404));
    r.push_back(row("approvals.vote", of_hero({{"status", "APPROVED"}}))
                    .missing("asset_id", nobody)
                    .tolerates(404));
    r.push_back(row("approvals.withdraw", of_hero()).missing("asset_id", nobody).tolerates(404));
    const json::value comment =
        of_hero({{"text", "Too loud"}, {"time_start_ms", 1000}, {"time_end_ms", 2000}});
    r.push_back(
        row("comments.add", comment).missing("asset_id", nobody).text("text", "segment_text"));
    r.push_back(row("comments.find", comment).missing("asset_id", nobody));
    conformance::list_facts comments;
    comments.at = "comments";
    comments.id = "id";
    comments.many = 12;
    comments.add = [](bench& b, int n) {
        b.system_as<emulator_target>().emulator->act(
            "add-comment", {{"asset", "hero-film"}, {"text", "Comment " + std::to_string(n)}});
        b.system->advance(std::chrono::seconds(1));
    };
    r.push_back(row("comments.list", of_hero()).missing("asset_id", nobody).list(comments));
    r.push_back(row("comments.update", [](bench& b) {
                    json::value input = written(b);
                    input.as_object()["text"] = "Much too loud";
                    return input;
                }).missing("comment_id", nobody));
    r.push_back(row("comments.delete", &written).missing_is_fine("comment_id", nobody));
    const json::value marker = of_hero(
        {{"type", "MARKER"}, {"text", "Logo"}, {"time_start_ms", 100}, {"time_end_ms", 900}});
    r.push_back(row("segments.add", marker).missing("asset_id", nobody));
    r.push_back(row("segments.find", marker).missing("asset_id", nobody));
    r.push_back(row("segments.list", of_hero()).missing("asset_id", nobody));
    r.push_back(row("segments.delete", &written).missing_is_fine("comment_id", nobody));
    return r;
}

std::vector<row> account_rows() {
    std::vector<row> r;
    r.push_back(row("users.current", json::object()));
    r.push_back(row("users.find", json::object{{"email", "legal@nordlicht.example"}}));
    r.push_back(row("users.list", json::object()));
    r.push_back(row("groups.find", json::object{{"name", "Legal"}}));
    r.push_back(row("groups.list", json::object()));
    r.push_back(row("jobs.list", json::object()));
    r.push_back(row("jobs.get", [](bench& b) {
                    b.call("assets.archive", json::object{{"asset_id", logo}});
                    const auto jobs = b.call("jobs.list").at("jobs");
                    return json::value(json::object{{"job_id", jobs.at(0).at("id")}});
                }).missing("job_id", nobody));
    r.push_back(row("rights.check",
                    json::object{{"operations", json::array{"assets.get", "metadata.set"}}}));
    r.push_back(row("names.list", json::object{{"kind", "metadata-view"}}));
    r.push_back(row("webhooks.list", json::object()));
    r.push_back(row("webhooks.ensure", json::object{{"url", "https://mortise.example/hooks/dam"}}));
    r.push_back(
        row("custom_actions.ensure", json::object{{"title", "Send to workspace"},
                                                  {"url", "https://mortise.example/hooks/dam"}}));
    return r;
}

} // namespace iconik_test
