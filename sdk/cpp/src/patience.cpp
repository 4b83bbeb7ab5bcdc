// SPDX-License-Identifier: Apache-2.0
#include <mortise/sdk/patience.hpp>

#include <algorithm>

namespace mortise {

task<bool> growing_pauses::next(flow_run run) {
    using std::chrono::milliseconds;
    if (left_ <= milliseconds(0)) co_return false;
    // A pause of nothing would never use up the time.
    const auto now = std::min(std::max(pause_, milliseconds(10)), left_);
    co_await run.sleep_for(name_ + '-' + std::to_string(round_), now);
    ++round_;
    waited_ += now;
    left_ -= now;
    pause_ = now * 2;
    co_return true;
}

} // namespace mortise
