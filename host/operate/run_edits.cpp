// SPDX-License-Identifier: Apache-2.0
#include "operate/run_edits.hpp"

#include "base/no_effect.hpp"
#include "config/schema.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace mortise::host {
namespace {

namespace json = boost::json;

constexpr std::size_t problems_in_message = 3;

result<json::value> parsed(std::string_view text, std::string_view what) {
    boost::system::error_code ec;
    json::stream_parser parser;
    const auto read = parser.write_some(text.data(), text.size(), ec);
    if (!ec && read == text.size()) parser.finish(ec);
    if (!ec && read == text.size()) return parser.release();
    auto e = no_effect(category::input, "run.edit.not-json",
                       std::string(what) +
                           " is not JSON: " + (ec ? ec.message() : "there is more behind it") +
                           " at byte " + std::to_string(read + 1));
    return e;
}

error misfit(std::string_view what, const std::vector<schema_problem>& problems) {
    auto e = no_effect(category::input, "run.edit.invalid",
                       std::string(what) + " does not fit the schema");
    json::array list;
    for (std::size_t i = 0; i < problems.size(); ++i) {
        const auto& p = problems[i];
        list.push_back({{"pointer", p.pointer}, {"message", p.message}, {"hint", p.hint}});
        if (i >= problems_in_message) continue;
        e.message += i == 0 ? ": " : "; ";
        e.message +=
            (p.pointer.empty() ? std::string("the whole value") : p.pointer) + ": " + p.message;
        if (!p.hint.empty()) e.message += " (" + p.hint + ')';
    }
    if (problems.size() > problems_in_message)
        e.message += "; and " + std::to_string(problems.size() - problems_in_message) + " more";
    e.details = json::serialize(json::value{{"problems", std::move(list)}});
    return e;
}

result<void> fits(const json::value& value, const std::string& schema_text, std::string_view what) {
    if (schema_text.empty()) return {};
    const auto problems = schema(schema_text).check(value);
    if (!problems.empty()) return misfit(what, problems);
    return {};
}

} // namespace

void merge_patch(json::value& target, const json::value& patch) {
    if (!patch.is_object()) {
        target = patch;
        return;
    }
    if (!target.is_object()) target.emplace_object();
    auto& object = target.get_object();
    for (const auto& [key, value] : patch.get_object()) {
        if (value.is_null())
            object.erase(key);
        else
            merge_patch(object[key], value);
    }
}

result<std::string>
checked_event(const claimed_run& run, const flow_entry* flow, std::string_view data) {
    const std::string what = "the data of event \"" + run.event.type + '"';
    auto value = parsed(data, what);
    if (!value) return value.error();
    if (flow != nullptr) {
        const auto good = fits(*value, flow->event_schema(run.event.source, run.event.type), what);
        if (!good) return good.error();
    }
    return json::serialize(*value);
}

result<step_edit> checked_input(const claimed_run& run,
                                const flow_entry* flow,
                                std::string_view step,
                                std::string_view input,
                                bool merge) {
    const std::string key(step.empty() ? std::string_view(run.run.failed_step) : step);
    if (key.empty()) {
        return no_effect(category::conflict, "run.edit.no-step",
                         "the run did not fail at a step; edit its event instead");
    }
    const auto it = std::find_if(run.steps.begin(), run.steps.end(),
                                 [&](const step_record& s) { return s.key == key; });
    if (it == run.steps.end()) {
        std::string known;
        for (const auto& s : run.steps)
            known += (known.empty() ? "" : ", ") + s.key;
        return no_effect(category::not_found, "run.edit.step-unknown",
                         "the run has no step \"" + key + "\"; it has " +
                             (known.empty() ? std::string("none") : known));
    }
    if (it->kind != step_kind::call) {
        return no_effect(category::conflict, "run.edit.not-a-call",
                         "step \"" + key + "\" is a " + std::string(to_string(it->kind)) +
                             "; only the input of a call can be edited");
    }
    const std::string what = "the input of step \"" + key + "\" (" + it->target + ')';
    auto value = parsed(input, what);
    if (!value) return value.error();
    if (merge) {
        auto before = parsed(it->input.empty() ? std::string_view("{}") : it->input, what);
        if (!before) return before.error();
        merge_patch(*before, *value);
        *value = std::move(*before);
    }
    if (!value->is_object()) {
        return misfit(what, {{"",
                              "expected an object, found " + std::string(kind_in_words(*value)),
                              {},
                              schema_problem::about::value}});
    }
    const auto* operation = flow != nullptr ? flow->operation(it->target) : nullptr;
    if (operation != nullptr) {
        const auto good = fits(*value, operation->input_schema, what);
        if (!good) return good.error();
    }
    return step_edit{key, json::serialize(*value)};
}

} // namespace mortise::host
