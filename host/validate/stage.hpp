// SPDX-License-Identifier: Apache-2.0
//
// The host a check shows to a plugin: the testing kit's, with its edges bent. Tables may be
// missing, cut to those of version 1.0, or longer than any plugin knows; what is cut or added is
// memory of its own, so that reading past it is found by a memory checker. One stage at a time in a
// process.
#pragma once

#include "plugin/descriptors.hpp"
#include "validate/check.hpp"
#include "validate/sample.hpp"

#include <mortise/testing/fake_host.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace mortise::host {

struct host_shape {
    std::set<std::string, std::less<>> withheld; // service ids answered with NULL
    bool older = false;
    bool newer = false;
};

// What every HTTP request is answered with.
enum class answers {
    unavailable,
    garbage,
    empty,
    list,
    not_found,
    unauthorized,
    busy,
    unsent,
    never
};
std::string_view to_string(answers a) noexcept; // "503", "a body of garbage", ...

class stage {
public:
    explicit stage(std::uint64_t seed, answers http = answers::unavailable, host_shape shape = {});
    // Destroys what is left.
    ~stage();
    stage(const stage&) = delete;
    stage& operator=(const stage&) = delete;

    testing::fake_host& host() noexcept { return *host_; }
    // Throw mortise::error with the plugin's reason when create() refuses.
    testing::connector_harness make(const connector_descriptor& d, const sample_config& config);
    testing::flow_harness make(const flow_descriptor& d, const sample_config& config);
    // The same with the text that create() receives.
    void make_with_text(const connector_descriptor& d, std::string config);
    void make_with_text(const flow_descriptor& d, std::string config);
    void* self() const noexcept;
    // How often each close_trigger() so far was answered, in the order of asking.
    std::vector<unsigned> closings() const;
    // Reports what the kit found against the rules, each with `where` in front, and forgets it.
    void report_violations(report& r, std::string_view where);

private:
    std::unique_ptr<testing::fake_host> host_;
    std::size_t reported_ = 0;
};

// How a call went. Waits for a day of the host's clock; then cancels it, and waits 30 s more.
enum class ending { answered, after_cancel, never };
ending settle(stage& on, const testing::pending_call& call);
// Only the second half.
ending settle_cancelled(stage& on, const testing::pending_call& call);

} // namespace mortise::host
