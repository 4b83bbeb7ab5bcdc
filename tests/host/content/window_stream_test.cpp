// SPDX-License-Identifier: Apache-2.0
#include "base/digest.hpp"
#include "host/content/stream_reader.hpp"
#include "support/catch.hpp"
#include "support/result_text.hpp"

using namespace mortise;
using namespace mortise::host;

namespace {

struct written {
    std::optional<result<std::uint64_t>> last;
    content_store::io_handler handler() {
        last.reset();
        return [this](result<std::uint64_t> n) { last = std::move(n); };
    }
};

error lost() {
    return {category::unavailable, "test.lost", "the line went dead"};
}

} // namespace

TEST_CASE("a content stream holds no more than its window", "[content]") {
    content_store store(4096);
    const auto h = store.create("video/mp4", UINT64_MAX);
    const std::string chunk(10'000, 'x');
    written w;
    REQUIRE(store.write(h, chunk, w.handler()));
    CHECK_FALSE(w.last); // waits for room
    stream_reader r(store, h);
    std::size_t got = 0;
    while (!w.last) {
        const auto piece = r.read(1000);
        REQUIRE(piece.size() == 1000);
        got += piece.size();
        REQUIRE(got <= chunk.size());
    }
    CHECK(got >= 10'000 - 4096);
    CHECK(**w.last == 10'000);
}

TEST_CASE("the hash of a content is that of all its bytes, read or not", "[content]") {
    content_store store(4096);
    const auto h = store.create("text/plain", UINT64_MAX);
    std::string all;
    stream_reader r(store, h);
    for (int i = 0; i < 40; ++i) {
        const std::string piece(static_cast<std::size_t>(37 * i + 1),
                                static_cast<char>('a' + i % 26));
        if (!*store.try_write(h, piece, {})) {
            r.read(4096);
            REQUIRE(*store.try_write(h, piece, {}));
        }
        all += piece;
    }
    REQUIRE(store.finish(h, std::nullopt));
    CHECK(store.info(h)->sha256 == sha256_hex(all));
    CHECK(store.info(h)->length == all.size());
    while (r.read(100) != "(end)") {}
    CHECK(store.info(h)->sha256 == sha256_hex(all));
}

TEST_CASE("an end that cannot wait is woken when it is worth to try again", "[content]") {
    content_store store(4096);
    const auto h = store.create("", UINT64_MAX);
    int reader_woken = 0, writer_woken = 0;
    std::string buffer(4096, '\0');
    auto got = store.try_read(h, buffer.data(), 10, [&] { ++reader_woken; });
    REQUIRE(got);
    CHECK_FALSE(got->has_value());
    REQUIRE(*store.try_write(h, std::string(4000, 'x'), {}));
    CHECK(reader_woken == 1);
    CHECK_FALSE(*store.try_write(h, std::string(4000, 'y'), [&] { ++writer_woken; }));
    got = store.try_read(h, buffer.data(), 1000, {});
    CHECK(**got == 1000);
    CHECK(writer_woken == 0); // not for a little room
    got = store.try_read(h, buffer.data(), 3000, {});
    CHECK(writer_woken == 1);
    REQUIRE(*store.try_write(h, std::string(4000, 'y'), {}));
    store.close(h);
    auto refused = store.try_write(h, "z", {});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == "content.closed");
}

TEST_CASE("a reader that gives up is heard of by the writer", "[content]") {
    content_store store(4096);
    const auto h = store.create("", UINT64_MAX);
    int gone = 0;
    store.on_close(h, [&] { ++gone; });
    SECTION("before the end") {
        store.close(h);
        CHECK(gone == 1);
    }
    SECTION("not after it") {
        REQUIRE(store.finish(h, std::nullopt));
        store.close(h);
        CHECK(gone == 0);
    }
    SECTION("a waiting write ends") {
        written w;
        REQUIRE(store.write(h, std::string(5000, 'x'), w.handler()));
        store.close(h);
        REQUIRE(w.last);
        CHECK(w.last->error().code == "content.closed");
    }
}

TEST_CASE("a stream that ends with an error gives its bytes first", "[content]") {
    content_store store(4096);
    const auto h = store.create("", UINT64_MAX);
    REQUIRE(*store.try_write(h, "so far", {}));
    REQUIRE(store.finish(h, lost()));
    stream_reader r(store, h);
    CHECK(r.read(100) == "so far");
    CHECK(r.read(100) == "(test.lost)");
    CHECK(r.read(100) == "(test.lost)");
}

TEST_CASE("a stream shorter or longer than announced fails for its reader", "[content]") {
    content_store store(4096);
    const auto h = store.create("", 10);
    REQUIRE(*store.try_write(h, GENERATE("", "123456789", "12345678901"), {}));
    REQUIRE(store.finish(h, std::nullopt));
    stream_reader r(store, h);
    std::string last;
    for (int i = 0; i < 3; ++i)
        last = r.read(100);
    CHECK(last == "(content.length-mismatch)");
}

TEST_CASE("seeking forward drops what lies between and hashes it", "[content]") {
    content_store store(4096);
    const auto h = store.create("", UINT64_MAX);
    REQUIRE(*store.try_write(h, "0123456789", {}));
    stream_reader r(store, h);
    CHECK(r.read(2) == "01");
    CHECK(r.seek(5) == "at 5");
    CHECK(r.read(2) == "56");
    CHECK(r.seek(7) == "at 7");
    CHECK(r.seek(3) == "(content.seek.unsupported)");
    CHECK(r.seek(12) == "(waiting)"); // not here yet
    REQUIRE(*store.try_write(h, "abcd", {}));
    CHECK(**r.last == 12);
    CHECK(r.read(1) == "c");
    REQUIRE(store.finish(h, std::nullopt));
    CHECK(r.seek(99) == "(content.seek.past-end)");
    CHECK(store.info(h)->sha256 == sha256_hex("0123456789abcd"));
}

TEST_CASE("handles of content are known once and gone after close", "[content]") {
    content_store store;
    const auto h = store.create("", 3);
    CHECK(store.open_streams() == 1);
    store.close(h);
    store.close(h);
    CHECK(store.open_streams() == 0);
    stream_reader r(store, h);
    CHECK(r.read(1) == "(content.unknown-handle)");
    CHECK(r.seek(1) == "(content.unknown-handle)");
    CHECK_FALSE(store.info(h));
}
