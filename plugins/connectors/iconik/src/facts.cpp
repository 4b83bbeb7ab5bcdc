// SPDX-License-Identifier: Apache-2.0
#include "facts.hpp"

#include "moment.hpp"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

namespace iconik {

namespace json = mortise::json;

namespace {

// iconik stamps a new asset's modification some microseconds after its creation.
constexpr std::int64_t creation_takes = 1'000'000;

bool has(const std::vector<std::string>& list, const std::string& item) {
    return std::find(list.begin(), list.end(), item) != list.end();
}

class derivation {
public:
    derivation(const asset_facts& now,
               const asset_record& before,
               std::int64_t since,
               const hint& h)
        : now_(now), before_(before), since_(since), hint_(h) {}

    bool fresh(const std::string& date) const {
        const auto t = micros_of(date);
        return t && *t >= since_;
    }

    // date: when it happened, may be empty.
    mortise::event& add(std::string type,
                        std::string id,
                        const std::string& date,
                        const std::string& version,
                        std::string_view approval_status = {},
                        const std::string& user = {}) {
        json::object data;
        data["asset_id"] = now_.id;
        if (!version.empty()) data["version_id"] = version;
        if (!now_.title.empty()) data["title"] = now_.title;
        if (!approval_status.empty()) data["approval_status"] = approval_status;
        const std::string by = user.empty() ? hint_.user_id : user;
        if (!by.empty()) data["user_id"] = by;
        if (!date.empty()) data["changed_at"] = canonical_date(date);
        mortise::event e(std::move(type), std::move(id), now_.id, json::value(std::move(data)));
        if (const auto t = micros_of(date)) e.time = time_of(*t);
        out_.events.push_back(std::move(e));
        return out_.events.back();
    }

    std::string_view status_now() const {
        return now_.approval ? std::string_view(now_.approval->status) : std::string_view("N/A");
    }

    void entity();
    void metadata();
    void versions();
    void approval();
    void comments();
    void contents(const std::map<std::string, membership>& memberships);
    bool deletion(); // true: there is nothing else to say

    asset_outcome take() { return std::move(out_); }

private:
    bool claimed(claim c) const { return hint_.what == c; }

    const asset_facts& now_;
    const asset_record& before_;
    std::int64_t since_;
    const hint& hint_;
    asset_outcome out_;
};

bool derivation::deletion() {
    std::string mark;
    if (now_.gone) {
        mark = before_.deleted.empty() ? "purged" : before_.deleted;
    } else if (now_.status == "DELETED") {
        mark = canonical_date(now_.date_deleted.empty() ? now_.date_modified : now_.date_deleted);
    }
    out_.record = before_;
    out_.record.known = true;
    out_.record.deleted = mark;
    if (mark.empty()) return false;
    const bool news = before_.known ? before_.deleted != mark : (now_.gone ? false : fresh(mark));
    if (news || claimed(claim::deleted)) {
        add("iconik.asset.deleted", "deleted:" + now_.id + ":" + mark,
            mark == "purged" ? std::string() : mark, current_version(now_.versions));
    }
    return true;
}

void derivation::entity() {
    const std::string modified = canonical_date(now_.date_modified);
    const auto created = micros_of(now_.date_created);
    const auto changed = micros_of(now_.date_modified);
    const std::string version = current_version(now_.versions);
    if ((!before_.known && fresh(now_.date_created)) || claimed(claim::created)) {
        add("iconik.asset.created", "created:" + now_.id, now_.date_created, version, status_now(),
            now_.created_by);
    }
    // Of an asset that was known before, any later date is a change, however soon it came.
    const bool only_created =
        !before_.known && created && changed && *changed - *created < creation_takes;
    const bool news = before_.known ? before_.modified != modified : fresh(modified);
    if (!only_created && !modified.empty() && (news || claimed(claim::updated))) {
        add("iconik.asset.updated", "updated:" + now_.id + ":" + modified, modified, version,
            status_now(), now_.updated_by);
    }
    out_.record.modified = modified;
}

void derivation::metadata() {
    std::set<std::string> told; // several views show the same values
    for (const auto& [view, date] : now_.metadata) {
        const std::string moment = canonical_date(date);
        const auto was = before_.metadata.find(view);
        // A view that was not read before (a new setting) has history of its own.
        const bool news = was == before_.metadata.end() ? fresh(moment) : was->second != moment;
        if ((news || claimed(claim::metadata)) && told.insert(moment).second) {
            add("iconik.asset.metadata-changed", "metadata:" + now_.id + ":" + moment, moment,
                current_version(now_.versions), status_now());
        }
        out_.record.metadata[view] = moment;
    }
}

void derivation::versions() {
    const version_fact* first = nullptr;
    for (const auto& v : now_.versions) {
        const bool older = first == nullptr || (v.number != 0 && first->number != 0
                                                    ? v.number < first->number
                                                    : v.date_created < first->date_created);
        if (older) first = &v;
    }
    out_.record.versions.clear();
    for (const auto& v : now_.versions) {
        out_.record.versions.push_back(v.id);
        // The first one is the asset itself.
        if (&v == first) continue;
        const bool news = before_.known ? !has(before_.versions, v.id) : fresh(v.date_created);
        const bool named = claimed(claim::version) && hint_.version_id == v.id;
        if (news || named) {
            add("iconik.asset.version-created", "version:" + now_.id + ":" + v.id, v.date_created,
                v.id, status_now());
        }
    }
}

void derivation::approval() {
    const bool there = now_.approval && now_.approval->status != "N/A";
    if (!there) {
        // Withdrawn, or the newest version has none: dated by nothing but what was there before.
        if (!before_.approval.empty()) {
            add("iconik.asset.approval-changed", "approval-removed:" + before_.approval, {},
                current_version(now_.versions), "N/A");
        } else if (claimed(claim::approval)) {
            const std::string version = current_version(now_.versions);
            add("iconik.asset.approval-changed", "approval-removed:" + now_.id + ":" + version, {},
                version, "N/A");
        }
        out_.record.approval.clear();
        out_.record.approved_status.clear();
        return;
    }
    const approval_fact& a = *now_.approval;
    const std::string date = canonical_date(a.date);
    const std::string place = now_.id + ":" + a.version_id + ":" + date;
    const bool news = before_.known
                          ? before_.approval != place || before_.approved_status != a.status
                          : fresh(date);
    if (news || claimed(claim::approval)) {
        if (a.status == "APPROVED") {
            add("iconik.asset.approved", "approved:" + place, date, a.version_id, a.status);
        } else {
            add("iconik.asset.approval-changed", "approval:" + a.status + ":" + place, date,
                a.version_id, a.status);
        }
    }
    out_.record.approval = place;
    out_.record.approved_status = a.status;
}

void derivation::comments() {
    if (!now_.comments) return;
    std::string& told = out_.record.comments;
    const std::string before = before_.comments;
    for (const auto& comment : *now_.comments) {
        const std::string date = canonical_date(comment.date);
        const bool news = before.empty() ? fresh(date) : before < date;
        const bool named = claimed(claim::comment) && hint_.comment_id == comment.id;
        told = std::max(told, date);
        if (!news && !named) continue;
        mortise::event& e = add("iconik.comment.added", "comment:" + comment.id, date,
                                comment.version_id, status_now(), comment.user);
        json::object& data = e.data.as_object();
        data["comment_id"] = comment.id;
        data["text"] = comment.text;
        if (!comment.parent_id.empty()) data["parent_id"] = comment.parent_id;
        if (comment.time_start_ms) data["time_start_ms"] = *comment.time_start_ms;
    }
}

void derivation::contents(const std::map<std::string, membership>& memberships) {
    const bool new_asset = !before_.known && fresh(now_.date_created);
    std::set<std::string> all(now_.collections.begin(), now_.collections.end());
    all.insert(before_.collections.begin(), before_.collections.end());
    if (claimed(claim::contents)) all.insert(hint_.collection_id);
    for (const std::string& collection : all) {
        const auto found = memberships.find(collection);
        const membership was = found == memberships.end() ? membership() : found->second;
        membership is = was;
        is.inside = has(now_.collections, collection);
        if (is.inside && !was.inside) ++is.times;
        const bool moved = is.inside != was.inside;
        const bool named = claimed(claim::contents) && hint_.collection_id == collection;
        if ((moved && (before_.known || new_asset)) || named) {
            const std::string_view kind = is.inside ? "asset-added" : "asset-removed";
            const std::string place = collection + ":" + now_.id + ":" + std::to_string(is.times);
            mortise::event& e = add(std::string("iconik.collection.").append(kind),
                                    std::string(kind).append(":").append(place), {},
                                    current_version(now_.versions), status_now());
            e.data.as_object()["collection_id"] = collection;
        }
        if (moved) out_.memberships[collection] = is;
    }
    out_.record.collections = now_.collections;
}

} // namespace

std::string current_version(const std::vector<version_fact>& versions) {
    if (versions.empty()) return {};
    const auto highest = std::max_element(
        versions.begin(), versions.end(),
        [](const version_fact& a, const version_fact& b) { return a.number < b.number; });
    return highest->id;
}

asset_outcome derive(const asset_facts& now,
                     const asset_record& before,
                     const std::map<std::string, membership>& memberships,
                     std::int64_t since,
                     const hint& h) {
    derivation d(now, before, since, h);
    if (d.deletion()) return d.take();
    d.entity();
    d.metadata();
    d.versions();
    d.approval();
    d.contents(memberships);
    d.comments();
    return d.take();
}

collection_outcome derive(const collection_facts& now,
                          const collection_record& before,
                          std::int64_t since,
                          const hint& h) {
    collection_outcome out;
    out.record = before;
    out.record.known = true;
    std::set<std::string> told;
    for (const auto& [view, date] : now.metadata) {
        const std::string moment = canonical_date(date);
        const auto t = micros_of(date);
        const auto was = before.metadata.find(view);
        const bool news = was == before.metadata.end() ? t && *t >= since : was->second != moment;
        out.record.metadata[view] = moment;
        if (!(news || h.what == claim::metadata) || !told.insert(moment).second) continue;
        json::object data;
        data["collection_id"] = now.id;
        if (!now.title.empty()) data["title"] = now.title;
        if (!h.user_id.empty()) data["user_id"] = h.user_id;
        data["changed_at"] = moment;
        mortise::event e("iconik.collection.metadata-changed",
                         "collection-metadata:" + now.id + ":" + moment, now.id,
                         json::value(std::move(data)));
        if (t) e.time = time_of(*t);
        out.events.push_back(std::move(e));
    }
    return out;
}

} // namespace iconik
