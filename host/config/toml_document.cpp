// SPDX-License-Identifier: Apache-2.0
#include "config/toml_document.hpp"

#include "config/schema_parts.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>

namespace json = boost::json;
namespace fs = std::filesystem;

namespace mortise::host {

namespace {

// A configuration is written by hand; anything larger is a wrong file.
constexpr std::uintmax_t largest_file = 16u << 20;

template <class T>
std::string to_text(const T& v) {
    std::ostringstream out;
    out << v;
    return out.str();
}

bool read(const fs::path& path, std::string& text, std::vector<config_problem>& problems) {
    std::error_code ec;
    const auto refuse = [&](std::string message, std::string hint) {
        problems.push_back({{path.string(), 0, 0}, std::move(message), std::move(hint), false});
        return false;
    };
    if (!fs::exists(path, ec))
        return refuse(
            "the file does not exist",
            "name another with -c FILE or $MORTISE_CONFIG; `mortise new config` makes one "
            "to begin with");
    if (fs::is_directory(path, ec)) return refuse("this is a folder", "name a TOML file");
    std::ifstream in(path, std::ios::binary);
    if (!in) return refuse("the file cannot be opened", "check that this user may read it");
    const std::uintmax_t size = fs::file_size(path, ec);
    if (!ec && size > largest_file)
        return refuse("the file has more than 16 MiB", "check that it is the configuration");
    std::ostringstream out;
    out << in.rdbuf();
    if (in.bad()) return refuse("the file cannot be read", "check the disk");
    text = std::move(out).str();
    return true;
}

} // namespace

class toml_merger {
public:
    toml_merger(toml_document& document, std::vector<config_problem>& problems)
        : document_(document), problems_(problems) {}

    void add(std::string_view text, const std::string& file) {
        file_ = file;
        document_.files_.push_back(file);
        try {
            const toml::table table = toml::parse(text, file);
            if (document_.places_.find("") == document_.places_.end())
                document_.places_[""] = {{file, 0, 0}, {file, 0, 0}};
            merge(table, document_.root_, "");
        } catch (const toml::parse_error& e) {
            problems_.push_back(
                {place(e.source()), "not TOML: " + std::string(e.description()), "", false});
        }
    }

private:
    source_place place(const toml::source_region& r) const {
        return {file_, static_cast<int>(r.begin.line), static_cast<int>(r.begin.column)};
    }

    void merge(const toml::table& from, json::object& into, const std::string& at) {
        for (const auto& [key, node] : from) {
            const std::string below = at + '/' + escape_pointer(key.str());
            const toml_places here{place(key.source()), place(node.source())};
            json::value* present = into.if_contains(key.str());
            if (!present) {
                document_.places_[below] = here;
                json::value made = convert(node, below);
                into.emplace(key.str(), std::move(made));
            } else if (present->is_object() && node.is_table() && !node.as_table()->is_inline()) {
                merge(*node.as_table(), present->get_object(), below);
            } else {
                const source_place first = document_.key_place(below);
                problems_.push_back({here.key,
                                     "key \"" + std::string(key.str()) +
                                         "\" is set twice, first at " + to_string(first),
                                     "keep one of the two", false});
            }
        }
    }

    json::value convert(const toml::node& node, const std::string& at) {
        switch (node.type()) {
        case toml::node_type::table: {
            json::object o;
            merge(*node.as_table(), o, at);
            return o;
        }
        case toml::node_type::array: {
            json::array list;
            for (const toml::node& item : *node.as_array()) {
                const std::string below = at + '/' + std::to_string(list.size());
                const source_place p = place(item.source());
                document_.places_[below] = {p, p};
                json::value made = convert(item, below);
                list.push_back(std::move(made));
            }
            return list;
        }
        case toml::node_type::string:
            return json::value(node.as_string()->get());
        case toml::node_type::integer:
            return json::value(node.as_integer()->get());
        case toml::node_type::boolean:
            return json::value(node.as_boolean()->get());
        case toml::node_type::floating_point: {
            const double d = node.as_floating_point()->get();
            if (std::isfinite(d)) return json::value(d);
            problems_.push_back({place(node.source()), "inf and nan are no usable numbers",
                                 "write a finite number or leave the key out", false});
            return json::value(0.0);
        }
        case toml::node_type::date:
            return json::value(to_text(node.as_date()->get()));
        case toml::node_type::time:
            return json::value(to_text(node.as_time()->get()));
        case toml::node_type::date_time:
            return json::value(to_text(node.as_date_time()->get()));
        default:
            return json::value();
        }
    }

    toml_document& document_;
    std::vector<config_problem>& problems_;
    std::string file_;
};

toml_document toml_document::load(const fs::path& path, std::vector<config_problem>& problems) {
    toml_document document;
    toml_merger merger(document, problems);
    std::string text;
    if (!read(path, text, problems)) return document;
    merger.add(text, path.string());

    std::error_code ec;
    const fs::path folder = path.parent_path() / "conf.d";
    std::vector<fs::path> more;
    if (fs::is_directory(folder, ec)) {
        for (fs::directory_iterator it(folder, ec), end; !ec && it != end; it.increment(ec))
            if (it->path().extension() == ".toml") more.push_back(it->path());
        if (ec)
            problems.push_back({{folder.string(), 0, 0},
                                "the folder cannot be read: " + ec.message(),
                                "check that this user may read it",
                                false});
    }
    std::sort(more.begin(), more.end());
    for (const fs::path& p : more)
        if (read(p, text, problems)) merger.add(text, p.string());
    return document;
}

toml_document toml_document::parse(std::string_view text,
                                   const std::string& file_name,
                                   std::vector<config_problem>& problems) {
    toml_document document;
    toml_merger(document, problems).add(text, file_name);
    return document;
}

const toml_places* toml_document::find(std::string_view pointer) const {
    for (;;) {
        if (const auto it = places_.find(pointer); it != places_.end()) return &it->second;
        const std::size_t cut = pointer.rfind('/');
        if (cut == std::string_view::npos) return nullptr;
        pointer = pointer.substr(0, cut);
    }
}

source_place toml_document::value_place(std::string_view pointer) const {
    const toml_places* p = find(pointer);
    return p ? p->value : source_place{files_.empty() ? std::string() : files_.front(), 0, 0};
}

source_place toml_document::key_place(std::string_view pointer) const {
    const toml_places* p = find(pointer);
    return p ? p->key : source_place{files_.empty() ? std::string() : files_.front(), 0, 0};
}

} // namespace mortise::host
