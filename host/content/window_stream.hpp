// SPDX-License-Identifier: Apache-2.0
// A stream with a window of bytes between its writer and its reader. Internal to host/content.
#pragma once

#include "base/digest.hpp"
#include "content/content_end.hpp"

#include <mutex>
#include <vector>

namespace mortise::host::detail {

class window_stream final : public content_end {
public:
    window_stream(std::uint64_t window, std::string media_type, std::uint64_t length);

    result<void> read(char* to, std::uint64_t cap, io_handler done) override;
    result<void> write(std::string_view chunk, io_handler done) override;
    result<void> finish(std::optional<error> abort) override;
    bool go_back(std::uint64_t offset) override;
    content_info info() const override;
    void close() override;
    result<std::optional<std::uint64_t>> try_read(char* to, std::uint64_t cap, waker wake) override;
    result<bool> try_write(std::string_view chunk, waker wake) override;
    void on_close(waker gone) override;

    // A relay hashes what it passes on; nobody will ask this stream. Before the first read.
    void leave_hashing();

private:
    using due_list = std::vector<std::function<void()>>;
    template <class Change>
    result<void> with(Change change);
    void pump(due_list& due);
    void put(std::string_view bytes);
    std::uint64_t take(char* to, std::uint64_t cap);
    void wake_ends(due_list& due);
    result<void> may_write() const;

    mutable std::mutex guard_;
    const std::uint64_t window_;
    content_info info_;
    // The bytes that wait for the reader: a ring that grows up to the window.
    std::vector<char> ring_;
    std::size_t head_ = 0;
    std::size_t held_ = 0;
    std::uint64_t written_ = 0;
    std::optional<sha256_stream> digest_; // of what was read
    std::optional<error> failure_;
    bool closed_ = false;

    // The one read and the one write that may wait.
    char* read_to_ = nullptr;
    std::uint64_t read_cap_ = 0;
    io_handler reader_;
    std::string_view write_rest_;
    std::uint64_t write_size_ = 0;
    io_handler writer_;
    waker wake_reader_, wake_writer_, gone_;
};

} // namespace mortise::host::detail
