// SPDX-License-Identifier: Apache-2.0
// mortise new connector|flow
#include "cli/commands.hpp"
#include "cli/new_project.hpp"
#include "cli/output.hpp"

#include <boost/json.hpp>

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

} // namespace

void add_new(command& program, common& c) {
    auto& group = program.sub("new", "Makes a plugin project (docs/first-connector.md)");
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
