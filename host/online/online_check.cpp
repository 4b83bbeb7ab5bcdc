// SPDX-License-Identifier: Apache-2.0
#include "online/online_check.hpp"

#include "online/connection_check.hpp"

#include <algorithm>
#include <atomic>
#include <deque>
#include <thread>
#include <tuple>

namespace mortise::host {

namespace {

// Systems wait longer than they work.
constexpr std::size_t most_at_once = 8;

void run_all(std::deque<connection_check>& checks) {
    std::atomic<std::size_t> next{0};
    std::vector<std::thread> threads;
    const auto work = [&] {
        for (std::size_t i = next++; i < checks.size(); i = next++)
            checks[i].run();
    };
    for (std::size_t i = 1; i < std::min(most_at_once, checks.size()); ++i)
        threads.emplace_back(work);
    work();
    for (std::thread& t : threads)
        t.join();
}

} // namespace

online_report
check_online(const configuration& config, const used_operations& used, online_systems& systems) {
    static const std::vector<std::string> none;
    std::deque<connection_check> checks;
    for (const auto& [name, connection] : config.connections) {
        if (!connection.enabled) continue;
        std::vector<const named_object*> objects;
        for (const named_object& object : config.named_objects)
            if (object.connection == name) objects.push_back(&object);
        const auto operations = used.find(name);
        checks.emplace_back(connection, operations == used.end() ? none : operations->second,
                            std::move(objects), systems);
    }
    run_all(checks);
    online_report report;
    for (connection_check& check : checks) {
        report.connections.push_back(std::move(check.found));
        std::move(check.problems.begin(), check.problems.end(),
                  std::back_inserter(report.problems));
    }
    std::stable_sort(report.problems.begin(), report.problems.end(),
                     [](const config_problem& a, const config_problem& b) {
                         return std::tie(a.place.file, a.place.line, a.place.column) <
                                std::tie(b.place.file, b.place.line, b.place.column);
                     });
    return report;
}

} // namespace mortise::host
