// SPDX-License-Identifier: Apache-2.0
#include "copy_flow.hpp"

namespace acme {

namespace json = mortise::json;
using mortise::task;

void copy_flow::describe(mortise::flow_builder<copy_flow>& b) {
    b.id("acme-copy-contact").version("1.0.0").title("Copy a contact to another address book");
    b.doc("Creates each changed contact in the second address book and links the two.");
    b.config<copy_settings>();
    b.role("from", "acme", "Where contacts are kept").uses("contact.get");
    b.role("to", "acme", "Where copies go").uses("contact.create");
    b.starts_on("from", "acme.contact.changed").on_request();
}

task<json::value> copy_flow::run(mortise::flow_run& run, mortise::event first) {
    const std::string id = mortise::require_string(first.data, "id", mortise::category::input);
    const auto links = co_await run.link_find("known", "acme-copy", id);
    if (!links.empty()) {
        run.info("already copied");
        co_return json::value{{"copied", false}, {"copy", links.front().b}};
    }
    co_await run.sleep_for("settle", settings_.pause);

    json::value which{{"id", id}};
    const auto contact = co_await run.call("read", "from", "contact.get", std::move(which));
    json::value copy{{"email", contact.at("email")}, {"name", contact.at("name")}};
    const auto made = co_await run.call("write", "to", "contact.create", std::move(copy));

    mortise::link pair;
    pair.a = id;
    pair.b = mortise::require_string(made, "id");
    const std::string copy_id = pair.b;
    co_await run.link_put("link", "acme-copy", std::move(pair));
    co_return json::value{{"copied", true}, {"copy", copy_id}};
}

} // namespace acme
