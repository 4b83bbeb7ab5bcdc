// SPDX-License-Identifier: Apache-2.0
#include <boost/json/value_from.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <iconik_workspaces/record.hpp>
#include <iconik_workspaces/reference.hpp>

namespace iconik_workspaces {

using mortise::category;
using mortise::flow_run;
using mortise::link;
using mortise::task;
namespace json = mortise::json;

namespace {

// FNV-1a: tells one text from the next of the same record; no defence against anybody.
std::string fingerprint(const std::string& text) {
    std::uint64_t h = 14695981039346656037ULL;
    for (const char c : text) {
        h ^= static_cast<unsigned char>(c);
        h *= 1099511628211ULL;
    }
    std::array<char, 16> hex{};
    const auto end = std::to_chars(hex.data(), hex.data() + hex.size(), h, 16).ptr;
    return std::to_string(text.size()) + '-' + std::string(hex.data(), end);
}

task<std::int64_t> upload(flow_run run, std::int64_t workspace_id, record what) {
    json::value path{{"parent_id", workspace_id}, {"path", json::value_from(what.folder)}};
    const auto folder =
        co_await run.call("folder", workspaces, "nodes.path_ensure", std::move(path));
    json::value document{{"parent_id", mortise::require_int(folder, "id")},
                         {"name", document_name(what.name)},
                         {"text", what.text},
                         {"media_type", what.media_type},
                         {"description", what.key}};
    if (!what.categories.empty()) document.as_object()["categories"] = std::move(what.categories);
    const auto made = co_await run.call("upload", workspaces, "nodes.upload", std::move(document));
    co_return mortise::require_int(made, "id");
}

} // namespace

std::string document_name(std::string wanted) {
    constexpr std::size_t max_bytes = 248;
    for (char& c : wanted)
        if (c == ':' || c == '/' || c == '\n' || c == '\r' || c == '\t') c = '-';
    if (wanted.size() > max_bytes) {
        auto end = max_bytes;
        while (end > 0 && (static_cast<unsigned char>(wanted[end]) & 0xC0) == 0x80)
            --end;
        wanted.resize(end);
    }
    const auto from = wanted.find_first_not_of(' ');
    if (from == std::string::npos) return "untitled";
    return wanted.substr(from, wanted.find_last_not_of(' ') - from + 1);
}

task<filed>
file_record(flow_run run, std::string relation, std::int64_t workspace_id, record what) {
    const std::string key = std::to_string(workspace_id) + '#' + what.key;
    const std::string mark = fingerprint(what.text);
    const auto before = co_await run.link_find("filed", relation, key);
    std::int64_t node = 0;
    std::int64_t number = 1;
    if (!before.empty()) {
        node = node_in_key(before.front().b);
        number = mortise::optional_int(before.front().data, "number").value_or(1) + 1;
        if (mortise::optional_string(before.front().data, "mark").value_or("") == mark)
            co_return filed{node, false};
        // A record may come to say what it said before: by its number the version is another one,
        // and a repeat whose answer was lost is not taken for the old one.
        json::value version{{"id", node},
                            {"text", what.text},
                            {"media_type", what.media_type},
                            {"description", what.key + ' ' + mark + ' ' + std::to_string(number)}};
        const auto added =
            co_await run.try_call("version", workspaces, "versions.add", std::move(version));
        if (!added && added.error().category != category::not_found) throw added.error();
        if (!added) node = 0; // a person deleted the document: it is filed again
    }
    if (node == 0) {
        node = co_await upload(run, workspace_id, what);
        number = 1;
    }
    json::object data{{"mark", mark}, {"number", number}};
    link now{key, node_key(node), std::move(data)};
    co_await run.link_put("link", relation, std::move(now));
    co_return filed{node, true};
}

} // namespace iconik_workspaces
