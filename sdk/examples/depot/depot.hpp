// SPDX-License-Identifier: Apache-2.0
//
// A connector to an imaginary store of files, with what real systems ask for: OAuth client
// credentials with tokens that expire, lists in pages, uploads and downloads as streams, webhooks
// signed with HMAC, rate limits told in headers of its own. docs/connector-recipes.md walks through
// it.
#pragma once

#include <mortise/sdk/connector.hpp>
#include <mortise/sdk/session.hpp>

#include <string>

namespace depot {

struct settings {
    std::string base_url;
    std::string client_id;
    mortise::secret_ref client_secret;
    mortise::secret_ref webhook_secret;
    static auto describe() {
        return mortise::object<settings>("Depot file store")
            .field("base_url", &settings::base_url, "Address of the service", mortise::required)
            .uri()
            .examples("https://depot.example.com")
            .field("client_id", &settings::client_id, "Id of the OAuth client", mortise::required)
            .examples("mortise")
            .field("client_secret", &settings::client_secret, "Its secret", mortise::required)
            .field("webhook_secret", &settings::webhook_secret,
                   "Key that webhooks are signed with; without one none are taken");
    }
};

struct file {
    std::string id;
    std::string name;
    std::string version;
    static auto describe() {
        return mortise::object<file>("A file")
            .field("id", &file::id, "Number given by Depot", mortise::required)
            .field("name", &file::name, "File name", mortise::required)
            .field("version", &file::version, "Changes with every edit", mortise::required)
            .allow_unknown();
    }
};

struct file_put {
    std::string folder;
    std::string name;
    static auto describe() {
        return mortise::object<file_put>("Where the content goes")
            .field("folder", &file_put::folder, "Name of the folder", mortise::required)
            .min(1)
            .field("name", &file_put::name, "File name", mortise::required)
            .min(1);
    }
};

struct file_get {
    std::string id;
    static auto describe() {
        return mortise::object<file_get>("Which file")
            .field("id", &file_get::id, "Number of the file", mortise::required)
            .min(1);
    }
};

struct token {
    std::string text;
    mortise::time_point expires;
    bool operator==(const token&) const = default;
};

class connector {
public:
    connector(mortise::instance& in, settings s);
    static void describe(mortise::connector_builder<connector>& b);

    mortise::task<file> upload(mortise::call_context& c, file_put in);
    mortise::task<file> download(mortise::call_context& c, file_get in);
    mortise::task<mortise::webhook_reply> on_webhook(mortise::delivery_context& c,
                                                     mortise::webhook w);
    mortise::task<void> on_poll(mortise::delivery_context& c, std::string cursor);
    mortise::task<mortise::connection_report> test(mortise::call_context& c);

private:
    mortise::task<token> log_in();
    mortise::task<token> usable_token(mortise::call_context& c);
    // whole: the body in memory; else a stream.
    mortise::task<mortise::http_response>
    get(mortise::call_context& c, std::string url, bool whole = true);
    mortise::task<std::string> folder_id(mortise::call_context& c, std::string name);

    mortise::instance& in_;
    settings settings_;
    mortise::session<token> session_;
    mortise::metric uploads_;
};

} // namespace depot
