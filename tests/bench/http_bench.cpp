// SPDX-License-Identifier: Apache-2.0
// What a request costs: parsing alone, and a whole round trip of our client to our listener on one
// thread (both sides' work together).
#include "http/client.hpp"
#include "http/listener.hpp"
#include "http/request_parser.hpp"

#include <benchmark/benchmark.h>
#include <boost/asio/io_context.hpp>

namespace {

using namespace mortise::host;

void parse_webhook(benchmark::State& state) {
    const std::string bytes =
        "POST /hooks/crm HTTP/1.1\r\nHost: mortise.example.com\r\nUser-Agent: crm/1.0\r\n"
        "Content-Type: application/json\r\nX-Signature: sha256=0123456789abcdef\r\n"
        "Content-Length: 1024\r\n\r\n" +
        std::string(1024, 'x');
    request_parser parser({.max_body = 1 << 20, .max_header = 16 << 10});
    for (auto _ : state) {
        if (parser.feed(bytes) != request_parser::state::done) state.SkipWithError("not parsed");
        benchmark::DoNotOptimize(parser.take());
    }
}
BENCHMARK(parse_webhook);

void round_trip(benchmark::State& state) {
    boost::asio::io_context io(1);
    system_clock time;
    http_listener listener(io, {}, [](inbound_request, responder reply) {
        inbound_response r;
        r.body = R"({"ok":true})";
        reply(std::move(r));
    });
    listener.start().value();
    http_client client(io.get_executor(), time);
    const auto lane = client.make_lane({.name = "bench", .egress = {"127.0.0.1:*"}}).value();
    http_request request;
    request.method = "POST";
    request.url = "http://127.0.0.1:" + std::to_string(listener.port()) + "/hook";
    request.body = std::string(512, 'x');
    for (auto _ : state) {
        bool done = false;
        client.start(lane, request, [&](result<http_response> r) {
            if (!r) state.SkipWithError(r.error().message.c_str());
            done = true;
        });
        while (!done)
            io.run_one();
    }
    client.stop({});
    listener.stop(std::chrono::milliseconds(0));
    io.run();
}
BENCHMARK(round_trip);

} // namespace
