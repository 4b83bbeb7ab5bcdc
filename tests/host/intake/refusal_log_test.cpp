// SPDX-License-Identifier: Apache-2.0
#include "base/log.hpp"
#include "intake/refusal_log.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <sstream>

using namespace mortise;
using namespace mortise::host;

namespace {

struct bench {
    bench() {
        log_options o;
        o.file = (dir.path() / "log").string();
        start_log(o);
    }
    ~bench() { stop_log(); }
    std::vector<std::string> lines() const {
        stop_log();
        std::istringstream in(test::read_file(dir.path() / "log"));
        std::vector<std::string> out;
        for (std::string line; std::getline(in, line);)
            out.push_back(line);
        return out;
    }
    test::temp_dir dir;
    manual_clock time;
    refusal_log refusals{time};
};

const error wrong_secret(category::auth, "dam.webhook.secret", "The secret is wrong.");
const error unreadable(category::input, "dam.webhook.body", "The body is not JSON.");

} // namespace

TEST_CASE("a webhook that is refused is told at once, with its hook and cause", "[intake][log]") {
    bench b;
    b.refusals.refused("dam", wrong_secret);
    const auto lines = b.lines();
    REQUIRE(lines.size() == 1);
    CHECK_THAT(lines[0], Catch::Contains("a webhook was refused: The secret is wrong.") &&
                             Catch::Contains("hook=dam code=dam.webhook.secret category=auth "
                                             "times=1"));
}

TEST_CASE("a sender that repeats fills no log, and is counted", "[intake][log]") {
    bench b;
    for (int i = 0; i < 60; ++i) {
        b.refusals.refused("dam", wrong_secret);
        b.time.advance(std::chrono::seconds(1));
    }
    b.refusals.refused("dam", wrong_secret);
    const auto lines = b.lines();
    REQUIRE(lines.size() == 2);
    CHECK_THAT(lines[1], Catch::Contains("times=60"));
}

TEST_CASE("another hook and another cause are told by themselves", "[intake][log]") {
    bench b;
    b.refusals.refused("dam", wrong_secret);
    b.refusals.refused("dam", unreadable);
    b.refusals.refused("crm", wrong_secret);
    b.refusals.refused("crm", wrong_secret);
    CHECK(b.lines().size() == 3);
}
