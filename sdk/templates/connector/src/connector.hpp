// The connector "@name@": what it is configured with, what it can do, and how it talks to the system.
#pragma once

#include <mortise/sdk/connector.hpp>

#include <string>

namespace @ident@_connector {

// [connections.<name>] in the host's configuration. The description is the schema, the documentation
// and the check in one.
struct settings {
    std::string base_url;
    mortise::secret_ref api_key;
    static auto describe() {
        return mortise::object<settings>("@title@")
            .field("base_url", &settings::base_url, "Address of the service", mortise::required)
            .uri()
            .examples("https://@name@.example.com")
            .field("api_key", &settings::api_key, "Key sent with every request", mortise::required);
    }
};

struct item {
    std::string id;
    std::string title;
    std::string version;
    static auto describe() {
        return mortise::object<item>("An item")
            .field("id", &item::id, "Id given by the system", mortise::required)
            .field("title", &item::title, "Title")
            .field("version", &item::version, "Changes with every edit")
            .allow_unknown(); // systems add fields to their answers
    }
};

struct item_get {
    std::string id;
    static auto describe() {
        return mortise::object<item_get>("Which item")
            .field("id", &item_get::id, "Id of the item", mortise::required)
            .min(1);
    }
};

class connector {
public:
    connector(mortise::instance& in, settings s);
    static void describe(mortise::connector_builder<connector>& b);

    mortise::task<item> get(mortise::call_context& c, item_get in);
    // Everything that changed since the cursor, as events.
    mortise::task<void> on_poll(mortise::delivery_context& c, std::string cursor);
    mortise::task<mortise::connection_report> test(mortise::call_context& c);

private:
    mortise::http_request request(std::string method, std::string url) const;

    mortise::instance& in_;
    settings settings_;
};

} // namespace @ident@_connector
