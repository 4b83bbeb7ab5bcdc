// SPDX-License-Identifier: Apache-2.0
// The journal: links, what people did by hand, figures.
#include "admin/replies.hpp"
#include "admin/routes.hpp"
#include "admin/views.hpp"
#include "journal/journal.hpp"
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
    call.about(l.relation + ' ' + l.a);
    host::put_link(parts.store, std::move(l), call.who, link_reply(call));
}

void remove_one(const admin_parts& parts, const admin_call& call) {
    call.about(call.parameter("relation") + ' ' + call.parameter("a"));
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
    to.add(
        {.method = "GET",
         .pattern = "/api/v1/links",
         .id = "listLinks",
         .summary = "Links between objects of two systems.",
         .tag = "journal",
         .query = {{"relation", "Only links of this relation."},
                   {"limit", "At most so many.",
                    R"({"type":"integer","minimum":1,"maximum":10000})"}},
         .answer =
             R"({"type":"object","required":["links"],"properties":{"links":{"type":"array","items":{"$ref":"#/components/schemas/link"}}}})"},
        with(list_links));
    to.add(
        {.method = "PUT",
         .pattern = "/api/v1/links",
         .id = "putLink",
         .summary = "Makes or changes a link.",
         .tag = "journal",
         .least = role::operator_,
         .request =
             R"({"type":"object","required":["relation","a","b"],"properties":{"relation":{"type":"string","minLength":1},"a":{"type":"string","minLength":1},"b":{"type":"string","minLength":1},"data":{}}})",
         .status = 204},
        with(put_one));
    to.add({.method = "DELETE",
            .pattern = "/api/v1/links",
            .id = "removeLink",
            .summary = "Removes a link.",
            .tag = "journal",
            .least = role::operator_,
            .query = {{"relation", "Its relation.", R"({"type":"string"})", true},
                      {"a", "Its side a.", R"({"type":"string"})", true}},
            .status = 204},
           with(remove_one));
    to.add(
        {.method = "GET",
         .pattern = "/api/v1/notes",
         .id = "listNotes",
         .summary = "Changes of links and connections by hand, newest first.",
         .tag = "journal",
         .query = {{"limit", "At most so many.",
                    R"({"type":"integer","minimum":1,"maximum":10000})"}},
         .answer =
             R"({"type":"object","required":["notes"],"properties":{"notes":{"type":"array","items":{"$ref":"#/components/schemas/person_note"}}}})"},
        with(list_notes));
    to.add({.method = "GET",
            .pattern = "/api/v1/journal",
            .id = "getJournal",
            .summary = "Figures of the journal.",
            .tag = "journal",
            .answer = "#/components/schemas/journal"},
           with(journal_figures));
}

} // namespace mortise::host
