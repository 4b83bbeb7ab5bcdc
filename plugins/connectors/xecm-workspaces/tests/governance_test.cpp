// SPDX-License-Identifier: Apache-2.0
//
// Records, holds, comments, reminders, the audit trail, and categories taken off.
#include "bridged.hpp"

using namespace xecm_test;
using mortise::category;

namespace {

std::int64_t brief(bridged& b) {
    const json::value path = json::object{{"parent_id", b.workspace("campaign", "C-1001")},
                                          {"path", json::array{"Briefs", "Creative Brief.txt"}}};
    return b.call("nodes.path_find", path).at("node").at("id").as_int64();
}

} // namespace

TEST_CASE("xecm: an item becomes a record, changes and is finalized", "[plugins][xecm][sandbox]") {
    bridged b;
    const std::int64_t id = brief(b);
    CHECK(b.call("records.get", id_input(id)).at("is_record") == false);
    const json::value early = json::object{{"id", id}, {"details", {{"status", "ACTIVE"}}}};
    CHECK(b.failure("records.update", early).category == category::conflict);
    json::object input{{"id", id},
                       {"classification", "campaign material"},
                       {"details", {{"record_date", "2026-05-01"}, {"rsi", "MKT-7"}}}};
    CHECK(b.call("records.classify", input).at("changed") == true);
    CHECK(b.call("records.classify", input).at("changed") == false);
    const auto record = b.call("records.get", id_input(id));
    CHECK(record.at("classification") == "Campaign Material");
    CHECK(record.at("retention").at("rsi") == "MKT-7");
    CHECK(std::string(record.at("retention").at("record_date").as_string()).starts_with("2026-05"));
    const json::value change =
        json::object{{"id", id}, {"details", {{"record_date", "2027-05-01"}, {"official", true}}}};
    CHECK(b.call("records.update", change).at("changed") == true);
    CHECK(b.call("records.update", change).at("changed") == false);
    CHECK(b.call("records.get", id_input(id)).at("official") == true);
    CHECK(b.call("records.finalize", id_input(id)).at("finalized") == true);
    CHECK(b.call("records.finalize", id_input(id)).at("finalized") == true);
    const json::value late = json::object{{"id", id}, {"details", {{"status", "CLOSED"}}}};
    CHECK(b.failure("records.update", late).effect == mortise::effect::none);
    input["classification"] = "Campain Material";
    CHECK(b.failure("records.classify", input).message.find("did you mean") != std::string::npos);
    b.check_clean();
}

TEST_CASE("xecm: a hold is put on and taken off once", "[plugins][xecm][sandbox]") {
    bridged b;
    const json::value input = json::object{{"id", brief(b)}, {"hold", "litigation nordlicht"}};
    CHECK(b.call("holds.list").at("holds").at(0).at("name") == "Litigation Nordlicht");
    CHECK(b.call("holds.apply", input).at("changed") == true);
    CHECK(b.call("holds.apply", input).at("changed") == false);
    CHECK(b.call("records.get", id_input(brief(b))).at("holds").as_array().size() == 1);
    CHECK(b.failure("nodes.delete", id_input(brief(b))).category == category::conflict);
    CHECK(b.call("holds.release", input).at("changed") == true);
    CHECK(b.call("holds.release", input).at("changed") == false);
    const json::value wrong = json::object{{"id", brief(b)}, {"hold", "Litigation Nordlich"}};
    CHECK(b.failure("holds.apply", wrong).message.find("did you mean") != std::string::npos);
    b.check_clean();
}

TEST_CASE("xecm: holds of several items are changed one after the other",
          "[plugins][xecm][sandbox]") {
    bridged b;
    const std::int64_t w = b.workspace("campaign", "C-1001");
    std::vector<mortise::testing::pending_call> calls;
    for (const std::int64_t id : {brief(b), b.media_folder(w)})
        calls.push_back(b.xecm->start("holds.apply", json::object{{"id", id}, {"hold", 9001}}));
    for (int i = 0; i < 10; ++i)
        b.host.advance(std::chrono::milliseconds(100));
    for (const auto& call : calls)
        CHECK(call.outcome().value().at("changed") == true);
    b.check_clean();
}

TEST_CASE("xecm: comments are written once and read", "[plugins][xecm][sandbox]") {
    bridged b;
    const std::int64_t id = brief(b);
    b.people("comment", {{"node", id}, {"text", "Größer, bitte"}, {"user", "clara.brandt"}});
    const json::value mine = json::object{{"id", id}, {"text", "Größer, bitte"}};
    // Another's words are not ours.
    CHECK(b.call("comments.find", mine).at("found") == false);
    const auto written = b.call("comments.add", mine);
    CHECK(written.at("user") == "integration");
    CHECK(b.call("comments.find", mine).at("result") == written);
    const auto all = b.call("comments.list", id_input(id)).at("comments").as_array();
    REQUIRE(all.size() == 2);
    CHECK(all.at(1).at("user") == "clara.brandt");
    CHECK(b.failure("comments.add", json::object{{"id", 99999}, {"text", "x"}}).category ==
          category::not_found);
    b.check_clean();
}

TEST_CASE("xecm: reminders are made once and completed once", "[plugins][xecm][sandbox]") {
    bridged b;
    const std::int64_t id = brief(b);
    const json::value input = json::object{{"id", id},
                                           {"text", "Release form is missing"},
                                           {"due_date", "2030-01-05"},
                                           {"recipients", json::array{"lena.roth"}}};
    CHECK(b.call("reminders.find", input).at("found") == false);
    const auto made = b.call("reminders.create", input);
    CHECK(b.call("reminders.find", input).at("result") == made);
    const json::value which = json::object{{"id", id}, {"reminder_id", made.at("reminder_id")}};
    CHECK(b.call("reminders.remove", which).at("removed") == true);
    CHECK(b.call("reminders.remove", which).at("removed") == false);
    CHECK(b.call("reminders.find", input).at("found") == false);
    CHECK(b.call("reminders.list", id_input(id)).at("reminders").at(0).at("completed") == true);
    b.check_clean();
}

TEST_CASE("xecm: the history of an item is read by kind of event", "[plugins][xecm][sandbox]") {
    bridged b;
    const std::int64_t id = brief(b);
    b.people("rename", {{"node", id}, {"name", "Brief 2.txt"}, {"user", "clara.brandt"}});
    json::object input{{"id", id}, {"types", json::array{"Rename"}}};
    const auto entries = b.call("audit.list", input).at("entries").as_array();
    REQUIRE(entries.size() == 1);
    CHECK(entries.at(0).at("user_id") == 1011);
    input["since"] = "2099-01-01";
    CHECK(b.call("audit.list", input).at("entries").as_array().empty());
    b.check_clean();
}

TEST_CASE("xecm: a category is taken off once", "[plugins][xecm][sandbox]") {
    bridged b;
    const std::int64_t item =
        b.reference(b.media_folder(b.workspace("campaign", "C-1001")), "Spot.mov", "a-1");
    const json::value input = json::object{{"id", item}, {"category", "media reference"}};
    CHECK(b.call("categories.remove", input).at("removed") == true);
    CHECK(b.call("categories.remove", input).at("removed") == false);
    CHECK(b.call("categories.list", id_input(item)).at("categories").as_array().empty());
    const json::value wrong = json::object{{"id", item}, {"category", "Media Referenze"}};
    CHECK(b.failure("categories.remove", wrong).category == category::input);
    b.check_clean();
}

TEST_CASE("xecm: setting attributes tells what was there before", "[plugins][xecm][sandbox]") {
    bridged b;
    const std::int64_t item =
        b.reference(b.media_folder(b.workspace("campaign", "C-1001")), "Spot.mov", "a-1");
    json::object input{{"id", item},
                       {"category", "Media Reference"},
                       {"values", {{"approval status", "rejected"}, {"Title", "Spot"}}}};
    const auto changed = b.call("categories.set", input);
    CHECK(changed.at("before").at("approval status") == "approved");
    CHECK(changed.at("before").at("Title").is_null());
    input["category"] = "Rights";
    input["values"] = json::object{{"Usage Rights", "web"}};
    CHECK(b.call("categories.set", input).at("before").at("Usage Rights").is_null());
    b.check_clean();
}
