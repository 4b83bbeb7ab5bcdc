// SPDX-License-Identifier: Apache-2.0
#include "base/metrics.hpp"
#include "support/catch.hpp"
#include "support/exposition.hpp"

#include <stdexcept>

using namespace mortise::host;
using mortise::test::read_exposition;

TEST_CASE("what the registry writes keeps to the format", "[base][metrics]") {
    metric_registry m;
    m.get(metric_kind::counter, "a_total", "with a \\ and\na line").add(2);
    m.get(metric_kind::gauge, "b_bytes", "bytes", metric_label("name", "x\"\\\n\xc3\xa4"))
        .set(-1.5);
    auto& h = m.get(metric_kind::histogram, "c_seconds", "time", metric_label("x", "1"));
    for (const double v : {0.00001, 0.0001, 0.2, 1e9})
        h.observe(v);
    m.get(metric_kind::histogram, "d_seconds", "long", {}, run_seconds).observe(100'000);
    const auto text = m.text();
    INFO(text);
    const auto all = read_exposition(text);
    REQUIRE(all.size() == 4);
    CHECK(all.at("a_total").help == "with a \\\\ and\\na line");
    CHECK(all.at("b_bytes").samples.front().labels.at("name") == "x\"\\\n\xc3\xa4");
    CHECK(all.at("b_bytes").samples.front().value == -1.5);
    CHECK(all.at("c_seconds").samples.front().value == 2); // 0.0001 is within its bound
    CHECK(all.at("c_seconds").samples.size() == 11 + 1 + 2);
    CHECK(all.at("d_seconds").samples.size() == 12 + 1 + 2);
}

TEST_CASE("what is only known by looking is looked at for each answer", "[base][metrics]") {
    metric_registry m;
    int looks = 0;
    auto collector =
        m.on_collect([&] { m.get(metric_kind::gauge, "looks", "how often").set(++looks); });
    CHECK(m.text().find("looks 1\n") != std::string::npos);
    CHECK(m.text().find("looks 2\n") != std::string::npos);
    collector.reset();
    CHECK(m.text().find("looks 2\n") != std::string::npos);
    CHECK(looks == 2);
}

TEST_CASE("a text out of order is noticed", "[base][metrics]") {
    const auto bad = GENERATE(
        "", "a 1\n", "# HELP a x\n# TYPE a gauge\na 1", "# HELP a x\n# TYPE a gauge\na 1\na 2\n",
        "# HELP a x\n# TYPE a counter\na 1\n", "# HELP a x\n# TYPE a gauge\na{b=\"c} 1\n",
        "# HELP a x\n# TYPE a gauge\na{b=\"\\x\"} 1\n", "# HELP a x\n# TYPE a gauge\na one\n",
        "# TYPE a gauge\na 1\n", "# HELP a x\na 1\n", "# HELP 1a x\n# TYPE 1a gauge\n1a 1\n",
        "# HELP a x\n# TYPE a gauge\n# HELP b x\n# TYPE b gauge\na 1\n",
        "# HELP a x\n# TYPE a histogram\na_bucket{le=\"1\"} 2\na_bucket{le=\"+Inf\"} 1\na_sum "
        "1\na_count 1\n",
        "# HELP a x\n# TYPE a histogram\na_bucket{le=\"1\"} 1\na_sum 1\na_count 1\n",
        "# HELP a x\n# TYPE a histogram\na_bucket{le=\"+Inf\"} 1\na_sum 1\na_count 2\n");
    INFO(bad);
    CHECK_THROWS_AS(read_exposition(bad), std::runtime_error);
}
