// SPDX-License-Identifier: Apache-2.0
#include "online/connection_check.hpp"

#include "config/schema.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

namespace json = boost::json;

namespace mortise::host {

namespace {

constexpr const char* names_operation = "names.list";
constexpr const char* rights_operation = "rights.check";

json::object object_of(const std::string& text) {
    boost::system::error_code ec;
    const json::value v = json::parse(text, ec);
    return !ec && v.is_object() ? v.get_object() : json::object();
}

std::string text_at(const json::object& o, std::string_view key) {
    const json::value* v = o.if_contains(key);
    return v && v->is_string() ? std::string(v->get_string()) : std::string();
}

std::string in_quotes(std::string_view text) {
    return '"' + std::string(text) + '"';
}

// "metadata-field" as people say it.
std::string in_words(std::string_view kind) {
    std::string words(kind);
    std::replace(words.begin(), words.end(), '-', ' ');
    return words;
}

std::string listed_names(const std::vector<std::string>& names) {
    constexpr std::size_t most = 10;
    if (names.empty()) return "there are none";
    std::string text = "there are ";
    for (std::size_t i = 0; i < names.size() && i < most; ++i)
        text += (i ? ", " : "") + in_quotes(names[i]);
    return names.size() > most ? text + ", ..." : text;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
    const auto lower = [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [&](char x, char y) { return lower(x) == lower(y); });
}

// Many settings take a number in place of a name; lists hold names.
bool may_be_id(std::string_view name) {
    return std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// What an operator does about a failure of this kind.
std::string advice(const error& e) {
    switch (e.category) {
    case category::auth:
        return "check the credentials of the connection and that the account is not locked";
    case category::denied:
        return "give the account the right, or use another one";
    case category::unavailable:
    case category::timeout:
        return "check the address, the network and whether the system is up";
    case category::config:
    case category::input:
        return "correct the settings of the connection";
    default:
        return "see mortise connections test for this one alone";
    }
}

} // namespace

connection_check::connection_check(const connection_config& connection,
                                   const std::vector<std::string>& operations,
                                   std::vector<const named_object*> objects,
                                   online_systems& systems)
    : connection_(connection), operations_(operations), objects_(std::move(objects)),
      systems_(systems) {
    found.connection = connection.name;
    found.connector = connection.connector;
    found.operations = operations.size();
}

void connection_check::run() {
    if (!log_in()) {
        found.names_unchecked = objects_.size();
        return;
    }
    rights();
    names();
}

bool connection_check::log_in() {
    const auto report = systems_.test(connection_.name);
    if (report) {
        found.reached = true;
        found.summary = text_at(object_of(*report), "summary");
        return true;
    }
    const error& e = report.error();
    if (e.code == "connection.no-test") {
        found.reached = true;
        found.summary = "the connector offers no test";
        return true;
    }
    found.problem = e.message;
    found.problem_category = to_string(e.category);
    problems.push_back({connection_.place,
                        "the connection " + in_quotes(connection_.name) + " does not work (" +
                            found.problem_category + "): " + e.message,
                        advice(e), false});
    return false;
}

void connection_check::rights() {
    if (operations_.empty() || !systems_.offers(connection_.name, rights_operation)) return;
    const json::array wanted(operations_.begin(), operations_.end());
    const auto answer = systems_.call(connection_.name, rights_operation,
                                      json::serialize(json::object{{"operations", wanted}}));
    if (!answer) {
        problems.push_back({connection_.place,
                            "what the account of " + in_quotes(connection_.name) +
                                " may do cannot be asked: " + answer.error().message,
                            advice(answer.error()), true});
        return;
    }
    found.rights_told = true;
    const json::object o = object_of(*answer);
    const json::value* denied = o.if_contains("denied");
    if (!denied || !denied->is_array()) return;
    for (const json::value& one : denied->get_array()) {
        if (!one.is_object()) continue;
        const std::string operation = text_at(one.get_object(), "operation");
        const std::string why = text_at(one.get_object(), "why");
        ++found.denied;
        problems.push_back({connection_.place,
                            "the account of " + in_quotes(connection_.name) + " may not do " +
                                operation + ", which a flow needs" +
                                (why.empty() ? "" : ": " + why),
                            "give the account the right, or use another one", false});
    }
}

void connection_check::names() {
    if (objects_.empty()) return;
    if (!systems_.offers(connection_.name, names_operation)) {
        found.names_unchecked = objects_.size();
        return;
    }
    found.names_told = true;
    // What scopes others first: a missing category makes its attributes no second error.
    std::stable_partition(objects_.begin(), objects_.end(),
                          [](const named_object* o) { return !o->is_scoped; });
    for (const named_object* object : objects_)
        look_for(*object);
    for (const auto& [what, answer] : lists_) {
        if (!answer.failure) continue;
        const error& e = *answer.failure;
        // The connector does not know the kind: nothing the operator could mend.
        const bool unknown = e.category == category::input;
        const std::string of = what.second.empty() ? "" : " of " + in_quotes(what.second);
        problems.push_back({connection_.place,
                            "the names of kind " + in_quotes(in_words(what.first)) + of + " in " +
                                in_quotes(connection_.name) + " cannot be listed (" +
                                std::string(to_string(e.category)) + "): " + e.message,
                            unknown ? "look for them in the system yourself" : advice(e), unknown});
    }
}

bool connection_check::scope_is_missing(const named_object& object) const {
    return object.is_scoped && std::all_of(object.of.begin(), object.of.end(), [&](const auto& of) {
               return std::any_of(not_there_.begin(), not_there_.end(), [&](const auto& gone) {
                   return of == gone || of.starts_with(gone + '/');
               });
           });
}

void connection_check::look_for(const named_object& object) {
    // All of nothing: the setting that scopes it is empty as well.
    if (scope_is_missing(object)) {
        ++found.names_unchecked;
        return;
    }
    const std::vector<std::string> unscoped{std::string()};
    std::vector<std::string> there;
    bool complete = true, failed = false;
    for (const std::string& of : object.is_scoped ? object.of : unscoped) {
        const listed& answer = list(object.kind, of);
        failed = failed || answer.failure;
        complete = complete && answer.complete;
        if (std::find(answer.names.begin(), answer.names.end(), object.name) !=
            answer.names.end()) {
            ++found.names_found;
            return;
        }
        there.insert(there.end(), answer.names.begin(), answer.names.end());
    }
    const auto alike = std::find_if(there.begin(), there.end(), [&](const std::string& name) {
        return equal_ignoring_case(name, object.name);
    });
    if (alike != there.end()) {
        // Some systems tell them apart, some do not.
        ++found.names_found;
        problems.push_back({object.place,
                            "the " + in_words(object.kind) + ' ' + in_quotes(object.name) +
                                " is written " + in_quotes(*alike) + " in " +
                                in_quotes(connection_.name),
                            "write it as it is there", true});
    } else if (failed) {
        ++found.names_unchecked;
    } else if (complete && may_be_id(object.name)) {
        ++found.names_unsure;
        problems.push_back({object.place,
                            "whether there is the " + in_words(object.kind) + " with the id " +
                                object.name + " in " + in_quotes(connection_.name) +
                                " is not certain: the list holds names",
                            "name it by its name to have it checked", true});
    } else if (!complete) {
        ++found.names_unsure;
        // An empty list that is not whole says that anything may stand there.
        if (there.empty()) return;
        problems.push_back({object.place,
                            "whether there is the " + in_words(object.kind) + ' ' +
                                in_quotes(object.name) + " in " + in_quotes(connection_.name) +
                                " is not certain: the system lists a part only",
                            did_you_mean(object.name, there), true});
    } else {
        missing(object, there);
    }
}

void connection_check::missing(const named_object& object, const std::vector<std::string>& there) {
    ++found.names_missing;
    not_there_.push_back(object.name);
    std::string scope;
    for (const std::string& of : object.of)
        scope += (scope.empty() ? " of " : " or ") + in_quotes(of);
    std::string hint = did_you_mean(object.name, there);
    if (hint.empty()) hint = listed_names(there);
    problems.push_back({object.place,
                        "there is no " + in_words(object.kind) + ' ' + in_quotes(object.name) +
                            scope + " in " + in_quotes(connection_.name) + ", named in " +
                            object.setting,
                        std::move(hint), false});
}

const connection_check::listed& connection_check::list(const std::string& kind,
                                                       const std::string& of) {
    const auto key = std::pair(kind, of);
    const auto it = lists_.find(key);
    if (it != lists_.end()) return it->second;
    return lists_.emplace(key, ask(kind, of)).first->second;
}

connection_check::listed connection_check::ask(const std::string& kind, const std::string& of) {
    json::object input{{"kind", kind}};
    if (!of.empty()) input["of"] = of;
    listed out;
    const auto answer = systems_.call(connection_.name, names_operation, json::serialize(input));
    if (!answer) {
        out.failure = answer.error();
        return out;
    }
    const json::object o = object_of(*answer);
    const json::value* names = o.if_contains("names");
    if (!names || !names->is_array()) {
        out.failure = error{category::remote_protocol, "online.names",
                            "names.list answered without \"names\""};
        return out;
    }
    for (const json::value& name : names->get_array())
        if (name.is_string()) out.names.emplace_back(name.get_string());
    const json::value* complete = o.if_contains("complete");
    out.complete = !complete || !complete->is_bool() || complete->get_bool();
    return out;
}

} // namespace mortise::host
