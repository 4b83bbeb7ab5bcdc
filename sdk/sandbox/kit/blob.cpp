// SPDX-License-Identifier: Apache-2.0
#include "kit/blob.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <stdexcept>
#include <stdlib.h>
#include <system_error>
#include <unistd.h>

namespace mortise::sandbox {

temp_file::temp_file() {
    std::string name = (std::filesystem::temp_directory_path() / "mortise-sandbox-XXXXXX").string();
    fd_ = ::mkstemp(name.data());
    if (fd_ < 0)
        throw std::system_error(errno, std::generic_category(),
                                "creating a temporary file " + name);
    ::unlink(name.c_str());
}

temp_file::~temp_file() {
    ::close(fd_);
}

void temp_file::append(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t n = ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(size_));
        if (n < 0) {
            if (errno == EINTR) continue;
            throw std::system_error(errno, std::generic_category(), "writing a temporary file");
        }
        bytes.remove_prefix(static_cast<std::size_t>(n));
        size_ += static_cast<std::uint64_t>(n);
    }
}

std::string temp_file::read(std::uint64_t offset, std::size_t length) const {
    if (offset >= size_) return {};
    std::string out(static_cast<std::size_t>(std::min<std::uint64_t>(length, size_ - offset)),
                    '\0');
    std::size_t done = 0;
    while (done < out.size()) {
        const ssize_t n =
            ::pread(fd_, out.data() + done, out.size() - done, static_cast<off_t>(offset + done));
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0)
            throw std::system_error(n < 0 ? errno : EIO, std::generic_category(),
                                    "reading a temporary file");
        done += static_cast<std::size_t>(n);
    }
    return out;
}

blob::blob(std::string bytes) {
    size_ = bytes.size();
    if (size_ != 0)
        segments_.push_back({std::make_shared<const std::string>(std::move(bytes)), {}, 0, size_});
}

blob::blob(std::shared_ptr<const temp_file> file) {
    size_ = file->size();
    if (size_ != 0) segments_.push_back({{}, std::move(file), 0, size_});
}

std::string blob::read(std::uint64_t offset, std::size_t length) const {
    std::string out;
    std::uint64_t start = 0;
    for (const segment& s : segments_) {
        const std::uint64_t end = start + s.length;
        if (offset < end && out.size() < length) {
            const std::uint64_t inside = offset - start;
            const auto n = static_cast<std::size_t>(
                std::min<std::uint64_t>(length - out.size(), s.length - inside));
            if (s.memory)
                out.append(*s.memory, static_cast<std::size_t>(s.offset + inside), n);
            else
                out += s.file->read(s.offset + inside, n);
            offset += n;
        }
        start = end;
    }
    return out;
}

blob blob::slice(std::uint64_t offset, std::uint64_t length) const {
    blob out;
    offset = std::min(offset, size_);
    length = std::min(length, size_ - offset);
    std::uint64_t start = 0;
    for (const segment& s : segments_) {
        const std::uint64_t end = start + s.length;
        if (length != 0 && offset < end) {
            const std::uint64_t inside = offset - start;
            const std::uint64_t n = std::min(length, s.length - inside);
            out.segments_.push_back({s.memory, s.file, s.offset + inside, n});
            out.size_ += n;
            offset += n;
            length -= n;
        }
        start = end;
    }
    return out;
}

void blob::append(const blob& other) {
    const std::vector<segment> more = other.segments_; // other may be *this
    segments_.insert(segments_.end(), more.begin(), more.end());
    std::uint64_t added = 0;
    for (const segment& s : more)
        added += s.length;
    size_ += added;
}

std::uint64_t blob::find(std::string_view needle, std::uint64_t from) const {
    constexpr std::size_t window = 256 * 1024;
    while (from < size_) {
        const std::string text = read(from, window + needle.size());
        const std::size_t at = text.find(needle);
        if (at != std::string::npos) return from + at;
        if (text.size() < window + needle.size()) return npos;
        from += window;
    }
    return npos;
}

namespace {

std::string digest_hex(const blob& content, const EVP_MD* kind) {
    struct free_context {
        void operator()(EVP_MD_CTX* c) const noexcept { EVP_MD_CTX_free(c); }
    };
    const std::unique_ptr<EVP_MD_CTX, free_context> context(EVP_MD_CTX_new());
    if (!context || EVP_DigestInit_ex(context.get(), kind, nullptr) != 1)
        throw std::runtime_error("the digest is not available");
    constexpr std::size_t window = 1024 * 1024;
    for (std::uint64_t at = 0; at < content.size(); at += window) {
        const std::string piece = content.read(at, window);
        EVP_DigestUpdate(context.get(), piece.data(), piece.size());
    }
    unsigned char raw[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    EVP_DigestFinal_ex(context.get(), raw, &length);
    std::string out;
    for (unsigned i = 0; i < length; ++i) {
        out += "0123456789abcdef"[raw[i] >> 4];
        out += "0123456789abcdef"[raw[i] & 15];
    }
    return out;
}

} // namespace

std::string md5_hex(const blob& content) {
    return digest_hex(content, EVP_md5());
}
std::string sha1_hex(const blob& content) {
    return digest_hex(content, EVP_sha1());
}

} // namespace mortise::sandbox
