// SPDX-License-Identifier: Apache-2.0
#include "validate/validate.hpp"

#include "config/schema.hpp"
#include "validate/child.hpp"

#include <mortise/sdk/error.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

namespace mortise::host {

namespace {

constexpr std::string_view loading = "loads-fast";
constexpr std::string_view initialising = "init-and-deinit";

std::vector<std::string> names() {
    std::vector<std::string> out;
    for (const auto& c : all_checks())
        out.emplace_back(c.name);
    return out;
}

// Why a check cannot be run after what others found, or nothing.
std::string obstacle(const check& c, const validation& so_far) {
    for (const auto& done : so_far.checks) {
        if (!done.result.died) continue;
        // The first two checks read the file only; they stand before loading.
        if (done.what->name == loading) return "it cannot be loaded: see loads-fast";
        if (done.what->name == initialising && c.needs == check_needs::initialised)
            return "init() does not come back: see init-and-deinit";
    }
    return {};
}

check_result best_of(const check& c, const validate_options& o, const std::filesystem::path& file) {
    check_result r;
    for (int i = 0; i < c.attempts; ++i) {
        r = run_check_in_child(c, file, o.seed, {o.program, o.timeout});
        if (r.outcome != verdict::failed || r.died) break;
    }
    return r;
}

} // namespace

bool validation::conforms() const noexcept {
    return count(verdict::failed) == 0;
}

std::size_t validation::count(verdict v) const noexcept {
    return static_cast<std::size_t>(std::count_if(
        checks.begin(), checks.end(), [&](const auto& c) { return c.result.outcome == v; }));
}

result<validation> validate(const validate_options& options) {
    std::error_code ec;
    const auto file = std::filesystem::canonical(options.file, ec);
    if (ec || !std::filesystem::is_regular_file(file)) {
        return error(category::not_found, "validate.file.missing",
                     options.file.string() + ": " + (ec ? ec.message() : "not a regular file") +
                         "; give the path of a plugin's .so file");
    }
    for (const auto& name : options.only) {
        if (find_check(name) != nullptr) continue;
        const auto hint = did_you_mean(name, names());
        return error(category::input, "validate.check.unknown",
                     "there is no check \"" + name + "\"" + (hint.empty() ? "" : "; " + hint) +
                         "; `mortise validate --list` names all");
    }
    validation out{file, options.seed, {}};
    for (const auto& c : all_checks()) {
        if (!options.only.empty() &&
            std::find(options.only.begin(), options.only.end(), c.name) == options.only.end())
            continue;
        const std::string why = obstacle(c, out);
        check_result r =
            why.empty() ? best_of(c, options, file) : check_result{verdict::skipped, {why}, false};
        if (options.progress) options.progress(c, r);
        out.checks.push_back({&c, std::move(r)});
    }
    return out;
}

std::string to_json(const validation& v) {
    boost::json::array checks;
    for (const auto& c : v.checks) {
        boost::json::array messages;
        for (const auto& m : c.result.messages)
            messages.emplace_back(m);
        checks.push_back(boost::json::object{{"name", c.what->name},
                                             {"rule", c.what->rule},
                                             {"outcome", to_string(c.result.outcome)},
                                             {"messages", std::move(messages)}});
    }
    return boost::json::serialize(boost::json::object{{"file", v.file.string()},
                                                      {"seed", v.seed},
                                                      {"conforms", v.conforms()},
                                                      {"checks", std::move(checks)}});
}

} // namespace mortise::host
