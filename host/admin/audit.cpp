// SPDX-License-Identifier: Apache-2.0
#include "admin/audit.hpp"

#include "admin/routes.hpp"
#include "base/digest.hpp"
#include "base/log.hpp"
#include "journal/journal.hpp"

#include <boost/json.hpp>

namespace mortise::host {
namespace {

constexpr offline_operation offline[] = {
    {"POST", "/api/v1/runs/{id}/retry", "retryRun"},
    {"POST", "/api/v1/runs/{id}/edit", "editRun"},
    {"POST", "/api/v1/runs/{id}/discard", "discardRun"},
    {"POST", "/api/v1/bulk", "startBulkJob"},
    {"PUT", "/api/v1/links", "putLink"},
    {"DELETE", "/api/v1/links", "removeLink"},
};

std::string member(const boost::json::object& o, std::string_view name) {
    const auto* v = o.if_contains(name);
    return v != nullptr && v->is_string() ? std::string(v->get_string()) : std::string();
}

} // namespace

std::string outcome_of(const result<void>& done) {
    if (done) return "done";
    const auto c = done.error().category;
    const bool refused = c == category::input || c == category::config || c == category::conflict ||
                         c == category::not_found;
    return refused ? "refused" : "failed";
}

std::span<const offline_operation> offline_operations() {
    return offline;
}

std::optional<admin_action>
offline_action(std::string_view method, std::string_view path, const std::string& body) {
    const auto asked = split_path(path.substr(0, path.find('?')));
    for (const auto& o : offline) {
        const auto pattern = split_path(o.pattern);
        if (o.method != method || pattern.size() != asked.size()) continue;
        admin_action action;
        bool fits = true;
        for (std::size_t i = 0; fits && i < pattern.size(); ++i) {
            if (pattern[i].starts_with('{'))
                action.object = action.run = asked[i];
            else
                fits = pattern[i] == asked[i];
        }
        if (!fits) continue;
        action.operation = o.id;
        action.request = sha256_hex(body);
        if (o.id == "putLink") {
            boost::system::error_code ec;
            const auto value = boost::json::parse(body, ec);
            if (const auto* link = value.if_object())
                action.object = member(*link, "relation") + ' ' + member(*link, "a");
        } else if (o.id == "removeLink") {
            const auto query = query_parameters(path.substr(std::min(path.find('?'), path.size())));
            const auto of = [&query](std::string_view name) {
                const auto it = query.find(name);
                return it == query.end() ? std::string() : it->second;
            };
            action.object = of("relation") + ' ' + of("a");
        }
        return action;
    }
    return std::nullopt;
}

ledger_entry entry_of(const admin_action& action) {
    ledger_entry e;
    e.actor = action.who;
    e.operation = "admin:" + action.operation;
    e.object = action.object;
    e.outcome = action.outcome;
    e.request = action.request;
    e.connection = action.connection;
    e.instance = action.instance;
    e.run = run_id(action.run);
    return e;
}

std::function<void(const admin_action&, std::function<void()> then)> ledger_audit(journal& store) {
    return [&store](const admin_action& action, std::function<void()> then) {
        store.write([e = entry_of(action)](journal_tx& tx) { tx.append_ledger(e); },
                    [who = action.who, operation = action.operation,
                     then = std::move(then)](const result<void>& kept) {
                        if (!kept)
                            log(log_level::error,
                                "an action could not be written to the ledger: " +
                                    kept.error().message,
                                {{"who", who}, {"operation", operation}});
                        then();
                    });
    };
}

} // namespace mortise::host
