// SPDX-License-Identifier: Apache-2.0
// Reads the Prometheus text format, version 0.0.4, as strictly as it is written down: whatever is
// not in order throws std::runtime_error naming the line.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace mortise::test {

struct metric_sample {
    std::string name; // of the line: with _bucket, _sum, _count
    std::map<std::string, std::string> labels;
    double value = 0;
};
struct metric_family {
    std::string help, type;
    std::vector<metric_sample> samples;
};
using exposition = std::map<std::string, metric_family>;

// Besides the syntax: HELP and TYPE once and before the samples, families in one piece, no series
// twice, counters named _total and not negative, histograms cumulative with an le="+Inf" bucket
// that equals _count.
exposition read_exposition(std::string_view text);

} // namespace mortise::test
