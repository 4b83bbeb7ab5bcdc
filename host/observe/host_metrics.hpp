// SPDX-License-Identifier: Apache-2.0
// What is only known by looking, set whenever the metrics are asked for: the process, the journal,
// the engine. And outgoing HTTP, as its client tells it.
#pragma once

#include "http/client.hpp"

#include <functional>
#include <memory>
#include <string>

namespace mortise::host {

class engine;
class journal;
class metric_registry;
class plugin_catalog;

// The figures of the process by the names every Prometheus client library uses, and what was built.
// While the returned object lives.
[[nodiscard]] std::shared_ptr<void>
collect_process(metric_registry& metrics, std::string version, std::string abi);
// Runs by state, dead letters, held ones, the ledger, the file. While the returned object lives;
// journal and engine outlive it.
[[nodiscard]] std::shared_ptr<void>
collect_journal(metric_registry& metrics, journal& store, engine& runs);

// Which plugins are loaded. While the returned object lives; the catalog outlives it.
[[nodiscard]] std::shared_ptr<void> collect_plugins(metric_registry& metrics,
                                                    const plugin_catalog& plugins);

// For http_client::watch().
std::function<void(const http_exchange_seen&)> count_exchanges(metric_registry& metrics);

} // namespace mortise::host
