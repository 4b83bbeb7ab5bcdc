// SPDX-License-Identifier: Apache-2.0
// Reads of a content stream with what they gave, for tests without threads.
#pragma once

#include "content/content_store.hpp"

#include <optional>
#include <string>
#include <vector>

namespace mortise::host {

class stream_reader {
public:
    stream_reader(content_store& store, mortise_handle h) : store_(store), handle_(h) {}

    // Begins a read; its outcome is in `last` once it is there.
    result<void> begin(std::size_t cap) {
        buffer_.assign(cap, '\0');
        last.reset();
        return store_.read(handle_, buffer_.data(), cap,
                           [this](result<std::uint64_t> n) { last = std::move(n); });
    }
    // What a read gave that is over; "(waiting)", "(end)" or "(<code>)" instead of bytes.
    std::string text() const {
        if (!last) return "(waiting)";
        if (!*last) return "(" + last->error().code + ")";
        return **last == 0 ? "(end)" : std::string(buffer_.data(), **last);
    }
    std::string read(std::size_t cap) {
        if (auto ok = begin(cap); !ok) return "(" + ok.error().code + ")";
        return text();
    }
    std::string seek(std::uint64_t offset) {
        last.reset();
        auto ok =
            store_.seek(handle_, offset, [this](result<std::uint64_t> n) { last = std::move(n); });
        if (!ok) return "(" + ok.error().code + ")";
        if (!last) return "(waiting)";
        return *last ? "at " + std::to_string(**last) : "(" + last->error().code + ")";
    }
    std::optional<result<std::uint64_t>> last;

private:
    content_store& store_;
    mortise_handle handle_;
    std::vector<char> buffer_;
};

} // namespace mortise::host
