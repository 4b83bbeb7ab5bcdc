// SPDX-License-Identifier: Apache-2.0
//
// How a Content Server is reached and logged in to; each connector fills it from its own settings.
#pragma once

#include <mortise/sdk/schema.hpp>

#include <array>
#include <string>
#include <utility>

namespace content_server {

// How structured bodies travel. Older servers take JSON only inside the form field "body".
enum class body_encoding { form, json };

struct connection {
    std::string base_url; // all before "/api"
    std::string username;
    mortise::secret_ref password;
    std::string domain;
    std::string otds_url; // ".../otdsws"; empty: Content Server checks the password itself
    std::string client_id;
    mortise::secret_ref client_secret;
    body_encoding encoding = body_encoding::form;

    bool by_client() const noexcept { return !client_id.empty(); }
    // Throws CONFIG with what is missing or too much.
    void check() const;
};

} // namespace content_server

template <>
struct mortise::enum_names<content_server::body_encoding> {
    static constexpr std::array values{std::pair{content_server::body_encoding::form, "form"},
                                       std::pair{content_server::body_encoding::json, "json"}};
};
