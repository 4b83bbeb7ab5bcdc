// SPDX-License-Identifier: Apache-2.0
// mortise new config|connector|flow
#include "cli/commands.hpp"
#include "cli/new_config.hpp"
#include "cli/new_project.hpp"
#include "cli/output.hpp"
#include "cli/shipped.hpp"
#include "config/config.hpp"
#include "plugin/catalog.hpp"

#include <boost/json.hpp>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace mortise::host::cli {
namespace {

int run(const common& c, new_project p) {
    auto templates = find_templates(c.program);
    if (!templates) return fail(exit_failed, templates.error().message);
    p.templates = std::move(*templates);
    const auto files = make_project(p);
    if (!files) {
        return fail(files.error().category == category::input ? exit_usage : exit_failed,
                    files.error().message);
    }
    const auto folder = p.folder.empty() ? std::filesystem::path(p.name) : p.folder;
    if (c.json) {
        boost::json::array names;
        for (const auto& f : *files)
            names.emplace_back(f.string());
        print_json({{"folder", folder.string()}, {"files", names}});
        return exit_ok;
    }
    std::printf("%s:\n", folder.c_str());
    for (const auto& f : *files)
        std::printf("  %s\n", f.c_str());
    std::printf("\nNext:\n"
                "  cmake -S %s -B %s/build -G Ninja\n"
                "  cmake --build %s/build\n"
                "  ctest --test-dir %s/build --output-on-failure\n",
                folder.c_str(), folder.c_str(), folder.c_str(), folder.c_str());
    return exit_ok;
}

// A file that is there is somebody's configuration.
int write_new(const std::string& file, const std::string& text) {
    const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0 && errno == EEXIST)
        return fail(exit_usage, file + " is there already and is left alone; name another with "
                                       "--out, or - to print it");
    bool good = fd >= 0;
    for (std::size_t at = 0; good && at < text.size();) {
        const auto n = ::write(fd, text.data() + at, text.size() - at);
        good = n > 0 || (n < 0 && errno == EINTR);
        if (n > 0) at += static_cast<std::size_t>(n);
    }
    const int why = errno;
    if (fd >= 0 && ::close(fd) != 0) good = false;
    if (good) return exit_ok;
    if (fd >= 0) ::unlink(file.c_str());
    return fail(exit_failed, file + " cannot be written: " + std::strerror(why) +
                                 "; check the folder's permissions and the space left");
}

int make_config(const common& c, new_config wanted, const std::string& out) {
    wanted.plugin_folders = plugin_folders(c);
    // Those of the configuration there is; what else is wrong with it is not the question.
    if (const auto file = config_file(c); std::filesystem::exists(file))
        for (const auto& p : load_host_sections(file).config.plugins.paths)
            wanted.plugin_folders.push_back(p);
    if (const auto shipped = shipped_plugins(c); wanted.plugin_folders.empty() && !shipped.empty())
        wanted.plugin_folders.push_back(shipped);
    catalog_options o;
    for (const auto& p : wanted.plugin_folders)
        o.scan.folders.push_back(p);
    o.probe_program = c.program;
    plugin_catalog catalog(std::move(o));
    catalog.load_folders();
    for (const auto& r : catalog.refusals())
        std::fprintf(stderr, "%s\n", r.text().c_str());
    const auto text = config_text(wanted, catalog);
    if (!text) return fail(exit_usage, text.error().message);
    if (out == "-") {
        print(*text);
        return exit_ok;
    }
    if (const int code = write_new(out, *text); code != exit_ok) return code;
    if (c.json)
        print_json({{"file", out}});
    else if (!c.quiet)
        std::printf("%s\n\nNext: choose how to sign in, export the secrets, then\n"
                    "  mortise -c %s check --online\n  mortise -c %s run\n",
                    out.c_str(), out.c_str(), out.c_str());
    return exit_ok;
}

} // namespace

void add_new(command& program, common& c) {
    auto& group = program.sub("new", "Makes a configuration, or a project for a plugin");
    auto& config = group.sub("config", "A configuration to begin with, for flows or connections");
    config.more(
        "It holds what must be set, the ways to sign in, and the names that must be those of "
        "your systems; all else keeps its default. `mortise plugins` lists what there is.");
    auto wanted = std::make_shared<new_config>();
    auto out = std::make_shared<std::string>("mortise.toml");
    config.value("--flow", wanted->flows, "A flow, with the connections it needs").shown_as("ID");
    config.value("--connector", wanted->connectors, "A connection of this connector")
        .shown_as("ID");
    config.value("--out", *out, "The file to make; - prints it").completes("files");
    config.example("mortise new config --flow campaign-asset-references", "in ./mortise.toml");
    config.does([&c, wanted, out] { return make_config(c, *wanted, *out); });
    for (const char* kind : {"connector", "flow"}) {
        auto& cmd = group.sub(kind, kind == std::string_view("flow")
                                        ? "A flow: a use case over connections"
                                        : "A connector: an adapter to one system");
        auto p = std::make_shared<new_project>();
        auto folder = std::make_shared<std::string>();
        p->kind = kind;
        cmd.argument("name", p->name, "Its name, such as acme-crm").required();
        cmd.value("--dir", *folder, "The folder to make; else ./NAME").completes("folders");
        cmd.value("--id", p->plugin_id, "The plugin's id; else com.example.NAME").shown_as("ID");
        if (p->kind == "flow")
            cmd.value("--connector", p->connector, "The connector its role is for").shown_as("ID");
        cmd.example("mortise new " + std::string(kind) + " acme-" + kind, "a project that builds");
        cmd.does([&c, p, folder] {
            p->folder = *folder;
            return run(c, *p);
        });
    }
}

} // namespace mortise::host::cli
