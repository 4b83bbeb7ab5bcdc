// SPDX-License-Identifier: Apache-2.0
#include "shop.hpp"

#include <mortise/sdk/time_text.hpp>
#include <mortise/sdk/url.hpp>

namespace shop {

using mortise::category;
using mortise::error;
using mortise::task;

namespace {

bool is(defect d) {
    return wrong == d;
}

struct settings {
    mortise::secret_ref key;
    mortise::secret_ref hook_key;
    static auto describe() {
        return mortise::object<settings>("Shop")
            .field("key", &settings::key, "Key", mortise::required)
            .field("hook_key", &settings::hook_key, "Key of webhooks", mortise::required);
    }
};

struct which {
    std::string id;
    static auto describe() {
        return mortise::object<which>("Which item")
            .field("id", &which::id, "Id", mortise::required);
    }
};

struct nothing {
    static auto describe() { return mortise::object<nothing>("Nothing"); }
};

struct naming {
    std::string id;
    std::string name;
    static auto describe() {
        return mortise::object<naming>("A name for an item")
            .field("id", &naming::id, "Id", mortise::required)
            .field("name", &naming::name, "Name", mortise::required);
    }
};

struct new_item {
    std::string name;
    static auto describe() {
        return mortise::object<new_item>("A new item")
            .field("name", &new_item::name, "Name", mortise::required);
    }
};

class connector {
public:
    connector(mortise::instance& in, settings s)
        : in_(in), settings_(std::move(s)), session_([this] { return log_in(); }) {}

    static void describe(mortise::connector_builder<connector>& b) {
        using mortise::service;
        b.id("shop").version("1.0.0").title("Shop").vendor("Example");
        b.needs({service::http, service::secret, service::content});
        b.config<settings>();
        b.operation("items.get", &connector::get).title("Read an item").reads();
        b.operation("items.list", &connector::list).title("List the items").reads();
        b.operation("items.find", &connector::find).title("Find an item by name").reads();
        b.operation("items.rename", &connector::rename).title("Rename an item").idempotent();
        b.operation("items.create", &connector::create)
            .title("Create an item")
            .lookup_first("items.find");
        b.operation("files.put", &connector::put_file).title("Store a file").idempotent();
        b.operation("files.get", &connector::get_file).title("Fetch a file").reads();
        b.trigger("changes")
            .title("Changed items")
            .webhook(&connector::on_webhook)
            .poll(&connector::on_poll, std::chrono::seconds(60))
            .backfill(&connector::on_backfill)
            .event("shop.item.changed", R"({"type":"object"})", "An item changed.");
    }

    task<json::object> get(mortise::call_context& c, which in) {
        if (is(defect::hides_missing)) co_return json::object{{"id", in.id}};
        const json::value out = co_await ask(c, "GET", "/items/" + in.id, nullptr, in.id);
        co_return out.as_object();
    }

    task<json::object> list(mortise::call_context& c, nothing) {
        json::array all;
        std::string after;
        for (int page = 0;; ++page) {
            const std::string at = is(defect::lists_by_page) ? "/items?page=" + std::to_string(page)
                                                             : "/items?after=" + after;
            json::value answer;
            try {
                answer = co_await ask(c, "GET", at, nullptr, "the list of items");
            } catch (const error&) {
                if (!is(defect::forgets_pages) || page == 0) throw;
                break;
            }
            for (const auto& i : mortise::require_array(answer, "items")) {
                all.push_back(i);
                after = mortise::require_string(i, "id");
            }
            if (is(defect::stops_early) && page == 1) break;
            if (!mortise::optional_bool(answer, "more").value_or(false)) break;
        }
        json::object out;
        out["items"] = std::move(all);
        co_return out;
    }

    task<json::object> find(mortise::call_context& c, new_item in) {
        json::value body = json::object{{"name", in.name}};
        const json::value answer =
            co_await ask(c, "POST", "/search", std::move(body), "the item " + in.name);
        json::object out{{"found", false}};
        for (const auto& i : mortise::require_array(answer, "items")) {
            if (is(defect::finds_nothing)) break;
            out["found"] = true;
            out["result"] = i;
        }
        co_return out;
    }

    task<json::object> rename(mortise::call_context& c, naming in) {
        if (is(defect::mangles_text)) std::erase_if(in.name, [](char x) { return x < 0; });
        json::object body{{"name", in.name}};
        if (is(defect::appends)) body["append"] = true;
        json::value text(std::move(body));
        const json::value out = co_await ask(c, "PUT", "/items/" + in.id, std::move(text), in.id);
        co_return out.as_object();
    }

    task<json::object> create(mortise::call_context& c, new_item in) {
        json::value body = json::object{{"name", in.name}};
        const json::value out =
            co_await ask(c, "POST", "/items", std::move(body), "the item " + in.name);
        co_return out.as_object();
    }

    task<json::object> put_file(mortise::call_context& c, which in) {
        const std::string token = co_await session_.get(c);
        mortise::http_request request("PUT", "https://shop.test/items/" + in.id + "/file");
        request.bearer(token);
        request.content = std::move(c.content());
        const auto response = co_await c.http().send(std::move(request));
        if (response.status == 401) {
            session_.invalidate(token);
            error e = refusal(response, in.id);
            if (!is(defect::blames_login)) e.category = category::unavailable;
            throw e;
        }
        const json::value out = read(response, in.id);
        co_return out.as_object();
    }

    task<json::object> get_file(mortise::call_context& c, which in) {
        mortise::http_request request("GET", "https://shop.test/items/" + in.id + "/file");
        request.stream_response = true;
        auto response = co_await send(c, std::move(request));
        if (!response.ok()) throw refusal(response, in.id);
        if (response.header("content-type") == "text/html") {
            throw error(category::remote_protocol, "shop.file.not-a-file",
                        "The shop answers a page instead of the file of " + in.id + ".");
        }
        if (is(defect::leaks_content)) response.content.release();
        if (is(defect::hides_cuts)) {
            mortise::content_stream whole = in_.content().create("text/plain", std::nullopt);
            for (bool more = true; more;) {
                std::string part;
                try {
                    part = co_await response.content.read(100);
                } catch (const error&) {}
                more = !part.empty();
                if (more) co_await whole.write(std::move(part));
            }
            whole.finish();
            c.answer_content(std::move(whole));
        } else {
            c.answer_content(std::move(response.content));
        }
        co_return json::object{{"id", in.id}};
    }

    task<mortise::webhook_reply> on_webhook(mortise::delivery_context& c, mortise::webhook w) {
        const std::string key = in_.secrets().read(settings_.hook_key);
        if (!is(defect::trusts_hooks) &&
            !mortise::constant_time_equal(w.header("x-shop-key"), key)) {
            throw error(category::auth, "shop.webhook.key", "The webhook's key is wrong.");
        }
        if (is(defect::crashes_on_garbage) && w.body.size() < 5) {
            throw std::runtime_error("out of range");
        }
        const json::value told = w.json();
        const std::string id = mortise::require_string(told, "id", category::input);
        json::value now;
        try {
            now = co_await ask(c, "GET", "/items/" + id, nullptr, id);
        } catch (const error&) {
            if (!is(defect::follows_up_late)) throw;
            co_return mortise::webhook_reply(202);
        }
        mortise::event one = event_of(now);
        co_await c.emit(std::move(one));
        co_return mortise::webhook_reply(202);
    }

    task<void> on_poll(mortise::delivery_context& c, std::string cursor) {
        json::value mark = json::object{{"since", 0}, {"after", ""}};
        const bool first = cursor.empty();
        if (!first) mark = mortise::parse_json(cursor);
        std::int64_t since = mark.at("since").as_int64();
        std::string after = mortise::require_string(mark, "after");
        if (is(defect::trusts_clocks) && !first) after.clear();
        for (bool more = true; more;) {
            const std::string at = "/changes?since=" + std::to_string(since) + "&after=" + after;
            if (is(defect::moves_cursor_first)) {
                const auto now = in_.time().now().time_since_epoch();
                since = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
                co_await c.move_cursor(written(since, ""));
            }
            json::value answer;
            try {
                answer = co_await ask(c, "GET", at, nullptr, "the changes");
            } catch (const error&) {
                if (!is(defect::hides_poll_failures)) throw;
                answer = json::object{{"items", json::array()}};
            }
            std::vector<mortise::event> events;
            for (const auto& i : mortise::require_array(answer, "items")) {
                if (!first) events.push_back(event_of(i));
                since = i.at("changed").as_int64();
                after = mortise::require_string(i, "id");
            }
            more = mortise::optional_bool(answer, "more").value_or(false);
            if (is(defect::trusts_clocks)) {
                const auto now = in_.time().now().time_since_epoch();
                since = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
                after = "z";
            }
            co_await c.emit(std::move(events), written(since, after));
        }
    }

    task<bool> on_backfill(mortise::delivery_context& c, std::string position) {
        json::value answer;
        try {
            answer = co_await ask(c, "GET", "/items?after=" + position, nullptr, "the items");
        } catch (const error&) {
            if (!is(defect::ends_backfill)) throw;
            co_return true;
        }
        std::vector<mortise::event> events;
        for (const auto& i : mortise::require_array(answer, "items")) {
            mortise::event one = event_of(i);
            if (is(defect::counts_backfill)) one.id += "#" + std::to_string(++numbered_);
            events.push_back(std::move(one));
            position = mortise::require_string(i, "id");
        }
        if (events.empty()) co_return true;
        co_await c.emit(std::move(events), position);
        co_return false;
    }

private:
    static std::string written(std::int64_t since, const std::string& after) {
        return mortise::serialize_json(json::object{{"since", since}, {"after", after}});
    }

    mortise::event event_of(const json::value& i) {
        const std::string id = mortise::require_string(i, "id");
        std::string version = mortise::serialize_json(i.at("version"));
        if (is(defect::numbers_events)) version = std::to_string(++numbered_);
        return {"shop.item.changed", id + "@" + version, "items/" + id, i};
    }

    task<std::string> log_in() {
        json::value body = json::object{{"key", in_.secrets().read(settings_.key)}};
        auto request = mortise::http_request::post("https://shop.test/login").json(body);
        try {
            const auto response = co_await in_.http().send(std::move(request));
            response.require_ok("shop.login");
            co_return mortise::require_string(response.json(), "token");
        } catch (error& e) {
            e.effect = mortise::effect::none; // on what the call was to do
            if (is(defect::blames_system)) e.category = category::unavailable;
            throw;
        }
    }

    task<mortise::http_response> send(mortise::call_context& c, mortise::http_request request) {
        for (int round = 1;; ++round) {
            std::string token;
            if (is(defect::logs_in_for_each)) {
                token = co_await log_in();
            } else {
                token = co_await session_.get(c);
            }
            mortise::http_request one(request.method, request.url);
            one.headers = request.headers;
            one.body = request.body;
            one.stream_response = request.stream_response;
            one.bearer(token);
            auto response = co_await c.http().send(std::move(one));
            if (response.status == 503 && is(defect::asks_again) && round == 1) continue;
            if (response.status != 401 || round == 2 || is(defect::gives_up_on_401)) {
                co_return std::move(response);
            }
            session_.invalidate(token);
        }
    }

    task<json::value> ask(mortise::call_context& c,
                          std::string method,
                          std::string at,
                          json::value body,
                          std::string about) {
        mortise::http_request request(method, "https://shop.test" + at);
        if (!body.is_null()) request.json(body);
        try {
            const auto response = co_await send(c, std::move(request));
            co_return read(response, about);
        } catch (error& e) {
            if (is(defect::claims_no_effect)) e.effect = mortise::effect::none;
            if (is(defect::doubts_refusals)) e.effect = mortise::effect::unknown;
            if (is(defect::blames_caller)) e.category = category::input;
            throw;
        }
    }

    json::value read(const mortise::http_response& response, const std::string& about) {
        if (!response.ok()) throw refusal(response, about);
        if (is(defect::takes_html) && response.body.starts_with("<")) return json::object();
        json::value out;
        try {
            out = response.json();
        } catch (error& e) {
            if (is(defect::takes_half)) return json::object();
            e.effect = mortise::effect::unknown;
            e.code = "shop.item.not-json";
            throw;
        }
        if (is(defect::expects_objects) && !out.is_object()) throw std::runtime_error("no object");
        if (!out.is_object()) {
            throw error(category::remote_protocol, "shop.item.odd",
                        "The shop answers something odd for " + about + ".");
        }
        if (is(defect::is_strict) && out.as_object().size() > 4) {
            throw error(category::remote_protocol, "shop.item.unknown-field",
                        "The shop answers a field that is not known for " + about + ".");
        }
        return out;
    }

    error refusal(const mortise::http_response& response, const std::string& about) {
        error e = response.to_error("shop.item");
        std::string words = response.body;
        const bool html = words.starts_with("<");
        if (html && !is(defect::quotes_html)) words = "(a page)";
        if (is(defect::is_mute)) words.clear();
        std::string of = is(defect::is_vague) ? "something" : about;
        for (char& x : words)
            if (x == '\n') x = ' ';
        e.message = "The shop answered status " + std::to_string(response.status) + " for " + of +
                    ": " + words;
        if (is(defect::shows_secret)) {
            e.message += " with key " + in_.secrets().read(settings_.key);
        }
        if (is(defect::shows_query)) e.message += " at https://shop.test/items?key=7";
        if (is(defect::calls_all_input)) e.category = category::input;
        if (is(defect::loses_retry_after)) e.retry_after.reset();
        if (is(defect::trusts_own_clock) && response.status == 429) {
            const auto until = mortise::parse_http_date(response.header("retry-after"));
            if (until) {
                e.retry_after = std::chrono::duration_cast<std::chrono::milliseconds>(
                    *until - in_.time().now());
            }
        }
        return e;
    }

    mortise::instance& in_;
    settings settings_;
    mortise::session<std::string> session_;
    int numbered_ = 0;
};

} // namespace

mortise::detail::factory_ref connector_factory() {
    return mortise::connector<connector>();
}

} // namespace shop
