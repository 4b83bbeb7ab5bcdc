// SPDX-License-Identifier: Apache-2.0
//
// A small connector to an imaginary address book with a REST interface: token login, one read, one
// search, one write that is looked up before it is repeated, and a change trigger with backfill.
#pragma once

#include <mortise/sdk/connector.hpp>
#include <mortise/sdk/session.hpp>

#include <string>

namespace acme {

struct settings {
    std::string base_url;
    mortise::secret_ref api_key;
    std::int64_t page_size = 50;
    static auto describe() {
        return mortise::object<settings>("Acme address book")
            .field("base_url", &settings::base_url, "Address of the service", mortise::required)
            .uri()
            .examples("https://acme.example.com")
            .field("api_key", &settings::api_key, "Key for the token request", mortise::required)
            .field("page_size", &settings::page_size, "Changes read at once")
            .min(1)
            .max(500);
    }
};

struct contact {
    std::string id;
    std::string email;
    std::string name;
    static auto describe() {
        return mortise::object<contact>("A contact")
            .field("id", &contact::id, "Number given by Acme", mortise::required)
            .field("email", &contact::email, "Mail address", mortise::required)
            .field("name", &contact::name, "Full name")
            .allow_unknown();
    }
};

struct contact_get {
    std::string id;
    static auto describe() {
        return mortise::object<contact_get>("Which contact")
            .field("id", &contact_get::id, "Number of the contact", mortise::required)
            .min(1);
    }
};

struct contact_create {
    std::string email;
    std::string name;
    static auto describe() {
        return mortise::object<contact_create>("A new contact")
            .field("email", &contact_create::email, "Mail address, unique", mortise::required)
            .pattern("^[^@ ]+@[^@ ]+$")
            .examples("ann@example.com")
            .field("name", &contact_create::name, "Full name");
    }
};

struct contact_lookup {
    bool found = false;
    std::optional<contact> result;
    static auto describe() {
        return mortise::object<contact_lookup>("Whether there is one")
            .field("found", &contact_lookup::found, "True when it exists", mortise::required)
            .field("result", &contact_lookup::result, "The contact");
    }
};

class connector {
public:
    connector(mortise::instance& in, settings s);
    static void describe(mortise::connector_builder<connector>& b);

    mortise::task<contact> get(mortise::call_context& c, contact_get in);
    mortise::task<contact_lookup> find(mortise::call_context& c, contact_create in);
    mortise::task<contact> create(mortise::call_context& c, contact_create in);
    mortise::task<mortise::webhook_reply> on_webhook(mortise::delivery_context& c,
                                                     mortise::webhook w);
    mortise::task<void> on_poll(mortise::delivery_context& c, std::string cursor);
    mortise::task<bool> on_backfill(mortise::delivery_context& c, std::string position);
    mortise::task<mortise::connection_report> test(mortise::call_context& c);

private:
    mortise::task<std::string> log_in();
    // Sends with the token; logs in once more when it is refused.
    mortise::task<mortise::http_response>
    send(mortise::call_context& c, std::string method, std::string url, mortise::json::value body);

    mortise::instance& in_;
    settings settings_;
    mortise::session<std::string> session_;
};

} // namespace acme
