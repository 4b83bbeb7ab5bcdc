// SPDX-License-Identifier: Apache-2.0
// Counts the answers to webhooks and requests by status. Names are those of the configuration:
// strangers may ask for any other, and get no series of their own.
#pragma once

#include "base/metrics.hpp"
#include "http/listener.hpp"

#include <array>
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace mortise::host {

class answer_counts : public std::enable_shared_from_this<answer_counts> {
public:
    // metrics outlives it and every responder it has given, which keep it.
    answer_counts(metric_registry& metrics, std::string_view kind);

    // [any-thread] A responder whose answer is counted. known(): whether the configuration has the
    // name; asked once for each that it has.
    template <class Known>
    responder counted(const std::string& name, const responder& reply, const Known& known) {
        auto* of = find(name);
        if (of == nullptr && known()) of = make(name);
        return of != nullptr ? through(*of, reply) : reply;
    }

private:
    struct one {
        std::string labels; // without the status
        std::array<std::atomic<metric*>, 600> by_status{};
    };
    one* find(const std::string& name);
    one* make(const std::string& name);
    responder through(one& of, const responder& reply);
    void count(one& of, unsigned status);

    metric_registry& metrics_;
    const std::string kind_;
    std::mutex guard_;
    std::map<std::string, one> all_; // elements stay where they are
};

} // namespace mortise::host
