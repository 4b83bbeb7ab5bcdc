// SPDX-License-Identifier: Apache-2.0
//
// Classifications, record details and holds.
#include "render.hpp"

namespace mortise::sandbox::content_server {
namespace {

// --- classifications

reply get_classifications(service& s, call& c) {
    const auto& n = s.repo().require(c.id(), c.user, 500);
    json::array data;
    for (const node_id id : n.classifications)
        if (const auto* k = s.repo().find(id))
            data.push_back(json::object{{"id", id},
                                        {"name", k->name},
                                        {"type", k->type},
                                        {"management_type", "Manual"},
                                        {"score", nullptr},
                                        {"inherit_flag", false}});
    node_id volume = 0;
    for (const auto& [id, v] : s.repo().data().nodes)
        if (v.type == subtype::classification_volume) volume = id;
    return reply::json(200, json::object{{"data", std::move(data)}, {"classVolumeID", volume}});
}

void set_classes(
    service& s, node& n, const std::set<node_id>& classes, member_id user, bool with_children) {
    n.classifications = classes;
    s.repo().touch(n, user);
    if (with_children)
        for (const node_id child : s.repo().children(n.id, user))
            set_classes(s, *s.repo().find(child), classes, user, true);
}

reply set_classifications(service& s, call& c) {
    auto& n = s.repo().require(c.id(), c.user, "modify", 500);
    if (!c.args.present("class_id")) throw failure{400, "Argument 'class_id' is required.", {}};
    std::set<node_id> classes;
    for (const node_id id : c.args.integers("class_id")) {
        const auto& k = s.repo().require(id, c.user);
        if (k.type != subtype::classification && k.type != subtype::classification_tree)
            throw failure{400, "The item '" + k.name + "' is not a classification.", {}};
        classes.insert(id);
    }
    set_classes(s, n, classes, c.user, c.args.flag("apply_to_sub_items", false));
    return reply::json(200, json::object());
}

// --- records management: a record is a node with details and a token against lost updates

std::string record_token(const node& n) {
    return sha1_hex(blob("rm " + std::to_string(n.id) + " " + std::to_string(n.revision)))
        .substr(0, 24);
}

json::object& record_of(node& n) {
    if (!n.external.contains("rm")) n.external["rm"] = json::object();
    return n.external["rm"].as_object();
}

void check_record_token(const call& c, const node& n) {
    const std::string token = c.args.text("rm_metadataToken");
    if (token.empty()) throw failure{400, "Argument 'rm_metadataToken' is required.", {}};
    if (token != record_token(n))
        throw failure{409, "Could not update metadata (edit conflict).", {}};
}

reply get_record(service& s, call& c) {
    const auto& n = s.repo().require(c.id(), c.user, 500);
    json::array data;
    if (const auto* rm = n.external.if_contains("rm"); rm != nullptr)
        if (const auto* id = rm->as_object().if_contains("rmclassification_id"))
            if (const auto* k = s.repo().find(to_integer(*id).value_or(0))) {
                json::object entry = rm->as_object();
                entry.erase("finalized");
                entry["name"] = k->name;
                entry["type"] = k->type;
                entry["is_primary"] = true;
                entry["management_type"] = "Manual";
                data.push_back(std::move(entry));
            }
    const bool may = s.repo().may(c.user, n, "modify");
    return reply::json(200, json::object{{"rm_metadataToken", record_token(n)},
                                         {"data", std::move(data)},
                                         {"canRMClassify", may},
                                         {"canFinalize", may},
                                         {"canRemoveClass", may},
                                         {"canBeUnclassified", may},
                                         {"multiClass", false}});
}

reply set_record(service& s, call& c, bool fresh) {
    auto& n = s.repo().require(c.id(), c.user, "modify", 500);
    check_record_token(c, n);
    auto& rm = record_of(n);
    if (rm.contains("finalized"))
        throw failure{400, "The record '" + n.name + "' is final and cannot be changed.", {}};
    if (fresh) {
        const auto& k = s.repo().require(c.args.required_integer("class_id"), c.user);
        rm["rmclassification_id"] = k.id;
    } else if (!rm.contains("rmclassification_id")) {
        throw failure{400, "The item '" + n.name + "' is not a record.", {}};
    }
    for (const char* key :
         {"official", "rsi", "status", "essential", "storage", "accession", "subject", "addressee",
          "sent_to", "originator", "establishment", "record_date", "status_date", "received_date",
          "next_review_date", "last_review_date", "cycle_period", "secondary_class_ids"})
        if (c.args.has(key)) rm[key] = *c.args.find(key);
    s.repo().touch(n, c.user);
    return reply::json(200, json::object{{"rm_metadataToken", record_token(n)}});
}

reply finalize(service& s, call& c) {
    const auto ids = c.args.integers("ids");
    if (ids.empty()) throw failure{400, "Argument 'ids' is required.", {}};
    std::vector<node*> nodes;
    for (const node_id id : ids) {
        auto& n = s.repo().require(id, c.user, "modify", 500);
        if (!record_of(n).contains("rmclassification_id"))
            throw failure{400, "The item '" + n.name + "' is not a record.", {}};
        nodes.push_back(&n);
    }
    for (auto* n : nodes) {
        record_of(*n)["finalized"] = true;
        s.repo().touch(*n, c.user);
    }
    return reply::json(200, json::object{{"results", json::object{{"ok", true}}}});
}

// The retention schedules of an item, by its classification.
reply get_rsis(service& s, call& c) {
    const auto& n = s.repo().require(c.id(), c.user, 500);
    json::array data;
    if (const auto* rm = n.external.if_contains("rm"))
        if (const auto* rsi = rm->as_object().if_contains("rsi"); rsi && !rsi->is_null())
            data.push_back(json::object{{"class_id", rm->as_object().at("rmclassification_id")},
                                        {"rsi", *rsi}});
    return reply::json(200,
                       json::object{{"data", std::move(data)}, {"definitions", json::object()}});
}

reply drop_record(service& s, call& c) {
    auto& n = s.repo().require(c.id(), c.user, "modify", 500);
    check_record_token(c, n);
    n.external.erase("rm");
    s.repo().touch(n, c.user);
    return reply::json(200, json::object());
}

// --- holds

hold& hold_of(service& s, std::int64_t id) {
    const auto it = s.repo().data().holds.find(id);
    if (it == s.repo().data().holds.end())
        throw failure{400, "The hold " + std::to_string(id) + " does not exist.", {}};
    return it->second;
}

json::object hold_json(service& s, const hold& h) {
    return json::object{{"HoldID", h.id},
                        {"HoldName", h.name},
                        {"HoldType", h.type},
                        {"HoldComment", h.comment},
                        {"AlternateHoldID", h.alternate_id},
                        {"DateApplied", s.plain_date(h.applied)},
                        {"ApplyPatron", h.applied_by},
                        {"ActiveHold", h.active ? 1 : 0}};
}

reply list_v1(service& s, call&) {
    json::array data;
    for (const auto& [id, h] : s.repo().data().holds)
        data.push_back(
            json::object{{"HoldID", h.id}, {"HoldName", h.name}, {"ActiveHold", h.active ? 1 : 0}});
    return reply::json(200, json::object{{"data", std::move(data)}});
}

reply list_v2(service& s, call& c) {
    std::vector<const hold*> all;
    for (const auto& [id, h] : s.repo().data().holds)
        all.push_back(&h);
    const page p = page_of(s, c, all.size(), 25);
    json::array holds;
    for (const auto* h : cut(all, p))
        holds.push_back(hold_json(s, *h));
    json::object body;
    body["collection"] = json::object{{"paging", paging_json(c, p)}};
    body["links"] = self_links(c);
    body["results"] = json::object{{"data", json::object{{"holds", std::move(holds)}}}};
    return reply::json(200, body);
}

hold& named_hold(service& s, call& c) {
    const auto name = c.args.text("holdname");
    if (name.empty()) return hold_of(s, c.args.required_integer("id"));
    for (auto& [id, h] : s.repo().data().holds)
        if (equal_text(h.name, name)) return h;
    throw failure{400, "The hold '" + name + "' does not exist.", {}};
}

reply create_hold(service& s, call& c) {
    if (!s.repo().is_admin(c.user))
        throw failure{403, "You need the records management right for this function.", {}};
    hold h;
    h.name = c.args.required_text("name");
    h.type = c.args.required_text("type");
    h.comment = c.args.text("comment");
    h.alternate_id = c.args.text("alternate_id");
    h.applied_by = c.user;
    const auto when = c.args.text("date_applied");
    h.applied = parse_iso(when).value_or(s.now());
    for (const auto& [id, other] : s.repo().data().holds)
        if (equal_text(other.name, h.name))
            throw failure{400, "A hold with the name '" + h.name + "' already exists.", {}};
    node n;
    n.type = subtype::hold;
    n.name = h.name;
    for (const auto& [id, v] : s.repo().data().nodes)
        if (v.type == subtype::records_volume) n.parent = id;
    h.id = s.repo().create(std::move(n), c.user).id;
    const auto id = h.id;
    s.repo().data().holds.emplace(id, std::move(h));
    return reply::json(200, json::object{{"holdID", id}});
}

void drop_hold(service& s, const hold& h, member_id user) {
    if (!s.repo().is_admin(user))
        throw failure{403, "You need the records management right for this function.", {}};
    const auto id = h.id;
    for (auto& [key, n] : s.repo().data().nodes)
        n.holds.erase(id);
    s.repo().discard(id);
    s.repo().data().holds.erase(id);
}

reply node_holds(service& s, call& c) {
    const auto& n = s.repo().require(c.id(), c.user, 500);
    json::array data;
    for (const node_id id : n.holds) {
        const auto& h = hold_of(s, id);
        const auto* by = s.repo().find_member(h.applied_by);
        data.push_back(json::object{{"id", n.id},
                                    {"name", n.name},
                                    {"subtype", n.type},
                                    {"parent_id", n.parent},
                                    {"hold_id", id},
                                    {"hold_name", h.name},
                                    {"hold_appliedmethod", "Direct"},
                                    {"hold_type", h.type},
                                    {"hold_comment", h.comment},
                                    {"active", h.active},
                                    {"date_applied", s.plain_date(h.applied)},
                                    {"removable", true},
                                    {"applied_by", by != nullptr ? by->name : std::string()}});
    }
    return reply::json(200, json::object{{"data", std::move(data)}});
}

reply apply_one(service& s, call& c) {
    auto& n = s.repo().require(c.id(), c.user, "modify", 500);
    const auto& h = hold_of(s, c.args.required_integer("hold_id"));
    if (!n.holds.insert(h.id).second)
        throw failure{400, "The hold '" + h.name + "' is already applied.", {}};
    s.repo().touch(n, c.user);
    return reply::json(200, json::object());
}

reply remove_one(service& s, call& c) {
    auto& n = s.repo().require(c.id(), c.user, "modify", 500);
    if (n.holds.erase(c.id("hold")) == 0)
        throw failure{400, "The hold is not applied to the item.", {}};
    s.repo().touch(n, c.user);
    return reply::json(200, json::object());
}

reply change_many(service& s, call& c, bool apply) {
    const auto id = hold_of(s, c.args.required_integer("holdID")).id;
    const auto ids = c.args.integers("ids");
    if (ids.empty()) throw failure{400, "Argument 'ids' is required.", {}};
    std::vector<node*> nodes;
    for (const node_id each : ids)
        nodes.push_back(&s.repo().require(each, c.user, "modify", 500));
    for (auto* n : nodes) {
        if (apply)
            n->holds.insert(id);
        else
            n->holds.erase(id);
        s.repo().touch(*n, c.user);
    }
    return reply::json(200, json::object());
}

reply hold_items(service& s, call& c) {
    const auto id = hold_of(s, c.id("hold")).id;
    std::vector<const node*> all;
    for (const auto& [key, n] : s.repo().data().nodes)
        if (n.holds.contains(id) && s.repo().may(c.user, n, "see")) all.push_back(&n);
    const page p = page_of(s, c, all.size(), 25);
    json::array contents;
    for (const auto* n : cut(all, p))
        contents.push_back(
            json::object{{"DataID", n->id}, {"Name", n->name}, {"SubType", n->type}});
    json::object body;
    body["collection"] = json::object{{"paging", paging_json(c, p)}};
    body["links"] = self_links(c);
    body["results"] = json::object{{"contents", std::move(contents)}};
    return reply::json(200, body);
}

} // namespace

void add_record_routes(service& s) {
    const std::string classes = "v1/nodes/{id}/classifications";
    s.add("GET", classes, [&s](call& c) { return get_classifications(s, c); });
    s.add("POST", classes, [&s](call& c) { return set_classifications(s, c); });
    s.add("DELETE", classes + "/{class}", [&s](call& c) {
        auto& n = s.repo().require(c.id(), c.user, "modify", 500);
        if (n.classifications.erase(c.id("class")) == 0)
            throw failure{400, "The classification is not applied to the item.", {}};
        s.repo().touch(n, c.user);
        return reply::json(200, json::object());
    });
    s.module("rm");
    const std::string record = "v1/nodes/{id}/rmclassifications";
    s.add("GET", record, [&s](call& c) { return get_record(s, c); });
    s.add("POST", record, [&s](call& c) { return set_record(s, c, true); });
    s.add("PUT", record, [&s](call& c) { return set_record(s, c, false); });
    s.add("DELETE", record + "/{class}", [&s](call& c) { return drop_record(s, c); });
    s.add("PUT", "v1/rmclassifications/finalizerecords", [&s](call& c) { return finalize(s, c); });
    s.add("GET", "v1/nodes/{id}/rsis", [&s](call& c) { return get_rsis(s, c); });
    s.add("GET", "v1/holds", [&s](call& c) { return list_v1(s, c); });
    s.add("POST", "v1/holds", [&s](call& c) { return create_hold(s, c); });
    s.add("DELETE", "v1/holds/{hold}", [&s](call& c) {
        drop_hold(s, hold_of(s, c.id("hold")), c.user);
        return reply::json(200, json::object());
    });
    s.add("GET", "v2/holds", [&s](call& c) { return list_v2(s, c); });
    s.add("GET", "v2/hold", [&s](call& c) {
        return v2_results(
            c, json::object{{"data", json::object{{"hold", hold_json(s, named_hold(s, c))}}}});
    });
    s.add("DELETE", "v2/hold", [&s](call& c) {
        drop_hold(s, named_hold(s, c), c.user);
        return v2_empty(c);
    });
    s.add("GET", "v1/nodes/{id}/holds", [&s](call& c) { return node_holds(s, c); });
    s.add("POST", "v1/nodes/{id}/holds", [&s](call& c) { return apply_one(s, c); });
    s.add("DELETE", "v1/nodes/{id}/holds/{hold}", [&s](call& c) { return remove_one(s, c); });
    s.add("POST", "v1/rmclassifications/applyhold",
          [&s](call& c) { return change_many(s, c, true); });
    s.add("POST", "v1/rmclassifications/removehold",
          [&s](call& c) { return change_many(s, c, false); });
    s.add("GET", "v2/holditems/{hold}", [&s](call& c) { return hold_items(s, c); });
    s.add("GET", "v2/holditems/{hold}/page", [&s](call& c) { return hold_items(s, c); });
    s.module("");
}

} // namespace mortise::sandbox::content_server
