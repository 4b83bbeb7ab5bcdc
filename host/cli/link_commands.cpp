// SPDX-License-Identifier: Apache-2.0
// mortise links: which objects of two systems belong together.
#include "admin/views.hpp"
#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "cli/view.hpp"
#include "operate/dead_letters.hpp"
#include "operate/link_edits.hpp"
#include "operate/person_notes.hpp"

#include <boost/json.hpp>

namespace mortise::host::cli {
namespace {

namespace json = boost::json;

int list_links(const common& c, const std::string& relation, std::uint32_t limit) {
    view v;
    v.path = "/api/v1/links";
    v.query = {{"relation", relation}};
    v.list = "links";
    v.limit = limit;
    v.here = [=](journal_reader& reader) -> result<json::value> {
        json::array out;
        for (const auto& l : reader.links(relation, limit))
            out.push_back(to_view(l));
        return json::value{{"links", std::move(out)}};
    };
    return show(c, v, [](const json::value& all) {
        table t({"RELATION", "A", "B", {"UPDATED", matters::less}});
        for (const auto& l : list_in(all, "links"))
            t.row(
                {member(l, "relation"), member(l, "a"), member(l, "b"), time_in(l, "updated_at")});
        return t.text();
    });
}

int list_notes(const common& c, std::uint32_t limit) {
    view v;
    v.path = "/api/v1/notes";
    v.list = "notes";
    v.limit = limit;
    v.here = [=](journal_reader& reader) -> result<json::value> {
        json::array out;
        for (const auto& n : person_notes(reader, limit))
            out.push_back(to_view(n));
        return json::value{{"notes", std::move(out)}};
    };
    return show(c, v, [](const json::value& all) {
        table t({{"AT", matters::most}, "WHO", "DID", "TO", {"DETAIL", matters::text}});
        for (const auto& n : list_in(all, "notes"))
            t.row({time_in(n, "at"), member(n, "who"), member(n, "action"), member(n, "what"),
                   member(n, "detail")});
        return t.text();
    });
}

result<json::value> done_here(dead_letters& letters,
                              const std::function<void(link_answer)>& change) {
    result<void> outcome;
    change([&](result<void> r) { outcome = std::move(r); });
    if (const auto durable = letters.store().flush(); !durable) return durable.error();
    if (!outcome) return outcome.error();
    return json::value(nullptr);
}

int put(const common& c, const link_record& link) {
    json::object body{{"relation", link.relation}, {"a", link.a}, {"b", link.b}};
    if (!link.data.empty()) {
        boost::system::error_code ec;
        body["data"] = json::parse(link.data, ec);
        if (ec) return fail(exit_usage, "--data is not JSON: " + ec.message());
    }
    const auto answer =
        ask_host_or(c, "PUT", "/api/v1/links", body, false, [&](dead_letters& letters) {
            return done_here(letters, [&](link_answer done) {
                put_link(letters.store(), link, person(), std::move(done));
            });
        });
    return say(c, answer, [&](const json::value&) {
        return link.relation + ": " + link.a + " is linked to " + link.b;
    });
}

int remove(const common& c, const std::string& relation, const std::string& a) {
    const auto answer = ask_host_or(
        c, "DELETE", "/api/v1/links?relation=" + url_encoded(relation) + "&a=" + url_encoded(a),
        nullptr, false, [&](dead_letters& letters) {
            return done_here(letters, [&](link_answer done) {
                remove_link(letters.store(), relation, a, person(), std::move(done));
            });
        });
    return say(c, answer,
               [&](const json::value&) { return relation + ": the link of " + a + " is gone"; });
}

} // namespace

void add_links(command& program, common& c) {
    auto& group = program.sub("links", "Links between objects of two systems");
    auto link = std::make_shared<link_record>();
    auto limit = std::make_shared<std::uint32_t>(100);
    auto& list = group.sub("list", "Lists links, the newest first");
    list.argument("relation", link->relation,
                  "Only this relation, such as campaign-asset-reference")
        .completes("relations");
    list.value("--limit", *limit, "At most this many").between(1, 1'000'000);
    list.watchable(c);
    list.example("mortise links list campaign-asset-reference", "what belongs together");
    list.does([&c, link, limit] { return list_links(c, link->relation, *limit); });
    auto& set = group.sub("put", "Links two objects; noted with your name");
    set.argument("relation", link->relation, "The relation").required().completes("relations");
    set.argument("a", link->a, "The object on side a").required();
    set.argument("b", link->b, "The object on side b").required();
    set.value("--data", link->data, "What is kept with the link, as JSON").shown_as("JSON");
    set.example("mortise links put campaign-asset-reference 5cdd7f5e 50311", "one link");
    set.does([&c, link] { return put(c, *link); });
    auto& drop = group.sub("remove", "Removes a link; noted with your name");
    drop.argument("relation", link->relation, "The relation").required().completes("relations");
    drop.argument("a", link->a, "The object on side a").required();
    drop.example("mortise links remove campaign-asset-reference 5cdd7f5e", "one link");
    drop.does([&c, link] { return remove(c, link->relation, link->a); });
    auto& notes = group.sub("notes", "Lists what people changed by hand in links and connections");
    notes.value("--limit", *limit, "At most this many").between(1, 1'000'000);
    notes.watchable(c);
    notes.example("mortise links notes --limit 10", "the last ten");
    notes.does([&c, limit] { return list_notes(c, *limit); });
}

} // namespace mortise::host::cli
