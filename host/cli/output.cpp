// SPDX-License-Identifier: Apache-2.0
#include "cli/output.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <cstdio>
#include <ctime>

namespace mortise::host::cli {

std::string time_text(unix_ms t) {
    if (t == 0) return "-";
    const std::time_t seconds = static_cast<std::time_t>(t / 1000);
    std::tm tm{};
    gmtime_r(&seconds, &tm);
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &tm);
    return text;
}

std::string span_text(unix_ms d) {
    char text[32];
    if (d < 1000)
        std::snprintf(text, sizeof text, "%lld ms",
                      static_cast<long long>(std::max<unix_ms>(d, 0)));
    else if (d < 60'000)
        std::snprintf(text, sizeof text, "%.1f s", static_cast<double>(d) / 1000.0);
    else if (d < 2 * 3'600'000)
        std::snprintf(text, sizeof text, "%lld min", static_cast<long long>(d / 60'000));
    else if (d < 2 * 86'400'000)
        std::snprintf(text, sizeof text, "%lld h", static_cast<long long>(d / 3'600'000));
    else
        std::snprintf(text, sizeof text, "%lld d", static_cast<long long>(d / 86'400'000));
    return text;
}

std::string bytes_text(std::uint64_t n) {
    char text[32];
    const auto d = static_cast<double>(n);
    if (n < 10'000)
        std::snprintf(text, sizeof text, "%llu B", static_cast<unsigned long long>(n));
    else if (n < 10'000'000)
        std::snprintf(text, sizeof text, "%.1f KiB", d / 1024);
    else if (n < 10'000'000'000)
        std::snprintf(text, sizeof text, "%.1f MiB", d / (1 << 20));
    else
        std::snprintf(text, sizeof text, "%.1f GiB", d / (1 << 30));
    return text;
}

std::string excerpt(std::string_view text, std::size_t most) {
    return output_screen().is_terminal ? cut_to(text, most) : std::string(text);
}

void print_json(const boost::json::value& v) {
    print(boost::json::serialize(v) + '\n');
}

void print(std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
}

std::string pretty(const boost::json::value& v, std::size_t indent) {
    const std::string pad(indent + 2, ' ');
    if (v.is_object() && !v.get_object().empty()) {
        std::string out = "{\n";
        for (const auto& [key, value] : v.get_object()) {
            if (out.size() > 2) out += ",\n";
            out += pad + boost::json::serialize(boost::json::string_view(key)) + ": " +
                   pretty(value, indent + 2);
        }
        return out + '\n' + std::string(indent, ' ') + '}';
    }
    if (v.is_array() && !v.get_array().empty()) {
        std::string out = "[\n";
        for (const auto& value : v.get_array()) {
            if (out.size() > 2) out += ",\n";
            out += pad + pretty(value, indent + 2);
        }
        return out + '\n' + std::string(indent, ' ') + ']';
    }
    return boost::json::serialize(v);
}

int fail(int code, std::string_view message) {
    std::fprintf(stderr, "mortise: %.*s\n", static_cast<int>(message.size()), message.data());
    return code;
}

} // namespace mortise::host::cli
