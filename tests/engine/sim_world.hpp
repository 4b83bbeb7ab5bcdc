// SPDX-License-Identifier: Apache-2.0
//
// A whole world under one seed: senders, a host that dies and comes back, a journal that fails, a
// target that lies low, clocks that jump, a person who looks after dead letters. First everything
// goes wrong, then nothing does any more; in the end the history must keep every promise.
#pragma once

#include "sim_flow.hpp"
#include "sim_life.hpp"
#include "sim_plan.hpp"

#include <deque>
#include <map>
#include <optional>
#include <set>

namespace mortise::host::testing {

struct sim_report {
    std::uint64_t seed = 0;
    std::vector<std::string> broken; // promises, in words
    std::vector<std::string> trace;  // when it was asked for
    std::uint64_t digest = 0;        // of the whole trace
    std::uint64_t events = 0, runs = 0, attempts = 0, crashes = 0, commits = 0, steps = 0;
    test::history history;
};

sim_report simulate(std::uint64_t seed, bool trace = false);

class sim_world final : sim_flow_observer {
public:
    sim_world(std::uint64_t seed, bool trace);
    ~sim_world() override;
    sim_report run();

private:
    // An event and how far it has come on its way in.
    struct parcel {
        sim_work work;
        std::string type, key;
        enum class way { hook, poll, both, request, answer } by = way::hook;
        std::uint64_t at_ns = 0;    // not sent before
        std::uint64_t retry_ns = 0; // not sent again before
        bool under_way = false;     // somebody waits for an acknowledgement
        bool published = false;
        std::uint64_t first_sent = 0, acknowledged = 0; // stamps
        std::size_t after = SIZE_MAX;                   // not before that one was taken
        std::size_t position = 0;                       // among what was published
    };
    struct live_run {
        std::string instance, event, key;
    };

    void draw_settings();
    void draw_workload();
    void
    run_began(const std::string& instance, mortise_handle run, const std::string& event) override;
    void run_left(mortise_handle run) override;

    bool something(); // one thing that is due; false: nothing is
    std::string event_of(const run_record& r);
    bool send_one();
    bool accepted(std::size_t n); // as far as its sender can know
    void send(std::size_t n);
    void acknowledged(std::size_t n);
    void chaos();
    void crash();
    void begin_life();
    void idle(); // lets time go on to the next thing
    void look_after_dead_letters();
    void care_for(const run_record& r);
    void note_doubt(const run_record& r);
    void cancel_some();
    bool called_off(const run_record& r);
    void write_ledger();
    bool everything_ended();
    void finish(bool over);
    void tell_rest();
    void write_history(bool over);
    void check_tries(const run_record& run);
    std::uint64_t stamp() { return ++stamps_; }
    std::uint64_t now() const { return time_.now_mono_ns(); }
    void note(std::initializer_list<std::string_view> words) { trace_.note(now(), words); }
    void broken(std::string what);

    const std::uint64_t seed_;
    sim_random random_;
    sim_trace trace_;
    repeatable_ids ids_;
    manual_clock time_;
    sim_journal store_;
    sim_target target_;
    sim_settings settings_;
    sim_journal::faults store_faults_;
    target_faults target_faults_;
    sim_mix mix_;
    // Per 100 000 steps.
    std::uint64_t crashes_ = 0, jumps_ = 0, reloads_ = 0, outages_ = 0, cares_ = 0, owners_ = 0,
                  cancels_ = 0, pauses_ = 0;
    std::uint64_t hurry_ = 0; // per mille: time goes on although there is something to do

    std::unique_ptr<sim_life> life_;
    std::uint64_t life_number_ = 0;
    std::uint64_t outage_until_ = 0, begin_at_ = 0, care_at_ = 0;
    bool calm_ = false;
    bool dying_ = false;
    std::vector<parcel> parcels_;
    std::map<std::string, std::size_t> by_id_;
    std::deque<std::size_t> to_publish_;
    std::map<std::string, std::string> heard_; // by the senders of requests: how it ended
    std::map<std::string, std::string> event_of_run_;
    std::size_t unsent_ = 0; // not acknowledged
    std::map<mortise_handle, live_run> live_;
    std::set<std::string> touched_, doubtful_, cancelled_;
    std::map<std::string, std::string> parent_; // of a child's event: that of its parent
    std::vector<std::string> overlaps_;
    bool person_busy_ = false;
    std::uint64_t stamps_ = 0, steps_ = 0;
    sim_report report_;
};

} // namespace mortise::host::testing
