// SPDX-License-Identifier: Apache-2.0
//
// approvals.*: the request on a version, and the connection's own vote.
#include "connector.hpp"

#include <algorithm>
#include <utility>

namespace iconik {

namespace json = mortise::json;

namespace {

bool covers(const json::value& request, std::string_view key, const std::vector<std::string>& ids) {
    const std::vector<std::string> there = ids_in(request, key);
    return std::all_of(ids.begin(), ids.end(), [&](const std::string& id) {
        return std::find(there.begin(), there.end(), id) != there.end();
    });
}

json::array
joined(const json::value* request, std::string_view key, const std::vector<std::string>& ids) {
    std::vector<std::string> all;
    if (request) all = ids_in(*request, key);
    for (const auto& id : ids) {
        if (std::find(all.begin(), all.end(), id) == all.end()) all.push_back(id);
    }
    json::array out;
    for (const auto& id : all)
        out.emplace_back(id);
    return out;
}

} // namespace

json::object approval_summary(const json::value* request) {
    json::object out;
    out["status"] = "N/A";
    if (!request || !request->is_object()) return out;
    const json::object& from = request->get_object();
    for (const std::string_view key :
         {"status", "version_id", "change_date", "request_date", "users", "groups", "externals",
          "min_number", "user_status", "requested_by", "approvals_by"}) {
        if (const json::value* v = from.if_contains(key); v && !v->is_null()) out[key] = *v;
    }
    return out;
}

mortise::task<std::optional<json::value>>
connector::read_approval(context& c, std::string asset_id, std::string version) {
    address url = client_.to("assets/v1/assets");
    url.part(asset_id);
    if (!version.empty()) url.part("versions").part(version);
    std::string text = url.part("approvals").part("request").str();
    subject_of about("approval", "the approval of asset " + asset_id);
    auto answer = co_await client_.find(c, std::move(text), std::move(about));
    if (answer && !answer->is_object()) answer.reset();
    co_return std::move(answer);
}

mortise::task<json::object> connector::get_approval(context& c, approval_get in) {
    std::string id = in.asset_id;
    std::string version = in.version_id;
    const auto request = co_await read_approval(c, std::move(id), std::move(version));
    if (!request) {
        // 404 says "no request" as well as "no asset": the asset itself tells them apart.
        id = in.asset_id;
        co_await read_asset(c, std::move(id), false);
    }
    json::object out = approval_summary(request ? &*request : nullptr);
    out["found"] = request.has_value();
    out["asset_id"] = in.asset_id;
    json::array votes;
    if (request) {
        address url = client_.to("assets/v1/assets");
        url.part(in.asset_id);
        if (!in.version_id.empty()) url.part("versions").part(in.version_id);
        url.part("approvals");
        subject_of about("approval", "the votes on asset " + in.asset_id);
        votes = co_await client_.list(c, std::move(url), std::move(about), 10'000);
    }
    out["votes"] = std::move(votes);
    co_return std::move(out);
}

mortise::task<json::object> connector::withdraw_approval(context& c, approval_withdraw in) {
    std::string id = in.asset_id;
    const auto request = co_await read_approval(c, std::move(id), std::string());
    json::object out;
    out["asset_id"] = in.asset_id;
    out["changed"] = false;
    if (!request) {
        // 404 says "no request" as well as "no asset".
        id = in.asset_id;
        co_await read_asset(c, std::move(id), false);
        co_return std::move(out);
    }
    out["withdrawn"] = approval_summary(&*request);
    address url = client_.to("assets/v1/assets");
    std::string text = url.part(in.asset_id).part("approvals").part("request").str();
    subject_of about("approval", "withdrawing the approval request for asset " + in.asset_id);
    const auto done =
        co_await client_.exchange(c, "DELETE", std::move(text), nullptr, std::move(about), 404);
    out["changed"] = done.status != 404;
    co_return std::move(out);
}

mortise::task<json::object> connector::request_approval(context& c, approval_request in) {
    std::string id = in.asset_id;
    const auto there = co_await read_approval(c, std::move(id), std::string());
    json::object out;
    if (there) {
        const std::string status = text_at(*there, "status");
        const bool open = status == "REQUESTED" || status == "MIXED";
        const bool same = covers(*there, "users", in.users) && covers(*there, "groups", in.groups);
        if (open && same) {
            out = approval_summary(&*there);
            out["changed"] = false;
            co_return std::move(out);
        }
    }
    address url = client_.to("assets/v1/assets");
    std::string text = url.part(in.asset_id).part("approvals").part("request").str();
    const json::value* const request = there ? &*there : nullptr;
    json::object body;
    body["status"] = "REQUESTED";
    body["users"] = joined(request, "users", in.users);
    body["groups"] = joined(request, "groups", in.groups);
    body["min_number"] = in.min_number;
    std::string method = there ? "PATCH" : "POST";
    json::value sent(std::move(body));
    subject_of about("approval", "the approval request for asset " + in.asset_id);
    const json::value answer = co_await client_.write(c, std::move(method), std::move(text),
                                                      std::move(sent), std::move(about));
    out = approval_summary(&answer);
    out["changed"] = true;
    co_return std::move(out);
}

mortise::task<json::object> connector::vote(context& c, approval_vote in) {
    const std::string wanted = in.status == vote_status::approved ? "APPROVED" : "NOT_APPROVED";
    std::string id = in.asset_id;
    auto request = co_await read_approval(c, std::move(id), std::string());
    if (request && text_at(*request, "user_status") == wanted) {
        // A second vote would give the approval another date, and so another event.
        json::object out = approval_summary(&*request);
        out["changed"] = false;
        co_return std::move(out);
    }
    if (!request) {
        id = in.asset_id;
        co_await read_asset(c, std::move(id), false);
        throw mortise::error(mortise::category::input, "iconik.approval.not-requested",
                             "Nobody has asked for approval of asset " + in.asset_id +
                                 "; call approvals.request first.");
    }
    address url = client_.to("assets/v1/assets");
    std::string text = url.part(in.asset_id).part("approvals").str();
    json::object body;
    body["status"] = wanted;
    json::value sent(std::move(body));
    subject_of about("approval", "the vote on asset " + in.asset_id);
    co_await client_.write(c, "PUT", std::move(text), std::move(sent), std::move(about));
    id = in.asset_id;
    request = co_await read_approval(c, std::move(id), std::string());
    json::object out = approval_summary(request ? &*request : nullptr);
    out["changed"] = true;
    co_return std::move(out);
}

} // namespace iconik
