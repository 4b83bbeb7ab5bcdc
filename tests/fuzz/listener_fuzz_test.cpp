// SPDX-License-Identifier: Apache-2.0
#include "fuzz/listener_fuzz.hpp"
#include "support/catch.hpp"

#include <random>
#include <string>
#include <vector>

using mortise::host::fuzz_listener;

namespace {

std::size_t run(unsigned cut, const std::string& bytes) {
    const std::string input = static_cast<char>(cut) + bytes;
    return fuzz_listener(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

const std::vector<std::pair<std::string, std::size_t>> corpus{
    {"", 0},
    {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", 1},
    {"\r\n\r\nGET /a?b HTTP/1.0\r\n\r\nHEAD * HTTP/1.1\r\n", 1},
    {"POST /h HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabcGET / HTTP/1.1\r\nHost: b\r\n\r\n",
     2},
    {"POST /h HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n", 1},
    {"PUT /h HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;e=\"q\"\r\nxyz\r\n0\r\nT: "
     "u\r\n"
     "\r\nOPTIONS * HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n",
     2},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 0},
    {"GET http://h/p?q HTTP/1.1\r\nHost: a\r\nX: 1\r\n 2\r\n\r\n", 1},
    {std::string("GET /\0 HTTP/1.1\r\nHost: \xff\r\n\r\n", 27), 0},
    {"GET /" + std::string(3000, 'a'), 0},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2049\r\n\r\n", 0},
};

} // namespace

TEST_CASE("the listener's parser keeps its promises over the seed corpus", "[fuzz][http]") {
    for (const auto& [bytes, requests] : corpus)
        for (const unsigned cut : {0u, 1u, 2u, 3u, 7u, 100u}) {
            INFO(cut << ": " << bytes);
            CHECK(run(cut, bytes) == requests);
        }
}

TEST_CASE("the listener's parser keeps its promises over damaged seeds", "[fuzz][http]") {
    std::minstd_rand random(20240607);
    const auto pick = [&](std::size_t below) { return static_cast<std::size_t>(random()) % below; };
    std::size_t understood = 0;
    for (int round = 0; round < 3000; ++round) {
        auto bytes = corpus[pick(corpus.size())].first + corpus[pick(corpus.size())].first;
        for (std::size_t n = pick(4); n > 0 && !bytes.empty(); --n) {
            const auto at = pick(bytes.size());
            switch (pick(3)) {
            case 0:
                bytes[at] = static_cast<char>(pick(256));
                break;
            case 1:
                bytes.erase(at, pick(8));
                break;
            default:
                bytes.insert(at, bytes.substr(pick(bytes.size()), pick(16)));
                break;
            }
        }
        understood += run(static_cast<unsigned>(pick(40)), bytes);
    }
    CHECK(understood > 1000); // damage leaves many intact: the seeds do reach the end
}
