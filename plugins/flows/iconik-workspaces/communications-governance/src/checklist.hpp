// SPDX-License-Identifier: Apache-2.0
//
// The checklist of a program's workspace: what has to be on file or decided before media of the
// program may go out.
#pragma once

#include <mortise/sdk/flow.hpp>

#include <array>
#include <iconik_workspaces/workspace.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace communications {

enum class evidence { document, attribute };

} // namespace communications

template <>
struct mortise::enum_names<communications::evidence> {
    static constexpr std::array<std::pair<communications::evidence, std::string_view>, 2> values{
        {{communications::evidence::document, "document"},
         {communications::evidence::attribute, "attribute"}}};
};

namespace communications {

// A settings type.
struct checklist_item {
    std::string name;
    evidence by = evidence::document;
    std::string category = "Governance";
    std::string attribute{};
    std::string opened_as{};
    std::vector<std::string> done{};

    static auto describe() {
        return mortise::object<checklist_item>("An item of the checklist")
            .field("name", &checklist_item::name, "What it is called", mortise::required)
            .min(1)
            .field("by", &checklist_item::by,
                   "What settles it: a document in the item's folder, or an attribute of the "
                   "workspace")
            .field("category", &checklist_item::category, "Category of that attribute")
            .names(iconik_workspaces::workspaces, "category")
            .field("attribute", &checklist_item::attribute, "The attribute")
            .names(iconik_workspaces::workspaces, "attribute", "category")
            .field("opened_as", &checklist_item::opened_as,
                   "What is written to the attribute while it is empty; empty: nothing")
            .field("done", &checklist_item::done,
                   "Values of the attribute that settle the item; none: any value");
    }
};

// How far a program is: names of items.
struct progress {
    std::vector<std::string> done, open;

    mortise::json::value to_json() const;
    static progress from(const mortise::json::value& v); // of null: nothing at all
};

// Opens what is not open yet (folders, attributes) and says what is settled. Repeating it changes
// nothing. Steps below "item:<name>".
mortise::task<progress> open_checklist(mortise::flow_run run,
                                       iconik_workspaces::workspace in,
                                       std::vector<std::string> folder,
                                       std::vector<checklist_item> items);

} // namespace communications
