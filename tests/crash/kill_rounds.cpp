// SPDX-License-Identifier: Apache-2.0
#include "kill_rounds.hpp"

#include "sim_plan.hpp"
#include "support/eventually.hpp"

#include <chrono>
#include <deque>
#include <thread>

namespace mortise::test {
namespace {

using host::testing::make_work;
using host::testing::sim_mix;
using host::testing::sim_random;

struct parcel {
    sent_event event;
    std::string type, subject, data;
};

class rounds_of {
public:
    rounds_of(std::uint64_t seed, std::size_t rounds)
        : random_(sim_random(seed).next()), rounds_(rounds) {
        mix_.longest_sleep_ms = 60;
        mix_.longest_wait_ms = 300;
        mix_.fails = 0;
    }

    kill_report run() {
        for (std::size_t round = 0; round < rounds_; ++round) {
            host_.start();
            if (!host_.ready()) {
                report_.broken.push_back("a start failed: " + host_.output());
                return std::move(report_);
            }
            misbehave();
            const auto limit = std::chrono::microseconds(random_.below(60'000));
            std::thread killer([&] {
                std::this_thread::sleep_for(limit); // the moment is the test's input
                host_.kill();
            });
            const auto fresh = random_.below(4);
            for (std::uint64_t i = 0; i < fresh; ++i)
                make_one();
            send_all();
            killer.join();
            host_.bury();
            ++report_.kills;
        }
        finish();
        return std::move(report_);
    }

private:
    // The next request of some kind meets trouble.
    void misbehave() {
        if (!random_.one_in(3)) return;
        constexpr const char* paths[] = {"create", "put", "fire", "find"};
        constexpr fault::kind kinds[] = {fault::kind::status, fault::kind::cut_before,
                                         fault::kind::cut_after, fault::kind::status_after};
        fault f;
        f.what = kinds[random_.below(4)];
        // 503 says that nothing was done; who has done it must not say so.
        if (f.what == fault::kind::status_after) f.status = 504;
        f.times = static_cast<int>(random_.between(1, 2));
        host_.target.next(paths[random_.below(4)], f);
    }

    void make_one() {
        auto work = make_work("e" + std::to_string(made_++), mix_, random_);
        parcel p;
        p.event.id = work.id;
        p.event.channel = "hooks";
        p.type = "probe.changed";
        p.subject = 'k' + std::to_string(random_.below(6));
        p.event.order_key = p.subject;
        p.event.wanted = std::move(work.wanted);
        p.data = std::move(work.data);
        for (const auto& a : work.answers) {
            if (!a.certain && random_.one_in(2)) continue;
            parcel answer;
            answer.event.id = answer.subject = a.key;
            answer.type = "probe.decided";
            answer.data = "{}";
            answers_[p.event.id].push_back(std::move(answer));
        }
        to_send_.push_back(std::move(p));
    }

    // In order, each until it is acknowledged; what is not stays for the next life.
    void send_all() {
        while (!to_send_.empty()) {
            auto& p = to_send_.front();
            if (p.event.first_sent == 0) p.event.first_sent = ++stamps_;
            if (!host_.send(p.event.id, p.type, p.subject, p.data)) return;
            p.event.acknowledged = ++stamps_;
            const auto id = p.event.id;
            history_.events.push_back(std::move(p.event));
            to_send_.pop_front();
            // Only an event that comes after the run is there is one that it waits for.
            for (auto& answer : answers_[id]) {
                // Sometimes at once, sometimes after what comes next.
                if (random_.one_in(2))
                    to_send_.push_front(std::move(answer));
                else
                    to_send_.push_back(std::move(answer));
            }
            answers_.erase(id);
        }
    }

    void finish() {
        host_.start();
        send_all();
        const bool ended = to_send_.empty() &&
                           eventually([&] { return host_.all_ended(); }, std::chrono::seconds(60));
        if (!to_send_.empty()) report_.broken.push_back("an event is not taken in peace");
        host_.tell(history_);
        history_.complete = ended;
        for (auto& what : check(history_)) {
            for (const auto& e : history_.events) {
                if (what.find(' ' + e.id + ' ') != std::string::npos)
                    what += '\n' + host_.story(e.id);
            }
            report_.broken.push_back(std::move(what));
        }
        if (!ended) {
            std::string what = "stuck: not everything came to its end:";
            for (const auto& r : history_.runs) {
                if (r.state == "ready" || r.state == "active" || r.state == "waiting")
                    what += ' ' + r.event + " is " + r.state;
            }
            report_.broken.push_back(std::move(what));
        }
        if (const auto status = host_.stop(); status != 0)
            report_.broken.push_back("the last stop ended with " + std::to_string(status));
        report_.events = history_.events.size();
        report_.runs = history_.runs.size();
        report_.effects = history_.attempts.size();
        for (const auto& r : history_.runs)
            report_.in_doubt += r.was_in_doubt ? 1 : 0;
    }

    sim_random random_;
    const std::size_t rounds_;
    sim_mix mix_;
    crashing_host host_;
    history history_;
    std::deque<parcel> to_send_;
    std::map<std::string, std::vector<parcel>> answers_;
    std::uint64_t made_ = 0, stamps_ = 0;
    kill_report report_;
};

} // namespace

kill_report kill_rounds(std::uint64_t seed, std::size_t rounds) {
    return rounds_of(seed, rounds).run();
}

} // namespace mortise::test
