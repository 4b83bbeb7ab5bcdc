// SPDX-License-Identifier: Apache-2.0
// [host.tracing], [alerts].
#include "config/config_read.hpp"
#include "config/units.hpp"

#include <boost/json/array.hpp>

#include <array>
#include <unistd.h>

namespace json = boost::json;

namespace mortise::host {
namespace {

constexpr std::array<std::string_view, 4> cause_names{"dead-letter", "breaker-open",
                                                      "connection-failing", "ledger-broken"};

receiver_headers read_headers(const json::object& o, const std::string& name) {
    receiver_headers out;
    for (const auto& member : table_of(o, "headers"))
        out.plain.emplace(member.key(), std::string(member.value().get_string()));
    for (const auto& member : table_of(o, "secret_headers"))
        out.secret.emplace(member.key(), name + ".secret_headers." + std::string(member.key()));
    return out;
}

bool is_http_url(std::string_view text) {
    return text.starts_with("http://") || text.starts_with("https://");
}

void check_url(const std::string& url, const std::string& at, const config_reader& reader) {
    if (!url.empty() && !is_http_url(url))
        reader.add_at_value(at, "only http and https are spoken here",
                            "for example \"https://alerts.example.com/mortise\"");
}

json::object headers_json(const receiver_headers& h) {
    json::object o;
    for (const auto& [name, value] : h.plain)
        o[name] = value;
    for (const auto& [name, secret] : h.secret)
        o[name] = {{"$secret", secret}};
    return o;
}

alert_config
read_alert(const std::string& name, const json::object& o, const config_reader& reader) {
    const auto at = "/alerts/" + name;
    alert_config a;
    for (const auto& cause : texts_of(o, "on"))
        for (std::size_t i = 0; i < cause_names.size(); ++i)
            if (cause_names[i] == cause) a.on.insert(static_cast<alert_cause>(i));
    a.webhook = text_of(o, "webhook");
    if (o.contains("secret_webhook")) a.secret_webhook = "alerts." + name + ".secret_webhook";
    a.command = texts_of(o, "command");
    a.headers = read_headers(o, "alerts." + name);
    a.repeat_after = duration_of(o, "repeat_after").value_or(a.repeat_after);
    a.failing_after = duration_of(o, "failing_after").value_or(a.failing_after);
    a.timeout = duration_of(o, "timeout").value_or(a.timeout);
    const int ways = (a.webhook.empty() ? 0 : 1) + (a.secret_webhook.empty() ? 0 : 1) +
                     (a.command.empty() ? 0 : 1);
    if (ways != 1)
        reader.add_at_key(at,
                          "[alerts." + name +
                              "] needs exactly one of webhook, secret_webhook "
                              "and command",
                          ways == 0
                              ? "say where the alert goes, for example webhook = \"https://...\""
                              : "make an alert of its own for each");
    check_url(a.webhook, at + "/webhook", reader);
    if (!a.command.empty()) {
        const auto& program = a.command.front();
        if (!program.starts_with('/'))
            reader.add_at_value(at + "/command",
                                "the program must be named with its whole path: \"" + program + '"',
                                "no shell and no PATH is used, write for example "
                                "[\"/usr/local/bin/page\", \"--team\", \"ops\"]");
        else if (::access(program.c_str(), X_OK) != 0)
            reader.add_at_value(at + "/command",
                                "the program " + program + " does not exist or may not be run",
                                "correct the path, or make it executable");
        if (!a.headers.plain.empty() || !a.headers.secret.empty())
            reader.add_at_key(at, "headers go with a webhook, not with a command",
                              "remove them, or use webhook");
    }
    if (a.timeout.count() == 0)
        reader.add_at_value(at + "/timeout", "\"timeout\" must not be 0", "for example \"10s\"");
    return a;
}

} // namespace

std::string_view to_string(alert_cause c) noexcept {
    return cause_names[static_cast<std::size_t>(c)];
}

void read_observe_sections(const json::object& root,
                           const config_reader& reader,
                           configuration& out) {
    const json::object& host = table_of(root, "host");
    const json::object& tracing = table_of(host, "tracing");
    tracing_config& t = out.host.tracing;
    t.endpoint = text_of(tracing, "endpoint");
    t.headers = read_headers(tracing, "host.tracing");
    t.sample = real_of(tracing, "sample").value_or(t.sample);
    t.service_name = text_of(tracing, "service_name", t.service_name);
    t.gzip = flag_of(tracing, "gzip", t.gzip);
    check_url(t.endpoint, "/host/tracing/endpoint", reader);
    out.host.verify_ledger = duration_of(host, "verify_ledger").value_or(out.host.verify_ledger);
    for (const auto& member : table_of(root, "alerts")) {
        const std::string name(member.key());
        out.alerts.emplace(name, read_alert(name, member.value().get_object(), reader));
    }
}

json::object tracing_json(const tracing_config& t) {
    return {{"endpoint", t.endpoint},
            {"headers", headers_json(t.headers)},
            {"sample", t.sample},
            {"service_name", t.service_name},
            {"gzip", t.gzip}};
}

json::object alerts_json(const std::map<std::string, alert_config>& alerts) {
    json::object out;
    for (const auto& [name, a] : alerts) {
        json::object o;
        json::array on;
        for (const auto cause : a.on)
            on.emplace_back(to_string(cause));
        o["on"] = std::move(on);
        if (!a.webhook.empty()) o["webhook"] = a.webhook;
        if (!a.secret_webhook.empty()) o["webhook"] = {{"$secret", a.secret_webhook}};
        if (!a.command.empty()) o["command"] = json::array(a.command.begin(), a.command.end());
        o["headers"] = headers_json(a.headers);
        o["repeat_after"] = to_duration_text(a.repeat_after);
        o["failing_after"] = to_duration_text(a.failing_after);
        o["timeout"] = to_duration_text(a.timeout);
        out[name] = std::move(o);
    }
    return out;
}

} // namespace mortise::host
