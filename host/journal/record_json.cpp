// SPDX-License-Identifier: Apache-2.0
#include "journal/record_json.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>

namespace mortise::host {
namespace json = boost::json;
namespace {

std::uint64_t number_in(const json::object& o, std::string_view key) {
    const json::value* v = o.if_contains(key);
    if (v == nullptr || !v->is_number()) return 0;
    boost::system::error_code ec;
    const auto n = v->to_number<std::uint64_t>(ec);
    return ec ? 0 : n;
}

std::string text_in(const json::object& o, std::string_view key) {
    const json::value* v = o.if_contains(key);
    return v != nullptr && v->is_string() ? std::string(v->get_string()) : std::string();
}

void put_text(std::string& out, std::string_view name, std::string_view value) {
    if (value.empty()) return;
    out.append(",\"").append(name).append("\":");
    append_json_string(out, value);
}

} // namespace

std::string rfc3339(unix_ms t) {
    using namespace std::chrono;
    const sys_time<milliseconds> at{milliseconds(t)};
    const auto day = floor<days>(at);
    const year_month_day date(day);
    const hh_mm_ss clock_time(at - day);
    char out[64];
    std::snprintf(out, sizeof(out), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
                  static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                  static_cast<unsigned>(date.day()), static_cast<int>(clock_time.hours().count()),
                  static_cast<int>(clock_time.minutes().count()),
                  static_cast<int>(clock_time.seconds().count()),
                  static_cast<int>(clock_time.subseconds().count()));
    return out;
}

void append_json_string(std::string& out, std::string_view text) {
    const bool plain = std::none_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
    });
    if (plain) {
        out.push_back('"');
        out.append(text);
        out.push_back('"');
    } else {
        out.append(json::serialize(json::string_view(text.data(), text.size())));
    }
}

bool is_json(std::string_view text) {
    boost::system::error_code ec;
    json::parse_options options;
    options.max_depth = 512;
    json::parse(json::string_view(text.data(), text.size()), ec, {}, options);
    return !ec;
}

std::string error_to_json(const error& e) {
    json::object o;
    o["category"] = to_string(e.category);
    if (e.retry != retry_advice::by_category) o["retry"] = e.retry == retry_advice::yes;
    if (e.effect != effect::unknown) o["effect"] = to_string(e.effect);
    if (e.http_status != 0) o["http_status"] = e.http_status;
    if (e.retry_after) o["retry_after_ms"] = e.retry_after->count();
    if (!e.code.empty()) o["code"] = e.code;
    if (!e.message.empty()) o["message"] = e.message;
    if (!e.details.empty()) o["details"] = e.details;
    return json::serialize(o);
}

error error_from_json(std::string_view text) {
    boost::system::error_code ec;
    const json::value parsed = json::parse(json::string_view(text.data(), text.size()), ec);
    if (ec || !parsed.is_object()) {
        return {category::internal, "journal.error-unreadable",
                "the journal holds an error that is no JSON object: " +
                    std::string(text.substr(0, 200))};
    }
    const json::object& o = parsed.get_object();
    error e;
    e.category = category_from_string(text_in(o, "category"));
    e.effect = effect_from_string(text_in(o, "effect"));
    if (const json::value* retry = o.if_contains("retry"); retry != nullptr && retry->is_bool()) {
        e.retry = retry->get_bool() ? retry_advice::yes : retry_advice::no;
    }
    e.http_status = static_cast<std::uint32_t>(number_in(o, "http_status"));
    if (o.contains("retry_after_ms")) {
        e.retry_after =
            std::chrono::milliseconds(static_cast<std::int64_t>(number_in(o, "retry_after_ms")));
    }
    e.code = text_in(o, "code");
    e.message = text_in(o, "message");
    e.details = text_in(o, "details");
    return e;
}

std::string event_to_json(const event_record& event) {
    std::string out = "{\"specversion\":\"1.0\"";
    out.reserve(event.data.size() + 512);
    put_text(out, "id", event.id);
    put_text(out, "source", event.source);
    put_text(out, "type", event.type);
    put_text(out, "subject", event.subject);
    put_text(out, "partitionkey", event.partition_key);
    put_text(out, "traceparent", event.trace_parent);
    if (event.time != 0) put_text(out, "time", rfc3339(event.time));
    if (!event.data.empty()) {
        out.append(",\"datacontenttype\":\"application/json\",\"data\":").append(event.data);
    }
    out.push_back('}');
    return out;
}

} // namespace mortise::host
