// SPDX-License-Identifier: Apache-2.0
// mortise new connector|flow
#include "cli/command.hpp"
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
                "  cmake -S %s -B %s/build\n"
                "  cmake --build %s/build\n"
                "  ctest --test-dir %s/build --output-on-failure\n",
                folder.c_str(), folder.c_str(), folder.c_str(), folder.c_str());
    return exit_ok;
}

} // namespace

void add_new(CLI::App& app, common& c, action& chosen) {
    auto* group = app.add_subcommand("new", "Make a plugin project (docs/first-connector.md)")
                      ->require_subcommand(1);
    for (const char* kind : {"connector", "flow"}) {
        auto* cmd = group->add_subcommand(kind, kind == std::string_view("flow")
                                                    ? "A flow: a use case over connections"
                                                    : "A connector: an adapter to one system");
        auto p = std::make_shared<new_project>();
        p->kind = kind;
        cmd->add_option("name", p->name, "Its name, such as acme-crm")->required();
        cmd->add_option("--dir", p->folder, "The folder to make; else ./NAME");
        cmd->add_option("--id", p->plugin_id, "The plugin's id; else com.example.NAME");
        if (p->kind == "flow")
            cmd->add_option("--connector", p->connector, "The connector its role is for")
                ->capture_default_str();
        cmd->callback([&c, &chosen, p] { chosen = [&c, p] { return run(c, *p); }; });
    }
}

} // namespace mortise::host::cli
