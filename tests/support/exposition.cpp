// SPDX-License-Identifier: Apache-2.0
#include "support/exposition.hpp"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <set>
#include <stdexcept>

namespace mortise::test {
namespace {

[[noreturn]] void bad(std::size_t line, const std::string& what) {
    throw std::runtime_error("line " + std::to_string(line) + ": " + what);
}

bool is_name(std::string_view s, bool colon) {
    if (s.empty() || (s[0] >= '0' && s[0] <= '9')) return false;
    return std::all_of(s.begin(), s.end(), [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || (colon && c == ':');
    });
}

double number(std::string_view text, std::size_t line) {
    if (text == "+Inf") return std::numeric_limits<double>::infinity();
    const std::string copy(text);
    char* end = nullptr;
    const double v = std::strtod(copy.c_str(), &end);
    if (copy.empty() || *end != '\0') bad(line, "no number: " + copy);
    return v;
}

metric_sample read_sample(std::string_view s, std::size_t line) {
    metric_sample out;
    const auto name_end = s.find_first_of("{ ");
    if (name_end == std::string_view::npos) bad(line, "no value");
    out.name = s.substr(0, name_end);
    if (!is_name(out.name, true)) bad(line, "bad name " + out.name);
    auto at = name_end;
    if (s[at] == '{') {
        ++at;
        while (at < s.size() && s[at] != '}') {
            const auto equals = s.find('=', at);
            if (equals == std::string_view::npos || s.substr(equals + 1, 1) != "\"")
                bad(line, "bad labels");
            const std::string key(s.substr(at, equals - at));
            if (!is_name(key, false)) bad(line, "bad label " + key);
            std::string value;
            for (at = equals + 2; at < s.size() && s[at] != '"'; ++at) {
                if (s[at] == '\\') {
                    if (++at >= s.size() || (s[at] != '\\' && s[at] != '"' && s[at] != 'n'))
                        bad(line, "bad escape");
                    value += s[at] == 'n' ? '\n' : s[at];
                } else {
                    value += s[at];
                }
            }
            if (at >= s.size()) bad(line, "label without end");
            if (!out.labels.emplace(key, value).second) bad(line, "label twice: " + key);
            ++at;
            if (at < s.size() && s[at] == ',')
                ++at;
            else if (at >= s.size() || s[at] != '}')
                bad(line, "bad labels");
        }
        if (at >= s.size()) bad(line, "labels without end");
        ++at;
    }
    if (at >= s.size() || s[at] != ' ') bad(line, "no space before the value");
    out.value = number(s.substr(at + 1), line);
    return out;
}

std::string family_of(const std::string& sample) {
    for (const std::string_view end : {"_bucket", "_sum", "_count"})
        if (sample.ends_with(end)) return sample.substr(0, sample.size() - end.size());
    return sample;
}

void check_histogram(const std::string& name, const metric_family& f) {
    struct series {
        std::vector<std::pair<double, double>> buckets;
        int sums = 0, counts = 0;
        double count = -1;
    };
    std::map<std::string, series> all;
    for (const auto& s : f.samples) {
        auto labels = s.labels;
        const auto le = labels.find("le");
        const bool bucket = s.name == name + "_bucket";
        if (bucket != (le != labels.end())) bad(0, name + ": le belongs to buckets alone");
        double bound = 0;
        if (bucket) {
            bound = number(le->second, 0);
            labels.erase(le);
        }
        std::string key;
        for (const auto& [k, v] : labels)
            key += k + '=' + v + ';';
        auto& of = all[key];
        if (bucket)
            of.buckets.emplace_back(bound, s.value);
        else if (s.name == name + "_sum")
            ++of.sums;
        else if (s.name == name + "_count") {
            ++of.counts;
            of.count = s.value;
        } else
            bad(0, name + ": unexpected " + s.name);
    }
    for (const auto& [key, s] : all) {
        if (s.sums != 1 || s.counts != 1) bad(0, name + ": needs one _sum and one _count");
        if (s.buckets.empty() || s.buckets.back().first != std::numeric_limits<double>::infinity())
            bad(0, name + ": the last bucket is not +Inf");
        for (std::size_t i = 1; i < s.buckets.size(); ++i)
            if (s.buckets[i].first <= s.buckets[i - 1].first ||
                s.buckets[i].second < s.buckets[i - 1].second)
                bad(0, name + ": buckets do not rise");
        if (s.buckets.back().second != s.count) bad(0, name + ": +Inf and _count differ");
    }
}

} // namespace

exposition read_exposition(std::string_view text) {
    exposition out;
    if (text.empty() || text.back() != '\n') bad(0, "the last line has no end");
    std::string current;
    std::set<std::string> series;
    std::size_t n = 0;
    for (std::size_t at = 0; at < text.size();) {
        ++n;
        const auto end = text.find('\n', at);
        const auto line = text.substr(at, end - at);
        at = end + 1;
        if (line.empty()) bad(n, "empty line");
        if (line[0] == '#') {
            const bool help = line.starts_with("# HELP "), type = line.starts_with("# TYPE ");
            if (!help && !type) bad(n, "neither HELP nor TYPE");
            const auto rest = line.substr(7);
            const auto space = rest.find(' ');
            if (space == std::string_view::npos) bad(n, "nothing behind the name");
            const std::string name(rest.substr(0, space)), value(rest.substr(space + 1));
            if (!is_name(name, true)) bad(n, "bad name " + name);
            auto& f = out[name];
            if (!f.samples.empty()) bad(n, name + " comes in two pieces");
            if (help) {
                if (!f.help.empty() || !f.type.empty()) bad(n, "HELP late or twice: " + name);
                if (value.empty()) bad(n, "no help for " + name);
                f.help = value;
            } else {
                if (!f.type.empty()) bad(n, "TYPE twice: " + name);
                if (value != "counter" && value != "gauge" && value != "histogram")
                    bad(n, "unknown type " + value);
                f.type = value;
            }
            current = name;
            continue;
        }
        auto s = read_sample(line, n);
        auto name = s.name;
        if (!out.contains(name)) name = family_of(name);
        const auto it = out.find(name);
        if (it == out.end() || it->second.type.empty() || it->second.help.empty())
            bad(n, s.name + " has no HELP or TYPE");
        if (name != current) bad(n, s.name + " is not with its family");
        auto& f = it->second;
        if (f.type == "counter" && (!name.ends_with("_total") || s.value < 0))
            bad(n, name + ": a counter is named _total and never negative");
        if (f.type != "counter" && name.ends_with("_total"))
            bad(n, name + ": only counters are named _total");
        std::string key = s.name;
        for (const auto& [k, v] : s.labels)
            key += ';' + k + '=' + v;
        if (!series.insert(key).second) bad(n, "series twice: " + key);
        f.samples.push_back(std::move(s));
    }
    for (const auto& [name, f] : out)
        if (f.type == "histogram") check_histogram(name, f);
    return out;
}

} // namespace mortise::test
