// SPDX-License-Identifier: Apache-2.0
#include "conformance_subject.hpp"

namespace xecm_test {

using conformance::row;

namespace {

json::object as_record() {
    return {{"classification", "Campaign Material"},
            {"details", json::object{{"record_date", "2026-05-01"}, {"rsi", "MKT-7"}}}};
}

std::int64_t record(bench& b) {
    const std::int64_t id = brief(b);
    b.call("records.classify", of(id, as_record()));
    return id;
}

const json::object reminder{{"text", "Release form is missing"},
                            {"due_date", "2030-01-05"},
                            {"recipients", json::array{"lena.roth"}}};

} // namespace

std::vector<row> governance_rows() {
    std::vector<row> r;
    const auto with_brief = [](json::object more = {}) {
        return [more](bench& b) { return of(brief(b), more); };
    };
    const json::object hold{{"hold", "Litigation Nordlicht"}};
    r.push_back(row("records.get", with_brief()).missing("id", nothing_there).tolerates(404));
    r.push_back(row("records.classify", with_brief(as_record()))
                    .missing("id", nothing_there)
                    .tolerates(404));
    r.push_back(row("records.update", [](bench& b) {
                    return of(record(b), {{"details", json::object{{"official", true}}}});
                }).missing("id", nothing_there));
    r.push_back(row("records.finalize", [](bench& b) {
                    return of(record(b));
                }).missing("id", nothing_there));
    r.push_back(row("holds.list", json::object()));
    r.push_back(row("holds.apply", with_brief(hold)).missing("id", nothing_there));
    r.push_back(row("holds.release", [hold](bench& b) {
                    const json::value input = of(brief(b), hold);
                    b.call("holds.apply", input);
                    return input;
                }).missing("id", nothing_there));
    r.push_back(row("comments.list", with_brief()).missing("id", nothing_there));
    r.push_back(row("comments.add", with_brief({{"text", "Larger, please"}}))
                    .missing("id", nothing_there)
                    .text("text", "text"));
    r.push_back(row("comments.find", with_brief({{"text", "Larger, please"}}))
                    .missing("id", nothing_there));
    r.push_back(row("reminders.list", with_brief()).missing("id", nothing_there));
    r.push_back(row("reminders.create", with_brief(reminder)).missing("id", nothing_there));
    r.push_back(row("reminders.find", with_brief(reminder)).missing("id", nothing_there));
    r.push_back(row("reminders.remove", [](bench& b) {
                    const std::int64_t id = brief(b);
                    const auto made = b.call("reminders.create", of(id, reminder));
                    return of(id, {{"reminder_id", made.at("reminder_id")}});
                }).missing_is_fine("reminder_id", nothing_there));
    r.push_back(row("audit.list", with_brief()).missing("id", nothing_there));
    r.push_back(row("members.find", json::object{{"login", "clara.brandt"}}));
    r.push_back(row("members.get", [](bench& b) {
                    const auto who = b.call("members.find", json::object{{"login", "guest"}});
                    return of(who.at("member").at("id").as_int64());
                }).missing("id", nothing_there));
    r.push_back(row("members.of_group", json::object{{"group", "Legal Reviewers"}}));
    r.push_back(row("names.list", json::object{{"kind", "category"}}));
    // A refusal is what it asks for.
    r.push_back(row("rights.check", json::object{{"operations", json::array{"workflows.start"}}})
                    .tolerates(403));
    return r;
}

} // namespace xecm_test
