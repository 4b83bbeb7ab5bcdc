// SPDX-License-Identifier: Apache-2.0
// Content of any size: bytes in memory or a part of a temporary file, or several of those in a row.
// Copying a blob copies references; the bytes are immutable and the file goes with the last user.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace mortise::sandbox {

// A nameless file in the system's temporary folder, so that nothing is left behind even after a
// kill. Writing ends before sharing.
class temp_file {
public:
    temp_file();
    ~temp_file();
    temp_file(const temp_file&) = delete;
    temp_file& operator=(const temp_file&) = delete;

    void append(std::string_view bytes);
    std::string read(std::uint64_t offset, std::size_t length) const;
    std::uint64_t size() const noexcept { return size_; }

private:
    int fd_ = -1;
    std::uint64_t size_ = 0;
};

class blob {
public:
    blob() = default;
    explicit blob(std::string bytes);
    explicit blob(std::shared_ptr<const temp_file> file);

    std::uint64_t size() const noexcept { return size_; }
    bool empty() const noexcept { return size_ == 0; }
    // At most length bytes from offset on; shorter only at the end.
    std::string read(std::uint64_t offset, std::size_t length) const;
    // Everything. For content known to be small.
    std::string text() const { return read(0, static_cast<std::size_t>(size_)); }
    // A view on [offset, offset + length), clamped to the content; no bytes are copied.
    blob slice(std::uint64_t offset, std::uint64_t length) const;
    // Puts other behind this content; for uploads in parts.
    void append(const blob& other);
    // Position of needle at or after from, or npos. Reads in windows.
    std::uint64_t find(std::string_view needle, std::uint64_t from = 0) const;

    static constexpr std::uint64_t npos = ~std::uint64_t{0};

private:
    struct segment {
        std::shared_ptr<const std::string> memory; // one of the two is set
        std::shared_ptr<const temp_file> file;
        std::uint64_t offset = 0;
        std::uint64_t length = 0;
    };
    std::vector<segment> segments_;
    std::uint64_t size_ = 0;
};

// Lower-case hexadecimal digests, as vendors put them in ETag and checksum fields.
std::string md5_hex(const blob& content);
std::string sha1_hex(const blob& content);

} // namespace mortise::sandbox
