// SPDX-License-Identifier: Apache-2.0
#include "acme.hpp"
#include "support/catch.hpp"

#include <mortise/testing/fake_host.hpp>

using namespace mortise;
using namespace mortise::testing;

namespace {

const std::string base = "https://acme.example.com";

json::value contact(int id) {
    return {{"id", std::to_string(id)}, {"version", 1}, {"email", "a@example.com"}, {"name", "A"}};
}

// An address book of seven contacts, served two at a time.
struct book {
    book() {
        host.set_secret("acme.key", "k3y");
        acme.emplace(host.create_connector(
            mortise::connector<acme::connector>(),
            {{"base_url", base}, {"api_key", {{"$secret", "acme.key"}}}, {"page_size", 2}}));
        host.http().expect("POST", base + "/token").reply_json(200, {{"token", "t"}}).always();
    }
    void serve(const std::string& after, std::initializer_list<int> ids) {
        json::array items;
        for (const int id : ids)
            items.push_back(contact(id));
        host.http()
            .expect("GET", base + "/contacts?after=" + after + "&limit=2")
            .reply_json(200, {{"items", items}})
            .always();
    }
    void serve_all() {
        serve("", {1, 2});
        serve("2", {3, 4});
        serve("4", {5, 6});
        serve("6", {7});
        serve("7", {});
    }
    std::vector<std::string> ids() const {
        std::vector<std::string> out;
        for (const auto& e : acme->events())
            out.push_back(e.id);
        return out;
    }
    fake_host host;
    std::optional<connector_harness> acme;
};

// A trigger that walks as the test says: what each position leads to.
struct walker {
    explicit walker(instance&) {}
    static void describe(connector_builder<walker>& b) {
        b.id("walker").version("1.0.0");
        b.trigger("all").backfill(&walker::page).event("walker.thing", "{}", "A thing.");
    }
    struct step {
        std::string next;
        bool done;
        bool fails = false;
    };
    static std::map<std::string, step>& plan() {
        static std::map<std::string, step> p;
        return p;
    }
    task<bool> page(delivery_context& c, std::string position) {
        const step s = plan().at(position);
        if (s.fails) throw error(category::unavailable, "walker.down", "The system is down.");
        event thing("walker.thing", "thing-" + position, position, json::object());
        co_await c.emit(std::move(thing), s.next);
        co_return s.done;
    }
};

} // namespace

TEST_CASE("a backfill hands over everything page by page, each object once", "[sdk][backfill]") {
    book b;
    b.serve_all();
    CHECK(b.acme->backfill_all("changes") == 5);
    CHECK(b.ids() == std::vector<std::string>{"1@1", "2@1", "3@1", "4@1", "5@1", "6@1", "7@1"});
    CHECK(b.acme->backfill_position("changes") == "7");
    b.acme->destroy();
    CHECK(b.host.violations().empty());
}

TEST_CASE("a backfill leaves the poll's cursor alone, and a poll its position", "[sdk][backfill]") {
    book b;
    b.serve_all();
    b.host.http()
        .expect("GET", base + "/changes?since=&limit=2")
        .reply_json(200, {{"items", json::array{contact(9)}}, {"cursor", "c1"}});
    b.acme->poll("changes").value();
    const auto page = b.acme->backfill("changes");
    CHECK(page.value() == parse_json(R"({"done":false})"));
    CHECK(b.acme->cursor("changes") == "c1");
    CHECK(b.acme->backfill_position("changes") == "2");
    b.host.http()
        .expect("GET", base + "/changes?since=c1&limit=2")
        .reply_json(200, {{"items", json::array{}}, {"cursor", "c2"}});
    b.acme->poll("changes").value();
    CHECK(b.acme->backfill_position("changes") == "2");
    CHECK(b.acme->cursor("changes") == "c2");
    CHECK(b.host.violations().empty());
}

TEST_CASE("the same object has the same event id in the next backfill and in a poll",
          "[sdk][backfill]") {
    book b;
    b.serve_all();
    b.acme->backfill_all("changes");
    const auto first = b.ids();
    b.acme->backfill_all("changes");
    auto twice = first;
    twice.insert(twice.end(), first.begin(), first.end());
    CHECK(b.ids() == twice);
    b.host.http()
        .expect("GET", base + "/changes?since=&limit=2")
        .reply_json(200, {{"items", json::array{contact(1)}}, {"cursor", "c1"}});
    b.acme->poll("changes").value();
    CHECK(b.ids().back() == first.front());
}

TEST_CASE("a page that fails leaves the position, and is asked for again", "[sdk][backfill]") {
    walker::plan() = {{"", {"a", false}}, {"a", {"b", false, true}}, {"b", {"b", true}}};
    fake_host host;
    auto w = host.create_connector(mortise::connector<walker>());
    w.backfill("all").value();
    const auto failed = w.backfill("all");
    REQUIRE(failed.failure);
    CHECK(failed.failure->code == "walker.down");
    CHECK(w.backfill_position("all") == "a");
    walker::plan()["a"].fails = false;
    CHECK(w.backfill("all").value().at("done") == false);
    CHECK(w.backfill("all").value().at("done") == true);
    CHECK(w.events().size() == 3);
    w.destroy();
    CHECK(host.violations().empty());
}

TEST_CASE("the kit names a backfill that stands still or never ends", "[sdk][backfill]") {
    fake_host host;
    auto w = host.create_connector(mortise::connector<walker>());
    SECTION("it stands still") {
        walker::plan() = {{"", {"a", false}}, {"a", {"a", false}}};
        CHECK_THROWS_WITH(w.backfill_all("all"),
                          Catch::Contains("has not moved") && Catch::Contains("page 2"));
    }
    SECTION("it walks in a circle") {
        walker::plan() = {{"", {"a", false}}, {"a", {"b", false}}, {"b", {"a", false}}};
        CHECK_THROWS_WITH(w.backfill_all("all", 20), Catch::Contains("not ended after 20"));
    }
    SECTION("it fails") {
        walker::plan() = {{"", {"a", false, true}}};
        CHECK_THROWS_AS(w.backfill_all("all"), error);
    }
}

TEST_CASE("a backfill of a trigger without one is refused", "[sdk][backfill]") {
    struct polled {
        explicit polled(instance&) {}
        static void describe(connector_builder<polled>& b) {
            b.id("polled").version("1.0.0");
            b.trigger("all").poll(&polled::poll).event("polled.thing", "{}", "A thing.");
        }
        task<void> poll(delivery_context&, std::string) { co_return; }
    };
    fake_host host;
    auto p = host.create_connector(mortise::connector<polled>());
    const auto out = p.backfill("all");
    REQUIRE(out.failure);
    CHECK(out.failure->code == "sdk.trigger.kind");
    CHECK_THAT(out.failure->message, Catch::Contains("backfills"));
    auto w = host.create_connector(mortise::connector<walker>());
    CHECK(w.poll("all").failure->code == "sdk.trigger.kind");
}

TEST_CASE("a backfill waits for room in the host's backlog like any delivery", "[sdk][backfill]") {
    walker::plan() = {{"", {"a", true}}};
    fake_host host;
    auto w = host.create_connector(mortise::connector<walker>());
    host.refuse_emits(1, true);
    const auto page = w.start_backfill("all");
    CHECK_FALSE(page.done());
    w.resume("all");
    REQUIRE(page.done());
    CHECK(page.outcome().value().at("done") == true);
    CHECK(w.backfill_position("all") == "a");
}
