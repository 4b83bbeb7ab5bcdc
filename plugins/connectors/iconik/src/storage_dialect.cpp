// SPDX-License-Identifier: Apache-2.0
#include "storage_dialect.hpp"

#include <algorithm>
#include <charconv>

namespace iconik {

using mortise::category;
using mortise::error;

namespace {

constexpr std::uint64_t most_parts = 10'000;

std::string unescaped(std::string_view text) {
    static constexpr std::pair<std::string_view, char> entities[]{
        {"&quot;", '"'}, {"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&apos;", '\''}};
    std::string out;
    while (!text.empty()) {
        const auto* const found =
            std::find_if(std::begin(entities), std::end(entities),
                         [&](const auto& e) { return text.starts_with(e.first); });
        out += found == std::end(entities) ? text.front() : found->second;
        text.remove_prefix(found == std::end(entities) ? 1 : found->first.size());
    }
    return out;
}

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
        case '"':
            out += "&quot;";
            break;
        case '&':
            out += "&amp;";
            break;
        case '<':
            out += "&lt;";
            break;
        default:
            out += c;
        }
    }
    return out;
}

std::optional<std::uint64_t> number(std::string_view text) {
    std::uint64_t out = 0;
    const auto [end, e] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (e != std::errc() || end != text.data() + text.size() || text.empty()) return {};
    return out;
}

} // namespace

std::string xml_text(std::string_view xml, std::string_view element) {
    const std::string open = "<" + std::string(element) + ">";
    const std::size_t begin = xml.find(open);
    if (begin == std::string_view::npos) return {};
    const std::size_t from = begin + open.size();
    const std::size_t end = xml.find("</" + std::string(element) + ">", from);
    if (end == std::string_view::npos) return {};
    return unescaped(xml.substr(from, end - from));
}

std::map<int, stored_part> parts_of(std::string_view xml) {
    std::map<int, stored_part> out;
    for (std::size_t at = xml.find("<Part>"); at != std::string_view::npos;
         at = xml.find("<Part>", at + 1)) {
        const std::size_t end = xml.find("</Part>", at);
        if (end == std::string_view::npos) break;
        const std::string_view one = xml.substr(at, end - at);
        const auto which = number(xml_text(one, "PartNumber"));
        const auto size = number(xml_text(one, "Size"));
        if (!which || *which < 1 || *which > most_parts || !size) continue;
        out[static_cast<int>(*which)] = {xml_text(one, "ETag"), *size};
    }
    return out;
}

std::string complete_xml(const std::map<int, stored_part>& parts) {
    std::string out = "<CompleteMultipartUpload>";
    for (const auto& [number_of_part, part] : parts) {
        out += "<Part><PartNumber>" + std::to_string(number_of_part) + "</PartNumber><ETag>" +
               escaped(part.etag) + "</ETag></Part>";
    }
    return out + "</CompleteMultipartUpload>";
}

std::optional<content_range> read_content_range(std::string_view header) {
    constexpr std::string_view unit = "bytes ";
    if (!header.starts_with(unit)) return {};
    header.remove_prefix(unit.size());
    const std::size_t dash = header.find('-');
    const std::size_t slash = header.find('/');
    if (dash == std::string_view::npos || slash == std::string_view::npos) return {};
    const auto first = number(header.substr(0, dash));
    if (!first) return {};
    content_range out;
    out.first = *first;
    out.whole = number(header.substr(slash + 1)); // "*": not told
    return out;
}

std::uint64_t part_size_for(std::uint64_t size, std::uint64_t part_size) noexcept {
    return std::max(part_size, (size + most_parts - 1) / most_parts);
}

error storage_error(const mortise::http_response& response, std::string_view what, bool is_read) {
    error e = response.to_error("iconik.storage");
    const std::string code = xml_text(response.body, "Code");
    const std::string text = xml_text(response.body, "Message");
    e.message = "The storage behind iconik answered status " + std::to_string(response.status) +
                " for " + std::string(what);
    if (!code.empty()) e.message += ": " + code.substr(0, 60) + " \"" + text.substr(0, 200) + "\"";
    e.message += ".";
    const bool expired = response.status == 403 &&
                         (code == "ExpiredToken" || text.find("xpired") != std::string::npos);
    const bool forgotten = code == "NoSuchUpload";
    if (expired || forgotten || code == "RequestTimeout") {
        e.category = category::unavailable;
        e.code = forgotten ? "iconik.storage.no-such-upload" : "iconik.storage.link-expired";
        e.retry = mortise::retry_advice::yes;
        e.effect = mortise::effect::none;
    }
    if (is_read) e.effect = mortise::effect::none;
    return e;
}

} // namespace iconik
