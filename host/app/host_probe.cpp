// SPDX-License-Identifier: Apache-2.0
// A host that only tries its connections, and single calls of a host at work.
#include "app/host_impl.hpp"

namespace mortise::host {

// One connection after the other, so that one that is refused leaves the others.
result<void> host::impl::put_each_to_work() {
    const auto whole = config;
    auto working = std::make_shared<configuration>(*whole);
    working->flows.clear();
    working->connections.clear();
    for (const auto& [name, c] : whole->connections) {
        auto with = std::make_shared<configuration>(*working);
        with->connections.emplace(name, c);
        const auto applied = on_control([&] { return deployed->apply(with, false); });
        if (applied)
            working = with;
        else
            not_at_work.emplace(name, applied.error());
    }
    // The last one that was refused left its secrets behind.
    const auto applied = on_control([&] { return deployed->apply(working, false); });
    if (!applied) return applied.error();
    config = whole;
    return {};
}

result<std::shared_ptr<connector_instance>> host::impl::connection(const std::string& name) {
    if (const auto refused = not_at_work.find(name); refused != not_at_work.end())
        return refused->second;
    auto found = on_control([&] { return deployed->connection(name); });
    if (found) return found;
    return error{category::not_found, "connection.unknown",
                 "no connection \"" + name + "\" is configured"};
}

namespace {

// Waits for the one answer of start(done).
template <class Start>
result<std::string> answer_of(const Start& start) {
    std::promise<result<call_answer>> promise;
    auto future = promise.get_future();
    start([&](result<call_answer> r) { promise.set_value(std::move(r)); });
    auto answer = future.get();
    if (!answer) return answer.error();
    return answer->json;
}

} // namespace

result<std::string> host::test_connection(const std::string& name,
                                          std::chrono::milliseconds timeout) {
    const auto connection = impl_->connection(name);
    if (!connection) return connection.error();
    return answer_of([&](auto done) { (*connection)->test_connection(timeout, std::move(done)); });
}

result<std::string> host::call(const std::string& name,
                               const std::string& operation,
                               std::string input,
                               std::chrono::milliseconds timeout) {
    const auto connection = impl_->connection(name);
    if (!connection) return connection.error();
    if ((*connection)->descriptor().operation(operation) == nullptr)
        return error{category::config, "connection.no-operation",
                     "connector \"" + (*connection)->descriptor().id + "\" offers no operation \"" +
                         operation + '"'};
    call_request request;
    request.operation = operation;
    request.input = std::move(input);
    request.timeout = timeout;
    return answer_of(
        [&](auto done) { (*connection)->invoke(std::move(request), std::move(done)); });
}

bool host::offers(const std::string& name, std::string_view operation) const {
    const auto connection = impl_->config->connections.find(name);
    if (connection == impl_->config->connections.end()) return false;
    const auto* d = impl_->plugins->find_connector(connection->second.connector);
    return d != nullptr && d->operation(operation) != nullptr;
}

} // namespace mortise::host
