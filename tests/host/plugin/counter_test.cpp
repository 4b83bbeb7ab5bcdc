// SPDX-License-Identifier: Apache-2.0
// The connector in one C file, driven over the C ABI as a host would, without any host code
// between.
#include "fixtures.hpp"
#include "plugin/catalog.hpp"
#include "support/catch.hpp"

#include <mortise/call.h>
#include <mortise/sdk/abi.hpp>
#include <mortise/sdk/error.hpp>
#include <mortise/state.h>
#include <mortise/trigger.h>

#include <deque>
#include <functional>
#include <map>
#include <optional>

using namespace mortise::host;
using mortise::c_bytes_of;
using mortise::c_str_of;
using mortise::view;

namespace {

// A host with state, call and trigger in memory. Completions are queued, as the ABI promises:
// nothing is called back on the caller's stack.
struct small_host {
    struct outcome {
        int times = 0;
        std::string result;
        std::optional<mortise::error> error;
    };
    struct stored {
        std::string value;
        std::uint64_t version = 0;
    };
    std::map<std::string, stored> state;
    std::map<mortise_handle, outcome> calls;
    std::vector<std::pair<std::string, std::string>> events; // id, data
    std::string cursor;
    std::deque<std::function<void()>> queue;
    std::function<void()> before_put; // plays another writer
    std::uint64_t last_version = 0;
    bool offer_state = true;
    bool backlog_full = false;

    mortise_svc_call call_service{
        sizeof(mortise_svc_call), 0, this, on_complete, on_fail, on_cancelled};
    mortise_svc_state state_service{sizeof(mortise_svc_state), 0, this, on_get, on_put, on_list};
    mortise_svc_trigger trigger_service{sizeof(mortise_svc_trigger), 0, this, on_emit};
    mortise_host table{sizeof(mortise_host), MORTISE_ABI_MAJOR, MORTISE_ABI_MINOR, 0, this,
                       c_str_of("small"),    c_str_of("0"),     on_service};

    void run() {
        while (!queue.empty()) {
            auto next = std::move(queue.front());
            queue.pop_front();
            next();
        }
    }

    static small_host& self(void* ctx) { return *static_cast<small_host*>(ctx); }
    static const void* on_service(const mortise_host* h, mortise_handle, mortise_str id) {
        small_host& s = self(h->ctx);
        if (view(id) == MORTISE_SVC_CALL) return &s.call_service;
        if (view(id) == MORTISE_SVC_STATE && s.offer_state) return &s.state_service;
        return view(id) == MORTISE_SVC_TRIGGER ? &s.trigger_service : nullptr;
    }
    static mortise_status
    on_complete(void* ctx, mortise_handle call, const mortise_payload* r, mortise_handle) {
        outcome& o = self(ctx).calls[call];
        if (r != nullptr) o.result = view(*r);
        return ++o.times == 1 ? MORTISE_OK : MORTISE_E_STATE;
    }
    static mortise_status on_fail(void* ctx, mortise_handle call, const mortise_error* e) {
        outcome& o = self(ctx).calls[call];
        o.error = mortise::from_c(*e);
        return ++o.times == 1 ? MORTISE_OK : MORTISE_E_STATE;
    }
    static std::uint32_t on_cancelled(void*, mortise_handle) { return 0; }
    static mortise_status on_get(void* ctx, mortise_str key, mortise_state_fn done, void* user) {
        self(ctx).queue.push_back([&s = self(ctx), k = std::string(view(key)), done, user] {
            const auto it = s.state.find(k);
            if (it == s.state.end()) return done(user, nullptr, 0, nullptr);
            const auto value = mortise::json_payload(it->second.value);
            done(user, &value, it->second.version, nullptr);
        });
        return MORTISE_OK;
    }
    static mortise_status on_put(void* ctx,
                                 mortise_str key,
                                 const mortise_payload* value,
                                 std::uint64_t expected,
                                 mortise_state_fn done,
                                 void* user) {
        self(ctx).queue.push_back([&s = self(ctx), k = std::string(view(key)),
                                   v = std::string(view(*value)), expected, done, user] {
            if (s.before_put) std::exchange(s.before_put, nullptr)();
            stored& now = s.state[k];
            if (now.version != expected) {
                const mortise::error conflict(mortise::category::conflict, "state.conflict",
                                              "newer");
                const auto e = mortise::to_c(conflict);
                return done(user, nullptr, now.version, &e);
            }
            now = {v, ++s.last_version};
            done(user, nullptr, now.version, nullptr);
        });
        return MORTISE_OK;
    }
    static mortise_status on_list(void* ctx,
                                  mortise_str prefix,
                                  mortise_str,
                                  std::uint64_t,
                                  mortise_result_fn done,
                                  void* user) {
        self(ctx).queue.push_back([&s = self(ctx), p = std::string(view(prefix)), done, user] {
            std::string text = "[";
            for (const auto& [key, one] : s.state) {
                if (!key.starts_with(p)) continue;
                if (text.size() > 1) text += ", ";
                text += "{\"key\": \"" + key + "\", \"version\": " + std::to_string(one.version) +
                        ", \"value\": " + one.value + "}";
            }
            text += "]";
            const auto payload = mortise::json_payload(text);
            done(user, &payload, 0, nullptr);
        });
        return MORTISE_OK;
    }
    static mortise_status on_emit(void* ctx,
                                  mortise_handle,
                                  mortise_handle,
                                  const mortise_event* e,
                                  std::uint64_t n,
                                  mortise_bytes cur,
                                  mortise_done_fn done,
                                  void* user) {
        small_host& s = self(ctx);
        if (s.backlog_full) return MORTISE_E_LIMIT;
        for (std::uint64_t i = 0; i < n; ++i)
            s.events.emplace_back(view(e[i].id), view(e[i].data));
        s.cursor = view(cur);
        s.queue.push_back([done, user] { done(user, MORTISE_OK, nullptr); });
        return MORTISE_OK;
    }
};

struct refused {
    std::optional<mortise::error> reason;
    mortise_error_sink sink{&reason, [](void* ctx, const mortise_error* e) {
                                *static_cast<std::optional<mortise::error>*>(ctx) =
                                    mortise::from_c(*e);
                            }};
};

// The C connector, loaded by the catalog from the file of one compiler, with one instance.
class counter {
public:
    explicit counter(const std::filesystem::path& file) : catalog_(options_for(file)) {
        const auto loaded = catalog_.load_file(file);
        if (!loaded) FAIL(loaded.error().text());
        connector_ = catalog_.find_connector("counter");
        REQUIRE(connector_ != nullptr);
        refused why;
        REQUIRE(connector_->table.create(&host.table, 1, mortise::json_payload("{}"), why.sink,
                                         &self_) == MORTISE_OK);
    }
    ~counter() { connector_->table.destroy(self_); }
    counter(const counter&) = delete;
    counter& operator=(const counter&) = delete;

    mortise_status start(std::string_view operation, std::string_view input, refused& why) {
        mortise_call c{};
        c.struct_size = sizeof c;
        c.attempt = 1;
        c.id = ++last_call_;
        c.operation = c_str_of(operation);
        c.input = mortise::json_payload(input);
        return connector_->table.invoke(self_, &c, why.sink);
    }
    // The result of one call, or the code of its error.
    std::string call(std::string_view operation, std::string_view input) {
        refused why;
        const mortise_status st = start(operation, input, why);
        host.run();
        if (st != MORTISE_OK) {
            CHECK(host.calls.count(last_call_) == 0);
            return why.reason ? why.reason->code : "no reason";
        }
        CHECK(host.calls[last_call_].times == 1);
        const auto& o = host.calls[last_call_];
        return o.error ? o.error->code : o.result;
    }
    std::string poll() {
        refused why;
        if (!open_) {
            REQUIRE(connector_->table.open_trigger(self_, 77, c_str_of("changes"),
                                                   mortise::json_payload("{}"), {},
                                                   why.sink) == MORTISE_OK);
            open_ = true;
        }
        const std::string cursor = host.cursor;
        mortise_delivery d{};
        d.struct_size = sizeof d;
        d.kind = MORTISE_TRIGGER_POLL;
        d.id = ++last_call_;
        d.cursor = c_bytes_of(cursor);
        REQUIRE(connector_->table.deliver(self_, 77, &d, why.sink) == MORTISE_OK);
        host.run();
        CHECK(host.calls[last_call_].times == 1);
        const auto& o = host.calls[last_call_];
        return o.error ? o.error->code : "ok";
    }

    small_host host;

private:
    static catalog_options options_for(const std::filesystem::path& file) {
        catalog_options o;
        o.scan.folders = {file.parent_path()};
        o.probe_program = mortise::test::probe_program;
        return o;
    }
    plugin_catalog catalog_;
    const connector_descriptor* connector_ = nullptr;
    void* self_ = nullptr;
    mortise_handle last_call_ = 100;
    bool open_ = false;
};

std::vector<std::filesystem::path> builds() {
    std::vector<std::filesystem::path> out{std::filesystem::path(MORTISE_BINARY_DIR) /
                                           "examples/counter.so"};
    const auto clang = mortise::test::fixture_dir / "good/counter_clang.so";
    if (std::filesystem::exists(clang)) out.push_back(clang);
    return out;
}

} // namespace

TEST_CASE("a connector in one C file counts over the ABI, whatever compiled it",
          "[plugin][c-connector]") {
    const auto file = GENERATE(from_range(builds()));
    INFO(file);
    counter c(file);

    CHECK(c.call("counter.get", R"({"name":"a"})") == R"({"value":0})");
    CHECK(c.call("counter.set", R"({"name":"a","value":40})") == R"({"value":40})");
    CHECK(c.call("counter.add", R"( { "by" : 2 , "name" : "a" } )") == R"({"value":42})");
    CHECK(c.call("counter.add", R"({"name":"b","by":-7})") == R"({"value":-7})");
    CHECK(c.call("counter.get", R"({"name":"a"})") == R"({"value":42})");
}

TEST_CASE("the C connector adds again when another writer was faster", "[plugin][c-connector]") {
    counter c(builds().front());
    c.call("counter.set", R"({"name":"a","value":10})");
    c.host.before_put = [&] {
        c.host.state["counter.a"] = {R"({"value":100})", ++c.host.last_version};
    };
    CHECK(c.call("counter.add", R"({"name":"a","by":1})") == R"({"value":101})");
}

TEST_CASE("the C connector refuses input it cannot use and says why", "[plugin][c-connector]") {
    counter c(builds().front());
    CHECK(c.call("counter.halve", R"({"name":"a"})") == "counter.operation.unknown");
    for (const char* bad :
         {"", "{", "{}", "[]", "null", R"({"name":"")", R"({"name":"a b"})", R"({"name":7})",
          R"({"name":"a)", R"({"name":"a\)", R"({"name" "a"})"}) {
        INFO(bad);
        CHECK(c.call("counter.get", bad) == "counter.input.name");
    }
    for (const char* bad : {R"({"name":"a"})", R"({"name":"a","by":"1"})",
                            R"({"name":"a","by":1.5})", R"({"name":"a","by":+1})",
                            R"({"name":"a","by":})", R"({"name":"a","by":99999999999999999999})",
                            R"({"name":"a","by":123456789012345678901234567890})"}) {
        INFO(bad);
        CHECK(c.call("counter.add", bad) == "counter.input.number");
    }
    c.call("counter.set", R"({"name":"a","value":9223372036854775807})");
    CHECK(c.call("counter.add", R"({"name":"a","by":1})") == "counter.add.overflow");
    CHECK(c.call("counter.get", R"({"name":"a"})") == R"({"value":9223372036854775807})");
}

TEST_CASE("the C connector's poll emits each change once", "[plugin][c-connector]") {
    counter c(builds().front());
    CHECK(c.poll() == "ok");
    CHECK(c.host.events.empty());
    c.call("counter.set", R"({"name":"a","value":1})");
    c.call("counter.set", R"({"name":"b","value":2})");

    SECTION("the cursor moved with the events") {
        CHECK(c.poll() == "ok");
        using event = std::pair<std::string, std::string>;
        CHECK(c.host.events == std::vector<event>{{"counter.a@1", R"({"name":"a","value":1})"},
                                                  {"counter.b@2", R"({"name":"b","value":2})"}});
        c.host.events.clear();
        CHECK(c.poll() == "ok");
        CHECK(c.host.events.empty());
        c.call("counter.add", R"({"name":"b","by":1})");
        CHECK(c.poll() == "ok");
        CHECK(c.host.events == std::vector<event>{{"counter.b@3", R"({"name":"b","value":3})"}});
    }
    SECTION("the backlog was full") {
        c.host.backlog_full = true;
        CHECK(c.poll() == "counter.emit.refused");
        c.host.backlog_full = false;
        CHECK(c.poll() == "ok");
        CHECK(c.host.events.size() == 2);
    }
    SECTION("the state holds something else") {
        c.host.state["counter.a"].value = "[]";
        CHECK(c.poll() == "counter.state.unreadable");
        CHECK(c.call("counter.get", R"({"name":"a"})") == "counter.state.unreadable");
    }
}

TEST_CASE("the C connector makes no instance without its services", "[plugin][c-connector]") {
    plugin_catalog catalog({});
    const auto loaded = catalog.load_file(builds().front());
    REQUIRE(loaded.has_value());
    small_host host;
    host.offer_state = false;
    refused why;
    void* self = nullptr;
    CHECK(catalog.find_connector("counter")->table.create(
              &host.table, 1, mortise::json_payload("{}"), why.sink, &self) == MORTISE_E_FAILED);
    REQUIRE(why.reason.has_value());
    CHECK(why.reason->code == "counter.service.missing");
}
