// SPDX-License-Identifier: Apache-2.0
//
// What storages behind iconik say and want to hear, without I/O: S3's XML, ranges, errors. iconik
// gives the addresses; the bytes go to the storage itself, which knows nothing of iconik's sign-in.
#pragma once

#include <mortise/sdk/http.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace iconik {

// Text of the first element of that name, entities replaced; empty when there is none.
std::string xml_text(std::string_view xml, std::string_view element);

struct stored_part {
    std::string etag;
    std::uint64_t size = 0;
};
// <Part><PartNumber/><ETag/><Size/></Part>... of a ListParts answer.
std::map<int, stored_part> parts_of(std::string_view xml);
// The body of CompleteMultipartUpload.
std::string complete_xml(const std::map<int, stored_part>& parts);

// "bytes 5-9/10": where the content begins and how long the whole is.
struct content_range {
    std::uint64_t first = 0;
    std::optional<std::uint64_t> whole;
};
std::optional<content_range> read_content_range(std::string_view header);

// How large each part is: part_size, or more when there would be over 10 000 of them.
std::uint64_t part_size_for(std::uint64_t size, std::uint64_t part_size) noexcept;

// An error the storage answered with. Links that have expired and lost uploads are no refusal: the
// next attempt gets new ones, so they read UNAVAILABLE.
mortise::error
storage_error(const mortise::http_response& response, std::string_view what, bool is_read);

} // namespace iconik
