// SPDX-License-Identifier: Apache-2.0
// Finds the handler of a request by method and path.
//   "/API/assets/v1/assets/{id}"   one segment captured as id; with and without trailing slash
//   "/files/{rest*}"               the remaining segments, joined by '/', as rest (last only)
// A literal segment wins over a capture. HEAD falls back to GET. Paths are case-sensitive.
#pragma once

#include "kit/message.hpp"

#include <functional>
#include <string>
#include <vector>

namespace mortise::sandbox {

using handler = std::function<reply(const request&)>;

// Does path_segments match the pattern's? '*' and {x} match one segment, '**' and {x*} the rest.
// Used by the router and by fault switches.
bool path_matches(const std::vector<std::string>& pattern,
                  const std::vector<std::string>& path_segments,
                  std::map<std::string, std::string>* captures = nullptr);
std::vector<std::string> split_path(std::string_view path);

class router {
public:
    // name: for fault switches and the request log; the pattern when empty.
    router& route(std::string method, std::string pattern, handler h, std::string name = {});
    // Requests below prefix `from` are treated as if below `to` ("/otcs/cs.exe" -> "/otcs/cs").
    router& alias(std::string from, std::string to);
    // For paths no route has; without one they get http_error 404.
    router& fallback(handler h);

    struct match {
        const handler* run = nullptr; // null: path unknown, or method not allowed
        std::string name;
        std::string allow;                // methods of the path when only the method is wrong
        std::vector<std::string> pattern; // split, of the matched route
    };
    // Applies aliases to r.path and r.segments and fills r.params and r.route.
    match find(request& r) const;
    // Names in order of registration, for the control API.
    std::vector<std::string> names() const;

private:
    struct entry {
        std::string method;
        std::vector<std::string> pattern;
        std::string name;
        handler run;
    };
    std::vector<entry> entries_;
    std::vector<std::pair<std::vector<std::string>, std::vector<std::string>>> aliases_;
    handler fallback_;
};

} // namespace mortise::sandbox
