// SPDX-License-Identifier: Apache-2.0
#include "operate/link_edits.hpp"

#include "base/no_effect.hpp"
#include "operate/person_notes.hpp"

#include <boost/json.hpp>

namespace mortise::host {
namespace {

namespace json = boost::json;

json::value view(const link_record& l) {
    boost::system::error_code ec;
    auto data = json::parse(l.data, ec);
    return {{"a", l.a}, {"b", l.b}, {"data", ec ? json::value(nullptr) : std::move(data)}};
}

// A trailing '*' would be read as a prefix.
std::vector<link_record>
exactly(journal_tx& tx, const std::string& relation, const std::string& a) {
    auto found = tx.link_find(relation, a, {});
    std::erase_if(found, [&](const link_record& l) { return l.a != a; });
    return found;
}

result<void> named(const std::string& relation, const std::string& a) {
    if (!relation.empty() && !a.empty()) return {};
    return no_effect(category::input, "link.incomplete",
                     "a link is named by its relation and its side a; give both");
}

void write(journal& store, std::function<result<void>(journal_tx&)> change, link_answer done) {
    auto outcome = std::make_shared<result<void>>();
    store.write(
        [change = std::move(change), outcome](journal_tx& tx) { *outcome = change(tx); },
        [outcome, done = std::move(done)](const result<void>& ok) { done(ok ? *outcome : ok); });
}

} // namespace

void put_link(journal& store, link_record link, std::string who, link_answer done) {
    if (const auto good = named(link.relation, link.a); !good) {
        done(good.error());
        return;
    }
    if (link.b.empty()) {
        done(no_effect(category::input, "link.incomplete", "a link needs its side b"));
        return;
    }
    if (link.data.empty()) link.data = "null";
    boost::system::error_code ec;
    (void)json::parse(link.data, ec);
    if (ec) {
        done(no_effect(category::input, "link.data",
                       "the link's data is not JSON: " + ec.message()));
        return;
    }
    write(
        store,
        [link, who = std::move(who)](journal_tx& tx) -> result<void> {
            const auto before = exactly(tx, link.relation, link.a);
            if (const auto put = tx.link_put(link); !put) return put;
            json::value detail{
                {"before", before.empty() ? json::value(nullptr) : view(before.front())},
                {"after", view(link)}};
            add_note(tx,
                     {0, who, "link-put", link.relation + ' ' + link.a, json::serialize(detail)});
            return {};
        },
        std::move(done));
}

void remove_link(
    journal& store, std::string relation, std::string a, std::string who, link_answer done) {
    if (const auto good = named(relation, a); !good) {
        done(good.error());
        return;
    }
    write(
        store,
        [relation, a, who = std::move(who)](journal_tx& tx) -> result<void> {
            const auto before = exactly(tx, relation, a);
            if (before.empty() || !tx.link_remove(relation, a)) {
                return no_effect(category::not_found, "link.unknown",
                                 "relation \"" + relation + "\" has no link of \"" + a + '"');
            }
            json::value detail{{"before", view(before.front())}};
            add_note(tx, {0, who, "link-remove", relation + ' ' + a, json::serialize(detail)});
            return {};
        },
        std::move(done));
}

} // namespace mortise::host
