// SPDX-License-Identifier: Apache-2.0
//
// TOML files as one JSON tree that remembers where each key and value stands.
#pragma once

#include "config/places.hpp"

#include <boost/json/object.hpp>

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace mortise::host {

struct toml_places {
    source_place key;   // of the key's first character
    source_place value; // of the value's first character; for a [table], of its header
};

class toml_document {
public:
    // [main] Reads the file and conf.d/*.toml beside it, in the order of their names. Tables of
    // several files are merged; the same key in two of them is a problem that names both places.
    // Dates and times become RFC 3339 texts. Never throws for bad content.
    static toml_document load(const std::filesystem::path& path,
                              std::vector<config_problem>& problems);
    // One text, as if it were a file of that name.
    static toml_document parse(std::string_view text,
                               const std::string& file_name,
                               std::vector<config_problem>& problems);

    const boost::json::object& root() const noexcept { return root_; }
    const std::vector<std::string>& files() const noexcept { return files_; }

    // Of the value, or of the nearest thing around it that was written down.
    source_place value_place(std::string_view pointer) const;
    source_place key_place(std::string_view pointer) const;

private:
    friend class toml_merger;

    const toml_places* find(std::string_view pointer) const;

    boost::json::object root_;
    std::map<std::string, toml_places, std::less<>> places_; // JSON pointer -> places
    std::vector<std::string> files_;
};

} // namespace mortise::host
