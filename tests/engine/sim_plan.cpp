// SPDX-License-Identifier: Apache-2.0
#include "sim_plan.hpp"

#include <algorithm>

namespace mortise::host::testing {
namespace {

class planner {
public:
    planner(const std::string& id, const sim_mix& mix, sim_random& random)
        : mix_(mix), random_(random) {
        out_.id = id;
    }

    sim_work make() {
        out_.data = R"({"plan":[)";
        const auto n = random_.between(1, mix_.longest);
        for (std::uint64_t i = 0; i < n; ++i) {
            if (i > 0) out_.data += ',';
            out_.data += step();
            ++phase_;
        }
        out_.data += "]}";
        return std::move(out_);
    }

private:
    std::string step() {
        auto n = random_.below(1000);
        const auto hit = [&n](std::uint64_t share) {
            if (n < share) return true;
            n -= share;
            return false;
        };
        if (hit(mix_.fails)) {
            out_.fails = true;
            return R"({"do":"fail","category":"input","message":"as told"})";
        }
        if (hit(mix_.races)) return beside();
        if (hit(mix_.waits)) return wait(true);
        if (hit(mix_.sleeps)) return sleep();
        if (hit(mix_.local)) return local();
        if (hit(mix_.children)) return child();
        return call(true);
    }

    // A run of its own; what it does belongs to the one who waits for it.
    std::string child() {
        const auto key = out_.id + "-c" + std::to_string(++names_);
        std::string text = R"({"do":"spawn","flow":")";
        text += random_.one_in(2) ? 'a' : 'b';
        text += R"(","key":")";
        text += key;
        text += R"(","data":{"plan":[)";
        const auto n = random_.between(1, 2);
        for (std::uint64_t i = 0; i < n; ++i, ++phase_) {
            if (i > 0) text += ',';
            text += random_.one_in(6) ? sleep() : call(true, false);
        }
        return text + "]}}";
    }

    std::string call(bool certain, bool may_fire = true) {
        const auto name = out_.id + '.' + std::to_string(++names_);
        auto kind = test::repeat::idempotent;
        std::string text;
        // A race may let go of what it has begun; what must not be repeated has no place in one.
        if (certain && may_fire && random_.per_mille(mix_.fire)) {
            kind = test::repeat::unsafe;
            text = R"({"do":"fire","name":")" + name + "\"}";
        } else if (random_.one_in(2)) {
            kind = test::repeat::lookup_first;
            text = R"({"do":"create","name":")" + name + "\"}";
        } else if (random_.one_in(5)) {
            return R"({"do":"get","id":"one"})";
        } else {
            text = R"({"do":"put","body":{"name":")" + name + "\"}}";
        }
        out_.wanted.push_back({name, kind, phase_, certain});
        return text;
    }

    std::string sleep() {
        const auto ms = random_.one_in(3)
                            ? random_.below(mix_.longest_sleep_ms)
                            : random_.below(std::min<std::uint64_t>(mix_.longest_sleep_ms, 300));
        return R"({"do":"sleep","ms":)" + std::to_string(ms) + '}';
    }

    std::string wait(bool may_be_limited) {
        const auto key = out_.id + "-d" + std::to_string(++names_);
        const bool limited = may_be_limited && random_.one_in(3);
        out_.answers.push_back({key, !limited});
        return R"({"do":"wait","type":"probe.decided","key":")" + key +
               (limited ? R"(","catch":true,"timeout_ms":)" +
                              std::to_string(random_.between(50, mix_.longest_wait_ms)) + '}'
                        : "\"}");
    }

    std::string local() {
        const auto name = out_.id + '-' + std::to_string(++names_);
        switch (random_.below(5)) {
        case 0:
            return R"({"do":"link","relation":"r","a":"a)" + name + R"(","b":"b)" + name + "\"}";
        case 1:
            return R"({"do":"find_link","relation":"r","a":"a*"})";
        case 2:
            return R"({"do":"state_put","name":"n","value":")" + name + "\"}";
        case 3:
            return R"({"do":"state_get","name":"n"})";
        default:
            return R"({"do":"record","value":")" + name + "\"}";
        }
    }

    // Branches of a race are single steps: the loser is let go, what it has begun may still happen.
    std::string beside() {
        const bool all = random_.one_in(2);
        const auto n = random_.between(2, 3);
        std::string text = std::string(R"({"do":")") + (all ? "all" : "first") + R"(","steps":[)";
        for (std::uint64_t i = 0; i < n; ++i) {
            if (i > 0) text += ',';
            const auto what = random_.below(6);
            if (what == 0)
                text += sleep();
            else if (what == 1 && (all || i > 0))
                text += all ? wait(false) : limited_answer();
            else if (what == 2)
                text += local();
            else
                text += call(all);
        }
        return text + "]}";
    }

    // In a race: nobody depends on its coming.
    std::string limited_answer() {
        const auto key = out_.id + "-d" + std::to_string(++names_);
        out_.answers.push_back({key, false});
        return R"({"do":"wait","type":"probe.decided","key":")" + key + "\"}";
    }

    const sim_mix& mix_;
    sim_random& random_;
    sim_work out_;
    int phase_ = 0;
    int names_ = 0;
};

} // namespace

sim_work make_work(const std::string& id, const sim_mix& mix, sim_random& random) {
    return planner(id, mix, random).make();
}

} // namespace mortise::host::testing
