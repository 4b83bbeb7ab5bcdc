// SPDX-License-Identifier: Apache-2.0
//
// Names of what settings can name.
#include "bridged.hpp"

using namespace xecm_test;
using mortise::category;

namespace {

std::set<std::string> names(bridged& b, const char* kind, const char* of = "") {
    const auto answer = b.call("names.list", json::object{{"kind", kind}, {"of", of}});
    std::set<std::string> out;
    for (const auto& one : answer.at("names").as_array())
        out.insert(std::string(one.as_string()));
    return out;
}

} // namespace

TEST_CASE("xecm: every kind of name is listed", "[plugins][xecm][sandbox]") {
    bridged b;
    CHECK(names(b, "workspace-type").contains("Campaign"));
    CHECK(names(b, "template", "vendor") == std::set<std::string>{"Vendor Template"});
    CHECK(names(b, "category").contains("Media Reference"));
    CHECK(names(b, "attribute", "Media Reference").contains("Approval Status"));
    CHECK(names(b, "attribute", "Approval Record").contains("Decisions/Reviewer"));
    CHECK(names(b, "attribute-value", "Campaign/status").contains("On hold"));
    CHECK(names(b, "attribute-value", "Approval Record/Decisions/Decision").contains("Withdrawn"));
    CHECK(names(b, "workflow-map").contains("Quick Approval"));
    CHECK(names(b, "external-system") == std::set<std::string>{"MRM"});
    CHECK(names(b, "business-object-type", "MRM").contains("campaign"));
    CHECK(names(b, "group").contains("Legal Reviewers"));
    CHECK(names(b, "user").contains("clara.brandt"));
    CHECK(names(b, "rm-classification").contains("Contracts"));
    CHECK(names(b, "hold").contains("Litigation Nordlicht"));
    b.check_clean();
}

TEST_CASE("xecm: names of free text are not complete, and wrong questions are refused",
          "[plugins][xecm][sandbox]") {
    bridged b;
    const json::value free =
        json::object{{"kind", "attribute-value"}, {"of", "Media Reference/Title"}};
    CHECK(b.call("names.list", free).at("complete") == false);
    const auto kind = b.failure("names.list", json::object{{"kind", "folder"}});
    CHECK(kind.category == category::input);
    CHECK(kind.message.find("folder") != std::string::npos);
    const auto scope = b.failure("names.list", json::object{{"kind", "attribute"}});
    CHECK(scope.message.find("\"of\"") != std::string::npos);
    const json::value wrong = json::object{{"kind", "attribute-value"}, {"of", "Campaign/Statuss"}};
    CHECK(b.failure("names.list", wrong).message.find("did you mean \"Status\"?") !=
          std::string::npos);
    b.check_clean();
}

TEST_CASE("xecm: operations of a module that is missing are told before they are used",
          "[plugins][xecm][sandbox]") {
    bridged b;
    const json::value input =
        json::object{{"operations", json::array{"workflows.start", "comments.add", "comments.list",
                                                "holds.apply", "workspaces.find", "nodes.get"}}};
    CHECK(b.call("rights.check", input).at("denied").as_array().empty());
    b.people("configure", {{"modules_off", "pulse,workflow"}});
    const auto denied = b.call("rights.check", input).at("denied").as_array();
    std::set<std::string> operations;
    for (const auto& one : denied)
        operations.insert(std::string(one.at("operation").as_string()));
    CHECK(operations == std::set<std::string>{"workflows.start", "comments.add", "comments.list"});
    CHECK(denied.at(0).at("why").as_string().find("module") != std::string::npos);
    b.check_clean();
}
