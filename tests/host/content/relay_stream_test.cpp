// SPDX-License-Identifier: Apache-2.0
#include "base/digest.hpp"
#include "host/content/stream_reader.hpp"
#include "support/catch.hpp"
#include "support/result_text.hpp"

using namespace mortise;
using namespace mortise::host;

namespace {

// A relay whose source is this text; each asked-for stream gives so many bytes and then breaks off.
struct relayed {
    explicit relayed(std::string content,
                     std::size_t before_break = SIZE_MAX,
                     bool back = true,
                     std::uint64_t announced = UINT64_MAX,
                     const std::string& declared = {})
        : text(std::move(content)), breaks_after(before_break) {
        relay_hooks hooks;
        hooks.can_go_back = back;
        hooks.declared = declared;
        hooks.declared_algorithm = "sha256";
        hooks.reopen = [this](std::uint64_t offset, const std::optional<error>& why) {
            asked.push_back(std::to_string(offset) + (why ? " " + why->code : ""));
            if (answer_at_once) open(offset);
        };
        hooks.moved = [this](std::uint64_t at) { moved = at; };
        hooks.ended = [this](const result<content_info>& all) {
            ended += all ? all->sha256 : all.error().code;
        };
        handle = store.relay("text/plain", announced, std::move(hooks));
    }
    void open(std::uint64_t offset) {
        const auto from = store.create("", UINT64_MAX);
        const auto rest = text.substr(offset);
        const auto piece = rest.substr(0, breaks_after);
        REQUIRE(*store.try_write(from, piece, {}));
        REQUIRE(store.finish(
            from, piece.size() < rest.size()
                      ? std::optional<error>(error{category::unavailable, "test.cut", "cut"})
                      : std::nullopt));
        store.feed(handle, from);
    }
    std::string rest() {
        stream_reader r(store, handle);
        std::string all;
        for (;;) {
            const auto piece = r.read(7);
            if (piece.front() == '(') return all + piece;
            all += piece;
        }
    }
    content_store store{4096};
    std::string text;
    std::size_t breaks_after;
    std::vector<std::string> asked;
    bool answer_at_once = true;
    std::uint64_t moved = 0;
    std::string ended;
    mortise_handle handle = 0;
};

const std::string alphabet = "abcdefghijklmnopqrstuvwxyz0123456789";

} // namespace

TEST_CASE("a relay gives what its source gives, with the hash of it", "[content][transfer]") {
    relayed t(alphabet);
    t.open(0);
    CHECK(t.rest() == alphabet + "(end)");
    CHECK(t.asked.empty());
    CHECK(t.moved == alphabet.size());
    CHECK(t.store.info(t.handle)->sha256 == sha256_hex(alphabet));
    CHECK(t.store.info(t.handle)->length == alphabet.size());
    t.store.close(t.handle);
    CHECK(t.store.open_streams() == 0);
}

TEST_CASE("a relay goes on where its source broke off", "[content][transfer]") {
    relayed t(alphabet, 10);
    SECTION("for a reader that waits") {
        t.open(0);
        CHECK(t.rest() == alphabet + "(end)");
    }
    SECTION("for a reader that cannot wait") {
        std::string got;
        int woken = 0;
        t.open(0);
        t.answer_at_once = false;
        for (int turns = 0; turns < 100; ++turns) {
            char buffer[4];
            auto n = t.store.try_read(t.handle, buffer, sizeof buffer, [&] { ++woken; });
            REQUIRE(n);
            if (!n->has_value()) {
                t.open(got.size());
                continue;
            }
            if (**n == 0) break;
            got.append(buffer, **n);
        }
        CHECK(got == alphabet);
        CHECK(woken == 3);
    }
    CHECK(t.asked == std::vector<std::string>{"10 test.cut", "20 test.cut", "30 test.cut"});
    CHECK(t.store.info(t.handle)->sha256 == sha256_hex(alphabet));
}

TEST_CASE("a relay that goes back hashes no byte twice", "[content][transfer]") {
    relayed t(alphabet);
    t.open(0);
    stream_reader r(t.store, t.handle);
    CHECK(r.read(12) == "abcdefghijkl");
    CHECK(r.seek(3) == "at 3");
    CHECK(t.asked == std::vector<std::string>{"3"});
    CHECK(r.read(4) == "defg");
    CHECK(r.seek(20) == "at 20");
    CHECK(t.rest() == alphabet.substr(20) + "(end)");
    CHECK(t.store.info(t.handle)->sha256 == sha256_hex(alphabet));
}

TEST_CASE("a relay whose source cannot be read again does not go back", "[content][transfer]") {
    relayed t(alphabet, SIZE_MAX, false);
    t.open(0);
    stream_reader r(t.store, t.handle);
    CHECK(r.read(5) == "abcde");
    CHECK(r.seek(4) == "(content.seek.unsupported)");
    CHECK(r.seek(6) == "at 6");
    CHECK(t.rest() == alphabet.substr(6) + "(end)");
    CHECK(t.store.info(t.handle)->sha256 == sha256_hex(alphabet));
}

TEST_CASE("a source shorter or longer than announced is no success", "[content][transfer]") {
    const auto announced = GENERATE(std::uint64_t{10}, std::uint64_t{35}, std::uint64_t{37});
    relayed t(alphabet, SIZE_MAX, true, announced);
    t.open(0);
    const auto got = t.rest();
    CHECK(got.ends_with("(transfer.size)"));
    CHECK_FALSE(t.store.info(t.handle)->finished);
}

TEST_CASE("a source longer than announced is noticed before its last byte is passed on",
          "[content][transfer]") {
    relayed t(alphabet, SIZE_MAX, true, 35);
    t.open(0);
    std::string got, end;
    for (int turns = 0; turns < 20 && end.empty(); ++turns) {
        char buffer[10];
        auto n = t.store.try_read(t.handle, buffer, sizeof buffer, {});
        if (!n)
            end = n.error().code;
        else if (n->has_value())
            got.append(buffer, **n);
    }
    CHECK(end == "transfer.size");
    CHECK(got.size() < 35);
    CHECK(t.ended == "transfer.size");
}

TEST_CASE("what is not as its source declares never comes whole, also when it is read again",
          "[content][transfer]") {
    const auto announced = GENERATE(std::uint64_t{36}, UINT64_MAX);
    relayed t(alphabet, SIZE_MAX, true, announced, std::string(64, 'a'));
    t.open(0);
    SECTION("for a reader that waits") {
        CHECK(t.rest().ends_with("(transfer.checksum)"));
        stream_reader r(t.store, t.handle);
        CHECK(r.seek(0) == "(content.seek.unsupported)");
        CHECK(r.read(4) == "(transfer.checksum)");
    }
    SECTION("for a reader that cannot wait") {
        std::string got, end;
        for (int turns = 0; turns < 20 && end.empty(); ++turns) {
            char buffer[10];
            auto n = t.store.try_read(t.handle, buffer, sizeof buffer, {});
            if (!n)
                end = n.error().code;
            else if (n->has_value())
                got.append(buffer, **n);
        }
        CHECK(end == "transfer.checksum");
        CHECK((announced == UINT64_MAX || got.size() < alphabet.size()));
    }
    CHECK(t.ended == "transfer.checksum");
}

TEST_CASE("what is as its source declares comes whole", "[content][transfer]") {
    relayed t(alphabet, 10, true, alphabet.size(), sha256_hex(alphabet));
    t.open(0);
    CHECK(t.rest() == alphabet + "(end)");
    CHECK(t.ended == sha256_hex(alphabet));
}

TEST_CASE("an end at the announced length is known without asking again", "[content][transfer]") {
    relayed t(alphabet, SIZE_MAX, true, 36);
    const auto from = t.store.create("", 36);
    REQUIRE(*t.store.try_write(from, alphabet, {}));
    t.store.feed(t.handle, from); // and does not say that it ends
    char buffer[36];
    const auto n = t.store.try_read(t.handle, buffer, sizeof buffer, {});
    REQUIRE(n);
    CHECK(**n == 36);
    CHECK(t.ended == sha256_hex(alphabet));
}

TEST_CASE("a stream of another length than announced is refused at once", "[content][transfer]") {
    relayed t(alphabet, SIZE_MAX, true, 36);
    t.store.feed(t.handle, t.store.create("", 35));
    CHECK(t.rest() == "(transfer.size)");
    CHECK(t.ended == "transfer.size");
}

TEST_CASE("an empty content needs no reader", "[content][transfer]") {
    relayed t("", SIZE_MAX, true, 0);
    CHECK(t.store.info(t.handle)->finished);
    CHECK(t.store.info(t.handle)->sha256 == sha256_hex(""));
}

TEST_CASE("a relay that is given up or fails leaves nothing behind", "[content][transfer]") {
    relayed t(alphabet);
    stream_reader r(t.store, t.handle);
    REQUIRE(r.begin(10));
    CHECK(r.text() == "(waiting)");
    SECTION("closed by its reader") {
        t.store.close(t.handle);
        CHECK(r.text() == "(content.closed)");
        t.open(0); // comes too late, and is closed
    }
    SECTION("ended by who feeds it") {
        REQUIRE(t.store.finish(t.handle, error{category::unavailable, "test.gone", "gone"}));
        CHECK(r.text() == "(test.gone)");
        t.open(0);
        CHECK(r.read(10) == "(test.gone)");
        t.store.close(t.handle);
    }
    SECTION("closed while its source is open") {
        t.open(0);
        CHECK(r.text() == "abcdefghij");
        t.store.close(t.handle);
    }
    CHECK(t.store.open_streams() == 0);
}

TEST_CASE("nobody writes to a relay", "[content][transfer]") {
    relayed t(alphabet);
    CHECK_FALSE(t.store.write(t.handle, "x", {}));
    CHECK_FALSE(t.store.try_write(t.handle, "x", {}));
    CHECK_FALSE(t.store.finish(t.handle, std::nullopt));
}
