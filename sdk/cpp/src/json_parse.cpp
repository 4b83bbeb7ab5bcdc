// SPDX-License-Identifier: Apache-2.0
// The parser is Boost.JSON's; the handler adds what the profile demands beyond it.
#include <mortise/sdk/json.hpp>

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value_stack.hpp>

#include <algorithm>
#include <vector>

namespace mortise {
namespace {

struct profile_handler {
    static constexpr std::size_t max_object_size = json::object::max_size();
    static constexpr std::size_t max_array_size = json::array::max_size();
    static constexpr std::size_t max_key_size = json::string::max_size();
    static constexpr std::size_t max_string_size = json::string::max_size();

    explicit profile_handler(bool decimals_as_text) : decimals_as_text_(decimals_as_text) {
        stack_.reset();
    }

    bool on_document_begin(json::error_code&) { return true; }
    bool on_document_end(json::error_code&) { return true; }
    bool on_object_begin(json::error_code&) { return true; }
    bool on_object_end(std::size_t n, json::error_code&) {
        keys_ += n;
        stack_.push_object(n);
        return true;
    }
    bool on_array_begin(json::error_code&) { return true; }
    bool on_array_end(std::size_t n, json::error_code&) {
        stack_.push_array(n);
        return true;
    }
    bool on_key_part(json::string_view s, std::size_t, json::error_code&) {
        stack_.push_chars(s);
        return true;
    }
    bool on_key(json::string_view s, std::size_t, json::error_code&) {
        stack_.push_key(s);
        return true;
    }
    bool on_string_part(json::string_view s, std::size_t, json::error_code&) {
        stack_.push_chars(s);
        return true;
    }
    bool on_string(json::string_view s, std::size_t, json::error_code&) {
        stack_.push_string(s);
        return true;
    }
    bool on_number_part(json::string_view, json::error_code&) { return true; }
    bool on_int64(std::int64_t i, json::string_view, json::error_code&) {
        stack_.push_int64(i);
        return true;
    }
    bool on_uint64(std::uint64_t u, json::string_view, json::error_code&) {
        stack_.push_uint64(u);
        return true;
    }
    bool on_double(double d, json::string_view s, json::error_code& ec) {
        if (s.find_first_of(".eE") == json::string_view::npos) {
            // An integer that fits neither int64 nor uint64 would silently lose digits.
            ec = json::make_error_code(json::error::not_exact);
            return false;
        }
        if (decimals_as_text_) {
            stack_.push_string(s);
        } else {
            stack_.push_double(d);
        }
        return true;
    }
    bool on_bool(bool b, json::error_code&) {
        stack_.push_bool(b);
        return true;
    }
    bool on_null(json::error_code&) {
        stack_.push_null();
        return true;
    }
    bool on_comment_part(json::string_view, json::error_code&) { return true; }
    bool on_comment(json::string_view, json::error_code&) { return true; }

    json::value_stack stack_;
    std::size_t keys_ = 0;
    bool decimals_as_text_;
};

std::size_t count_keys(const json::value& v) noexcept {
    std::size_t n = 0;
    if (const auto* a = v.if_array()) {
        for (const auto& item : *a)
            n += count_keys(item);
    } else if (const auto* o = v.if_object()) {
        n = o->size();
        for (const auto& member : *o)
            n += count_keys(member.value());
    }
    return n;
}

[[noreturn]] void fail(const parse_options& options, std::string_view why) {
    std::string message(options.what);
    message.append(" is not JSON that can be accepted: ").append(why).append(".");
    throw error(options.blame, "sdk.json.malformed", std::move(message));
}

} // namespace

json::value parse_json(std::string_view text, const parse_options& options) {
    json::parse_options rules;
    rules.max_depth = max_json_depth;
    json::basic_parser<profile_handler> parser(rules, options.decimals_as_text);
    json::error_code ec;
    const std::size_t used = parser.write_some(false, text.data(), text.size(), ec);
    if (!ec && used < text.size()) ec = json::make_error_code(json::error::extra_data);
    if (ec) {
        const std::string where =
            " at byte " + std::to_string(used) + " of " + std::to_string(text.size());
        if (ec == json::error::not_exact) fail(options, "an integer beyond 64 bits" + where);
        if (text.empty()) fail(options, "it is empty");
        fail(options, ec.message() + where);
    }
    json::value value = parser.handler().stack_.release();
    // The parser keeps the last of equal keys; fewer keys than were read means that there were
    // some.
    if (count_keys(value) != parser.handler().keys_) {
        fail(options, "an object has the same key twice");
    }
    return value;
}

} // namespace mortise
