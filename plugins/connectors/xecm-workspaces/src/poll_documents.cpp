// SPDX-License-Identifier: Apache-2.0
//
// Documents and their versions in workspaces of the watched types. The search index tells which
// documents changed lately (late itself, so each poll looks back); the versions of those are read
// from the documents.
#include "connector.hpp"
#include "content_server/text.hpp"

#include <algorithm>

namespace xecm_workspaces {

using content_server::int_at;
using content_server::object_part;
using content_server::part;
using content_server::plain_date;
using content_server::subject;
using content_server::text_at;
using mortise::category;
using mortise::error;
using mortise::task;
using object = json::object;

namespace {

constexpr std::int64_t page_size = 100;
constexpr std::int64_t most_pages = 1000;
constexpr std::size_t most_foreign = 10'000;
constexpr const char* no_date = "0000-00-00T00:00:00"; // before all others

std::string changed_at(const object& properties) {
    return plain_date(text_at(properties, "modify_date"));
}

object event_data(const object& properties, const object& version, const object& workspace) {
    object out;
    for (const char* name : {"id", "type", "parent_id"})
        out[name] = int_at(properties, name);
    out["name"] = text_at(properties, "name");
    out["workspace_id"] = int_at(workspace, "id");
    out["workspace_type"] = text_at(workspace, "type_name");
    if (const auto* objects = workspace.if_contains("business_objects"))
        out["business_objects"] = *objects;
    out["version"] = int_at(version, "version_number");
    out["mime_type"] = text_at(version, "mime_type");
    out["description"] = text_at(version, "description");
    out["size"] = int_at(version, "file_size");
    if (const auto user = int_at(version, "owner_id"); user != 0) out["changed_by"] = user;
    out["changed_at"] = text_at(version, "create_date");
    return out;
}

} // namespace

task<connector::document_page> connector::documents_page(context& c, std::int64_t page) {
    object fields;
    fields["where"] = "OTSubType:144";
    fields["lookfor"] = "complexquery";
    fields["sort"] = "desc_OTModifyDate";
    fields["page"] = page;
    fields["limit"] = page_size;
    json::value body(std::move(fields));
    const json::value answer =
        co_await client_.query(c, client_.at("v2/search").str(), std::move(body),
                               subject("search", "the search for changed documents"));
    document_page out;
    const json::value* paging = part(answer, "collection.paging");
    const auto* p = paging ? paging->if_object() : nullptr;
    // A page past the end is answered with another one.
    if (p && p->contains("page") && int_at(*p, "page") != page) co_return out;
    std::vector<std::int64_t> ids;
    for (const auto& properties :
         content_server::properties_of(mortise::require_array(answer, "results")))
        ids.push_back(int_at(properties, "id"));
    const std::int64_t total = p ? int_at(*p, "page_total") : 0;
    out.last = total > 0 ? page >= total : ids.size() < static_cast<std::size_t>(page_size);
    if (!ids.empty()) out.items = co_await read_nodes(c, std::move(ids));
    co_return out;
}

task<void> connector::poll_documents(mortise::delivery_context& c, position& at) {
    if (at.documents_since.empty()) {
        // Takes stock: what is there now is no news. More may happen within the newest second.
        const document_page newest = co_await documents_page(c, 1);
        std::string since = no_date;
        for (const auto& properties : newest.items)
            since = std::max(since, changed_at(properties));
        for (const auto& properties : newest.items) {
            if (changed_at(properties) == since)
                co_await settle_document(c, properties, std::nullopt);
        }
        at.documents_since = at.documents_baseline = since;
        co_return;
    }
    const auto back = static_cast<std::int64_t>(settings_.search_overlap.count());
    const std::string from = content_server::earlier(at.documents_since, back);
    std::vector<object> changed;
    for (std::int64_t page = 1; page <= most_pages; ++page) {
        document_page some = co_await documents_page(c, page);
        bool older = true;
        for (auto& properties : some.items) {
            const std::string date = changed_at(properties);
            if (date < from) continue;
            older = false;
            at.documents_since = std::max(at.documents_since, date);
            if (date >= at.documents_baseline) changed.push_back(std::move(properties));
        }
        if (some.last || older) break;
    }
    std::stable_sort(changed.begin(), changed.end(), [](const object& a, const object& b) {
        return changed_at(a) < changed_at(b);
    });
    for (const auto& properties : changed) {
        const std::optional<std::string> baseline(at.documents_baseline);
        co_await settle_document(c, properties, baseline);
    }
}

task<std::optional<object>> connector::watched_owner(context& c, std::int64_t node) {
    const std::int64_t owner = co_await owner_of(c, node);
    if (owner == 0) co_return std::nullopt;
    object workspace = co_await read_workspace(c, owner);
    for (const auto& name : settings_.watch_documents_in) {
        const workspace_type type = co_await type_named(c, name, category::config);
        if (type.id == int_at(workspace, "type_id"))
            co_return std::optional<object>(std::move(workspace));
    }
    co_return std::nullopt;
}

std::vector<mortise::event> connector::document_events(const object& properties,
                                                       const object& workspace,
                                                       const json::array& versions,
                                                       bool created) {
    const std::int64_t id = int_at(properties, "id");
    std::vector<mortise::event> out;
    for (const auto& item : versions) {
        const object& version = item.as_object();
        object data = event_data(properties, version, workspace);
        if (created && out.empty()) {
            out.push_back(
                make_event("xecm.document.added", "document-added", id, {}, std::move(data)));
        } else {
            const std::string number = std::to_string(int_at(version, "version_number"));
            out.push_back(make_event("xecm.document.version-added", "document-version-added", id,
                                     number, std::move(data)));
        }
    }
    return out;
}

task<void> connector::settle_document(mortise::delivery_context& c,
                                      object properties,
                                      std::optional<std::string> baseline) {
    const std::int64_t id = int_at(properties, "id");
    const std::string date = changed_at(properties);
    if (const auto it = foreign_documents_.find(id);
        it != foreign_documents_.end() && it->second == date)
        co_return;
    const std::string key = document_key(id);
    const auto known = co_await recall(key);
    const bool same_date = known && known->changed_at == date;
    if (same_date && known->reads >= enough_reads) co_return;
    std::optional<object> workspace;
    json::array versions;
    try {
        workspace = co_await watched_owner(c, id);
        if (workspace) {
            content_server::version_list which;
            which.id = id;
            const object listed = co_await list_versions(c, std::move(which));
            versions = listed.at("versions").as_array();
        }
    } catch (const error& e) {
        // Deleted or hidden since it was found.
        if (e.category != category::not_found) throw;
        co_return;
    }
    if (!workspace) {
        // Elsewhere; asked about again only when it changes.
        if (foreign_documents_.size() >= most_foreign) foreign_documents_.clear();
        foreign_documents_[id] = date;
        co_return;
    }
    const bool created =
        !known && baseline && plain_date(text_at(properties, "create_date")) >= *baseline;
    std::int64_t newest = known ? int_at(known->data, "version") : 0;
    json::array fresh;
    for (const auto& item : versions) {
        const object& version = item.as_object();
        const std::int64_t number = int_at(version, "version_number");
        if (number <= newest && known) continue;
        newest = std::max(newest, number);
        const bool old = !known && baseline && !created &&
                         plain_date(text_at(version, "create_date")) < *baseline;
        if (baseline && !old) fresh.push_back(version);
    }
    auto events = document_events(properties, *workspace, fresh, created);
    for (auto& one : events)
        co_await c.emit(std::move(one));
    known_object now;
    now.changed_at = date;
    count_read(now, same_date ? &*known : nullptr, in_.time().now());
    now.data["version"] = newest;
    co_await remember(key, std::move(now));
}

} // namespace xecm_workspaces
