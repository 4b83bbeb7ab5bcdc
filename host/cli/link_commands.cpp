// SPDX-License-Identifier: Apache-2.0
// mortise links: which objects of two systems belong together.
#include "admin/views.hpp"
#include "cli/output.hpp"
#include "cli/reach.hpp"
#include "operate/dead_letters.hpp"
#include "operate/link_edits.hpp"
#include "operate/person_notes.hpp"

#include <boost/json.hpp>

namespace mortise::host::cli {
namespace {

namespace json = boost::json;

int list_links(const common& c, const std::string& relation, std::uint32_t limit) {
    return with_journal(c, [&](journal_reader& reader) {
        json::array out;
        table t({"RELATION", "A", "B", "UPDATED"});
        for (const auto& l : reader.links(relation, limit)) {
            if (c.json)
                out.push_back(to_view(l));
            else
                t.row({l.relation, l.a, l.b, time_text(l.updated_at)});
        }
        if (c.json)
            print_json(out);
        else
            std::fputs(t.text().c_str(), stdout);
        return exit_ok;
    });
}

int list_notes(const common& c, std::uint32_t limit) {
    return with_journal(c, [&](journal_reader& reader) {
        json::array out;
        table t({"AT", "WHO", "DID", "TO", "DETAIL"});
        for (const auto& n : person_notes(reader, limit)) {
            if (c.json)
                out.push_back(to_view(n));
            else
                t.row({time_text(n.at), n.who, n.action, n.what, excerpt(n.detail, 200)});
        }
        if (c.json)
            print_json(out);
        else
            std::fputs(t.text().c_str(), stdout);
        return exit_ok;
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

void add_links(CLI::App& app, common& c, action& chosen) {
    auto* group =
        app.add_subcommand("links", "Links between objects of two systems")->require_subcommand(1);
    auto link = std::make_shared<link_record>();
    auto limit = std::make_shared<std::uint32_t>(100);
    auto* list = group->add_subcommand("list", "List links");
    list->add_option("relation", link->relation, "e.g. campaign-asset-reference; all without");
    list->add_option("--limit", *limit, "At most this many")->capture_default_str();
    list->callback([&c, &chosen, link, limit] {
        chosen = [&c, link, limit] { return list_links(c, link->relation, *limit); };
    });
    auto* set = group->add_subcommand("put", "Link two objects; noted with your name");
    set->add_option("relation", link->relation, "The relation")->required();
    set->add_option("a", link->a, "The object on side a")->required();
    set->add_option("b", link->b, "The object on side b")->required();
    set->add_option("--data", link->data, "What is kept with the link, as JSON");
    set->callback([&c, &chosen, link] { chosen = [&c, link] { return put(c, *link); }; });
    auto* drop = group->add_subcommand("remove", "Remove a link; noted with your name");
    drop->add_option("relation", link->relation, "The relation")->required();
    drop->add_option("a", link->a, "The object on side a")->required();
    drop->callback([&c, &chosen, link] {
        chosen = [&c, link] { return remove(c, link->relation, link->a); };
    });
    auto* notes =
        group->add_subcommand("notes", "What people changed by hand in links and connections");
    notes->add_option("--limit", *limit, "At most this many")->capture_default_str();
    notes->callback(
        [&c, &chosen, limit] { chosen = [&c, limit] { return list_notes(c, *limit); }; });
}

} // namespace mortise::host::cli
