// SPDX-License-Identifier: Apache-2.0
#include "cli/view.hpp"

#include "cli/output.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace mortise::host::cli {
namespace {

namespace json = boost::json;

constexpr std::uint32_t page = 500;

result<json::value> whole_list(const common& c, const view& v) {
    json::value out;
    std::string cursor;
    for (std::uint32_t have = 0;;) {
        auto query = v.query;
        if (v.limit > 0)
            query.emplace_back("limit", std::to_string(std::min(v.limit - have, page)));
        query.emplace_back("cursor", cursor);
        auto answer = ask_host(c, "GET", with_query(v.path, query));
        if (!answer) return answer;
        const auto more = list_in(*answer, v.list);
        cursor = member(*answer, "next");
        if (out.is_null()) {
            out = std::move(*answer);
        } else {
            auto& all = out.as_object()[v.list].as_array();
            all.insert(all.end(), more.begin(), more.end());
            out.as_object()["next"] = cursor.empty() ? json::value(nullptr) : json::value(cursor);
        }
        have = static_cast<std::uint32_t>(list_in(out, v.list).size());
        if (cursor.empty() || more.empty() || have >= v.limit) return out;
    }
}

} // namespace

result<json::value> seen(const common& c, const view& v) {
    auto answer =
        v.list.empty() ? ask_host(c, "GET", with_query(v.path, v.query)) : whole_list(c, v);
    if (answer || !v.here || answer.error().code != "cli.no-host" || !remote_host(c).empty())
        return answer;
    auto out = read_journal(c, v.here);
    if (out && out->is_object()) out->get_object()["host"] = false;
    return out;
}

int show(const common& c,
         const view& v,
         const std::function<std::string(const json::value&)>& text) {
    const auto answer = seen(c, v);
    if (!answer) return refuse(answer.error());
    if (c.json) {
        print_json(*answer);
    } else {
        if (part(*answer, "host") == json::value(false))
            std::fputs("mortise: no host runs; this is what the journal holds\n", stderr);
        print(text(*answer));
    }
    return exit_ok;
}

} // namespace mortise::host::cli
