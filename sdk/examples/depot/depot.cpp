// SPDX-License-Identifier: Apache-2.0
#include "depot.hpp"

#include <mortise/sdk/body_stream.hpp>
#include <mortise/sdk/signature.hpp>
#include <mortise/sdk/url.hpp>

#include <charconv>

namespace depot {

using mortise::category;
using mortise::delivery_context;
using mortise::task;
namespace json = mortise::json;

// Metrics are defined in the constructor; the host freezes the set after it.
connector::connector(mortise::instance& in, settings s)
    : in_(in), settings_(std::move(s)), session_([this] { return log_in(); }),
      uploads_(in.metrics().counter("uploads_total", "Files uploaded")) {}

void connector::describe(mortise::connector_builder<connector>& b) {
    using mortise::service;
    b.id("depot").version("1.0.0").title("Depot file store").vendor("Example");
    b.doc("Files up and down, and what has changed.");
    b.needs({service::http, service::secret, service::state, service::metric, service::content});
    b.config<settings>();
    b.operation("files.upload", &connector::upload)
        .title("Upload a file")
        .doc("The call's content becomes the file. A repeat with the same key makes no second one.")
        .idempotent();
    b.operation("files.download", &connector::download).title("Read a file's content").reads();
    b.trigger("changes")
        .title("Changed files")
        .webhook(&connector::on_webhook)
        .poll(&connector::on_poll, std::chrono::seconds(60))
        .event<file>("depot.file.changed", "A file was made or changed.");
    b.test_connection(&connector::test);
}

task<token> connector::log_in() {
    mortise::form_body form;
    form.add("grant_type", "client_credentials").add("client_id", settings_.client_id);
    form.add("client_secret", in_.secrets().read(settings_.client_secret));
    mortise::url address(settings_.base_url);
    auto ask = mortise::http_request::post(address.path("oauth/token").str());
    ask.text(std::string(form.media_type), form.str());
    auto response = co_await in_.http().send(std::move(ask)); // the instance's: no call may end it
    response.require_ok("depot.login");
    const auto answer = response.json();
    token fresh;
    fresh.text = mortise::require_string(answer, "access_token");
    const std::chrono::seconds lives(mortise::require_int(answer, "expires_in"));
    fresh.expires = in_.time().now() + lives - lives / 10; // before the system says so
    co_return fresh;
}

task<token> connector::usable_token(mortise::call_context& c) {
    token t = co_await session_.get(c);
    if (in_.time().now() >= t.expires) {
        session_.invalidate(t); // a newer one of another call stays
        t = co_await session_.get(c);
    }
    co_return t;
}

// Depot says in a header of its own when it may be asked again.
static void require_ok(const mortise::http_response& response, std::string_view object) {
    if (response.ok()) return;
    mortise::error e = response.to_error(object);
    const auto wait = response.header("x-depot-wait-ms");
    std::int64_t ms = 0;
    if (std::from_chars(wait.data(), wait.data() + wait.size(), ms).ec == std::errc() && ms > 0) {
        e.retry_after = std::chrono::milliseconds(ms);
    }
    throw e;
}

// A token may be taken back at any time: once more with another, and the step costs no attempt.
task<mortise::http_response> connector::get(mortise::call_context& c, std::string url, bool whole) {
    for (int round = 1;; ++round) {
        const token t = co_await usable_token(c);
        mortise::http_request ask("GET", url);
        ask.bearer(t.text);
        ask.stream_response = !whole;
        auto response = co_await c.http().send(std::move(ask));
        if (response.status != 401 || round == 2) co_return std::move(response);
        session_.invalidate(t);
    }
}

// Folders are few and keep their number: remembered over restarts.
task<std::string> connector::folder_id(mortise::call_context& c, std::string name) {
    const std::string key = "folder:" + name;
    auto known = co_await in_.state().get(key);
    if (known) co_return mortise::require_string(known->value, "");
    mortise::url address(settings_.base_url);
    auto response = co_await get(c, address.path("folders").query("name", name).str());
    require_ok(response, "depot.folder");
    const auto id = mortise::require_id(response.json(), "id");
    json::value value(id);
    co_await in_.state().put(key, std::move(value));
    co_return id;
}

task<file> connector::upload(mortise::call_context& c, file_put in) {
    const std::string folder = co_await folder_id(c, in.folder);
    mortise::url address(settings_.base_url);
    address.path("folders").segment(folder).path("files").query("name", in.name);
    mortise::http_response response;
    for (int round = 1;; ++round) {
        const token t = co_await usable_token(c);
        auto ask = mortise::http_request::put(address.str());
        ask.bearer(t.text);
        ask.header("Idempotency-Key", c.idempotency_key()); // the same for every attempt
        ask.header("Content-Type", c.content().info().media_type);
        response = co_await mortise::send_content(c, std::move(ask), c.content());
        if (response.status != 401 || round == 2) break;
        session_.invalidate(t);
        co_await c.content().seek(0);
    }
    if (response.status == 404) co_await in_.state().remove("folder:" + in.folder);
    require_ok(response, "depot.file");
    uploads_.add();
    c.log().debug("uploaded", {{"folder", in.folder}, {"name", in.name}});
    co_return mortise::from_json<file>(response.json(), category::remote_protocol);
}

task<file> connector::download(mortise::call_context& c, file_get in) {
    mortise::url address(settings_.base_url);
    address.path("files").segment(in.id);
    auto about = co_await get(c, address.str());
    require_ok(about, "depot.file");
    auto response = co_await get(c, address.path("content").str(), false);
    require_ok(response, "depot.file");
    c.answer_content(std::move(response.content)); // nothing is held in memory
    co_return mortise::from_json<file>(about.json(), category::remote_protocol);
}

static mortise::event changed(const json::value& item) {
    const auto one = mortise::from_json<file>(item, category::remote_protocol);
    return {"depot.file.changed", one.id + "@" + one.version, "files/" + one.id,
            mortise::to_json(one)};
}

task<mortise::webhook_reply> connector::on_webhook(delivery_context& c, mortise::webhook w) {
    const auto refused = [](const char* why) {
        return mortise::error(category::auth, "depot.webhook.refused", why);
    };
    if (settings_.webhook_secret.empty()) throw refused("Set webhook_secret to take webhooks.");
    // The signature is over the bytes as they came: check it before they are parsed.
    std::string_view signature = w.header("x-depot-signature");
    if (signature.starts_with("sha256=")) signature.remove_prefix(7);
    const std::string key = in_.secrets().read(settings_.webhook_secret);
    if (!mortise::is_signed(w.body, signature, key)) throw refused("The signature is wrong.");
    mortise::event one = changed(w.json());
    co_await c.emit(std::move(one)); // durable before the answer
    co_return mortise::webhook_reply(202);
}

task<void> connector::on_poll(delivery_context& c, std::string cursor) {
    std::string page; // of this round; the cursor moves with the last page alone
    do {
        mortise::url address(settings_.base_url);
        address.path("changes").query("since", cursor);
        if (!page.empty()) address.query("page", page);
        auto response = co_await get(c, address.str());
        require_ok(response, "depot.changes");
        const auto answer = response.json();
        std::vector<mortise::event> events;
        for (const auto& item : mortise::require_array(answer, "items")) {
            events.push_back(changed(item));
        }
        page = mortise::optional_string(answer, "next_page").value_or("");
        std::string mark = page.empty() ? mortise::require_string(answer, "cursor") : cursor;
        co_await c.emit(std::move(events), std::move(mark));
    } while (!page.empty());
}

task<mortise::connection_report> connector::test(mortise::call_context& c) {
    mortise::url address(settings_.base_url);
    auto response = co_await get(c, address.path("me").str());
    require_ok(response, "depot.login");
    mortise::connection_report report;
    report.summary = "Connected as " + mortise::require_string(response.json(), "name");
    co_return report;
}

} // namespace depot
