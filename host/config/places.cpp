// SPDX-License-Identifier: Apache-2.0
#include "config/places.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

namespace json = boost::json;

namespace mortise::host {

std::string to_string(const source_place& place) {
    std::string text = place.file;
    if (place.line > 0) {
        text += ':' + std::to_string(place.line);
        if (place.column > 0) text += ':' + std::to_string(place.column);
    }
    return text;
}

bool has_errors(const std::vector<config_problem>& problems) noexcept {
    return std::any_of(problems.begin(), problems.end(),
                       [](const config_problem& p) { return !p.warning; });
}

std::string problems_to_text(const std::vector<config_problem>& problems) {
    std::string text;
    for (const config_problem& p : problems) {
        const std::string place = to_string(p.place);
        if (!place.empty()) text += place + ": ";
        text += p.warning ? "warning: " : "error: ";
        text += p.message;
        if (!p.hint.empty()) text += "; " + p.hint;
        text += '\n';
    }
    return text;
}

std::string problems_to_json(const std::vector<config_problem>& problems) {
    json::array list;
    for (const config_problem& p : problems) {
        json::object o;
        o["file"] = p.place.file;
        o["line"] = p.place.line;
        o["column"] = p.place.column;
        o["severity"] = p.warning ? "warning" : "error";
        o["message"] = p.message;
        o["hint"] = p.hint;
        list.push_back(std::move(o));
    }
    return json::serialize(list);
}

} // namespace mortise::host
