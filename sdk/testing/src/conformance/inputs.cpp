// SPDX-License-Identifier: Apache-2.0
//
// What goes in, and what comes out: ids that do not exist, wrong inputs, foreign scripts, fields
// nobody knows yet.
#include "trial.hpp"

#include <set>

namespace mortise::testing::conformance {
namespace {

constexpr const char* news = "x_conformance_news";

// The system has learnt new fields: at the top and in each element of a list.
void add_news(json::value& v) {
    if (auto* o = v.if_object()) {
        for (auto& m : *o) {
            if (auto* list = m.value().if_array()) {
                for (auto& e : *list)
                    add_news(e);
            }
        }
        (*o)[news] = json::object{{"since", 9}, {"values", json::array{nullptr, "new"}}};
    } else if (auto* a = v.if_array()) {
        for (auto& e : *a)
            add_news(e);
    }
}

void drop_news(json::value& v) {
    if (auto* o = v.if_object()) {
        o->erase(news);
        for (auto& m : *o)
            drop_news(m.value());
    } else if (auto* a = v.if_array()) {
        for (auto& e : *a)
            drop_news(e);
    }
}

std::set<std::string> members_of(const json::value& v) {
    std::set<std::string> out;
    if (const auto* o = v.if_object()) {
        for (const auto& m : *o)
            out.emplace(m.key());
    }
    return out;
}

void know_no_field(report& to,
                   const subject& s,
                   const operation_facts& op,
                   const row& r,
                   const undisturbed& clean) {
    to.begin("unknown-fields");
    trial t(s, op, r);
    t.b.between->alter = [](http_answer& a) {
        json::value body;
        try {
            body = parse_json(a.body);
        } catch (const error&) {
            return;
        }
        add_news(body);
        a.body = serialize_json(body);
    };
    call_outcome out = t.run();
    if (out.content) t.b.host.drain_content(out.content);
    if (out.failure) {
        to.add("fails when the system's answers have new fields: " + describe(*out.failure));
    } else {
        drop_news(out.result);
        // What a write makes has another id each time.
        const bool same = op.effect_class == MORTISE_EFFECT_CLASS_READ
                              ? out.result == clean.result
                              : members_of(out.result) == members_of(clean.result);
        if (!same) {
            to.add("answers otherwise when the system's answers have new fields: " +
                   difference(clean.result, out.result));
        }
    }
    t.finish(to);
}

void miss(report& to, const subject& s, const operation_facts& op, const row& r) {
    to.begin("missing");
    trial t(s, op, r);
    json::value input = t.input;
    input.as_object()[r.missing_field] = r.missing_id;
    const call_outcome out = t.run(input);
    if (out.content) t.b.host.drain_content(out.content);
    if (!out.failure) {
        if (r.missing_category) {
            to.add("succeeds for " + r.missing_field + " " + serialize_json(r.missing_id) +
                   ", which does not exist");
        }
    } else if (out.failure->category != r.missing_category) {
        to.add("is not " +
               std::string(r.missing_category ? to_string(*r.missing_category) : "fine") +
               " for an id that does not exist: " + describe(*out.failure));
    } else if (t.b.between->writes() == 0 && op.effect_class != MORTISE_EFFECT_CLASS_READ &&
               out.failure->effect != effect::none) {
        to.add("does not say that it had no effect: " + describe(*out.failure));
    }
    t.finish(to);
}

void refuse_input(report& to,
                  const subject& s,
                  const operation_facts& op,
                  const row& r,
                  const json::value& input,
                  std::string_view field) {
    trial t(s, op, r);
    const call_outcome out = t.run(input);
    if (out.content) t.b.host.drain_content(out.content);
    if (!out.failure) {
        to.add("takes an input that is wrong in \"" + std::string(field) + "\"");
    } else {
        const error& e = *out.failure;
        if (e.category != category::input) to.add("is not input for a wrong input: " + describe(e));
        if (e.message.find(field) == std::string::npos) {
            to.add("does not name the wrong field \"" + std::string(field) + "\": " + describe(e));
        }
        if (t.b.between->requests() != 0) to.add("sends requests for a wrong input");
    }
    t.finish(to);
}

// Letters of several scripts, marks that URLs, queries, forms and JSON give a meaning of their own.
constexpr std::string_view foreign = "Gr\xC3\xB6\xC3\x9F"
                                     "e \xE6\x9D\xB1\xE4\xBA\xAC \xF0\x9F\x8E\xAC"
                                     " \"a\" & b + 50% #1 'x'; {y}=[z]";

void speak_foreign(report& to, const subject& s, const operation_facts& op, const row& r) {
    to.begin("foreign-text");
    trial t(s, op, r);
    json::value input = t.input;
    input.as_object()[r.text_field] = foreign;
    const call_outcome out = t.run(input);
    if (out.failure) {
        to.add("fails for the " + r.text_field + " \"" + std::string(foreign) +
               "\": " + describe(*out.failure));
    } else if (const json::value* shown = find_json(out.result, r.text_shown_at);
               !shown || *shown != json::value(foreign)) {
        to.add("gives back " + (shown ? serialize_json(*shown) : std::string("nothing")) + " at " +
               r.text_shown_at + " instead of \"" + std::string(foreign) + '"');
    }
    t.finish(to);
}

} // namespace

void check_inputs(report& to,
                  const subject& s,
                  const operation_facts& op,
                  const row& r,
                  const undisturbed& clean) {
    if (!to.excepted("unknown-fields")) know_no_field(to, s, op, r, clean);
    if (!r.missing_field.empty() && !to.excepted("missing")) miss(to, s, op, r);
    if (!r.text_field.empty() && !to.excepted("foreign-text")) speak_foreign(to, s, op, r);
    to.begin("wrong-input");
    if (to.excepted("wrong-input")) return;
    for (const auto& field : op.required) {
        trial t(s, op, r);
        json::value input = t.input;
        input.as_object().erase(field);
        refuse_input(to, s, op, r, input, field);
    }
}

} // namespace mortise::testing::conformance
