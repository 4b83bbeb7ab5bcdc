// SPDX-License-Identifier: Apache-2.0
#include "journal/payload.hpp"

#include <zlib.h>

#include <algorithm>
#include <cstdint>
#include <limits>

namespace mortise::host {
namespace {

// Magic, form, then the raw length in 8 bytes, the least first, then a zlib stream.
constexpr std::string_view magic{"\0MZ\1", 4};
constexpr std::size_t header = magic.size() + 8;
constexpr std::size_t sample = 16 * 1024;
// Compressed on the way in: speed counts more than the last percent.
constexpr int level = 1;

bool is_worth(std::size_t packed, std::size_t raw) {
    return packed < raw / 3 * 2; // Base64 alone would give a quarter
}

std::string deflated(std::string_view text) {
    std::string out;
    auto room = ::compressBound(static_cast<uLong>(text.size()));
    out.resize(header + room);
    auto* to = reinterpret_cast<Bytef*>(out.data() + header);
    if (::compress2(to, &room, reinterpret_cast<const Bytef*>(text.data()),
                    static_cast<uLong>(text.size()), level) != Z_OK)
        return {};
    out.resize(header + room);
    out.replace(0, magic.size(), magic);
    for (std::size_t i = 0; i < 8; ++i)
        out[magic.size() + i] =
            static_cast<char>(static_cast<std::uint64_t>(text.size()) >> (8 * i));
    return out;
}

std::uint64_t raw_length(std::string_view bytes) {
    std::uint64_t n = 0;
    for (std::size_t i = 0; i < 8; ++i)
        n |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[magic.size() + i]))
             << (8 * i);
    return n;
}

error damaged(const char* why) {
    error e(category::internal, "journal.corrupted",
            std::string("a compressed payload in the journal is damaged (") + why +
                "); run the integrity check and restore a backup");
    e.effect = effect::none;
    return e;
}

} // namespace

std::string pack_payload(std::string_view text) {
    if (text.size() <= pack_above) return {};
    // What does not shrink in the middle does not shrink at all; a sample is cheap.
    const auto middle = deflated(text.substr(text.size() / 2, sample));
    if (middle.empty() || !is_worth(middle.size(), std::min(sample, text.size() / 2))) return {};
    auto out = deflated(text);
    if (!is_worth(out.size(), text.size())) out.clear();
    return out;
}

bool is_packed_payload(std::string_view bytes) noexcept {
    return bytes.size() > header && bytes.starts_with(magic);
}

result<std::string> unpack_payload(std::string_view bytes) {
    if (!is_packed_payload(bytes)) return damaged("its header is not known");
    const auto size = raw_length(bytes);
    // zlib shrinks to a thousandth at most: a length beyond that is no length.
    if (size > (bytes.size() - header + 64) * 1100) return damaged("its length cannot be");
    std::string out(static_cast<std::size_t>(size), '\0');
    auto room = static_cast<uLongf>(size);
    const int rc = ::uncompress(reinterpret_cast<Bytef*>(out.data()), &room,
                                reinterpret_cast<const Bytef*>(bytes.data() + header),
                                static_cast<uLong>(bytes.size() - header));
    if (rc != Z_OK || room != size) return damaged("its check sum does not fit");
    return out;
}

} // namespace mortise::host
