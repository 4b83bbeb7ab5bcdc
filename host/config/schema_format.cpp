// SPDX-License-Identifier: Apache-2.0
//
// The formats of the schema subset.
#include "config/schema_parts.hpp"
#include "config/units.hpp"

#include <boost/regex.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

namespace mortise::host {

namespace {

bool matches(std::string_view text, const boost::regex& pattern) {
    constexpr std::size_t longest = 1024;
    return text.size() <= longest && boost::regex_match(text.begin(), text.end(), pattern);
}

bool is_date(std::string_view text) {
    static const boost::regex form("(\\d{4})-(\\d\\d)-(\\d\\d)");
    boost::match_results<std::string_view::const_iterator> m;
    if (text.size() != 10 || !boost::regex_match(text.begin(), text.end(), m, form)) return false;
    const int y = std::stoi(m[1].str()), mo = std::stoi(m[2].str()), d = std::stoi(m[3].str());
    return std::chrono::year_month_day(std::chrono::year(y),
                                       std::chrono::month(static_cast<unsigned>(mo)),
                                       std::chrono::day(static_cast<unsigned>(d)))
        .ok();
}

bool is_date_time(std::string_view text) {
    static const boost::regex time("[Tt ]([01]\\d|2[0-3]):[0-5]\\d:([0-5]\\d|60)(\\.\\d+)?"
                                   "([Zz]|[+-]([01]\\d|2[0-3]):[0-5]\\d)");
    return text.size() > 10 && is_date(text.substr(0, 10)) && matches(text.substr(10), time);
}

} // namespace

std::string check_format(std::string_view format, std::string_view text) {
    static const boost::regex email("[^@\\s]+@[^@\\s.]+(\\.[^@\\s.]+)*");
    static const boost::regex host("(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
                                   "(\\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*");
    static const boost::regex uuid("[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}");
    if (format == "uri") {
        const auto url = boost::urls::parse_uri(text);
        if (!url || url->host().empty())
            return "expected an absolute URL such as \"https://example.com/\"";
    } else if (format == "date") {
        if (!is_date(text)) return "expected a date such as 2025-03-31";
    } else if (format == "date-time") {
        if (!is_date_time(text)) return "expected a date and time such as 2025-03-31T12:00:00Z";
    } else if (format == "email") {
        if (!matches(text, email)) return "expected an e-mail address";
    } else if (format == "hostname") {
        if (!matches(text, host)) return "expected a host name such as \"api.example.com\"";
    } else if (format == "uuid") {
        if (!matches(text, uuid))
            return "expected a UUID such as \"123e4567-e89b-12d3-a456-426614174000\"";
    } else if (format == "duration") {
        const auto d = parse_duration(text);
        if (!d) return d.error().message;
    } else if (format == "size") {
        const auto s = parse_size(text);
        if (!s) return s.error().message;
    }
    return {};
}

} // namespace mortise::host
