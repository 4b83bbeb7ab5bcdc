// SPDX-License-Identifier: Apache-2.0
//
// Who may use the admin listener: [admin] names, [admin.tokens.<name>], and what an address beyond
// loopback needs.
#include "config/config_read.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <chrono>

namespace json = boost::json;

namespace mortise::host {
namespace {

constexpr std::size_t longest_name = 64;

bool is_loopback(std::string_view address) {
    return address == "::1" || address.starts_with("127.");
}

bool is_token_name(std::string_view name) {
    return !name.empty() && name.size() <= longest_name &&
           std::all_of(name.begin(), name.end(), [](unsigned char c) {
               return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.';
           });
}

// "2027-01-01" or "2027-01-01T12:00:00Z", checked for its form already.
std::optional<std::int64_t> time_of(std::string_view text) {
    const auto number = [&text](std::size_t from, std::size_t digits) {
        int n = -1;
        std::from_chars(text.data() + from, text.data() + from + digits, n);
        return n;
    };
    using namespace std::chrono;
    const year_month_day day{year(number(0, 4)), month(static_cast<unsigned>(number(5, 2))),
                             std::chrono::day(static_cast<unsigned>(number(8, 2)))};
    if (!day.ok()) return std::nullopt;
    seconds of_day{0};
    if (text.size() > 10) {
        const int h = number(11, 2), m = number(14, 2), s = number(17, 2);
        if (h > 23 || m > 59 || s > 59) return std::nullopt;
        of_day = hours(h) + minutes(m) + seconds(s);
    }
    return duration_cast<milliseconds>(sys_days(day).time_since_epoch() + of_day).count();
}

void read_token(std::string_view name,
                const json::object& o,
                const config_reader& reader,
                admin_config& out) {
    const std::string at = to_pointer({"admin", "tokens", std::string(name)});
    if (!is_token_name(name)) {
        reader.add_at_value(at, "[admin.tokens]: \"" + std::string(name) + "\" is no token name",
                            "1 to 64 letters, digits, \"-\", \"_\" and \".\"");
        return;
    }
    admin_token_config t{std::string(name), text_of(o, "role"), text_of(o, "hash"), 0};
    t.hash.erase(0, std::string_view("sha256:").size());
    if (const auto text = text_of(o, "expires"); !text.empty()) {
        const auto expires = time_of(text);
        if (!expires)
            reader.add_at_value(at + "/expires", "\"expires\": there is no such day or time",
                                "write a day such as \"2027-01-01\"");
        t.expires_at = expires.value_or(0);
    }
    for (const auto& other : out.tokens)
        if (other.hash == t.hash)
            reader.add_at_value(at + "/hash",
                                "\"hash\": the same as that of [admin.tokens." + other.name + ']',
                                "a token has one name and one role: make another one");
    out.tokens.push_back(std::move(t));
}

} // namespace

void read_access(const json::object& admin, const config_reader& reader, configuration& out) {
    admin_config& a = out.admin;
    a.names = texts_of(admin, "names");
    for (auto& name : a.names)
        std::transform(name.begin(), name.end(), name.begin(),
                       [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    for (const auto& member : table_of(admin, "tokens"))
        if (const auto* o = member.value().if_object(); o != nullptr)
            read_token(member.key(), *o, reader, a);
    if (!a.enabled || is_loopback(a.address)) return;
    std::string missing;
    if (a.tls.certificate_file.empty()) missing = "TLS ([admin.tls])";
    if (a.tokens.empty())
        missing += (missing.empty() ? "" : " and ") + std::string("a token ([admin.tokens.NAME])");
    if (!missing.empty())
        reader.add_at_value("/admin/address",
                            "\"address\" in [admin]: " + a.address +
                                " can be reached from other machines, which needs " + missing,
                            "add it, or listen on \"127.0.0.1\"");
}

} // namespace mortise::host
