// SPDX-License-Identifier: Apache-2.0
// Clients that send webhooks at a steady rate and lose nothing by themselves: a kept connection is
// used until the other side says that it closes, every answer is waited for, nothing is sent twice.
#pragma once

#include <atomic>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace mortise::host::testing {

struct client_load {
    unsigned short port = 0;
    int kept = 2, fresh = 2; // clients with and without keep-alive
    int each = 100;          // webhooks of each
    int per_second = 60;     // of each
};

class webhook_clients {
public:
    explicit webhook_clients(client_load load);
    ~webhook_clients(); // finish()
    webhook_clients(const webhook_clients&) = delete;
    webhook_clients& operator=(const webhook_clients&) = delete;

    int sent() const noexcept { return sent_; }
    void finish();                                // after the last answer
    std::vector<std::string> names() const;       // of everything sent, as in "create"
    const std::vector<std::string>& lost() const; // after finish(): what got no 2xx, and why
    double rate() const;                          // after finish(): requests a second, by the clock

private:
    void run(int client, bool keep);

    const client_load load_;
    std::atomic<int> sent_{0};
    std::mutex guard_;
    std::vector<std::string> lost_;
    std::vector<std::thread> threads_;
    double seconds_ = 0;
};

} // namespace mortise::host::testing
