// SPDX-License-Identifier: Apache-2.0
#include "cli/new_project.hpp"

#include "plugin/names.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <utility>

namespace mortise::host::cli {

namespace fs = std::filesystem;

namespace {

using words = std::vector<std::pair<std::string_view, std::string>>;

error usage(std::string code, std::string message) {
    return error(category::input, std::move(code), std::move(message));
}

bool is_letter(char c) {
    return c >= 'a' && c <= 'z';
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

std::string replaced(std::string text, char from, char to) {
    std::replace(text.begin(), text.end(), from, to);
    return text;
}

std::string title_of(const std::string& name) {
    std::string out = replaced(name, '-', ' ');
    out.front() = static_cast<char>(out.front() - 'a' + 'A');
    return out;
}

std::string env_of(const std::string& name) {
    std::string out = replaced(name, '-', '_');
    for (char& c : out)
        if (is_letter(c)) c = static_cast<char>(c - 'a' + 'A');
    return out;
}

std::string filled(std::string text, const words& all) {
    for (const auto& [word, value] : all) {
        for (auto at = text.find(word); at != std::string::npos;
             at = text.find(word, at + value.size()))
            text.replace(at, word.size(), value);
    }
    return text;
}

result<std::string> read(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    if (!in) {
        return error(category::config, "new.template.unreadable",
                     file.string() + " cannot be read; install Mortise's SDK again");
    }
    return text;
}

result<void> write(const fs::path& file, const std::string& text) {
    std::error_code ec;
    fs::create_directories(file.parent_path(), ec);
    std::ofstream out(file, std::ios::binary);
    out << text;
    out.close();
    if (ec || !out) {
        return error(category::unavailable, "new.file.unwritable",
                     file.string() + " cannot be written; check the folder's permissions and the "
                                     "space left");
    }
    return {};
}

result<void> check_folder(const fs::path& folder) {
    std::error_code ec;
    const auto status = fs::status(folder, ec);
    if (!fs::exists(status)) return {};
    if (!fs::is_directory(status))
        return usage("new.folder.file", folder.string() + " is a file; give another --dir");
    const bool empty = fs::is_empty(folder, ec);
    if (ec)
        return usage("new.folder.unreadable",
                     folder.string() + " cannot be read: " + ec.message() + "; give another --dir");
    if (!empty)
        return usage("new.folder.taken",
                     folder.string() + " exists and is not empty; give another name or --dir");
    return {};
}

} // namespace

std::string problem_with_name(std::string_view name) {
    constexpr std::size_t longest = 48;
    const std::string rule =
        "a name is lower-case words joined by single hyphens, beginning with a "
        "letter, such as acme-crm";
    if (name.empty()) return "the name is empty; " + rule;
    if (name.size() > longest)
        return "the name has " + std::to_string(name.size()) + " characters; at most " +
               std::to_string(longest) + " are allowed";
    if (!is_letter(name.front())) return '"' + std::string(name) + "\" does not fit: " + rule;
    for (std::size_t i = 0; i < name.size(); ++i) {
        const char c = name[i];
        const bool lone_hyphen = c == '-' && i + 1 < name.size() && name[i + 1] != '-';
        if (!is_letter(c) && !is_digit(c) && !lone_hyphen)
            return '"' + std::string(name) + "\" does not fit: " + rule;
    }
    return {};
}

result<fs::path> find_templates(const fs::path& program) {
    std::error_code ec;
    if (const char* env = std::getenv("MORTISE_TEMPLATES"); env != nullptr && *env != '\0') {
        if (fs::is_directory(env, ec)) return fs::path(env);
        return error(category::config, "new.templates.missing",
                     "$MORTISE_TEMPLATES names " + std::string(env) + ", which is not a folder");
    }
    const fs::path beside = program.parent_path().parent_path() / "share/mortise/templates";
    if (fs::is_directory(beside, ec)) return beside;
    return error(category::config, "new.templates.missing",
                 "the templates are not in " + beside.string() +
                     "; install Mortise's SDK, or name their folder in $MORTISE_TEMPLATES");
}

result<std::vector<fs::path>> make_project(const new_project& p) {
    for (const auto& name : {p.name, p.connector})
        if (const auto problem = problem_with_name(name); !problem.empty())
            return usage("new.name.malformed", problem);
    const std::string id = p.plugin_id.empty() ? "com.example." + p.name : p.plugin_id;
    if (!is_plugin_id(id)) {
        return usage("new.id.malformed", '"' + id +
                                             "\" is not a plugin id; it is a domain of yours read "
                                             "backwards and a name, such as com.example.acme-crm");
    }
    const fs::path from = p.templates / p.kind;
    std::error_code ec;
    if (!fs::is_directory(from, ec)) {
        return error(category::config, "new.templates.missing",
                     "there is no template for a " + p.kind + " in " + p.templates.string() +
                         "; install Mortise's SDK again, or correct $MORTISE_TEMPLATES");
    }
    const fs::path to = p.folder.empty() ? fs::path(p.name) : p.folder;
    if (const auto free = check_folder(to); !free) return free.error();

    const words all{{"@name@", p.name},
                    {"@ident@", replaced(p.name, '-', '_')},
                    {"@title@", title_of(p.name)},
                    {"@env@", env_of(p.name)},
                    {"@plugin_id@", id},
                    {"@connector@", p.connector}};
    std::vector<std::pair<fs::path, std::string>> files;
    for (const auto& entry : fs::recursive_directory_iterator(from, ec)) {
        if (!entry.is_regular_file()) continue;
        auto text = read(entry.path());
        if (!text) return text.error();
        fs::path name = entry.path().lexically_relative(from);
        // Stored under another name, so that it is not obeyed where the templates are kept.
        if (name == "gitignore") name = ".gitignore";
        files.emplace_back(std::move(name), filled(std::move(*text), all));
    }
    std::vector<fs::path> out;
    for (const auto& [name, text] : files) {
        if (const auto done = write(to / name, text); !done) return done.error();
        out.push_back(name);
    }
    std::sort(out.begin(), out.end());
    return out;
}

} // namespace mortise::host::cli
