// SPDX-License-Identifier: Apache-2.0
//
// A connector for tests of the host: one operation of each effect class against an HTTP target that
// records what reached it, and a trigger that takes webhooks and polls.
#pragma once

#include <mortise/sdk/connector.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace probe {

struct settings {
    std::string base_url;
    std::optional<mortise::secret_ref> secret;
    std::string label;
    std::vector<std::string> groups;
    static auto describe() {
        return mortise::object<settings>("Probe target")
            .field("base_url", &settings::base_url, "Address of the target", mortise::required)
            .uri()
            .examples("http://127.0.0.1:9000")
            .field("secret", &settings::secret, "Shared secret of webhooks")
            .field("label", &settings::label, "Sent with every request as x-probe-label")
            .field("groups", &settings::groups, "Groups whose changes count")
            .names("", "group");
    }
};

struct names_query {
    std::string kind;
    std::string of;
    static auto describe() {
        return mortise::object<names_query>("Which names")
            .field("kind", &names_query::kind, "Of what", mortise::required)
            .field("of", &names_query::of, "What scopes them");
    }
};

// An input with rules, for what is checked against an operation's schema.
struct stored {
    std::string name;
    std::int64_t count = 1;
    static auto describe() {
        return mortise::object<stored>("What to store")
            .field("name", &stored::name, "Of the object", mortise::required)
            .field("count", &stored::count, "How many")
            .min(1);
    }
};

// Of a file at file_server.hpp.
struct file_range {
    std::string name;
    std::uint64_t offset = 0;
    static auto describe() {
        return mortise::object<file_range>("A file to read")
            .field("name", &file_range::name, "Its name", mortise::required)
            .field("offset", &file_range::offset, "Where to begin");
    }
};

struct file_taken {
    std::string name;
    std::optional<std::uint64_t> size;
    std::optional<std::string> media_type;
    std::uint64_t part = 1 << 20;
    static auto describe() {
        return mortise::object<file_taken>("A file to write")
            .field("name", &file_taken::name, "Its name", mortise::required)
            .field("size", &file_taken::size, "Its size in bytes")
            .field("media_type", &file_taken::media_type, "Its type")
            .field("part", &file_taken::part, "Size of a part of upload_parts");
    }
};

class connector {
public:
    connector(mortise::instance& in, settings s);
    static void describe(mortise::connector_builder<connector>& b);

    using object = mortise::json::object;
    using value = mortise::json::value;
    mortise::task<value> get(mortise::call_context& c, object in);
    mortise::task<value> put(mortise::call_context& c, object in);
    mortise::task<value> store(mortise::call_context& c, stored in);
    mortise::task<value> find(mortise::call_context& c, object in);
    mortise::task<value> create(mortise::call_context& c, object in);
    mortise::task<value> fire(mortise::call_context& c, object in);
    mortise::task<value> slow(mortise::call_context& c, object in);
    // Content: given, and taken as one body or in parts that a later call goes on with.
    mortise::task<value> fetch(mortise::call_context& c, file_range in);
    mortise::task<value> fetch_once(mortise::call_context& c, object in);
    mortise::task<value> upload(mortise::call_context& c, file_taken in);
    mortise::task<value> upload_parts(mortise::call_context& c, file_taken in);
    mortise::task<value> names(mortise::call_context& c, names_query in);
    mortise::task<value> rights(mortise::call_context& c, object in);
    mortise::task<mortise::webhook_reply> on_webhook(mortise::delivery_context& c,
                                                     mortise::webhook w);
    mortise::task<void> on_poll(mortise::delivery_context& c, std::string cursor);
    mortise::task<bool> on_backfill(mortise::delivery_context& c, std::string position);
    mortise::task<mortise::connection_report> test(mortise::call_context& c);

private:
    mortise::task<mortise::http_response>
    send(mortise::call_context& c, std::string method, std::string path_and_query, object body);

    mortise::instance& in_;
    settings settings_;
    mortise::metric answers_;
};

} // namespace probe
