// SPDX-License-Identifier: Apache-2.0
//
// The conformance suite on the sandbox's Content Server.
#include "conformance_subject.hpp"
#include "support/catch.hpp"

using namespace xecm_test;

namespace {

std::vector<conformance::row> all_rows() {
    std::vector<conformance::row> out = node_rows();
    for (auto more : {workspace_rows(), governance_rows()})
        out.insert(out.end(), more.begin(), more.end());
    return out;
}

// The campaign's status is changed by a person.
std::string change_status(bench& b, const char* bo_id, const char* status) {
    const json::object values{{"Status", status}};
    b.system_as<emulator_target>().emulator->act(
        "set-category", {{"bo_id", bo_id}, {"category", "Campaign"}, {"values", values}});
    const auto state = b.system_as<emulator_target>().ask("GET", "/__sandbox/state");
    for (const auto& w : state.at("workspaces").as_array()) {
        for (const auto& o : w.at("business_objects").as_array()) {
            if (o.at("bo_id") == json::value(bo_id)) {
                return "xecm.workspace.changed " + mortise::serialize_json(w.at("id"));
            }
        }
    }
    return {};
}

conformance::trigger_row changes() {
    conformance::trigger_row t;
    t.trigger = "changes";
    t.change = [](bench& b) { return change_status(b, "C-1002", "Active"); };
    t.other_change = [](bench& b) { return change_status(b, "C-1001", "On hold"); };
    return t;
}

void check(const std::vector<conformance::row>& rows) {
    const auto s = xecm_subject();
    for (const auto& r : rows) {
        INFO(r.operation);
        CHECK(conformance::to_text(check_operation(s, r)) == "");
    }
}

} // namespace

TEST_CASE("xecm: every operation and trigger has its row", "[plugins][xecm][conformance]") {
    CHECK(conformance::to_text(check_coverage(xecm_subject(), all_rows(), {changes()})) == "");
}

TEST_CASE("xecm: operations on items conform", "[plugins][xecm][conformance]") {
    check(node_rows());
}

TEST_CASE("xecm: operations on workspaces and workflows conform", "[plugins][xecm][conformance]") {
    check(workspace_rows());
}

TEST_CASE("xecm: operations on records, remarks and members conform",
          "[plugins][xecm][conformance]") {
    check(governance_rows());
}

TEST_CASE("xecm: changes become one event each", "[plugins][xecm][conformance]") {
    CHECK(conformance::to_text(check_trigger(xecm_subject(), changes())) == "");
}
