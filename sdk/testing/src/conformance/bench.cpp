// SPDX-License-Identifier: Apache-2.0
#include "wire.hpp"

#include <set>

namespace mortise::testing::conformance {

struct bench::seen {
    std::size_t read = 0;
    std::set<std::string> ids;
};

bench::bench(const subject& s, std::uint64_t order)
    : of(s), host(order), system(s.system(host)), between(std::make_unique<wire>(s, *system)),
      seen_(std::make_unique<seen>()) {
    host.http().serve([this](const recorded_request& r) { return between->pass(r); });
    const json::value settings = s.settings(host);
    connection = std::make_unique<connector_harness>(host.create_connector(s.connector, settings));
}

bench::~bench() = default;

json::value bench::call(std::string_view operation, const json::value& input) {
    return connection->call(operation, input).value();
}

void bench::wait(std::chrono::milliseconds d) {
    system->advance(d);
    host.advance(d);
}

void bench::settle() {
    wait(of.settle);
}

std::vector<std::string> bench::news() {
    std::vector<std::string> out;
    const auto& all = connection->events();
    for (; seen_->read < all.size(); ++seen_->read) {
        const event& e = all[seen_->read];
        if (seen_->ids.insert(e.id).second) out.push_back(e.type + ' ' + e.subject);
    }
    return out;
}

} // namespace mortise::testing::conformance
