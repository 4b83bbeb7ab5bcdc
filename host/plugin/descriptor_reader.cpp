// SPDX-License-Identifier: Apache-2.0
#include "plugin/descriptor_reader.hpp"

#include "plugin/names.hpp"

#include <mortise/sdk/abi.hpp>

#include <boost/json/error.hpp>
#include <boost/json/stream_parser.hpp>
#include <boost/json/value.hpp>

namespace mortise::host {

namespace {

// Beyond these a number is not a size or count but memory that was never set.
constexpr std::uint32_t largest_struct = 64 * 1024;
constexpr std::uint64_t largest_text = 4 * 1024 * 1024;
constexpr std::uint64_t largest_count = 4096;

} // namespace

std::string in_quotes(std::string_view text) {
    constexpr std::size_t longest = 200;
    std::string_view shown = text.substr(0, longest);
    // Never cut within a character.
    while (shown.size() < text.size() && !shown.empty() &&
           (static_cast<unsigned char>(text[shown.size()]) & 0xC0u) == 0x80u)
        shown.remove_suffix(1);
    return "\"" + std::string(shown) + (shown.size() < text.size() ? "...\"" : "\"");
}

bool descriptor_reader::refuse(std::string code,
                               std::string found,
                               std::string wanted,
                               std::string message,
                               std::string hint) {
    refusal_.reason_code = std::move(code);
    refusal_.found = std::move(found);
    refusal_.wanted = std::move(wanted);
    refusal_.message = std::move(message);
    refusal_.hint = std::move(hint);
    return false;
}

bool descriptor_reader::text(std::string& out, mortise_str s, const std::string& what) {
    if (s.len > largest_text || (s.len != 0 && s.ptr == nullptr)) {
        const std::string found = s.ptr == nullptr && s.len != 0
                                      ? "a null pointer with length " + std::to_string(s.len)
                                      : "length " + std::to_string(s.len);
        return refuse("bad-text", found, "a text of up to 4 MiB",
                      what + " is not a valid text: " + found, rebuild);
    }
    out = view(s);
    if (is_utf8(out)) return true;
    return refuse("bad-text", "bytes that are not UTF-8", "UTF-8", what + " is not valid UTF-8",
                  "Save the plugin's source as UTF-8");
}

bool descriptor_reader::id(std::string& out,
                           mortise_str s,
                           const std::string& what,
                           bool (*is_well_formed)(std::string_view) noexcept,
                           const char* rule) {
    if (!text(out, s, what)) return false;
    if (is_well_formed(out)) return true;
    return refuse("bad-id", in_quotes(out), rule,
                  what + " " + in_quotes(out) + " is not well formed; wanted is " + rule,
                  "Correct it in the plugin's source");
}
bool descriptor_reader::member_id(std::string& out, mortise_str s, const std::string& what) {
    return id(out, s, what, is_member_id,
              "words of letters, digits, - and _ joined by single dots");
}
bool descriptor_reader::factory_id(std::string& out, mortise_str s, const std::string& what) {
    return id(out, s, what, is_factory_id,
              "a lower-case letter, then lower-case letters, digits, -, _ and .");
}

bool descriptor_reader::version(std::string& out, mortise_str s, const std::string& what) {
    if (!text(out, s, what)) return false;
    if (is_version(out)) return true;
    return refuse("bad-version", in_quotes(out), "a semantic version such as 1.4.0",
                  what + " " + in_quotes(out) + " is not a semantic version such as 1.4.0",
                  "Correct it in the plugin's source");
}

bool descriptor_reader::schema(std::string& out, mortise_str s, const std::string& what) {
    if (!text(out, s, what)) return false;
    if (out.empty()) return true;
    boost::json::parse_options strict;
    strict.max_depth = 64;
    boost::json::stream_parser parser({}, strict);
    boost::system::error_code ec;
    const std::size_t at = parser.write_some(out.data(), out.size(), ec);
    if (!ec && at != out.size()) ec = boost::json::error::extra_data;
    if (!ec) parser.finish(ec);
    if (ec) {
        const std::string why = ec.message() + " near byte " + std::to_string(at);
        return refuse("bad-schema", why, "a JSON object", what + " is not valid JSON: " + why,
                      "Correct the schema in the plugin's source");
    }
    const auto value = parser.release();
    if (value.is_object()) return true;
    return refuse("bad-schema", std::string(boost::json::to_string(value.kind())), "a JSON object",
                  what + " is a JSON " + std::string(boost::json::to_string(value.kind())) +
                      ", not an object",
                  "Correct the schema in the plugin's source");
}

bool descriptor_reader::check_size(std::uint32_t claimed,
                                   std::size_t minimum,
                                   const char* code,
                                   const std::string& what) {
    if (claimed < minimum || claimed > largest_struct) {
        const std::string found = "struct_size " + std::to_string(claimed);
        const std::string wanted = "at least " + std::to_string(minimum);
        return refuse(code, found, wanted, what + " has " + found + "; wanted is " + wanted,
                      "Set struct_size to sizeof the struct, or rebuild the plugin with the SDK's "
                      "macros");
    }
    return true;
}

bool descriptor_reader::check_count(const void* p, std::uint64_t n, const std::string& what) {
    if (n == 0) return true;
    if (n > largest_count) {
        return refuse("bad-count", std::to_string(n), "at most " + std::to_string(largest_count),
                      what + " counts " + std::to_string(n) + "; at most " +
                          std::to_string(largest_count) + " are taken",
                      rebuild);
    }
    if (p != nullptr) return true;
    return refuse("bad-count", "a null pointer with count " + std::to_string(n), "an array",
                  what + " is a null pointer with count " + std::to_string(n), rebuild);
}
bool descriptor_reader::check_stride(std::uint32_t stride,
                                     std::size_t minimum,
                                     std::size_t alignment,
                                     const std::string& what) {
    if (stride < minimum || stride % alignment != 0 || stride > largest_struct) {
        const std::string wanted = "at least " + std::to_string(minimum) + " and a multiple of " +
                                   std::to_string(alignment);
        return refuse("bad-stride", "stride " + std::to_string(stride), wanted,
                      what + " has stride " + std::to_string(stride) + "; wanted is " + wanted,
                      "Set the stride to sizeof the element");
    }
    return true;
}

bool descriptor_reader::check_element(std::uint32_t claimed,
                                      std::uint32_t stride,
                                      const std::string& one) {
    if (claimed > stride) {
        return refuse("bad-stride", "struct_size " + std::to_string(claimed),
                      "at most the stride, " + std::to_string(stride),
                      one + " has struct_size " + std::to_string(claimed) +
                          ", more than the stride " + std::to_string(stride),
                      "Set the stride to sizeof the element");
    }
    return true;
}

bool descriptor_reader::each_text(const mortise_str* first,
                                  std::uint64_t n,
                                  const std::string& what,
                                  std::vector<std::string>& out) {
    if (!check_count(first, n, what)) return false;
    for (std::uint64_t i = 0; i < n; ++i) {
        if (!text(out.emplace_back(), first[i], what + "[" + std::to_string(i) + "]")) return false;
    }
    return true;
}

bool descriptor_reader::unique(std::set<std::string>& seen,
                               const std::string& name,
                               const std::string& what) {
    if (seen.insert(name).second) return true;
    return refuse("duplicate-id", in_quotes(name) + " twice", "each id once",
                  what + " " + in_quotes(name) + " is there twice in this file",
                  "Rename or remove one of them");
}

bool descriptor_reader::need(bool present, const std::string& owner, const char* function) {
    if (present) return true;
    return refuse("missing-function", "a null pointer", function,
                  owner + " has no " + function + " function",
                  "Only get_extension, init and deinit may be null, and functions for "
                  "operations or triggers when there are none");
}

} // namespace mortise::host
