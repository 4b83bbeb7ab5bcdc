// SPDX-License-Identifier: Apache-2.0
// The live feed of a real host.
#include "admin/live_feed.hpp"
#include "answer_check.hpp"
#include "support/net_stream.hpp"

#include <thread>

using namespace mortise;
using namespace mortise::host;
using namespace mortise::host::testing;
namespace json = boost::json;

namespace {

// As an EventSource: one event after another.
class feed {
public:
    explicit feed(host_fixture& f) : stream_(test::net_stream::connect(f.it->admin_port())) {
        auto token = test::read_file(f.dir.path() / "state" / "admin-token");
        token.erase(token.find_last_not_of('\n') + 1);
        stream_.write("GET /api/v1/live HTTP/1.0\r\nHost: localhost\r\nAuthorization: Bearer " +
                      token + "\r\n\r\n");
        head = stream_.read_message(true);
    }
    struct event {
        std::string name;
        json::value data;
    };
    // The next one of this name; others are passed over. Fails when the feed ends before.
    json::value next(std::string_view name,
                     const std::function<bool(const json::value&)>& is = {}) {
        for (int i = 0; i < 1000; ++i) {
            const auto text = stream_.read_until("\n\n");
            REQUIRE(text.ends_with("\n\n"));
            const auto at = text.find("\nevent: ");
            if (at == std::string::npos) continue;
            const auto end = text.find('\n', at + 8);
            if (text.substr(at + 8, end - at - 8) != name) continue;
            REQUIRE(text.compare(end, 7, "\ndata: ") == 0);
            auto data = json::parse(text.substr(end + 7));
            if (!is || is(data)) return data;
        }
        FAIL("no such event came");
        return {};
    }
    bool ends() { return stream_.wait_closed(); }
    std::string head;

private:
    test::net_stream stream_;
};

std::string put(const std::string& name) {
    return plan({R"({"do":"put","body":{"name":")" + name + R"("}})"});
}

} // namespace

TEST_CASE("the live feed tells of counts, traffic, runs and connections as they change",
          "[admin][live]") {
    host_fixture f;
    f.start();
    feed live(f);
    CHECK_THAT(live.head, Catch::Contains("text/event-stream") && Catch::Contains("no-store"));
    const auto counts = live.next("counts");
    CHECK(misfits(counts, "counts") == "");
    CHECK(live.next("config").at("revision").as_string() == f.it->config().revision);
    REQUIRE(f.send("e1", put("a")) == 202);
    const auto traffic = live.next("traffic");
    CHECK(traffic.at("events") == 1);
    bool moved = false;
    for (const auto& e : traffic.at("edges").as_array())
        moved |= e.at("id") == "connection:target>flow:steps" && e.at("n") == 1;
    CHECK(moved);
    const auto run =
        live.next("run", [](const json::value& r) { return r.at("state") == "succeeded"; });
    CHECK(misfits(run, "run") == "");
    CHECK(
        live.next("counts", [](const json::value& c) { return c.at("runs").at("succeeded") == 1; })
            .at("events") == 1);
    // Since the one before, not since the start.
    REQUIRE(f.send("e2", put("b")) == 202);
    const auto in_edge = [](const json::value& t) -> const json::value* {
        for (const auto& e : t.at("edges").as_array())
            if (e.at("id") == "connection:target>flow:steps") return &e;
        return nullptr;
    };
    const auto again = live.next("traffic", [&](const json::value& t) { return in_edge(t); });
    CHECK(in_edge(again)->at("n") == 1);
    REQUIRE(f.admin("POST", "/api/v1/connections/target/pause", R"({"reason":"now"})").status ==
            200);
    const auto connection = live.next("connection");
    CHECK(misfits(connection, "connection") == "");
    CHECK(connection.at("paused").is_object());
}

TEST_CASE("of many runs at once the live feed shows the newest and says how many it left out",
          "[admin][live]") {
    host_fixture f;
    f.start();
    feed live(f);
    live.next("counts");
    std::string events;
    for (int i = 0; i < 300; ++i)
        events += (i == 0 ? "" : ",") + (R"({"id":"e)" + std::to_string(i)) +
                  R"(","type":"probe.changed","subject":")" + std::to_string(i) +
                  R"(","data":{"plan":[]}})";
    REQUIRE(f.post("/hooks/target", R"({"events":[)" + events + "]}").status == 202);
    const auto last =
        live.next("run", [](const json::value& r) { return r.as_object().contains("dropped"); });
    CHECK(last.at("dropped").to_number<std::uint64_t>() > 0);
    CHECK(live.next("counts",
                    [](const json::value& c) { return c.at("runs").at("succeeded") == 300; })
              .at("events") == 300);
}

TEST_CASE("a second reader gets all that the first one has", "[admin][live]") {
    host_fixture f;
    f.start();
    feed first(f);
    first.next("counts");
    feed second(f);
    CHECK(second.next("counts").at("events") == 0);
    REQUIRE(f.send("e1", put("a")) == 202);
    for (auto* one : {&first, &second})
        CHECK(one->next("run", [](const json::value& r) { return r.at("state") == "succeeded"; })
                  .at("key")
                  .as_string()
                  .size() > 0);
}

TEST_CASE("the live feed is kept from no more than so many, and room comes back", "[admin][live]") {
    host_fixture f;
    f.start();
    {
        std::vector<std::unique_ptr<feed>> all;
        for (std::size_t i = 0; i < live_feed::most_streams; ++i) {
            all.push_back(std::make_unique<feed>(f));
            REQUIRE_THAT(all.back()->head, Catch::Contains("200 OK"));
        }
        CHECK_THAT(refusal_of(f, "/api/v1/live", 503), Catch::Contains("32"));
    }
    CHECK(eventually([&] {
        const feed again(f);
        return again.head.find("200 OK") != std::string::npos;
    }));
}

TEST_CASE("the live feed ends when the host stops", "[admin][live]") {
    host_fixture f;
    f.start();
    feed live(f);
    live.next("counts");
    std::thread stop([&] { f.stop(); });
    CHECK(live.ends());
    stop.join();
}

TEST_CASE("secrets do not leave through the live feed", "[admin][live][secrets]") {
    ::setenv("PROBE_SECRET_L", "live-secret-5150", 1);
    host_fixture f;
    f.setup.connection = "secret = { env = \"PROBE_SECRET_L\" }\n";
    f.start();
    feed live(f);
    live.next("counts");
    const std::string body =
        R"({"events":[{"id":"e1","type":"probe.changed","subject":"x","data":)" +
        plan({R"({"do":"fail","category":"input","message":"it is live-secret-5150"})"}) + "}]}";
    REQUIRE(f.post("/hooks/target", body, {{"x-probe-secret", "live-secret-5150"}}).status == 202);
    const auto run =
        live.next("run", [](const json::value& r) { return r.at("state") == "failed"; });
    CHECK(run.at("failure").at("message") == "it is ***");
    ::unsetenv("PROBE_SECRET_L");
}
