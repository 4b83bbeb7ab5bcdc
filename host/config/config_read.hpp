// SPDX-License-Identifier: Apache-2.0
//
// Shared by the sources that turn sections into types; private to this folder. The values have
// passed their schema, defaults are filled in.
#pragma once

#include "config/config.hpp"
#include "config/schema.hpp"
#include "config/toml_document.hpp"

namespace mortise::host {

// What a load carries along.
struct config_reader {
    const toml_document& document;
    std::filesystem::path folder; // of the main file, absolute
    std::vector<config_problem>& problems;

    // Adds a problem found at pointer (below base), with the section named.
    void add(const std::string& base, const schema_problem& problem) const;
    void add_at_value(const std::string& pointer, std::string message, std::string hint = {}) const;
    void add_at_key(const std::string& pointer, std::string message, std::string hint = {}) const;
    std::filesystem::path absolute(std::string_view path) const;
};

// "[connections.iconik.limits]" for "/connections/iconik/limits".
std::string section_name(std::string_view pointer);
std::vector<std::string> pointer_tokens(std::string_view pointer);

// Of a checked object; absent or null gives the fallback.
std::string text_of(const boost::json::object& o, std::string_view key, std::string fallback = {});
bool flag_of(const boost::json::object& o, std::string_view key, bool fallback);
std::int64_t number_of(const boost::json::object& o, std::string_view key, std::int64_t fallback);
std::optional<double> real_of(const boost::json::object& o, std::string_view key);
std::optional<std::chrono::milliseconds> duration_of(const boost::json::object& o,
                                                     std::string_view key);
const boost::json::object& table_of(const boost::json::object& o, std::string_view key);
std::vector<std::string> texts_of(const boost::json::object& o, std::string_view key);

// Replaces the references of x-secret settings by {"$secret": "<name>.<path>"} and registers them.
void take_secrets(boost::json::value& settings,
                  const boost::json::value& schema_document,
                  const std::string& name,
                  const std::string& pointer,
                  const config_reader& reader,
                  secret_store& secrets);

// Whose settings are read.
struct settings_owner {
    std::string name;                         // "flows.campaigns"
    std::map<std::string, std::string> roles; // role -> connection; "" is the connection itself
};

// Before connections and flows.
void read_mappings(const config_reader& reader, configuration& out);
// Puts the tables of named mappings in the place of their names, and compiles those written there.
void take_mappings(boost::json::value& settings,
                   const boost::json::value& schema_document,
                   const settings_owner& owner,
                   const std::string& pointer,
                   const config_reader& reader,
                   configuration& out);
// Collects the names of objects; after take_mappings().
void take_names(boost::json::value& settings,
                const boost::json::value& schema_document,
                const settings_owner& owner,
                const std::string& pointer,
                const config_reader& reader,
                configuration& out);
void say_unused_mappings(const config_reader& reader, const configuration& out);

retry_config read_retry(const boost::json::object& o);
void read_host_sections(const boost::json::object& root,
                        const config_reader& reader,
                        configuration& out);
// Names, tokens, and whether the address may be listened on; after address and tls.
void read_access(const boost::json::object& admin, const config_reader& reader, configuration& out);
void read_observe_sections(const boost::json::object& root,
                           const config_reader& reader,
                           configuration& out);
void read_connections(const config_reader& reader,
                      const schema_catalog& catalog,
                      configuration& out);
// After the connections.
void read_flows(const config_reader& reader, const schema_catalog& catalog, configuration& out);

} // namespace mortise::host
