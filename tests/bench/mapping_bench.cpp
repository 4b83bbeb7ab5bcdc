// SPDX-License-Identifier: Apache-2.0
// What a mapping of 13 fields costs on the event of W1: the engine alone, with one jq expression
// among the fields, and through mortise.mapping/1 with JSON text on both sides.
#include "config/schema.hpp"
#include "mapping/mapping_service.hpp"
#include "mapping/mapping_table.hpp"

#include <mortise/sdk/abi.hpp>

#include <benchmark/benchmark.h>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <fstream>
#include <iterator>

namespace {

using namespace mortise::host;
namespace json = boost::json;

std::string event_text() {
    std::ifstream in(MORTISE_SOURCE_DIR "/tests/bench/w1_event.json");
    return {std::istreambuf_iterator<char>(in), {}};
}

json::object fields(bool with_jq) {
    json::object table = json::parse(R"({
        "externalId": "asset.id", "sourceEvent": "event_id", "name": "asset.title",
        "sku": "asset.metadata.product.sku", "gtin": "asset.metadata.product.gtin",
        "brand": {"from": "asset.metadata.brand", "values": {"Nordlicht": "NORDLICHT"}},
        "mediaType": "asset.file.mime_type", "webUrl": "asset.renditions[1].url",
        "width": {"from": "asset.file.width", "type": "string"},
        "sizeBytes": {"from": "asset.file.size_bytes", "type": "integer"},
        "keywords": {"from": "asset.metadata.keywords", "join": ", "},
        "markets": {"from": "asset.metadata.markets", "type": "list"},
        "licenseExpires": {"from": "asset.metadata.rights.expires_at", "type": "date"}})")
                             .as_object();
    if (with_jq) table["width"] = {{"jq", "(.asset.file.width | tostring)"}};
    return table;
}

void engine(benchmark::State& state, bool with_jq) {
    std::vector<schema_problem> problems;
    const auto mapping = mapping_table::compile(fields(with_jq), problems);
    const json::value facts = json::parse(event_text());
    if (!mapping || !mapping->apply(facts)) return state.SkipWithError("the mapping is wrong");
    for (auto _ : state)
        benchmark::DoNotOptimize(mapping->apply(facts));
}

void thirteen_fields(benchmark::State& state) {
    engine(state, false);
}
BENCHMARK(thirteen_fields);

void thirteen_fields_one_of_jq(benchmark::State& state) {
    engine(state, true);
}
BENCHMARK(thirteen_fields_one_of_jq);

void through_the_service(benchmark::State& state) {
    mapping_service service;
    const auto& svc = service.table();
    const std::string table = json::serialize(fields(false)), facts = event_text();
    mortise_handle handle = 0;
    std::size_t bytes = 0;
    const mortise_sink out{&bytes, [](void* ctx, mortise_payload value) {
                               *static_cast<std::size_t*>(ctx) += value.data.len;
                           }};
    svc.compile(svc.ctx, mortise::json_payload(table), {}, &handle);
    for (auto _ : state)
        svc.apply(svc.ctx, handle, mortise::json_payload(facts), out, {});
    if (bytes == 0) state.SkipWithError("nothing was mapped");
}
BENCHMARK(through_the_service);

void compile_thirteen_fields(benchmark::State& state) {
    const json::object table = fields(false);
    std::vector<schema_problem> problems;
    for (auto _ : state)
        benchmark::DoNotOptimize(mapping_table::compile(table, problems));
}
BENCHMARK(compile_thirteen_fields);

} // namespace
