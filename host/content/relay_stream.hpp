// SPDX-License-Identifier: Apache-2.0
// A stream that passes on what other streams give, one after the other, and hashes it on the way.
// Has no buffer: the window is that of the stream it reads from. Internal to host/content.
#pragma once

#include "content/background_digest.hpp"
#include "content/content_end.hpp"

#include <mutex>

namespace mortise::host::detail {

class relay_stream final : public content_end {
public:
    relay_stream(std::string media_type,
                 std::uint64_t length,
                 relay_hooks hooks,
                 background_digest::runner elsewhere);

    result<void> read(char* to, std::uint64_t cap, io_handler done) override;
    result<void> write(std::string_view chunk, io_handler done) override;
    result<void> finish(std::optional<error> abort) override;
    bool go_back(std::uint64_t offset) override;
    content_info info() const override;
    void close() override;
    result<std::optional<std::uint64_t>> try_read(char* to, std::uint64_t cap, waker wake) override;
    result<bool> try_write(std::string_view chunk, waker wake) override;
    void on_close(waker gone) override;

    // False: the relay is closed, has failed or does not wait for a stream; from stays the
    // caller's. let_go closes it.
    bool feed(std::shared_ptr<content_end> from, std::function<void()> let_go);

private:
    struct source {
        std::shared_ptr<content_end> stream;
        std::function<void()> let_go;
    };
    std::shared_ptr<relay_stream> self();
    void read_on();
    void came(const char* bytes, result<std::uint64_t> n);
    std::optional<error> passed(const char* bytes, std::uint64_t n);
    std::optional<error> ended();
    void finish_digest();
    std::optional<error> not_as_declared() const;
    bool unsure(const source& from) const;
    void make_sure(const std::shared_ptr<const source>& from, std::uint64_t n);
    result<std::optional<std::uint64_t>>
    last_part(const std::shared_ptr<const source>& from, char* to, std::uint64_t cap, waker wake);
    error refuse(error why);
    bool broke_off();
    void complete(result<std::uint64_t> n);

    mutable std::mutex guard_;
    const relay_hooks hooks_;
    content_info info_;
    std::shared_ptr<const source> from_; // null while a stream is awaited
    std::optional<error> failure_;
    bool closed_ = false;
    // The bytes [0, hashed_) are in the digest; what is read again is not hashed again.
    std::uint64_t hashed_ = 0;
    background_digest digest_;
    bool told_ = false; // hooks_.ended
    // What completes the announced length is held back until the source has said that it ends
    // there, unless the length was its own word.
    std::string last_;
    bool sure_ = false;
    char beyond_ = 0;
    char* read_to_ = nullptr;
    std::uint64_t read_cap_ = 0;
    io_handler reader_;
    waker wake_, gone_;
};

} // namespace mortise::host::detail
