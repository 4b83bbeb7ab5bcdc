// SPDX-License-Identifier: Apache-2.0
#include "content_server/errors.hpp"

#include "content_server/text.hpp"

#include <optional>

namespace content_server {

namespace json = mortise::json;
using mortise::category;
using mortise::error;

namespace {

constexpr std::size_t longest_quote = 300;

struct meaning {
    enum category kind;
    std::string_view reason;
    std::string_view advice;
};

struct refusal {
    std::string_view words; // lower case
    meaning means;
};

constexpr std::string_view unseen =
    "It does not exist, or the connection's user may not see it: Content Server does not tell "
    "the two apart.";

// The first that fits counts, so the more special text stands first.
constexpr refusal refusals[] = {
    {"mappings registry",
     {category::config, "no-such-url",
      "Check that base_url ends before \"/api\" and that the module with this function (Business "
      "Workspaces, Extended ECM) is installed."}},
    {"could not get a node for", {category::not_found, "not-found", unseen}},
    {"could not locate node", {category::not_found, "not-found", unseen}},
    {"it does not exist or you do not have permission", {category::not_found, "not-found", unseen}},
    {"could not get a workflow for", {category::not_found, "not-found", unseen}},
    {"could not access task status", {category::not_found, "not-found", unseen}},
    {"error getting node from id", {category::not_found, "not-found", unseen}},
    {"the version is not found", {category::not_found, "not-found", {}}},
    {"error getting version for node", {category::not_found, "not-found", {}}},
    {"could not get a member for", {category::not_found, "not-found", {}}},
    {"is not a category on node", {category::not_found, "category-not-applied", {}}},
    {"already exists", {category::conflict, "already-exists", {}}},
    {"must be unique", {category::conflict, "already-exists", {}}},
    {"is already applied", {category::conflict, "already-applied", {}}},
    {"already belongs to", {category::conflict, "already-exists", {}}},
    {"edit conflict", {category::conflict, "edit-conflict", {}}},
    {"is reserved by", {category::conflict, "reserved", "Wait until the item is unreserved."}},
    {"on hold", {category::conflict, "on-hold", "Somebody has to lift the hold first."}},
    {"non-matching attribute", {category::input, "unknown-attribute", {}}},
    {"error evaluating query", {category::input, "bad-query", "Check the search query."}},
    {"invalid datatype", {category::input, "rejected", {}}},
    {"invalid value", {category::input, "rejected", {}}},
    {"missing required parameter", {category::input, "rejected", {}}},
    {"parameters are required", {category::input, "rejected", {}}},
    {"' is required", {category::input, "rejected", {}}},
    {"required attribute", {category::input, "required-attribute", {}}},
    {"not registered", {category::input, "rejected", {}}},
    {"is not a root subtype", {category::input, "rejected", {}}},
    {"could not create a new", {category::input, "rejected", {}}},
    {"no permission to change", {category::denied, "denied", {}}},
    {"do not have permission", {category::denied, "denied", {}}},
    {"do not have the permission", {category::denied, "denied", {}}},
    {"insufficient permission", {category::denied, "denied", {}}},
};

std::optional<meaning> meaning_of(std::string_view text) {
    const std::string low = lower_case(text);
    for (const refusal& r : refusals) {
        if (low.find(r.words) != std::string::npos) return r.means;
    }
    return std::nullopt;
}

std::string_view advice_of(std::uint32_t status) noexcept {
    switch (status) {
    case 401:
        return "Check the user name and password, or the OTDS client, of this connection.";
    case 403:
        return "The connection's user needs the right to this function.";
    default:
        return {};
    }
}

void add_text(std::string& to, const json::value* from) {
    if (!from) return;
    std::string text;
    if (const auto* s = from->if_string()) {
        text = *s;
    } else if (from->is_int64() || from->is_uint64()) {
        text = mortise::serialize_json(*from);
    }
    if (text.empty() || to == text) return;
    if (!to.empty()) to += "; ";
    to += text;
}

} // namespace

bool is_html(std::string_view body) noexcept {
    const std::size_t first = body.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
    return first != std::string_view::npos && body[first] == '<';
}

std::string vendor_text(std::string_view body) {
    if (body.empty()) return {};
    if (is_html(body)) return "(an HTML page)";
    std::string out;
    try {
        const json::value parsed = mortise::parse_json(body);
        for (const char* place :
             {"error", "errorDetail", "error_description", "results.errMsg", "failureReason"}) {
            add_text(out, mortise::find_json(parsed, place));
        }
    } catch (const error&) {
        // Not JSON: quoted as it is.
    }
    return one_line(out.empty() ? body : std::string_view(out), longest_quote);
}

error error_of(const mortise::http_response& response, const subject& about, access how) {
    const std::string object = "xecm." + about.object;
    error e = response.to_error(object);
    const std::string text = vendor_text(response.body);
    std::string_view advice = advice_of(response.status);
    const bool by_text = response.status != 401 && response.status != 403 &&
                         response.status != 429 && response.status != 503;
    if (const auto means = by_text ? meaning_of(text) : std::nullopt) {
        e.category = means->kind;
        e.code = object + '.' + std::string(means->reason);
        e.effect = mortise::effect::none;
        advice = means->advice;
    }
    if (how == access::read) e.effect = mortise::effect::none;
    e.message =
        "Content Server answered status " + std::to_string(response.status) + " for " + about.what;
    if (!text.empty()) e.message += ": \"" + text + "\"";
    e.message += '.';
    if (!advice.empty()) e.message.append(" ").append(advice);
    return e;
}

json::value json_of(const mortise::http_response& response, const subject& about, access how) {
    if (response.body.find_first_not_of(" \t\r\n") == std::string::npos) return json::object();
    const auto effect_then = how == access::read ? mortise::effect::none : mortise::effect::unknown;
    if (is_html(response.body)) {
        error e(category::remote_protocol, "xecm." + about.object + ".not-json",
                "Content Server answered an HTML page instead of JSON for " + about.what +
                    "; check that base_url ends before \"/api\" and that the server is not "
                    "starting or under maintenance.");
        e.http_status = response.status;
        e.effect = effect_then;
        throw e;
    }
    const std::string place = "Content Server's answer for " + about.what;
    mortise::parse_options options;
    options.what = place;
    try {
        return mortise::parse_json(response.body, options);
    } catch (error& e) {
        e.http_status = response.status;
        e.effect = effect_then;
        throw;
    }
}

} // namespace content_server
