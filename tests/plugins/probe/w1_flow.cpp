// SPDX-License-Identifier: Apache-2.0
#include "flows.hpp"

#include <cctype>

namespace probe {

namespace json = mortise::json;
using mortise::category;

namespace {

std::string text(const json::value& from, std::string_view path) {
    return mortise::require_string(from, path, category::input);
}

std::string upper(std::string s) {
    for (auto& c : s)
        c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return s;
}

std::string joined(const json::array& words) {
    std::string out;
    for (const auto& w : words) {
        if (!out.empty()) out += ", ";
        out += w.as_string();
    }
    return out;
}

json::object mapped(const json::value& e) {
    const auto& asset = mortise::require(e, "asset", category::input);
    const auto& file = mortise::require(asset, "file", category::input);
    const auto& meta = mortise::require(asset, "metadata", category::input);
    std::string web;
    for (const auto& r : mortise::require_array(asset, "renditions", category::input)) {
        if (text(r, "name") == "web") web = text(r, "url");
    }
    json::object out;
    out.reserve(13);
    out["externalId"] = text(asset, "id");
    out["sourceEvent"] = text(e, "event_id");
    out["name"] = text(asset, "title");
    out["sku"] = text(meta, "product.sku");
    out["gtin"] = text(meta, "product.gtin");
    out["brand"] = upper(text(meta, "brand"));
    out["mediaType"] = text(file, "mime_type");
    out["webUrl"] = std::move(web);
    out["dimensions"] = std::to_string(mortise::require_int(file, "width", category::input)) + 'x' +
                        std::to_string(mortise::require_int(file, "height", category::input));
    out["sizeKb"] = mortise::require_int(file, "size_bytes", category::input) / 1024;
    out["keywords"] = joined(mortise::require_array(meta, "keywords", category::input));
    out["markets"] = mortise::require_array(meta, "markets", category::input);
    out["licenseExpires"] = text(meta, "rights.expires_at");
    return out;
}

bool wanted(const json::value& e) {
    const auto given = [&](std::string_view path) {
        const auto* v = mortise::find_json(e, path);
        return v != nullptr && v->is_string() && !v->get_string().empty();
    };
    const auto* status = mortise::find_json(e, "asset.metadata.approval_status");
    return status != nullptr && status->is_string() && status->get_string() == "approved" &&
           given("event_id") && given("asset.id");
}

} // namespace

void w1_flow::describe(mortise::flow_builder<w1_flow>& b) {
    b.id("probe-w1").version(PROBE_VERSION).title("Approved assets to a REST target");
    b.role("target", "probe", "Where mapped assets go").uses("put");
    b.on_request();
}

mortise::task<json::value> w1_flow::run(mortise::flow_run& run, mortise::event first) {
    if (!wanted(first.data)) co_return json::value{{"delivered", false}};
    json::value input{{"path", "assets"}, {"body", mapped(first.data)}};
    first.data = nullptr;
    co_await run.call("deliver", "target", "put", std::move(input));
    co_return json::value{{"delivered", true}};
}

} // namespace probe
