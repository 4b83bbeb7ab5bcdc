// SPDX-License-Identifier: Apache-2.0
// Many files at once. Starting a program with all its libraries costs more than to look at a
// plugin, so a few children are started, each forks for one file after the other, and what happens
// to a copy happens to that file alone.
#include "plugin/beside.hpp"
#include "plugin/inspect_parts.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <unistd.h>

namespace mortise::host {

namespace json = boost::json;
namespace fs = std::filesystem;

namespace {

// Empty when the child could not do it as a whole.
json::array ask_about(const std::vector<fs::path>& files, const inspect_options& options) {
    json::array names;
    for (const auto& file : files)
        names.emplace_back(file.string());
    const std::string request =
        json::serialize(json::object{{"timeout_ms", options.timeout.count()}, {"files", names}});
    const descriptor in = answer_file();
    if (in.fd < 0 ||
        ::pwrite(in.fd, request.data(), request.size(), 0) != static_cast<ssize_t>(request.size()))
        return {};
    inspect_options all = options;
    all.timeout = options.timeout * (files.size() + 1);
    const auto answer = ask_child(files.front(), all, "-", in.fd);
    if (!answer) return {};
    boost::system::error_code ec;
    auto value = json::parse(*answer, ec);
    if (ec || !value.is_object()) return {};
    auto* looked_at = value.as_object().if_contains("looked_at");
    if (looked_at == nullptr || !looked_at->is_array()) return {};
    return looked_at->as_array().size() == files.size() ? looked_at->as_array() : json::array();
}

} // namespace

std::vector<plugin_result<void>> probe_in_children(const std::vector<fs::path>& files,
                                                   const inspect_options& options) {
    std::vector<plugin_result<void>> out(files.size());
    const std::size_t groups = beside(files.size() / 2);
    for_each_beside(groups, groups, [&](std::size_t group) {
        std::vector<std::size_t> mine;
        std::vector<fs::path> asked;
        for (std::size_t i = group; i < files.size(); i += groups) {
            mine.push_back(i);
            asked.push_back(files[i]);
        }
        const json::array seen = asked.size() > 1 ? ask_about(asked, options) : json::array();
        for (std::size_t i = 0; i < mine.size(); ++i) {
            if (seen.empty()) { // a plugin took more than its copy along: each gets a child
                if (const auto one = inspect_in_child(asked[i], options); !one)
                    out[mine[i]] = one.error();
            } else if (seen[i].is_object()) {
                out[mine[i]] = refusal_from(asked[i], seen[i].as_object());
            }
        }
    });
    return out;
}

} // namespace mortise::host
