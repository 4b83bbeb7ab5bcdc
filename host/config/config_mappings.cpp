// SPDX-License-Identifier: Apache-2.0
//
// [mappings.<name>], the settings that take a mapping, and the settings that name objects of a
// system: what a plugin's schema says about a value beyond its form.
#include "config/config_read.hpp"
#include "config/schema_parts.hpp"
#include "mapping/mapping_table.hpp"
#include "mapping/source_path.hpp"

#include <boost/json/array.hpp>

#include <algorithm>

namespace json = boost::json;

namespace mortise::host {

namespace {

void collect_places(const json::value& v,
                    const std::string& at,
                    const toml_document& document,
                    std::map<std::string, source_place>& places) {
    places[at] = document.value_place(at);
    if (const json::object* o = v.if_object())
        for (const auto& member : *o)
            collect_places(member.value(), at + '/' + escape_pointer(member.key()), document,
                           places);
    if (const json::array* list = v.if_array())
        for (std::size_t i = 0; i < list->size(); ++i)
            collect_places((*list)[i], at + '/' + std::to_string(i), document, places);
}

void compile(const json::object& table, const std::string& at, const config_reader& reader) {
    std::vector<schema_problem> problems;
    mapping_table::compile(table, problems);
    for (const schema_problem& p : problems)
        reader.add(at, p);
}

// "Campaign.Title" of the target '"Campaign.Title"'.
std::string target_name(std::string_view target) {
    const auto keys = parse_target(target);
    if (!keys) return std::string(target);
    std::string name;
    for (const std::string& key : *keys)
        name += (name.empty() ? "" : ".") + key;
    return name;
}

// The texts that scope a name: those of the setting called of, beside the annotated one or in what
// is around it.
std::vector<std::string>
scope_of(const json::value& settings, const std::vector<std::string>& path, std::string_view of) {
    std::vector<const json::object*> around;
    const json::value* at = &settings;
    for (std::size_t i = 0; at != nullptr; ++i) {
        if (const json::object* o = at->if_object()) around.push_back(o);
        if (i == path.size()) break;
        if (const json::object* o = at->if_object()) {
            at = o->if_contains(path[i]);
        } else if (const json::array* list = at->if_array()) {
            const std::size_t n = std::stoul(path[i]);
            at = n < list->size() ? &(*list)[n] : nullptr;
        } else {
            at = nullptr;
        }
    }
    std::vector<std::string> out;
    for (auto o = around.rbegin(); o != around.rend(); ++o) {
        const json::value* v = (*o)->if_contains(of);
        if (v == nullptr) continue;
        if (v->is_string() && !v->get_string().empty()) out.emplace_back(v->get_string());
        if (const json::array* list = v->if_array())
            for (const json::value& entry : *list)
                if (entry.is_string()) out.emplace_back(entry.get_string());
        break;
    }
    return out;
}

// A word that the flow itself understands in the place of a name.
bool is_excepted(const json::object& n, const std::string& name) {
    const json::value* except = n.if_contains("except");
    if (except == nullptr || !except->is_array()) return false;
    const json::array& words = except->get_array();
    return std::find(words.begin(), words.end(), json::value(name)) != words.end();
}

class name_collector {
public:
    name_collector(const settings_owner& owner,
                   const json::value& settings,
                   const std::string& pointer,
                   const config_reader& reader,
                   configuration& out)
        : owner_(owner), settings_(settings), pointer_(pointer), reader_(reader), out_(out) {}

    void visit(const std::vector<std::string>& path, const json::value& v, const json::object& s) {
        // The texts of a mapping are paths.
        if (const json::object* n = object_member(s, "x-names"); n && !is_mapping(s))
            values(path, v, *n);
        if (const json::object* n = object_member(s, "x-key-names")) keys(path, v, *n);
    }

private:
    std::string at(const std::vector<std::string>& path) const {
        return pointer_ + to_pointer(path);
    }

    void values(const std::vector<std::string>& path, const json::value& v, const json::object& n) {
        if (v.is_string()) return add(path, path, v.get_string(), n, false);
        std::vector<std::string> below = path;
        below.emplace_back();
        if (const json::array* list = v.if_array()) {
            for (std::size_t i = 0; i < list->size(); ++i) {
                below.back() = std::to_string(i);
                if ((*list)[i].is_string()) add(path, below, (*list)[i].get_string(), n, false);
            }
        } else if (const json::object* o = v.if_object()) {
            for (const auto& member : *o) {
                below.back() = member.key();
                if (member.value().is_string())
                    add(path, below, member.value().get_string(), n, false);
            }
        }
    }

    void keys(const std::vector<std::string>& path, const json::value& v, const json::object& n) {
        const json::object* o = v.if_object();
        if (!o) return;
        std::vector<std::string> below = path;
        below.emplace_back();
        // The table of a named mapping stands elsewhere in the file.
        const auto use =
            std::find_if(out_.mapping_uses.begin(), out_.mapping_uses.end(),
                         [here = at(path)](const auto& u) { return u.setting == here; });
        for (const auto& member : *o) {
            below.back() = member.key();
            if (use == out_.mapping_uses.end()) {
                add(path, below, member.key(), n, true);
            } else {
                const std::string pointer = use->table + '/' + escape_pointer(member.key());
                add_at(path, pointer, target_name(member.key()), n, true);
            }
        }
    }

    void add(const std::vector<std::string>& setting,
             const std::vector<std::string>& path,
             std::string_view name,
             const json::object& n,
             bool is_key) {
        add_at(setting, at(path), std::string(name), n, is_key);
    }

    void add_at(const std::vector<std::string>& setting,
                const std::string& pointer,
                std::string name,
                const json::object& n,
                bool is_key) {
        if (name.empty() || is_excepted(n, name)) return; // not given, or no name of the system
        const std::string role = text_of(n, "role");
        const auto bound = owner_.roles.find(role);
        if (bound == owner_.roles.end()) return;
        named_object found;
        found.connection = bound->second;
        found.kind = text_of(n, "kind");
        found.name = std::move(name);
        if (const std::string of = text_of(n, "of"); !of.empty()) {
            found.is_scoped = true;
            found.of = scope_of(settings_, setting, of);
        }
        found.place =
            is_key ? reader_.document.key_place(pointer) : reader_.document.value_place(pointer);
        found.setting = section_name(pointer);
        out_.named_objects.push_back(std::move(found));
    }

    const settings_owner& owner_;
    const json::value& settings_;
    const std::string& pointer_;
    const config_reader& reader_;
    configuration& out_;
};

} // namespace

void read_mappings(const config_reader& reader, configuration& out) {
    out.mappings = table_of(reader.document.root(), "mappings");
    for (const auto& member : out.mappings) {
        const std::string at = "/mappings/" + escape_pointer(member.key());
        collect_places(member.value(), at, reader.document, out.mapping_places);
        if (const json::object* table = member.value().if_object())
            compile(*table, at, reader);
        else
            reader.add_at_value(at, "expected a table of target fields, found " +
                                        std::string(kind_in_words(member.value())));
    }
}

void take_mappings(json::value& settings,
                   const json::value& schema_document,
                   const settings_owner& owner,
                   const std::string& pointer,
                   const config_reader& reader,
                   configuration& out) {
    visit_schema(settings, schema_document,
                 [&](const std::vector<std::string>& path, json::value& v, const json::object& s) {
                     if (!is_mapping(s)) return;
                     const std::string at = pointer + to_pointer(path);
                     mapping_use use;
                     use.owner = owner.name;
                     use.setting_name = path.empty() ? "" : to_pointer(path).substr(1);
                     use.setting = use.table = at;
                     use.place = reader.document.value_place(at);
                     if (const json::object* table = v.if_object()) {
                         compile(*table, at, reader);
                         collect_places(v, at, reader.document, out.mapping_places);
                     } else if (const json::string* name = v.if_string()) {
                         use.mapping = *name;
                         use.table = "/mappings/" + escape_pointer(*name);
                         const json::value* named = out.mappings.if_contains(*name);
                         if (!named) {
                             const auto names = names_of(&out.mappings);
                             std::string hint = did_you_mean(*name, names);
                             if (hint.empty())
                                 hint = "write [mappings." + use.mapping + "], or a table here";
                             reader.add_at_value(at, "there is no mapping \"" + use.mapping + '"',
                                                 std::move(hint));
                             return;
                         }
                         v = json::value(*named);
                     }
                     use.fields = v.get_object().size();
                     out.mapping_uses.push_back(std::move(use));
                 });
}

void take_names(json::value& settings,
                const json::value& schema_document,
                const settings_owner& owner,
                const std::string& pointer,
                const config_reader& reader,
                configuration& out) {
    name_collector names(owner, settings, pointer, reader, out);
    visit_schema(settings, schema_document,
                 [&](const std::vector<std::string>& path, json::value& v, const json::object& s) {
                     names.visit(path, v, s);
                 });
}

void say_unused_mappings(const config_reader& reader, const configuration& out) {
    if (has_errors(reader.problems)) return; // a setting that was not read may use it
    for (const auto& member : out.mappings) {
        const bool used = std::any_of(
            out.mapping_uses.begin(), out.mapping_uses.end(),
            [&](const mapping_use& u) { return u.mapping == std::string_view(member.key()); });
        if (!used)
            reader.problems.push_back(
                {reader.document.key_place("/mappings/" + escape_pointer(member.key())),
                 "no setting uses the mapping \"" + std::string(member.key()) + '"',
                 "name it in a setting that takes a mapping, or remove it", true});
    }
}

} // namespace mortise::host
