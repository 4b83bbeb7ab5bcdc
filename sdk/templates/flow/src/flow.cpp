#include "flow.hpp"

namespace @ident@_flow {

namespace json = mortise::json;
using mortise::task;

void flow::describe(mortise::flow_builder<flow>& b) {
    b.id("@name@").version(PLUGIN_VERSION).title("@title@");
    b.doc("Reads an item and remembers its version.");
    b.config<settings>();
    // A role is a connection the flow needs; name every operation it calls there.
    b.role("system", "@connector@", "Where the items are").uses("items.get");
    b.starts_on("system", "@connector@.item.changed").on_request();
}

task<json::value> flow::run(mortise::flow_run& run, mortise::event first) {
    const std::string id = mortise::require_string(first.data, "id", mortise::category::input);
    co_await run.sleep_for("settle", settings_.pause);

    // Each step has a key of its own. After a crash, finished steps answer from the journal.
    json::value which{{"id", id}};
    const auto item = co_await run.call("read", "system", "items.get", std::move(which));

    mortise::link seen;
    seen.a = "item:" + id;
    seen.b = "seen:" + id;
    seen.data = item;
    co_await run.link_put("remember", "@name@", std::move(seen));
    co_return json::value{{"id", id}, {"item", item}};
}

} // namespace @ident@_flow
