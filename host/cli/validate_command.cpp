// SPDX-License-Identifier: Apache-2.0
// mortise validate
#include "base/stored_json.hpp"
#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "validate/child.hpp"
#include "validate/validate.hpp"

namespace mortise::host::cli {
namespace {

struct settings {
    std::string file;
    std::vector<std::string> only;
    std::uint64_t seed = 1;
    std::uint32_t timeout_s = 60;
    bool list = false;
    std::string run_check; // the child's half
};

int list_checks(const common& c) {
    boost::json::array out;
    table t({{"CHECK", matters::most}, {"RULE", matters::text}});
    for (const auto& one : all_checks()) {
        out.push_back({{"name", one.name}, {"rule", one.rule}});
        t.row({std::string(one.name), std::string(one.rule)});
    }
    if (c.json)
        print_json({{"checks", std::move(out)}});
    else
        print(t.text());
    return exit_ok;
}

void print_line(const check& c, const check_result& r) {
    const char* mark = r.outcome == verdict::passed   ? "ok     "
                       : r.outcome == verdict::failed ? "FAILED "
                                                      : "skipped";
    const auto how = r.outcome == verdict::passed   ? paint::good
                     : r.outcome == verdict::failed ? paint::bad
                                                    : paint::dim;
    std::printf("%s %s", painted(mark, how, output_screen().color).c_str(),
                std::string(c.name).c_str());
    if (r.outcome == verdict::failed) std::printf("\n        %s", std::string(c.rule).c_str());
    for (const auto& m : r.messages) {
        if (r.outcome == verdict::failed)
            std::printf("\n        - %s", m.c_str());
        else
            std::printf(": %s", m.c_str());
    }
    std::printf("\n");
    std::fflush(stdout);
}

int run(const common& c, const settings& s) {
    if (s.list) return list_checks(c);
    if (s.file.empty())
        return fail(exit_usage, "validate needs the file of a plugin; see mortise validate --help");
    if (!s.run_check.empty()) {
        const auto* one = find_check(s.run_check);
        if (one == nullptr) return fail(exit_usage, "there is no check \"" + s.run_check + '"');
        answer_check(*one, s.file, s.seed);
    }
    validate_options o;
    o.file = s.file;
    o.program = c.program;
    o.only = s.only;
    o.seed = s.seed;
    o.timeout = std::chrono::seconds(s.timeout_s);
    if (!c.json) o.progress = &print_line;
    const auto v = validate(o);
    if (!v) {
        return fail(v.error().category == category::not_found ? exit_not_found : exit_usage,
                    v.error().message);
    }
    if (c.json) {
        print_json(stored_json(to_json(*v)));
    } else {
        std::printf("%s: %s: %zu passed, %zu failed, %zu skipped (seed %llu)\n", v->file.c_str(),
                    v->conforms() ? "conforms" : "does not conform", v->count(verdict::passed),
                    v->count(verdict::failed), v->count(verdict::skipped),
                    static_cast<unsigned long long>(v->seed));
    }
    return v->conforms() ? exit_ok : exit_plugin;
}

} // namespace

void add_validate(command& program, common& c) {
    auto& cmd = program.sub("validate", "Checks that a plugin file keeps the "
                                        "rules of the ABI (docs/validate.md)");
    auto s = std::make_shared<settings>();
    cmd.argument("file", s->file, "The plugin").completes("files");
    cmd.value("--only", s->only, "Runs this check alone").shown_as("CHECK");
    cmd.value("--seed", s->seed, "Draws random values and orders from this number");
    cmd.value("--timeout", s->timeout_s, "Seconds one check may take").between(1, 3600);
    cmd.flag("--list", s->list, "Names the checks and their rules");
    cmd.value("--run-check", s->run_check, "Runs one check in this process").hidden();
    cmd.example("mortise validate ./acme.so", "before it is given to others");
    cmd.does([&c, s] { return run(c, *s); });
}

} // namespace mortise::host::cli
