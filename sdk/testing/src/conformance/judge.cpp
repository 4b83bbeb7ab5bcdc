// SPDX-License-Identifier: Apache-2.0
//
// What a failure must tell, and what must be true after it.
#include "trial.hpp"

#include <algorithm>
#include <cctype>
#include <regex>

namespace mortise::testing::conformance {
namespace {

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return out;
}

void scalars_of(const json::value& v, std::vector<std::string>& to) {
    if (const auto* o = v.if_object()) {
        for (const auto& m : *o) {
            to.push_back(lower(m.key()));
            scalars_of(m.value(), to);
        }
    } else if (const auto* a = v.if_array()) {
        for (const auto& e : *a)
            scalars_of(e, to);
    } else if (const auto* s = v.if_string()) {
        to.emplace_back(lower(*s));
    } else if (v.is_number()) {
        to.push_back(serialize_json(v));
    }
}

// Does the message say what was being done: a word of the operation or of the error's code, or
// something of the input?
bool names_its_subject(const trial& t, const error& e) {
    const std::string text = lower(e.message);
    std::vector<std::string> words;
    scalars_of(t.input, words);
    const std::size_t dot = e.code.find('.');
    const std::string object =
        dot == std::string::npos ? "" : e.code.substr(dot + 1, e.code.find('.', dot + 1) - dot - 1);
    std::string word;
    for (const char c : t.op.id + '.' + object + '.') {
        if (c != '.' && c != '_' && c != '-') {
            word += c;
            continue;
        }
        if (word.ends_with("ies")) word.resize(word.size() - 3);
        if (word.ends_with('s') || word.ends_with('y')) word.pop_back();
        words.push_back(std::exchange(word, {}));
    }
    return std::any_of(words.begin(), words.end(), [&](const std::string& w) {
        return w.size() >= 3 && text.find(w) != std::string::npos;
    });
}

bool is_about(std::string_view code, const std::string& prefix) {
    return code.starts_with(prefix + '.') || code.starts_with("http.") || code.starts_with("sdk.");
}

} // namespace

void judge_text(report& to, const trial& t, const error& e, const expected_failure& expected) {
    const std::string prefix = code_prefix_of(t.b.of);
    if (!is_about(e.code, prefix)) {
        to.add("has the code \"" + e.code + "\", which does not begin with \"" + prefix + ".\"");
    }
    if (e.message.empty() || e.message.find('\n') != std::string::npos || e.message.size() > 2000) {
        to.add("has a message that is not one readable line: " + describe(e));
    }
    if (!expected.words.empty() && e.message.find(expected.words) == std::string::npos) {
        to.add("does not quote what the system said (\"" + std::string(expected.words) +
               "\"): " + describe(e));
    }
    if (expected.refused && !names_its_subject(t, e)) {
        to.add("does not say what it was about: " + describe(e));
    }
    static const std::regex with_query(R"(https?://[^ "]*\?)");
    if (std::regex_search(e.message, with_query) || std::regex_search(e.details, with_query)) {
        to.add("shows a URL with its query: " + describe(e));
    }
    if (lower(e.message).find("<html") != std::string::npos) {
        to.add("quotes an HTML page: " + describe(e));
    }
    for (const auto& name : t.b.host.secrets_in(e.message + e.details))
        to.add("shows the secret \"" + name + "\" in its message");
}

bool allowed(const trial& t, std::uint32_t status, const call_outcome& out) {
    if (t.r.tolerated.contains(status)) return true;
    // An answer that says "there was nothing" is an answer.
    if (status != 404 && status != 409) return false;
    for (const char* word : {"found", "changed", "deleted", "removed", "created"}) {
        const json::value* v = out.result.is_object() ? find_json(out.result, word) : nullptr;
        if (v && v->is_bool() && !v->get_bool()) return true;
    }
    return false;
}

void judge(report& to, trial& t, const error& e, const expected_failure& expected) {
    const wire& w = *t.b.between;
    const std::string where = " after " + w.name_of(expected.at);
    if (std::find(expected.categories.begin(), expected.categories.end(), e.category) ==
        expected.categories.end()) {
        std::string wanted;
        for (const auto c : expected.categories)
            wanted += (wanted.empty() ? "" : " or ") + std::string(to_string(c));
        to.add("is not " + wanted + where + ": " + describe(e));
    }
    judge_text(to, t, e, expected);
    const bool reads = t.op.effect_class == MORTISE_EFFECT_CLASS_READ;
    if (reads && w.writes() != 0) to.add("is declared to read and has written" + where);
    const bool counts = t.op.effect_class == MORTISE_EFFECT_CLASS_UNSAFE ||
                        t.op.effect_class == MORTISE_EFFECT_CLASS_LOOKUP_FIRST;
    // The host repeats at once what had no effect. Where a repeat does no harm, neither does this.
    if (counts && e.effect == effect::none && w.writes() != 0) {
        to.add("says that it had no effect, and has written" + where + ": " + describe(e));
    }
    if (counts && expected.refused && w.writes() == 0 && e.effect != effect::none) {
        to.add("does not say that it had no effect, although all was refused" + where + ": " +
               describe(e));
    }
    if (!t.r.may_clean_up && w.requests() > expected.at + 1) {
        to.add("asks again by itself: " + std::to_string(w.requests() - expected.at - 1) +
               " more requests" + where);
    }
}

void recover(report& to, trial& t, const error& e, const undisturbed& clean) {
    const auto then = t.go_on(e);
    if (!then) return;
    if (then->failure) {
        to.add("fails when it is repeated with the trouble gone: " + describe(*then->failure) +
               " (first it was " + describe(e) + ")");
        return;
    }
    const wire& w = *t.b.between;
    if (t.op.effect_class == MORTISE_EFFECT_CLASS_READ) return;
    t.b.settle();
    if (t.op.effect_class != MORTISE_EFFECT_CLASS_IDEMPOTENT && w.writes() != clean.writes) {
        to.add("has written " + std::to_string(w.writes()) +
               " times together with its repeat, and " + std::to_string(clean.writes) +
               " times when nothing is in its way; it was " + describe(e));
    }
    if (const json::value now = t.look(); now != clean.look) {
        to.add("leaves another state together with its repeat than when nothing is in its way: " +
               difference(clean.look, now) + "; it was " + describe(e));
    }
}

} // namespace mortise::testing::conformance
