// SPDX-License-Identifier: Apache-2.0
#include "storage_dialect.hpp"
#include "support/catch.hpp"
#include "upload_state.hpp"

using namespace iconik;
using mortise::category;

TEST_CASE("iconik: a storage's XML is read with its entities, and nothing is made of nonsense",
          "[plugins][iconik]") {
    CHECK(xml_text("<a><UploadId>x&amp;&quot;y&quot;</UploadId></a>", "UploadId") == "x&\"y\"");
    CHECK(xml_text("<a><UploadId>x</a>", "UploadId").empty());
    CHECK(xml_text("", "UploadId").empty());
    const auto parts = parts_of(
        "<L><Part><PartNumber>2</PartNumber><ETag>&quot;b&quot;</ETag><Size>7</Size></Part>"
        "<Part><PartNumber>1</PartNumber><ETag>\"a\"</ETag><Size>5</Size></Part>"
        "<Part><PartNumber>x</PartNumber><ETag>\"c\"</ETag><Size>5</Size></Part>"
        "<Part><PartNumber>3</PartNumber><ETag>\"d\"</ETag></Part>"
        "<Part><PartNumber>4</PartNumber>");
    REQUIRE(parts.size() == 2);
    CHECK(parts.at(1).etag == "\"a\"");
    CHECK(parts.at(2).size == 7);
    CHECK(complete_xml(parts) ==
          "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>&quot;a&quot;</ETag>"
          "</Part><Part><PartNumber>2</PartNumber><ETag>&quot;b&quot;</ETag></Part>"
          "</CompleteMultipartUpload>");
}

TEST_CASE("iconik: ranges are read, and others than ranges are not", "[plugins][iconik]") {
    const auto range = read_content_range("bytes 5-9/10");
    REQUIRE(range);
    CHECK(range->first == 5);
    CHECK(range->whole == 10u);
    CHECK_FALSE(read_content_range("bytes 5-9/*")->whole);
    for (const char* wrong : {"", "bytes", "bytes */10", "lines 1-2/3", "bytes -1-2/3", "bytes 5"})
        CHECK_FALSE(read_content_range(wrong));
}

TEST_CASE("iconik: parts grow where there would be too many", "[plugins][iconik]") {
    constexpr std::uint64_t part = 5u << 20;
    CHECK(part_size_for(0, part) == part);
    CHECK(part_size_for(part * 10'000, part) == part);
    const std::uint64_t huge = part * 10'000 + 1;
    CHECK(part_size_for(huge, part) > part);
    CHECK((huge + part_size_for(huge, part) - 1) / part_size_for(huge, part) <= 10'000);
}

TEST_CASE("iconik: an upload's state comes back as it was kept", "[plugins][iconik]") {
    upload_state s;
    s.at = 77;
    s.asset_id = "a";
    s.after_version = 3;
    s.version_id = "v";
    s.method = "S3";
    s.file_id = "f";
    s.size = 12'000'000'000u;
    s.part_size = 5u << 20;
    s.upload_id = "u";
    s.all_sent = true;
    s.answer = mortise::json::object{{"file_id", "f"}};
    // As it comes from the journal.
    const auto again =
        upload_state::read(mortise::parse_json(mortise::serialize_json(s.to_value())));
    CHECK(again.to_value() == s.to_value());
    CHECK(upload_state::read(mortise::json::object()).after_version == -1);
}
