// SPDX-License-Identifier: Apache-2.0
#include "observe/gzip.hpp"

#include <zlib.h>

#include <new>

namespace mortise::host {

std::string gzip(std::string_view data) {
    z_stream z{};
    constexpr int with_gzip_header = 15 + 16;
    if (deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, with_gzip_header, 8,
                     Z_DEFAULT_STRATEGY) != Z_OK)
        throw std::bad_alloc();
    std::string out(deflateBound(&z, static_cast<uLong>(data.size())), '\0');
    // zlib does not write to its input, but its type does not say so.
    z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
    z.avail_in = static_cast<uInt>(data.size());
    z.next_out = reinterpret_cast<Bytef*>(out.data());
    z.avail_out = static_cast<uInt>(out.size());
    deflate(&z, Z_FINISH); // one call does, as the bound is kept
    out.resize(z.total_out);
    deflateEnd(&z);
    return out;
}

} // namespace mortise::host
