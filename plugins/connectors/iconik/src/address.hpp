// SPDX-License-Identifier: Apache-2.0
//
// Addresses of iconik's API: BASE/API/{service}/v1/{path}/, always with the slash at the end.
#pragma once

#include <string>
#include <string_view>

namespace iconik {

class address {
public:
    // at: "assets/v1/assets", taken as it is.
    address(std::string_view base_url, std::string_view at);
    // One more part of the path, encoded.
    address& part(std::string_view text);
    address& query(std::string_view name, std::string_view value);
    std::string str() const { return path_ + "/" + query_; }

private:
    std::string path_;
    std::string query_;
};

// Ids are UUIDs today; this admits any that can stand in a path and refuses what could lead
// elsewhere.
inline constexpr std::string_view id_pattern = "^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$";
// As id_pattern, and empty.
inline constexpr std::string_view optional_id_pattern = "^([A-Za-z0-9][A-Za-z0-9_-]{0,127})?$";
bool is_id(std::string_view text) noexcept;

// Search text goes through a Lucene parser, where these characters would silently find nothing.
std::string escape_query(std::string_view text);

} // namespace iconik
