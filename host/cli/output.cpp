// SPDX-License-Identifier: Apache-2.0
#include "cli/output.hpp"

#include <boost/json.hpp>

#include <cstdio>
#include <ctime>
#include <sys/ioctl.h>
#include <unistd.h>

namespace mortise::host::cli {
namespace {

// Cells are UTF-8: continuation bytes take no column.
std::size_t columns(std::string_view text) {
    std::size_t n = 0;
    for (const char c : text)
        n += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    return n;
}

std::string cut(std::string_view text, std::size_t width) {
    if (columns(text) <= width) return std::string(text);
    std::string out;
    std::size_t used = 0;
    for (const char c : text) {
        if ((static_cast<unsigned char>(c) & 0xC0) != 0x80 && ++used >= width) break;
        out += c;
    }
    return out + "…";
}

std::size_t terminal_width() {
    winsize size{};
    if (isatty(STDOUT_FILENO) == 0 || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return 0;
    return size.ws_col;
}

} // namespace

std::string table::text() const {
    std::vector<std::size_t> widths;
    for (const auto& h : headings_)
        widths.push_back(columns(h));
    for (const auto& r : rows_) {
        for (std::size_t i = 0; i < r.size() && i < widths.size(); ++i)
            widths[i] = std::max(widths[i], columns(r[i]));
    }
    const auto total = terminal_width();
    std::string out;
    const auto line = [&](const std::vector<std::string>& cells) {
        std::string text;
        for (std::size_t i = 0; i < cells.size(); ++i) {
            if (i > 0) text += "  ";
            text += cells[i];
            if (i + 1 < cells.size())
                text.append(widths[i] - std::min(widths[i], columns(cells[i])), ' ');
        }
        out += total > 20 ? cut(text, total) : text;
        out += '\n';
    };
    line(headings_);
    for (const auto& r : rows_)
        line(r);
    return out;
}

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

std::string excerpt(std::string_view text, std::size_t most) {
    return cut(text, most);
}

void print_json(const boost::json::value& v) {
    std::printf("%s\n", boost::json::serialize(v).c_str());
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
