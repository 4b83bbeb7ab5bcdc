// SPDX-License-Identifier: Apache-2.0
// Shared by the deployment_*.cpp.
#pragma once

#include "app/deployment.hpp"

#include <future>

namespace mortise::host {

inline constexpr std::chrono::milliseconds poll_timeout{120'000};
inline constexpr std::chrono::milliseconds drain_grace{30'000};

// Asks an asynchronous function and waits: the control thread is not one of the io_context's.
template <class T, class Ask>
T wait_for(Ask ask) {
    auto promise = std::make_shared<std::promise<T>>();
    auto future = promise->get_future();
    ask([promise](T value) { promise->set_value(std::move(value)); });
    return future.get();
}

inline void wait_for_done(const std::function<void(std::function<void()>)>& ask) {
    auto promise = std::make_shared<std::promise<void>>();
    auto future = promise->get_future();
    ask([promise] { promise->set_value(); });
    future.get();
}

inline error config_error(const source_place& place, std::string code, std::string message) {
    return {category::config, std::move(code), to_string(place) + ": error: " + std::move(message)};
}

} // namespace mortise::host
