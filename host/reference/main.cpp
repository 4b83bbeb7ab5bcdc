// SPDX-License-Identifier: Apache-2.0
//
//   mortise-reference --check|--write REPOSITORY [PLUGIN.so...]
//
// --write makes docs/reference and config/reference.toml; --check tells which of them are not as
// they would be made, and ends with 1. Without files: the plugins of its own build folder.
#include "plugin/catalog.hpp"
#include "plugin/inspect.hpp"
#include "reference/reference.hpp"

#include <boost/json/parse.hpp>

#include <cstdio>
#include <fstream>
#include <set>
#include <sstream>

namespace {

namespace fs = std::filesystem;
using namespace mortise::host;

std::string read(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::stringstream out;
    out << in.rdbuf();
    return out.str();
}

// The first line that differs, so that the message says more than "something".
std::string difference(const std::string& is, const std::string& shall) {
    std::istringstream a(is), b(shall);
    std::string x, y;
    for (int line = 1;; ++line) {
        const bool more_a = static_cast<bool>(std::getline(a, x));
        const bool more_b = static_cast<bool>(std::getline(b, y));
        if (!more_a) x = "(the end)";
        if (!more_b) y = "(the end)";
        if (x != y || (!more_a && !more_b))
            return "line " + std::to_string(line) + "\n    is:    " + x + "\n    shall: " + y;
    }
}

int write(const fs::path& root, const std::map<std::string, std::string>& files) {
    for (const auto& [path, text] : files) {
        fs::create_directories((root / path).parent_path());
        std::ofstream out(root / path, std::ios::binary | std::ios::trunc);
        if (!(out << text) || !out.flush()) {
            std::fprintf(stderr, "mortise-reference: cannot write %s\n", (root / path).c_str());
            return 1;
        }
    }
    return 0;
}

int check(const fs::path& root, const std::map<std::string, std::string>& files) {
    int wrong = 0;
    for (const auto& [path, text] : files) {
        const std::string is = read(root / path);
        if (is == text) continue;
        ++wrong;
        std::printf("%s is not as the schemas say: %s\n", path.c_str(),
                    is.empty() ? "it is not there" : difference(is, text).c_str());
    }
    for (const auto& e : fs::recursive_directory_iterator(root / "docs/reference")) {
        const std::string path = fs::relative(e.path(), root).generic_string();
        if (!e.is_regular_file() || files.contains(path)) continue;
        ++wrong;
        std::printf("%s is of nothing that is there; remove it\n", path.c_str());
    }
    if (wrong > 0) std::printf("Make them anew: ./dev reference\n");
    return wrong == 0 ? 0 : 1;
}

} // namespace

int main(int argc, char** argv) {
    std::vector<std::string> words(argv + 1, argv + argc);
    if (words.size() < 2 || (words[0] != "--check" && words[0] != "--write")) {
        std::fputs("usage: mortise-reference --check|--write REPOSITORY [PLUGIN.so...]\n", stderr);
        return 2;
    }
    catalog_options options;
    options.scan.folders.assign(words.begin() + 2, words.end());
    if (options.scan.folders.empty()) {
        const fs::path self = fs::read_symlink("/proc/self/exe");
        options.scan.folders.push_back(self.parent_path().parent_path() / "plugins");
    }
    plugin_catalog catalog(std::move(options));
    catalog.load_folders();
    for (const auto& r : catalog.refusals()) {
        std::fprintf(stderr, "mortise-reference: %s\n", r.text().c_str());
        return 1;
    }
    reference::manifests manifests;
    for (const auto* plugin : catalog.plugins())
        manifests.push_back(boost::json::parse(manifest_json(*plugin)).as_object());
    const auto files = reference::make_files(manifests);
    return words[0] == "--write" ? write(words[1], files) : check(words[1], files);
}
