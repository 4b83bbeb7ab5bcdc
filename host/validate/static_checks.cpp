// SPDX-License-Identifier: Apache-2.0
// Checks of the file and of what it says about itself; no instance is made.
#include "config/schema.hpp"
#include "plugin/inspect.hpp"
#include "plugin/library.hpp"
#include "plugin/lifecycle.hpp"
#include "plugin/mapping.hpp"
#include "plugin/scan.hpp"
#include "validate/checks.hpp"
#include "validate/elf_symbols.hpp"
#include "validate/resources.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <chrono>

namespace mortise::host::checks {

namespace {

namespace json = boost::json;

// The sanitizers' runtimes put symbols of their own into what they instrument.
bool of_a_sanitizer(std::string_view name) {
    constexpr std::string_view prefixes[] = {"__asan", "__tsan", "__ubsan", "__sanitizer",
                                             "__odr_asan"};
    return std::any_of(std::begin(prefixes), std::end(prefixes),
                       [&](std::string_view p) { return name.starts_with(p); });
}

// Which check a refusal of the loader belongs to.
std::string_view owner_of(std::string_view code) {
    if (code == "bad-id" || code == "duplicate-id" || code == "bad-version")
        return "ids-well-formed-and-unique";
    if (code == "bad-schema") return "schemas-in-subset";
    if (code == "unknown-service") return "required-services-exist";
    if (code == "ignores-factory-id" || code == "endless-factories")
        return "unknown-factory-is-null";
    if (code == "cannot-load" || code == "not-a-library" || code == "wrong-architecture" ||
        code == "unreadable" || code == "not-a-regular-file")
        return "loads-fast";
    return "entry-is-sane";
}

plugin_result<std::unique_ptr<plugin_descriptor>> open(const subject& s) {
    const auto facts = read_plugin_file(s.file);
    if (!facts) return facts.error();
    return open_library(*facts);
}

std::string words_of(const plugin_refusal& p) {
    return p.message + (p.hint.empty() ? "" : ". " + p.hint);
}

// The plugin when it is described; else the failure of this check or its skipping is reported.
std::unique_ptr<plugin_descriptor>
described_for(std::string_view check, const subject& s, report& r) {
    auto opened = open(s);
    if (opened) {
        r.tried();
        return std::move(*opened);
    }
    const auto owner = owner_of(opened.error().reason_code);
    if (owner == check)
        r.fail(words_of(opened.error()));
    else
        r.skip("the plugin cannot be described: see " + std::string(owner));
    return nullptr;
}

// A schema with the words for where it stands.
template <class F>
void each_schema(const plugin_descriptor& p, F visit) {
    const auto in_quotes = [](const std::string& id) { return '"' + id + '"'; };
    for (const auto& c : p.connectors) {
        const std::string at = "connector " + in_quotes(c.id) + ": ";
        visit(at + "config_schema", c.config_schema);
        for (const auto& o : c.operations) {
            visit(at + "operation " + in_quotes(o.id) + ": input_schema", o.input_schema);
            visit(at + "operation " + in_quotes(o.id) + ": output_schema", o.output_schema);
        }
        for (const auto& t : c.triggers) {
            visit(at + "trigger " + in_quotes(t.id) + ": config_schema", t.config_schema);
            for (const auto& e : t.events)
                visit(at + "event " + in_quotes(e.type) + ": data_schema", e.data_schema);
        }
    }
    for (const auto& f : p.flows)
        visit("flow " + in_quotes(f.id) + ": config_schema", f.config_schema);
}

std::string sentence(const std::string& where, const schema_problem& p) {
    return where + (p.pointer.empty() ? "" : " at " + p.pointer) + ": " + p.message +
           (p.hint.empty() ? "" : " (" + p.hint + ")");
}

const mortise_entry* entry_of(const subject& s, report& r) {
    const auto facts = read_plugin_file(s.file);
    auto entry = facts ? map_library(*facts) : facts.error();
    const mortise_entry* e = entry ? (*entry)() : nullptr;
    if (e == nullptr || e->magic != MORTISE_ABI_MAGIC || e->abi_major != MORTISE_ABI_MAJOR ||
        !MORTISE_HAS(e, mortise_entry, get_factory) || e->get_factory == nullptr) {
        r.skip("there is no entry with get_factory(): see entry-is-sane");
        return nullptr;
    }
    return e;
}

void expect_null(const mortise_entry& e,
                 std::string_view id,
                 std::uint64_t index,
                 std::string_view words,
                 report& r) {
    r.trying("get_factory() with " + std::string(words));
    // A copy without a terminating zero: reading on would be found by a memory checker.
    const std::vector<char> text(id.begin(), id.end());
    if (e.get_factory({text.data(), text.size()}, index) != nullptr)
        r.fail("get_factory() gives a descriptor for " + std::string(words) +
               "; compare the whole id and its length, and give NULL past the last index");
}

} // namespace

void exports_only_the_entry_symbol(const subject& s, report& r) {
    const auto symbols = exported_symbols(s.file);
    if (!symbols) return r.fail(symbols.error().message);
    bool found = false;
    for (const auto& symbol : *symbols) {
        if (symbol.name == MORTISE_ENTRY_SYMBOL) {
            found = true;
        } else if (!of_a_sanitizer(symbol.name)) {
            r.fail("it exports " + symbol.name +
                   "; build it with mortise_add_plugin(), whose version script hides all else");
        }
    }
    r.tried();
    if (!found)
        r.fail("it does not export " MORTISE_ENTRY_SYMBOL
               "; use MORTISE_PLUGIN(...), or define it with MORTISE_EXPORT and C linkage");
}

void no_unique_symbols(const subject& s, report& r) {
    const auto symbols = exported_symbols(s.file);
    if (!symbols) return r.fail(symbols.error().message);
    r.tried();
    for (const auto& symbol : *symbols) {
        if (symbol.bound == elf_symbol::binding::unique)
            r.fail("the symbol " + symbol.name +
                   " is unique in the process; build with -fno-gnu-unique and a version script");
    }
}

void loads_fast(const subject& s, report& r) {
    using namespace std::chrono;
    r.trying("loading it");
    const auto facts = read_plugin_file(s.file);
    if (!facts) return r.fail(words_of(facts.error()));
    const auto begin = steady_clock::now();
    if (const auto mapped = map_library(*facts); !mapped) return r.fail(words_of(mapped.error()));
    r.trying("describing it");
    const auto opened = open_library(*facts); // what it says is judged by other checks
    const auto took = duration_cast<milliseconds>(steady_clock::now() - begin);
    if (took >= milliseconds(100))
        r.fail("loading and describing it took " + std::to_string(took.count()) +
               " ms; do nothing in constructors of static objects");
}

void entry_is_sane(const subject& s, report& r) {
    described_for("entry-is-sane", s, r);
}

void ids_well_formed_and_unique(const subject& s, report& r) {
    described_for("ids-well-formed-and-unique", s, r);
}

void required_services_exist(const subject& s, report& r) {
    described_for("required-services-exist", s, r);
}

void unknown_factory_is_null(const subject& s, report& r) {
    const auto* e = entry_of(s, r);
    if (e == nullptr) return;
    for (const std::string_view id :
         {"mortise.nothing/1", "mortise.connector/2", "mortise.flow-factory/2", "connector", "m"})
        expect_null(*e, id, 0, "the id \"" + std::string(id) + '"', r);
    expect_null(*e, {}, 0, "an empty id", r);
    expect_null(*e, std::string(1 << 20, 'm'), 0, "an id of 1 MiB", r);
    for (const std::string_view id : {MORTISE_FACTORY_CONNECTOR, MORTISE_FACTORY_FLOW})
        for (const std::uint64_t index : {std::uint64_t{1} << 32, UINT64_MAX})
            expect_null(*e, id, index, "index " + std::to_string(index) + " of " + std::string(id),
                        r);
}

void factory_id_with_trailing_garbage_is_null(const subject& s, report& r) {
    const auto* e = entry_of(s, r);
    if (e == nullptr) return;
    for (const std::string_view id : {MORTISE_FACTORY_CONNECTOR, MORTISE_FACTORY_FLOW}) {
        for (const std::string_view tail : {"0", " ", "x", "/1"})
            expect_null(*e, std::string(id).append(tail), 0,
                        "the id \"" + std::string(id).append(tail) + '"', r);
        expect_null(*e, std::string(id) + '\0', 0, "\"" + std::string(id) + "\" and a zero byte",
                    r);
        expect_null(*e, id.substr(0, id.size() - 1), 0,
                    "the id \"" + std::string(id.substr(0, id.size() - 1)) + '"', r);
    }
}

void schemas_in_subset(const subject& s, report& r) {
    const auto plugin = described_for("schemas-in-subset", s, r);
    if (!plugin) return;
    each_schema(*plugin, [&](const std::string& where, const std::string& text) {
        if (text.empty()) return;
        const schema one(text);
        for (const auto& p : one.problems())
            r.fail(sentence(where, p));
    });
}

namespace {

// Defaults are judged with the subset itself; examples only here, since they are never used.
void check_examples(const json::value& v,
                    const std::string& where,
                    const std::string& at,
                    report& r) {
    const auto* o = v.if_object();
    if (o == nullptr) return;
    if (const auto* examples = o->if_contains("examples"); examples && examples->is_array()) {
        json::object plain = *o;
        plain.erase("x-secret");
        const schema one(plain);
        for (const auto& e : examples->get_array())
            for (const auto& p : one.check(e))
                r.fail(sentence(where + at + ": an example", p));
    }
    if (const auto* members = o->if_contains("properties"); members && members->is_object())
        for (const auto& [name, sub] : members->get_object())
            check_examples(sub, where, at + '/' + std::string(name), r);
    if (const auto* items = o->if_contains("items")) check_examples(*items, where, at + "/*", r);
    if (const auto* branches = o->if_contains("oneOf"); branches && branches->is_array())
        for (const auto& b : branches->get_array())
            check_examples(b, where, at, r);
}

} // namespace

void defaults_satisfy_schema(const subject& s, report& r) {
    each_schema(*s.plugin, [&](const std::string& where, const std::string& text) {
        if (text.empty()) return;
        boost::system::error_code ec;
        const json::value document = json::parse(text, ec);
        if (ec) return; // schemas-in-subset says so
        r.tried();
        for (const auto& p : check_schema(document)) {
            if (p.pointer.ends_with("/default") || p.pointer.find("/default/") != std::string::npos)
                r.fail(sentence(where, p));
        }
        check_examples(document, where + " ", "", r);
    });
    if (s.plugin->connectors.empty() && s.plugin->flows.empty()) r.skip("there is no schema");
}

void init_and_deinit(const subject& s, report& r) {
    const auto before = resources::now();
    r.trying("init()");
    if (const auto ready = call_init(*s.plugin, log_only_host()); !ready)
        return r.fail(words_of(ready.error()));
    const auto between = resources::now();
    if (between.threads > before.threads)
        r.fail("init() started a thread; start threads in create() and join them in destroy()");
    if (between.files > before.files) r.fail("init() left a file open; init() must do no I/O");
    r.trying("deinit()");
    if (!call_deinit(*s.plugin)) r.fail("an exception left deinit()");
}

} // namespace mortise::host::checks
