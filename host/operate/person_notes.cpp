// SPDX-License-Identifier: Apache-2.0
#include "operate/person_notes.hpp"

#include "base/ids.hpp"

#include <mortise/state.h>

#include <boost/json.hpp>

#include <deque>

namespace mortise::host {
namespace {

constexpr std::string_view scope = "host/notes";
constexpr std::uint32_t page = 500;

std::string text(const boost::json::object& o, std::string_view key) {
    const auto* v = o.if_contains(key);
    return v != nullptr && v->is_string() ? std::string(v->get_string()) : std::string();
}

} // namespace

void add_note(journal_tx& tx, const person_note& note) {
    const auto now = tx.now();
    boost::json::object o{
        {"at", now}, {"who", note.who}, {"action", note.action}, {"what", note.what}};
    if (!note.detail.empty()) o["detail"] = boost::json::parse(note.detail);
    (void)tx.state_put(scope, uuid_v7(now), boost::json::serialize(o), MORTISE_STATE_ANY);
}

std::vector<person_note> person_notes(journal_reader& reader, std::size_t limit) {
    std::deque<state_value> newest;
    std::string after;
    for (;;) {
        auto values = reader.state_list(scope, {}, after, page);
        const bool last = values.size() < page;
        if (!values.empty()) after = values.back().key;
        for (auto& v : values) {
            newest.push_front(std::move(v));
            if (newest.size() > limit) newest.pop_back();
        }
        if (last) break;
    }
    std::vector<person_note> out;
    for (const auto& v : newest) {
        boost::system::error_code ec;
        const auto value = boost::json::parse(v.value, ec);
        const auto* o = value.if_object();
        if (ec || o == nullptr) continue;
        person_note n{0, text(*o, "who"), text(*o, "action"), text(*o, "what"), {}};
        if (const auto* at = o->if_contains("at"); at != nullptr && at->is_int64())
            n.at = at->get_int64();
        if (const auto* detail = o->if_contains("detail"))
            n.detail = boost::json::serialize(*detail);
        out.push_back(std::move(n));
    }
    return out;
}

} // namespace mortise::host
