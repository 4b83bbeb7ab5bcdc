// SPDX-License-Identifier: Apache-2.0
#include "console/console_page.hpp"

#include <algorithm>
#include <string>

namespace mortise::host {
namespace {

constexpr std::string_view policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'";

constexpr std::string_view no_console =
    "This mortise was built without the web console.\n\n"
    "To build it: install Node.js 18 or newer with npm (Debian: apt install nodejs npm), then\n"
    "configure again with -DMORTISE_CONSOLE=ON.\n\n"
    "The command line does the same without it: mortise --help\n";

std::string_view trimmed(std::string_view text) {
    const auto blank = [](char c) { return c == ' ' || c == '\t'; };
    while (!text.empty() && blank(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && blank(text.back()))
        text.remove_suffix(1);
    return text;
}

// The next member of a comma-separated list; empty when there are no more.
std::string_view take_member(std::string_view& list) {
    while (!list.empty()) {
        const auto end = std::min(list.find(','), list.size());
        const auto member = trimmed(list.substr(0, end));
        list.remove_prefix(std::min(end + 1, list.size()));
        if (!member.empty()) return member;
    }
    return {};
}

// "gzip;q=0.000" refuses; anything else with a weight accepts.
bool refuses(std::string_view parameters) {
    const auto at = parameters.find("q=");
    if (at == std::string_view::npos) return false;
    const auto weight = trimmed(parameters.substr(at + 2));
    return weight.find_first_not_of("0.") == std::string_view::npos;
}

bool takes_gzip(const inbound_request& request) {
    const auto* header = request.header("accept-encoding");
    if (header == nullptr) return false;
    bool any = false;
    std::string_view list = *header;
    for (auto member = take_member(list); !member.empty(); member = take_member(list)) {
        const auto end = std::min(member.find(';'), member.size());
        const auto coding = trimmed(member.substr(0, end));
        const bool yes = !refuses(member.substr(end));
        if (equal_no_case(coding, "gzip")) return yes;
        if (coding == "*") any = yes;
    }
    return any;
}

bool has_already(const inbound_request& request, std::string_view etag) {
    const auto* header = request.header("if-none-match");
    if (header == nullptr) return false;
    std::string_view list = *header;
    for (auto member = take_member(list); !member.empty(); member = take_member(list)) {
        if (member == "*") return true;
        if (member.starts_with("W/")) member.remove_prefix(2); // compared weakly (RFC 9110 13.1.2)
        if (member == etag) return true;
    }
    return false;
}

void guard(inbound_response& r) {
    r.headers.push_back({"content-security-policy", std::string(policy)});
    r.headers.push_back({"x-content-type-options", "nosniff"});
    r.headers.push_back({"referrer-policy", "no-referrer"});
    r.headers.push_back({"cross-origin-opener-policy", "same-origin"});
    r.headers.push_back({"cross-origin-resource-policy", "same-origin"});
    r.headers.push_back({"x-frame-options", "DENY"});
}

inbound_response refused(unsigned status, std::string_view title, std::string_view detail) {
    auto r = problem(status, title, detail);
    r.headers.push_back({"cache-control", "no-store"});
    guard(r);
    return r;
}

// For a person with a browser, in the place of the page.
inbound_response without_console() {
    inbound_response r;
    r.status = 404;
    r.content_type = "text/plain; charset=utf-8";
    r.body = no_console;
    r.headers.push_back({"cache-control", "no-store"});
    guard(r);
    return r;
}

bool lies_under(std::string_view path, std::string_view folder) {
    return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

} // namespace

bool is_console_path(std::string_view path) noexcept {
    return path.starts_with('/') && !lies_under(path, "/api") && !lies_under(path, "/metrics") &&
           !lies_under(path, "/health");
}

inbound_response serve_console(const inbound_request& request,
                               std::span<const console_file> files) {
    if (request.method != "GET" && request.method != "HEAD") {
        auto r = refused(405, "method not allowed", "the console's files can only be read");
        r.headers.push_back({"allow", "GET, HEAD"});
        return r;
    }
    if (files.empty() && request.path == "/") return without_console();
    const auto* file = find_console_file(request.path, files);
    if (file == nullptr)
        return refused(404, "not found", "there is no such path; the console begins at /");

    const bool packed = !file->gzip.empty() && takes_gzip(request);
    // The two forms are different bytes, so they have different strong tags.
    const auto etag = '"' + std::string(file->etag) + (packed ? "-gzip\"" : "\"");
    inbound_response r;
    r.content_type = file->type;
    r.headers.push_back({"etag", etag});
    r.headers.push_back(
        {"cache-control", file->forever ? "public, max-age=31536000, immutable" : "no-cache"});
    if (!file->gzip.empty()) r.headers.push_back({"vary", "accept-encoding"});
    guard(r);
    if (has_already(request, etag)) {
        r.status = 304;
        return r;
    }
    if (packed) r.headers.push_back({"content-encoding", "gzip"});
    r.body = packed ? file->gzip : file->bytes;
    return r;
}

} // namespace mortise::host
