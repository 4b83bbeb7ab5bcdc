// SPDX-License-Identifier: Apache-2.0
//
// Holds.
#include "content_server/records.hpp"
#include "content_server/text.hpp"

#include <algorithm>
#include <chrono>

namespace content_server {

using mortise::category;
using mortise::error;
using mortise::task;
using object = json::object;

namespace {

bool flag_at(const object& from, std::string_view key, bool otherwise) {
    const auto* v = from.if_contains(key);
    if (!v) return otherwise;
    if (v->is_bool()) return v->get_bool();
    return int_at(from, key) != 0;
}

} // namespace

task<hold_listed> records::list_holds(context& c, nothing) {
    list_request what(all_.server().at("v2/holds"), subject("hold", "the holds"), 100'000);
    const json::array items = co_await all_.server().list(c, std::move(what));
    hold_listed out;
    for (const auto& item : items) {
        const auto* o = item.if_object();
        if (!o) continue;
        record_hold one;
        one.id = int_at(*o, "HoldID");
        one.name = text_at(*o, "HoldName");
        one.active = flag_at(*o, "ActiveHold", true);
        out.holds.push_back(std::move(one));
    }
    co_return out;
}

task<std::vector<record_hold>> records::holds_on(context& c, std::int64_t id) {
    mortise::url url = all_.server().at("v1/nodes");
    url.segment(std::to_string(id)).path("holds");
    const json::value answer = co_await all_.server().get(
        c, url.str(), subject("hold", "the holds on item " + std::to_string(id)));
    std::vector<record_hold> out;
    for (const auto& item : mortise::require_array(answer, "data")) {
        const auto* o = item.if_object();
        if (!o) continue;
        record_hold one;
        one.id = int_at(*o, "hold_id");
        one.name = text_at(*o, "hold_name");
        one.active = flag_at(*o, "active", true);
        out.push_back(std::move(one));
    }
    co_return out;
}

task<record_hold> records::hold_named(context& c, json::value wanted) {
    const hold_listed all = co_await list_holds(c, nothing());
    const auto id = to_integer(wanted);
    const auto* text = wanted.if_string();
    const std::string name = text ? std::string(*text) : std::string();
    std::vector<std::string> names;
    for (const auto& one : all.holds) {
        names.push_back(one.name);
        if (id ? one.id == *id : equal_ignoring_case(one.name, name)) co_return one;
    }
    throw error(category::input, "xecm.hold.unknown",
                "There is no hold \"" + (id ? std::to_string(*id) : name) + '"' +
                    suggestion(name, names));
}

task<object> records::change_hold(context& c, hold_change in, bool apply) {
    const std::int64_t id = id_of(in.id, "id");
    const record_hold hold = co_await hold_named(c, in.hold);
    while (hold_busy_)
        co_await c.sleep(std::chrono::milliseconds(50));
    struct turn {
        bool& busy;
        explicit turn(bool& b) : busy(b) { busy = true; }
        ~turn() { busy = false; }
    };
    const turn mine(hold_busy_);
    const auto now = co_await holds_on(c, id);
    const bool there =
        std::any_of(now.begin(), now.end(), [&hold](const auto& h) { return h.id == hold.id; });
    object out;
    out["hold_id"] = hold.id;
    out["hold"] = hold.name;
    out["changed"] = there != apply;
    if (there == apply) co_return out;
    mortise::url url = all_.server().at("v1/nodes");
    url.segment(std::to_string(id)).path("holds");
    json::value body;
    if (apply) {
        object fields;
        fields["hold_id"] = hold.id;
        body = std::move(fields);
    } else {
        url.segment(std::to_string(hold.id));
    }
    std::string method = apply ? "POST" : "DELETE";
    co_await all_.server().write(
        c, std::move(method), url.str(), std::move(body),
        subject("hold", "the hold \"" + hold.name + "\" on item " + std::to_string(id)));
    co_return out;
}

task<object> records::apply_hold(context& c, hold_change in) {
    return change_hold(c, std::move(in), true);
}

task<object> records::release_hold(context& c, hold_change in) {
    return change_hold(c, std::move(in), false);
}

} // namespace content_server
