// SPDX-License-Identifier: Apache-2.0
// The journal: links, what people did by hand, the ledger, figures.
#include "admin/replies.hpp"
#include "admin/routes.hpp"
#include "admin/views.hpp"
#include "journal/journal.hpp"
#include "journal/ledger.hpp"
#include "operate/link_edits.hpp"
#include "operate/person_notes.hpp"

#include <boost/json.hpp>

namespace mortise::host {
namespace {

namespace json = boost::json;

void list_links(const admin_parts& parts, const admin_call& call) {
    answer_from_journal(parts, call.reply,
                        [relation = call.parameter("relation"),
                         limit = call.limit(100, 10'000)](journal_reader& reader) {
                            json::array links;
                            for (const auto& l : reader.links(relation, limit))
                                links.push_back(to_view(l));
                            return result<json::value>(json::object{{"links", std::move(links)}});
                        });
}

link_answer link_reply(const admin_call& call) {
    return [reply = call.reply](const result<void>& done) {
        inbound_response r;
        r.status = 204;
        reply(done ? std::move(r) : refusal(done.error()));
    };
}

void put_one(const admin_parts& parts, const admin_call& call) {
    link_record l{call.text("relation"), call.text("a"), call.text("b"),
                  call.json_text("data").value_or(""), 0};
    host::put_link(parts.store, std::move(l), call.who, link_reply(call));
}

void remove_one(const admin_parts& parts, const admin_call& call) {
    host::remove_link(parts.store, call.parameter("relation"), call.parameter("a"), call.who,
                      link_reply(call));
}

void list_notes(const admin_parts& parts, const admin_call& call) {
    answer_from_journal(parts, call.reply,
                        [limit = call.limit(100, 10'000)](journal_reader& reader) {
                            json::array notes;
                            for (const auto& n : person_notes(reader, limit))
                                notes.push_back(to_view(n));
                            return result<json::value>(json::object{{"notes", std::move(notes)}});
                        });
}

void list_ledger(const admin_parts& parts, const admin_call& call) {
    ledger_filter filter;
    filter.from_seq = call.number_parameter("from");
    filter.since = static_cast<unix_ms>(call.number_parameter("since"));
    filter.until = static_cast<unix_ms>(call.number_parameter("until"));
    filter.object = call.parameter("object");
    filter.connection = call.parameter("connection");
    filter.run = run_id(call.parameter("run"));
    filter.limit = call.limit(100, 10'000);
    answer_from_journal(parts, call.reply, [filter](journal_reader& reader) {
        json::array entries;
        for (const auto& e : reader.ledger(filter))
            entries.push_back(stored_json(to_ndjson(e)));
        return result<json::value>(json::object{{"entries", std::move(entries)}});
    });
}

void journal_figures(const admin_parts& parts, const admin_call& call) {
    answer_from_journal(parts, call.reply, [](journal_reader& reader) {
        return result<json::value>(to_view(reader.stats()));
    });
}

} // namespace

void add_journal_routes(route_table& to, const admin_parts& parts) {
    const auto with = [&parts](auto fn) {
        return [&parts, fn](const admin_call& call) { fn(parts, call); };
    };
    to.add("GET", "/api/v1/links", with(list_links));
    to.add("PUT", "/api/v1/links", with(put_one));
    to.add("DELETE", "/api/v1/links", with(remove_one));
    to.add("GET", "/api/v1/notes", with(list_notes));
    to.add("GET", "/api/v1/ledger", with(list_ledger));
    to.add("GET", "/api/v1/journal", with(journal_figures));
}

} // namespace mortise::host
