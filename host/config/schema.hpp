// SPDX-License-Identifier: Apache-2.0
//
// JSON Schema in the project's subset (docs/schemas.md): checks a value and says what is wrong in
// words, checks that a schema keeps to the subset, fills defaults, and blanks secrets.
#pragma once

#include <boost/json/value.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace mortise::host {

struct schema_problem {
    enum class about { value, key }; // which of the two a source position should point at

    std::string pointer; // JSON pointer into the value (or the schema, for check_schema)
    std::string message;
    std::string hint;
    about at = about::value;
};

// What a validator makes of strings that stand for something else.
struct schema_options {
    // A string property with "x-secret": true takes only a secret reference, an object with exactly
    // one of env, file, credential; and other properties take no such object. False: values are
    // checked as they are (events, operation inputs).
    bool secret_references = false;
    // Objects with "properties" take no other keys unless "additionalProperties" allows them.
    bool closed = false;
};

// A schema ready for use. Immutable: [any-thread].
class schema {
public:
    // Throws nothing; a text that is no JSON, or outside the subset, gives an invalid schema whose
    // problems() say why. Empty text means "an object without properties".
    explicit schema(std::string_view text);
    explicit schema(boost::json::object document);
    ~schema();
    schema(schema&&) noexcept;
    schema& operator=(schema&&) noexcept;

    bool valid() const noexcept;
    const std::vector<schema_problem>& problems() const noexcept;
    const boost::json::value& document() const noexcept;

    // Empty when value satisfies the schema. An invalid schema answers with its own problems.
    std::vector<schema_problem> check(const boost::json::value& value,
                                      schema_options options = {}) const;

private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

// Does the schema keep to the subset, and do its defaults satisfy it? Pointers are into the schema.
std::vector<schema_problem> check_schema(const boost::json::value& schema_document);

// Adds the defaults of properties that are absent, in nested objects too. Deterministic.
void fill_defaults(boost::json::value& value, const boost::json::value& schema_document);

// Calls visit for each value that the schema describes, outermost first; visit may change the
// value. path holds the plain (unescaped) keys and indexes from the top.
using schema_visitor = std::function<void(const std::vector<std::string>& path,
                                          boost::json::value& value,
                                          const boost::json::object& schema_of_value)>;
void visit_schema(boost::json::value& value,
                  const boost::json::value& schema_document,
                  const schema_visitor& visit);

// Replaces every value of an x-secret property (whatever its type) by "***".
void redact(boost::json::value& value, const boost::json::value& schema_document);

// "/a~1b/0" for {"a/b", "0"}.
std::string to_pointer(const std::vector<std::string>& path);
// In words, as messages have it: "text", "a whole number", "a list", ...
std::string_view kind_in_words(const boost::json::value& value) noexcept;

// The candidate nearest to word by Damerau-Levenshtein distance, at most 2 or a third of its
// length; empty when none is near.
std::string_view nearest(std::string_view word, const std::vector<std::string>& candidates);
// "" or "did you mean \"...\"?"
std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates);

} // namespace mortise::host
