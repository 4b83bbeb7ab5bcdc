// SPDX-License-Identifier: Apache-2.0
//
// Values made from a schema: valid ones to work with, and broken ones to be refused. Deterministic
// for a seed. [any-thread]
#pragma once

#include <boost/json/value.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace mortise::host {

// Made of defaults, examples, enumerations and bounds; `all` fills optional properties too.
// Nothing when no valid value was found, e.g. for a pattern without an example.
std::optional<boost::json::value> sample_of(std::string_view schema_text, bool all = false);

// A configuration as create() receives it: secrets are references, their values stand beside.
struct sample_config {
    boost::json::value value;
    std::map<std::string, std::string> secrets;
};
std::optional<sample_config> sample_config_of(std::string_view schema_text);
// What create() may be tried with: the required fields, all fields, then the required ones with one
// or two more. Rules between fields ("a key, or a name and a password") are not in a schema.
std::vector<sample_config> sample_configs_of(std::string_view schema_text);

struct broken_value {
    boost::json::value value;
    std::string how; // "without \"/base_url\""
};
// The value once without each required property, in nested objects too.
std::vector<broken_value> without_required(const boost::json::value& valid,
                                           std::string_view schema_text);
// Values that break the schema in one place: a property missing or of another kind, another kind
// at the top.
std::vector<broken_value> invalid_values(const boost::json::value& valid,
                                         std::string_view schema_text);

// Any JSON value, and a valid one with one place replaced by any value.
boost::json::value random_value(std::mt19937_64& random, int depth = 3);
boost::json::value mutated(const boost::json::value& valid, std::mt19937_64& random);

} // namespace mortise::host
