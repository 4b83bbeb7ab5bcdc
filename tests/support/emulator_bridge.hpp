// SPDX-License-Identifier: Apache-2.0
//
// Lets a sandbox emulator answer the requests of a connector in a fake host: each request goes to
// the emulator's handle(), in process, without sockets. Link mortise::testing and the emulator.
#pragma once

#include "kit/emulator.hpp"

#include <mortise/testing/fake_host.hpp>

#include <string>

namespace mortise::test_support {

// Requests below base ("https://ecm.test") from now on. Both live longer than the connector.
inline void
answer_by(sandbox::emulator& system, testing::fake_host& host, const std::string& base) {
    for (const char* method : {"GET", "POST", "PUT", "PATCH", "DELETE"}) {
        auto& e = host.http().expect(method, base + "*").always();
        // The host copies the answer as soon as the condition holds, so one expectation serves all
        // requests.
        e.when([&system, &e, base](const testing::recorded_request& r) {
            auto answer = system.handle(
                sandbox::make_request(r.method, r.url.substr(base.size()), r.headers, r.body));
            e.reply(answer.status, answer.headers, answer.content.text());
            return true;
        });
    }
}

} // namespace mortise::test_support
