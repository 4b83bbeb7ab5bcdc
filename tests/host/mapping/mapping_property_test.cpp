// SPDX-License-Identifier: Apache-2.0
//
// What must hold for any text and any value: nothing crashes, what was written is found again, and
// what was converted stays as it is.
#include "config/schema.hpp"
#include "mapping/field_type.hpp"
#include "mapping/mapping_table.hpp"
#include "mapping/source_path.hpp"
#include "support/catch.hpp"
#include "support/result_text.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <random>

using namespace mortise::host;
namespace json = boost::json;

namespace {

using engine = std::mt19937_64;

std::string random_text(engine& random, std::string_view letters, std::size_t most) {
    std::string text;
    for (auto n = random() % (most + 1); n > 0; --n)
        text += letters[random() % letters.size()];
    return text;
}

json::value random_value(engine& random, int depth) {
    switch (random() % (depth > 0 ? 8 : 6)) {
    case 0:
        return nullptr;
    case 1:
        return random() % 2 == 0;
    case 2:
        return static_cast<std::int64_t>(random());
    case 3:
        return static_cast<double>(static_cast<std::int64_t>(random() % 2000000)) / 1000.0 - 500;
    case 4:
        return json::value(random_text(random, "0123456789-+T:.Z e", 26));
    case 5:
        return json::value(random_text(random, "ab.[]\"*\\ \xc3\xa4", 8));
    case 6: {
        json::array out;
        for (auto n = random() % 4; n > 0; --n)
            out.push_back(random_value(random, depth - 1));
        return out;
    }
    default: {
        json::object out;
        for (auto n = random() % 4; n > 0; --n)
            out[random_text(random, "ab.[]\"", 3)] = random_value(random, depth - 1);
        return out;
    }
    }
}

std::string quoted(std::string_view key) {
    std::string out = "\"";
    for (const char c : key) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + '"';
}

// The paths of every value, quoted throughout.
void collect(const json::value& v,
             const std::string& at,
             std::vector<std::pair<std::string, const json::value*>>& out) {
    if (!at.empty()) out.emplace_back(at, &v);
    if (const json::object* o = v.if_object())
        for (const auto& member : *o)
            collect(member.value(), at + (at.empty() ? "" : ".") + quoted(member.key()), out);
    if (const json::array* list = v.if_array())
        for (std::size_t i = 0; i < list->size(); ++i)
            collect((*list)[i], at + '[' + std::to_string(i) + ']', out);
}

} // namespace

TEST_CASE("any text is a path or is refused with a place and a fix", "[mapping][property]") {
    std::size_t good = 0;
    for (std::uint64_t seed = 1; seed <= 30'000; ++seed) {
        engine random(seed);
        const std::string text = random_text(random, "ab.[]\"*0-9\\ \x01", 12);
        INFO("seed " << seed << ": " << text);
        const auto path = source_path::parse(text);
        if (!path) {
            REQUIRE(path.error().message.find("(character ") != std::string::npos);
            REQUIRE(path.error().message.find("; ") != std::string::npos);
            continue;
        }
        ++good;
        const auto found = path->find(random_value(random, 3));
        if (!found) REQUIRE(found.error().category == category::input);
    }
    CHECK(good > 1000);
}

TEST_CASE("every value is found at its own path", "[mapping][property]") {
    std::size_t checked = 0;
    for (std::uint64_t seed = 1; seed <= 3000; ++seed) {
        engine random(seed);
        const json::value facts = random_value(random, 4);
        std::vector<std::pair<std::string, const json::value*>> all;
        collect(facts, "", all);
        for (const auto& [text, value] : all) {
            INFO("seed " << seed << ": " << text << " in " << json::serialize(facts));
            const auto path = source_path::parse(text);
            REQUIRE(path);
            const auto found = path->find(facts);
            REQUIRE(found);
            REQUIRE(found->has_value() == !value->is_null());
            if (*found) REQUIRE(**found == *value);
            ++checked;
        }
    }
    CHECK(checked > 1500);
}

TEST_CASE("a converted value converts to itself", "[mapping][property]") {
    std::size_t converted = 0;
    for (std::uint64_t seed = 1; seed <= 20'000; ++seed) {
        engine random(seed);
        const json::value from = random_value(random, 2);
        const auto type = static_cast<field_type>(random() % 9);
        INFO("seed " << seed << ": " << json::serialize(from) << " as " << to_string(type));
        const auto once = convert(from, type);
        if (!once) {
            REQUIRE(once.error().category == category::input);
            continue;
        }
        if (!*once) continue;
        const auto twice = convert(**once, type);
        REQUIRE(twice);
        REQUIRE(*twice);
        REQUIRE(**twice == **once);
        ++converted;
    }
    CHECK(converted > 5000);
}

TEST_CASE("any table compiles or says why, and applies or says why", "[mapping][property]") {
    constexpr std::string_view keys[] = {"from",   "jq",        "value",    "default",
                                         "values", "otherwise", "unmapped", "type",
                                         "items",  "join",      "required"};
    std::size_t compiled = 0, applied = 0;
    for (std::uint64_t seed = 1; seed <= 5000; ++seed) {
        engine random(seed);
        json::object table;
        for (auto n = 1 + random() % 3; n > 0; --n) {
            json::value& rule = table[random_text(random, "abc.", 3)];
            if (random() % 3 == 0) {
                rule = random_text(random, "ab.[*]0", 5);
                continue;
            }
            json::object o;
            o[keys[random() % 2 == 0 ? 0 : 2]] = random_text(random, "ab.", 2);
            for (auto k = random() % 3; k > 0; --k) {
                const auto key = keys[random() % std::size(keys)];
                if (key == "jq") continue; // compiles slowly; has tests of its own
                o[key] = key == "type" || key == "items"
                             ? json::value(field_type_names()[random() % field_type_names().size()])
                             : random_value(random, 1);
            }
            rule = std::move(o);
        }
        INFO("seed " << seed << ": " << json::serialize(table));
        std::vector<schema_problem> problems;
        const auto made = mapping_table::compile(table, problems);
        REQUIRE((made != nullptr) == problems.empty());
        if (!made) continue;
        ++compiled;
        const json::value facts = random_value(random, 3);
        const auto first = made->apply(facts);
        const auto again = made->apply(facts);
        REQUIRE(first.has_value() == again.has_value());
        if (first) {
            REQUIRE(*first == *again);
            ++applied;
        } else {
            REQUIRE(first.error().category == category::input);
            REQUIRE(first.error().message.starts_with("the target field \""));
        }
    }
    CHECK(compiled > 200);
    CHECK(applied > 50);
}
