// SPDX-License-Identifier: Apache-2.0
#include "admin/put_back.hpp"

#include "admin/hidden.hpp"
#include "base/no_effect.hpp"
#include "base/stored_json.hpp"
#include "config/schema_parts.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace mortise::host {
namespace {

namespace json = boost::json;

constexpr std::string_view stars = "***";

bool says_stars(std::string_view text) {
    return text.find(stars) != std::string_view::npos;
}

class putter {
public:
    json::array problems;

    // given becomes what is to be written.
    void put(json::value& given,
             const json::value& seen,
             const json::value& kept,
             const std::string& at) {
        if (given == seen) {
            given = kept;
        } else if (given == kept) {
            return;
        } else if (given.is_object() && seen.is_object() && kept.is_object()) {
            put_members(given.get_object(), seen.get_object(), kept.get_object(), at);
        } else if (given.is_array() && seen.is_array() && kept.is_array()) {
            put_elements(given.get_array(), seen.get_array(), kept.get_array(), at);
        } else if (seen != kept) {
            look_for_stars(given, at);
        }
    }

    void look_for_stars(const json::value& given, const std::string& at) {
        if (const auto* text = given.if_string()) {
            if (says_stars(*text)) complain(at);
        } else if (const auto* list = given.if_array()) {
            for (std::size_t i = 0; i < list->size(); ++i)
                look_for_stars((*list)[i], at + '/' + std::to_string(i));
        } else if (const auto* object = given.if_object()) {
            for (const auto& member : *object) {
                const auto place = at + '/' + escape_pointer(member.key());
                if (says_stars(member.key())) complain(place);
                look_for_stars(member.value(), place);
            }
        }
    }

private:
    void put_members(json::object& given,
                     const json::object& seen,
                     const json::object& kept,
                     const std::string& at) {
        const bool hides = seen != kept;
        for (auto& member : given) {
            const auto place = at + '/' + escape_pointer(member.key());
            const auto* as_seen = seen.if_contains(member.key());
            const auto* was = kept.if_contains(member.key());
            if (as_seen != nullptr && was != nullptr) {
                put(member.value(), *as_seen, *was, place);
            } else if (hides) {
                if (says_stars(member.key())) complain(place);
                look_for_stars(member.value(), place);
            }
        }
    }

    // Elements may have been moved, added and taken away: one is known again by all that was shown
    // of it, and edited ones by their place when nobody else was moved there.
    void put_elements(json::array& given,
                      const json::array& seen,
                      const json::array& kept,
                      const std::string& at) {
        if (seen == kept) return;
        const json::array as_given = given;
        const auto same_number = as_given.size() == seen.size();
        for (std::size_t i = 0; i < given.size(); ++i) {
            const auto place = at + '/' + std::to_string(i);
            const auto n = std::min(seen.size(), kept.size());
            if (same_number && i < n && as_given[i] == seen[i]) {
                given[i] = kept[i];
                continue;
            }
            const json::value* known = nullptr;
            bool doubtful = false;
            for (std::size_t k = 0; k < n; ++k) {
                if (as_given[i] != seen[k]) continue;
                doubtful = doubtful || (known != nullptr && *known != kept[k]);
                known = &kept[k];
            }
            const bool stays =
                same_number && i < n &&
                std::find(as_given.begin(), as_given.end(), seen[i]) == as_given.end();
            if (known != nullptr && !doubtful)
                given[i] = *known;
            else if (known == nullptr && stays)
                put(given[i], seen[i], kept[i], place);
            else
                look_for_stars(given[i], place);
        }
    }

    void complain(const std::string& at) {
        problems.push_back(json::object{
            {"pointer", at},
            {"message", "a part of this was hidden (***), and would be written as it reads"},
            {"hint", "give the whole value, or leave it as it was shown"}});
    }
};

error hidden_error(json::array problems) {
    const auto& first = problems.front().as_object();
    const auto text = [&first](const char* name) {
        return std::string(first.at(name).as_string());
    };
    const auto place = text("pointer").empty() ? std::string("the value") : text("pointer");
    auto e = no_effect(category::input, "edit.hidden",
                       place + ": " + text("message") + "; " + text("hint"));
    e.details = json::serialize(json::object{{"problems", std::move(problems)}});
    return e;
}

} // namespace

json::value shown_value(const std::string& kept, const std::string& schema) {
    auto value = stored_json(kept);
    hide_marked(value, schema);
    hide_known_secrets(value);
    return value;
}

result<json::value>
put_back_hidden(json::value given, const std::string& kept, const std::string& schema) {
    const auto was = stored_json(kept);
    const auto seen = shown_value(kept, schema);
    if (seen == was) return given;
    putter p;
    p.put(given, seen, was, {});
    if (!p.problems.empty()) return hidden_error(std::move(p.problems));
    return given;
}

result<void> refuse_hidden(const json::value& patch) {
    putter p;
    p.look_for_stars(patch, {});
    if (p.problems.empty()) return {};
    return hidden_error(std::move(p.problems));
}

} // namespace mortise::host
