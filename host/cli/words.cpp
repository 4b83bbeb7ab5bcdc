// SPDX-License-Identifier: Apache-2.0
#include "cli/words.hpp"

#include "base/no_effect.hpp"
#include "cli/output.hpp"
#include "config/units.hpp"

#include <boost/json.hpp>

#include <ctime>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

namespace mortise::host::cli {

namespace json = boost::json;

result<std::string> text_of(const std::string& file) {
    std::ostringstream out;
    if (file == "-") {
        out << std::cin.rdbuf();
        return out.str();
    }
    const std::ifstream in(file, std::ios::binary);
    if (!in || std::filesystem::is_directory(file)) {
        return no_effect(category::not_found, "cli.file",
                         "cannot read " + file + "; give a file, or - for standard input");
    }
    out << in.rdbuf();
    return out.str();
}

result<json::value> json_of(const std::string& file) {
    const auto text = text_of(file);
    if (!text) return text.error();
    boost::system::error_code ec;
    json::stream_parser parser;
    auto read = parser.write_some(*text, ec);
    const bool blank_rest =
        text->find_first_not_of(" \t\r\n", std::min(read, text->size())) == std::string::npos;
    if (!ec && blank_rest) parser.finish(ec);
    if (!ec && blank_rest) return parser.release();
    std::size_t line = 1, column = 1;
    for (std::size_t i = 0; i < read && i < text->size(); ++i) {
        column = (*text)[i] == '\n' ? 1 : column + 1;
        line += (*text)[i] == '\n';
    }
    return no_effect(category::input, "cli.json",
                     (file == "-" ? std::string("standard input") : file) + ':' +
                         std::to_string(line) + ':' + std::to_string(column) + ": not JSON (" +
                         (ec ? ec.message() : std::string("more text behind the value")) + ')');
}

result<unix_ms> point_in_time(const std::string& text, unix_ms now) {
    if (const auto ago = parse_duration(text)) return now - ago->count();
    std::tm tm{};
    for (const char* form : {"%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%MZ", "%Y-%m-%d"}) {
        tm = {};
        const char* rest = ::strptime(text.c_str(), form, &tm);
        if (rest != nullptr && *rest == '\0') return unix_ms(::timegm(&tm)) * 1000;
    }
    return no_effect(category::input, "cli.time",
                     "\"" + text +
                         "\" is no time; write 2026-03-01, 2026-03-01T14:05:09Z "
                         "(UTC) or a time "
                         "ago such as 36h or 7d");
}

std::string url_encoded(std::string_view text) {
    constexpr char digits[] = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto u = static_cast<unsigned char>(c);
        if (std::isalnum(u) != 0 || c == '-' || c == '.' || c == '_' || c == '~') {
            out += c;
        } else {
            out += '%';
            out += digits[u >> 4];
            out += digits[u & 15];
        }
    }
    return out;
}

std::string with_query(std::string path, const query_parameters& query) {
    char mark = path.find('?') == std::string::npos ? '?' : '&';
    for (const auto& [name, value] : query) {
        if (value.empty()) continue;
        path += mark + name + '=' + url_encoded(value);
        mark = '&';
    }
    return path;
}

std::string member(const json::value& v, std::string_view name) {
    const auto* o = v.if_object();
    const auto* found = o != nullptr ? o->if_contains(name) : nullptr;
    if (found == nullptr || found->is_null()) return {};
    return found->is_string() ? std::string(found->get_string()) : json::serialize(*found);
}

const json::value& part(const json::value& v, std::string_view name) {
    static const json::value none;
    const auto* o = v.if_object();
    const auto* found = o != nullptr ? o->if_contains(name) : nullptr;
    return found != nullptr ? *found : none;
}

const json::array& list_in(const json::value& v, std::string_view name) {
    static const json::array none;
    const auto* list = part(v, name).if_array();
    return list != nullptr ? *list : none;
}

std::int64_t number_in(const json::value& v, std::string_view name) {
    const auto& n = part(v, name);
    boost::system::error_code ec;
    const auto i = n.to_number<std::int64_t>(ec);
    if (!ec) return i;
    return n.is_double() ? static_cast<std::int64_t>(n.get_double()) : 0;
}

std::string time_in(const json::value& v, std::string_view name) {
    const auto& at = part(v, name);
    if (!at.is_string()) return time_text(number_in(v, name));
    // The ledger keeps times as they were hashed: 2026-03-01T14:05:09.000Z.
    auto text = std::string(at.get_string()).substr(0, 19);
    if (text.size() > 10 && text[10] == 'T') text[10] = ' ';
    return text;
}

} // namespace mortise::host::cli
