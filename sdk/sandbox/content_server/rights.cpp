// SPDX-License-Identifier: Apache-2.0
#include "repository.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace mortise::sandbox::content_server {
namespace {

struct right_bits {
    std::string_view name;
    std::int64_t bits;
};

constexpr std::array<right_bits, 10> right_table = {{{"see", 130},
                                                     {"see_contents", 36865},
                                                     {"modify", 65536},
                                                     {"edit_attributes", 131072},
                                                     {"add_items", 4},
                                                     {"reserve", 8192},
                                                     {"add_major_version", 4194304},
                                                     {"delete_versions", 16384},
                                                     {"delete", 8},
                                                     {"edit_permissions", 16}}};

} // namespace

const rights& all_rights() {
    static const rights all = [] {
        rights r;
        for (const auto& e : right_table)
            r.emplace(e.name);
        return r;
    }();
    return all;
}

std::int64_t rights_to_bits(const rights& r) {
    std::int64_t bits = 0;
    for (const auto& e : right_table)
        if (r.contains(std::string(e.name))) bits |= e.bits;
    return bits;
}

rights rights_from_bits(std::int64_t bits) {
    rights r;
    for (const auto& e : right_table)
        if ((bits & e.bits) == e.bits) r.emplace(e.name);
    return r;
}

bool repository::is_admin(member_id user) const {
    const auto* m = find_member(user);
    return m != nullptr && m->administrator;
}

std::set<member_id> repository::memberships(member_id user) const {
    std::set<member_id> found;
    std::vector<member_id> open{user};
    while (!open.empty()) {
        const member_id current = open.back();
        open.pop_back();
        for (const auto& [id, group] : world_.members)
            if (!group.deleted && group.members.contains(current) && found.insert(id).second)
                open.push_back(id);
    }
    return found;
}

rights repository::effective(member_id user, const node& n) const {
    if (is_admin(user)) return all_rights();
    const auto groups = memberships(user);
    rights r;
    const auto add = [&r](const rights& more) { r.insert(more.begin(), more.end()); };
    if (n.owner == user) add(n.permissions.owner);
    if (n.permissions.has_group && (groups.contains(n.owner_group))) add(n.permissions.group);
    if (n.permissions.has_public) add(n.permissions.everyone);
    for (const auto& [who, what] : n.permissions.custom)
        if (who == user || groups.contains(who)) add(what);
    return r;
}

bool repository::may(member_id user, const node& n, std::string_view right) const {
    return effective(user, n).contains(std::string(right));
}

void repository::set_custom(node& n, member_id who, rights what, bool with_children) {
    std::vector<node_id> open{n.id};
    while (!open.empty()) {
        const node_id id = open.back();
        open.pop_back();
        auto* current = find(id);
        if (current == nullptr) continue;
        if (what.empty())
            current->permissions.custom.erase(who);
        else
            current->permissions.custom[who] = what;
        if (!with_children) break;
        const auto kids = world_.children.find(id);
        if (kids != world_.children.end())
            open.insert(open.end(), kids->second.begin(), kids->second.end());
    }
}

member* repository::find_member(member_id id) {
    const auto it = world_.members.find(id);
    return it == world_.members.end() || it->second.deleted ? nullptr : &it->second;
}

const member* repository::find_member(member_id id) const {
    const auto it = world_.members.find(id);
    return it == world_.members.end() || it->second.deleted ? nullptr : &it->second;
}

member* repository::find_login(std::string_view login) {
    const auto same = [](std::string_view a, std::string_view b) {
        return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
            return std::tolower(static_cast<unsigned char>(x)) ==
                   std::tolower(static_cast<unsigned char>(y));
        });
    };
    for (auto& [id, m] : world_.members)
        if (!m.deleted && (m.type == 0 || m.type == 17) && same(m.name, login)) return &m;
    return nullptr;
}

member& repository::require_member(member_id id) {
    if (auto* m = find_member(id)) return *m;
    throw failure{500, "Could not get a member for " + std::to_string(id), {}};
}

void repository::remember_access(member_id user, node_id id) {
    auto* m = find_member(user);
    if (m == nullptr) return;
    std::erase(m->accessed, id);
    m->accessed.insert(m->accessed.begin(), id);
    if (m->accessed.size() > 100) m->accessed.resize(100);
}

} // namespace mortise::sandbox::content_server
