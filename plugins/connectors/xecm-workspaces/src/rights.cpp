// SPDX-License-Identifier: Apache-2.0
//
// Which functions the server has for this user at all. Rights belong to items, so no more can be
// told before an item is touched; but a module that is missing refuses everything it stands for.
#include "connector.hpp"

#include <map>

namespace xecm_workspaces {

using content_server::subject;
using mortise::category;
using mortise::error;
using mortise::task;

namespace {

struct family {
    std::string_view prefix;
    const char* probe; // a read that needs the function and no item
};

constexpr family families[] = {
    {"workspaces.", "v2/businessworkspacetypes"},
    {"workspace_types.", "v2/businessworkspacetypes"},
    {"workflows.", "v2/members/assignments"},
    {"assignments.", "v2/members/assignments"},
    {"records.", "v2/holds?page=1&limit=1"},
    {"holds.", "v2/holds?page=1&limit=1"},
    {"comments.", "v1/pulse/statuses/public_timeline?count=1"},
    {"search.", "v1/regions"},
    {"members.", "v2/members?limit=1&page=1"},
};

const char* probe_of(std::string_view operation) {
    for (const family& one : families) {
        if (operation.starts_with(one.prefix)) return one.probe;
    }
    return nullptr;
}

} // namespace

task<rights_out> connector::check_rights(context& c, rights_in in) {
    std::map<std::string, std::string> answers; // probe to why not; empty: fine
    rights_out out;
    for (const auto& operation : in.operations) {
        const char* probe = probe_of(operation);
        if (!probe) continue;
        const auto [answer, first] = answers.try_emplace(probe);
        if (first) {
            const std::string url = client_.at(probe).str();
            subject about("right", "the function behind " + operation);
            try {
                co_await client_.get(c, url, std::move(about));
            } catch (const error& e) {
                if (e.category != category::denied && e.category != category::config) throw;
                answer->second = e.message;
            }
        }
        if (answer->second.empty()) continue;
        rights_denial one;
        one.operation = operation;
        one.why = answer->second;
        out.denied.push_back(std::move(one));
    }
    co_return out;
}

} // namespace xecm_workspaces
