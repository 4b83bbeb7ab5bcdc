// SPDX-License-Identifier: Apache-2.0
// What lines say besides what their writer gave them.
#include "base/log.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/temp_dir.hpp"

#include <boost/json.hpp>

#include <sstream>
#include <thread>

using namespace mortise::host;

namespace {

struct subject final : log_subject {
    explicit subject(std::string r) : run(std::move(r)) {}
    void describe(fields& out) const override {
        out.emplace_back("run", run);
        out.emplace_back("trace_id", "t\"1");
    }
    std::string run;
};

struct log_file {
    explicit log_file(bool json) {
        log_options o;
        o.json = json;
        o.file = (dir.path() / "log").string();
        start_log(o);
    }
    ~log_file() { stop_log(); }
    std::vector<std::string> lines() {
        stop_log();
        std::istringstream in(mortise::test::read_file(dir.path() / "log"));
        std::vector<std::string> out;
        for (std::string line; std::getline(in, line);)
            out.push_back(line);
        return out;
    }
    mortise::test::temp_dir dir;
};

} // namespace

TEST_CASE("lines within a scope say what they are about", "[base][log]") {
    log_file file(true);
    const std::shared_ptr<const log_subject> outer = std::make_shared<subject>("r1"),
                                             inner = std::make_shared<subject>("r2"), none;
    log(log_level::info, "before");
    {
        const log_scope a(outer);
        log(log_level::info, "one", {{"step", "s"}});
        {
            const log_scope b(inner);
            log(log_level::info, "two", {}, R"({"extra":1})");
            const log_scope c(none);
            log(log_level::info, "three");
        }
        log(log_level::info, "four", {{"run", "own"}});
        std::thread([] { log(log_level::info, "elsewhere"); }).join();
        CHECK(log_scope::current() == outer);
    }
    CHECK(log_scope::current() == nullptr);
    const auto lines = file.lines();
    REQUIRE(lines.size() == 6);
    std::vector<boost::json::object> o;
    for (const auto& line : lines)
        o.push_back(boost::json::parse(line).as_object());
    CHECK_FALSE(o[0].contains("run"));
    CHECK(o[1].at("run") == "r1");
    CHECK(o[1].at("trace_id") == "t\"1");
    CHECK(o[1].at("step") == "s");
    CHECK(o[2].at("run") == "r2");
    CHECK(o[2].at("extra") == 1);
    CHECK_FALSE(o[3].contains("run"));
    CHECK(o[4].at("run") == "own");
    CHECK(lines[4].find("\"run\"") == lines[4].rfind("\"run\""));
    CHECK_FALSE(o[5].contains("run"));
}

TEST_CASE("on a console as well", "[base][log]") {
    log_file file(false);
    const std::shared_ptr<const log_subject> about = std::make_shared<subject>("r1");
    {
        const log_scope a(about);
        log(log_level::info, "one");
    }
    const auto lines = file.lines();
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].find(" run=r1 ") != std::string::npos);
}

TEST_CASE("secrets do not get into the log in any spelling", "[base][log]") {
    redact_in_log("quote\"back\\slash");
    redact_in_log("short-secret");
    redact_in_log("short-secret-that-goes-on");
    for (const bool as_json : {true, false}) {
        log_file file(as_json);
        log(log_level::info, "it is quote\"back\\slash", {{"field", "x quote\"back\\slash y"}});
        log(log_level::info, "and short-secret-that-goes-on", {{"field", "short-secret"}});
        const auto lines = file.lines();
        REQUIRE(lines.size() == 2);
        for (const auto& line : lines) {
            CHECK_THAT(line, Catch::Contains("***"));
            CHECK_THAT(line, !Catch::Contains("quote") && !Catch::Contains("slash"));
            CHECK_THAT(line, !Catch::Contains("short") && !Catch::Contains("goes-on"));
            if (as_json) CHECK(boost::json::parse(line).is_object());
        }
    }
    CHECK(redacted("short-secret-that-goes-on") == "***");
}

// As logrotate does with copytruncate.
TEST_CASE("a file that was emptied in its place is written from its beginning", "[base][log]") {
    log_file file(true);
    log(log_level::info, "yesterday");
    const auto path = file.dir.path() / "log";
    REQUIRE(mortise::test::eventually([&] { // another thread writes
        const auto text = mortise::test::read_file(path);
        return !text.empty() && text.back() == '\n';
    }));
    std::filesystem::resize_file(path, 0);
    log(log_level::info, "today");
    const auto lines = file.lines();
    REQUIRE(lines.size() == 1);
    CHECK_THAT(lines.front(), Catch::StartsWith("{") && Catch::Contains("today"));
}
