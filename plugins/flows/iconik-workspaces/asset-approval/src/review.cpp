// SPDX-License-Identifier: Apache-2.0
#include "review.hpp"

#include <algorithm>
#include <charconv>
#include <iconik_workspaces/record.hpp>
#include <regex>

namespace asset_approval {

using mortise::category;
using mortise::error;
namespace json = mortise::json;

namespace {

bool decides(const review_settings& s, const json::value& step) {
    const auto title = mortise::require_string(step, "title");
    return std::find(s.steps.begin(), s.steps.end(), title) != s.steps.end();
}

std::string keys_of(const std::map<std::string, std::string>& m) {
    std::string out;
    for (const auto& [key, value] : m)
        out += (out.empty() ? "\"" : ", \"") + key + '"';
    return out;
}

void fill(std::string& text, const std::string& name, const std::string& value) {
    for (auto at = text.find(name); at != std::string::npos; at = text.find(name, at)) {
        text.replace(at, name.size(), value);
        at += value.size();
    }
}

std::string cut(std::string text, std::size_t most) {
    if (text.size() <= most) return text;
    while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0) == 0x80)
        --most;
    text.resize(most);
    return text;
}

std::string numbered(const asset& of) {
    return "version " + std::to_string(of.version);
}

} // namespace

std::vector<decision> decisions_in(const review_settings& s, const json::value& workflow) {
    std::vector<decision> out;
    for (const auto& step : mortise::require_array(workflow, "steps")) {
        if (mortise::require_string(step, "state") != "done" || !decides(s, step)) continue;
        decision d;
        d.task = mortise::require_int(step, "task_id");
        d.step = mortise::require_string(step, "title");
        d.reviewer = mortise::optional_string(step, "by").value_or("");
        d.comment = mortise::optional_string(step, "comment").value_or("");
        d.date = mortise::optional_string(step, "finished_at").value_or("").substr(0, 10);
        d.time_ms = leading_time(d.comment);
        const auto chosen = mortise::optional_string(step, "decision").value_or("");
        const auto meaning = s.decisions.find(chosen);
        if (meaning == s.decisions.end()) {
            throw error(category::input, "asset-approval.decision.unmapped",
                        "step \"" + d.step + "\" of workflow " +
                            std::to_string(mortise::require_int(workflow, "process_id")) +
                            " ended with \"" + chosen + "\", which the setting review.decisions " +
                            "does not know (it has " + keys_of(s.decisions) +
                            "): add it there with its meaning, Approved or Rejected, then retry "
                            "this run with --repin");
        }
        d.said = meaning->second;
        out.push_back(std::move(d));
    }
    return out;
}

std::optional<error> missing_steps(const review_settings& s, const json::value& workflow) {
    std::string there;
    std::vector<std::string> titles;
    for (const auto& step : mortise::require_array(workflow, "steps")) {
        titles.push_back(mortise::require_string(step, "title"));
        there += (there.empty() ? "\"" : ", \"") + titles.back() + '"';
    }
    for (const auto& wanted : s.steps) {
        if (std::find(titles.begin(), titles.end(), wanted) != titles.end()) continue;
        return error(category::config, "asset-approval.steps.missing",
                     "workflow map \"" + s.workflow_map + "\" has no step \"" + wanted +
                         "\" as the setting review.steps says (it has " + there +
                         "): correct the setting or the map, then retry this run with --repin");
    }
    return std::nullopt;
}

std::optional<std::string> result_of(const review_settings& s,
                                     const json::value& workflow,
                                     const std::vector<decision>& decisions) {
    const auto state = mortise::require_string(workflow, "state");
    const bool refused = std::any_of(decisions.begin(), decisions.end(),
                                     [](const auto& d) { return d.said != "Approved"; });
    if (state == "running" || state == "suspended") return std::nullopt;
    if (refused) return "Rejected";
    std::size_t approved = 0;
    for (const auto& wanted : s.steps)
        approved += std::any_of(decisions.begin(), decisions.end(),
                                [&](const auto& d) { return d.step == wanted; });
    return state != "stopped" && approved == s.steps.size() ? "Approved" : "Stopped";
}

std::optional<std::int64_t> leading_time(const std::string& comment) {
    static const std::regex clock(
        R"(^\s*\[?(?:(\d{1,3}):)?(\d{1,2}):([0-5]\d)(?:\.(\d{1,3}))?\]?(?:\s|$))");
    static const std::regex seconds(R"(^\s*\[(\d{1,6})(?:\.(\d{1,3}))?\s*s\])");
    const auto number = [](const std::string& digits) -> std::int64_t {
        std::int64_t n = 0;
        std::from_chars(digits.data(), digits.data() + digits.size(), n);
        return n;
    };
    const auto thousandths = [&](std::string digits) {
        digits.resize(3, '0');
        return number(digits);
    };
    std::smatch m;
    if (std::regex_search(comment, m, clock)) {
        const auto s = (number(m[1]) * 60 + number(m[2])) * 60 + number(m[3]);
        return s * 1000 + thousandths(m[4]);
    }
    if (std::regex_search(comment, m, seconds)) return number(m[1]) * 1000 + thousandths(m[2]);
    return std::nullopt;
}

std::string comment_text(const asset& of, const decision& d) {
    std::string out = d.step + " (" + numbered(of) + "): " + d.said;
    if (!d.reviewer.empty()) out += " by " + d.reviewer;
    if (!d.comment.empty()) out += "\n" + d.comment;
    return out;
}

std::string record_text(const review& r,
                        const std::string& result,
                        const std::string& why,
                        const std::vector<decision>& decisions) {
    std::string out = "Approval record\n\nAsset: " + r.of.title + "\nAsset ID: " + r.of.id +
                      "\nVersion: " + std::to_string(r.of.version) + " (" + r.of.version_id +
                      ")\nWorkflow: " + std::to_string(r.process) + "\nResult: " + result;
    if (!why.empty()) out += " (" + why + ')';
    out += "\n";
    for (const auto& d : decisions) {
        out += "\n" + d.step + ": " + d.said;
        if (!d.reviewer.empty()) out += " by " + d.reviewer;
        if (!d.date.empty()) out += ", " + d.date;
        if (!d.comment.empty()) out += "\n  " + d.comment;
        out += "\n";
    }
    return out;
}

json::object record_values(const review& r,
                           const std::string& result,
                           const std::string& why,
                           const std::vector<decision>& decisions,
                           const std::string& today) {
    json::array rows;
    for (const auto& d : decisions) {
        json::object row{{"Reviewer", d.step + (d.reviewer.empty() ? "" : " (" + d.reviewer + ')')},
                         {"Decision", d.said},
                         {"Comment", d.comment}};
        if (!d.date.empty()) row["Date"] = d.date;
        rows.push_back(std::move(row));
    }
    if (result == "Withdrawn")
        rows.push_back(json::object{
            {"Reviewer", "iconik"}, {"Decision", result}, {"Comment", why}, {"Date", today}});
    return {{"Asset ID", r.of.id},
            {"Asset Version", r.of.version},
            {"Result", why.empty() ? result : cut(result + ": " + why, 250)},
            {"Decisions", std::move(rows)}};
}

std::string review_key(const asset& of) {
    return "iconik:asset/" + of.id + '#' + of.version_id;
}

std::string submission_of(const asset& of) {
    return mortise::optional_string(of.raw, "approval.request_date").value_or("");
}

std::string review_title(const asset& of, const std::string& mark) {
    return "Review of " + cut(of.title, 180) + ", " + numbered(of) + " [" + mark + ']';
}

std::string reference_name(const asset& of) {
    return iconik_workspaces::document_name(cut(of.title, 180) + ", " + numbered(of) + " [" +
                                            of.id.substr(0, 13) + ']');
}

std::string reference_url(const review_settings& s, const asset& of) {
    std::string url = s.asset_link;
    fill(url, "{asset_id}", of.id);
    fill(url, "{version_id}", of.version_id);
    return url;
}

json::object workflow_attributes(const review_settings& s, const asset& of) {
    json::object out;
    for (const auto& [label, fact] : s.attributes) {
        if (fact == "asset_id")
            out[label] = of.id;
        else if (fact == "version")
            out[label] = of.version;
        else if (fact == "version_id")
            out[label] = of.version_id;
        else if (fact == "title")
            out[label] = of.title;
        else if (fact == "url")
            out[label] = reference_url(s, of);
        else
            throw error(category::config, "asset-approval.attributes.unknown",
                        "setting review.attributes: \"" + label + "\" is to say \"" + fact +
                            "\", which is none of asset_id, version, version_id, title, url");
    }
    return out;
}

} // namespace asset_approval
