// SPDX-License-Identifier: Apache-2.0
#include "base/json_check.hpp"

#include <boost/json/basic_parser_impl.hpp>

#include <cstdint>
#include <string>

namespace mortise::host {
namespace {

namespace json = boost::json;

// Takes every part of a document and keeps none.
struct nothing_kept {
    static constexpr std::size_t max_object_size = SIZE_MAX;
    static constexpr std::size_t max_array_size = SIZE_MAX;
    static constexpr std::size_t max_key_size = SIZE_MAX;
    static constexpr std::size_t max_string_size = SIZE_MAX;

    using code = json::error_code;
    bool on_document_begin(code&) { return true; }
    bool on_document_end(code&) { return true; }
    bool on_object_begin(code&) { return true; }
    bool on_object_end(std::size_t, code&) { return true; }
    bool on_array_begin(code&) { return true; }
    bool on_array_end(std::size_t, code&) { return true; }
    bool on_key_part(json::string_view, std::size_t, code&) { return true; }
    bool on_key(json::string_view, std::size_t, code&) { return true; }
    bool on_string_part(json::string_view, std::size_t, code&) { return true; }
    bool on_string(json::string_view, std::size_t, code&) { return true; }
    bool on_number_part(json::string_view, code&) { return true; }
    bool on_int64(std::int64_t, json::string_view, code&) { return true; }
    bool on_uint64(std::uint64_t, json::string_view, code&) { return true; }
    bool on_double(double, json::string_view, code&) { return true; }
    bool on_bool(bool, code&) { return true; }
    bool on_null(code&) { return true; }
    bool on_comment_part(json::string_view, code&) { return true; }
    bool on_comment(json::string_view, code&) { return true; }
};

} // namespace

result<void> check_json(std::string_view text, std::size_t max_depth) {
    json::parse_options options;
    options.max_depth = max_depth;
    json::basic_parser<nothing_kept> parser(options);
    json::error_code ec;
    const auto used = parser.write_some(false, text.data(), text.size(), ec);
    if (!ec && used < text.size()) ec = json::error::extra_data;
    if (!ec) return {};
    error e(category::input, "json.malformed", ec.message() + " at byte " + std::to_string(used));
    e.effect = effect::none;
    return e;
}

} // namespace mortise::host
