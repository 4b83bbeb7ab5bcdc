// SPDX-License-Identifier: Apache-2.0
#include "engine/replay_difference.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace mortise::host {
namespace {

constexpr std::size_t most_shown = 200; // of each sequence: what differs first is near

boost::json::object line(std::string_view step, std::string_view target) {
    return {{"step", boost::json::string_view(step)}, {"target", boost::json::string_view(target)}};
}

error nondeterministic(std::string message,
                       boost::json::object details,
                       const std::vector<step_record>& journal,
                       const std::vector<asked_step>& asked) {
    boost::json::array was, is;
    for (const auto& s : journal) {
        if (was.size() < most_shown) was.push_back(line(s.key, s.target));
    }
    for (const auto& s : asked) {
        if (is.size() < most_shown) is.push_back(line(s.key, s.target));
    }
    details["journal"] = std::move(was);
    details["replay"] = std::move(is);
    error e{category::internal, "run.nondeterministic-flow", std::move(message)};
    e.effect = effect::none;
    e.retry = retry_advice::no;
    e.details = boost::json::serialize(details);
    return e;
}

} // namespace

error other_step(const std::vector<step_record>& journal, const std::vector<asked_step>& asked) {
    const auto& now = asked.back();
    const auto it = std::find_if(journal.begin(), journal.end(),
                                 [&](const step_record& s) { return s.key == now.key; });
    const std::string was = it == journal.end() ? std::string() : it->target;
    return nondeterministic("step \"" + now.key + "\" is " + now.target + " now and was " + was +
                                " when the run began: the flow must take the same steps on replay",
                            {{"step", now.key}, {"was", was}, {"is", now.target}}, journal, asked);
}

error steps_left_out(const std::vector<step_record>& journal,
                     const std::vector<asked_step>& asked,
                     const std::vector<std::string>& missing) {
    return nondeterministic("the flow ended on replay without step \"" + missing.front() + '"' +
                                (missing.size() > 1
                                     ? " and " + std::to_string(missing.size() - 1) + " more"
                                     : std::string()) +
                                ", which it has taken before: the flow must take the same steps on "
                                "replay",
                            {{"missing", boost::json::value_from(missing)}}, journal, asked);
}

} // namespace mortise::host
