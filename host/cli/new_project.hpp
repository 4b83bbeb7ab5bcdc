// SPDX-License-Identifier: Apache-2.0
//
// Makes a plugin project from the templates that are installed with the host: copies a folder,
// putting the project's names in the place of words like @name@.
#pragma once

#include "base/result.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace mortise::host::cli {

struct new_project {
    std::string kind;                   // "connector" or "flow"
    std::string name;                   // "acme-crm"
    std::string plugin_id;              // empty: "com.example.<name>"
    std::string connector = "acme-crm"; // what a flow's role is for
    std::filesystem::path folder;       // empty: ./<name>
    std::filesystem::path templates;    // the folder that holds one folder for each kind
};

// Nothing when the text is kebab-case that can name a plugin; else what is wrong and how to mend
// it.
std::string problem_with_name(std::string_view name);

// $MORTISE_TEMPLATES, or share/mortise/templates beside the program's bin folder.
result<std::filesystem::path> find_templates(const std::filesystem::path& program);

// Writes the project and returns its files, relative to its folder. Nothing is written unless all
// names are good and the folder is missing or empty.
result<std::vector<std::filesystem::path>> make_project(const new_project& p);

} // namespace mortise::host::cli
