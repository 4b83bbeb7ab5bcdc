// SPDX-License-Identifier: Apache-2.0
// What the parts of the fake host share. Private to the kit.
#pragma once

#include "mapping/mapping_service.hpp"

#include <mortise/call.h>
#include <mortise/config.h>
#include <mortise/content.h>
#include <mortise/http.h>
#include <mortise/log.h>
#include <mortise/metric.h>
#include <mortise/plugin.h>
#include <mortise/run.h>
#include <mortise/sdk/abi.hpp>
#include <mortise/sdk/flow_run.hpp>
#include <mortise/sdk/services.hpp>
#include <mortise/secret.h>
#include <mortise/state.h>
#include <mortise/testing/fake_host.hpp>
#include <mortise/time.h>
#include <mortise/trigger.h>

#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <thread>

namespace mortise::testing {

struct fake_trigger {
    std::string id;
    bool closing = false;
    bool closed = false;
    std::optional<std::string> cursor;
    std::optional<std::string> position; // of the backfill
};

struct fake_call {
    std::string name;
    bool backfill = false;
    fake_instance* owner = nullptr;
    bool cancelled = false;
    std::uint64_t deadline_ns = 0;
    call_outcome outcome;
};

struct fake_content {
    std::string bytes; // not read yet
    std::string media_type;
    std::uint64_t length = UINT64_MAX;
    bool finished = false;
    std::optional<error> aborted;
    bool plugin_owns = false;
    fake_instance* owner = nullptr;
    bool busy_read = false;
    bool busy_write = false;
    std::function<void()> waiting_read;
    std::function<void()> waiting_write;
    std::uint64_t position = 0;        // of the next byte of `bytes`
    std::optional<std::string> source; // all of it, when it can be read again from an offset
    // The host reads it, as a request's body; called with all of it at its end.
    std::function<void(std::string body, std::optional<error> aborted)> drain;
    std::string drained;
    bool given_up = false; // by the host: writes fail
};

struct fake_request {
    std::size_t record;
    std::uint64_t call;
    mortise_http_fn on_response;
    void* user;
    bool answered = false;
    mortise_handle body = 0; // still being written by the plugin
};

struct fake_run {
    fake_instance* owner = nullptr;
    mortise_handle handle = 0; // 0: not in memory
    event first;
    run_outcome outcome;
    std::vector<step_record> journal;
    std::set<std::string> met; // keys since the last start
    std::size_t ended_steps = 0;
    // Outcomes waiting for their turn: in the order in which they came about.
    std::map<std::size_t, std::function<void()>> outcomes;
    std::map<std::string, std::int64_t> wait_until; // by step: when a wait times out
    // By step: which event its wait has taken. No other wait of the run takes that one.
    std::map<std::string, std::size_t> taken;
    // How to fail what is in flight when the run is cancelled.
    std::map<std::string, std::function<void(const error&)>> in_flight;
    std::int64_t started_ms = 0;
    std::int64_t now_ms = 0;
    std::size_t effects = 0;
    std::size_t sent_before = 0; // events sent before the run began do not count
    bool cancelled = false;
};

struct fake_wait {
    std::size_t run;
    mortise_handle handle;
    std::string key;
    std::string type;
    std::string match;
    std::function<void(const step_record&)> deliver;
};

struct fake_child {
    std::size_t run; // the parent
    child_run shown;
    // Ends the parent's step; another one each time the step is met.
    std::function<void(std::optional<std::string> result, std::optional<error> failure)> answer;
    json::value result;
};

struct fake_metric {
    std::string name;
    std::uint32_t kind;
    double value = 0;
};

struct fake_tables {
    mortise_svc_call call;
    mortise_svc_config config;
    mortise_svc_content content;
    mortise_svc_flow flow;
    mortise_svc_http http;
    mortise_svc_log log;
    mortise_svc_metric metric;
    mortise_svc_secret secret;
    mortise_svc_state state;
    mortise_svc_time time;
    mortise_svc_trigger trigger;
};

struct fake_instance {
    core* owner = nullptr;
    mortise_handle handle = 0;
    std::string config;
    std::optional<mortise_connector> connector;
    std::optional<mortise_flow> flow;
    void* self = nullptr;
    bool creating = false;
    bool destroyed = false;
    fake_tables tables{};
    host::mapping_service mappings; // the host's own
    std::map<mortise_handle, fake_trigger> triggers;
    std::vector<event> events;
    std::map<std::string, stored_value> state;
    std::map<std::pair<std::string, std::string>, flow_harness::operation> operations;
    std::map<std::string, flow_harness::child_handler> child_handlers; // by flow
    std::deque<fake_child> children;
    std::vector<event> sent;
    std::map<std::pair<std::string, std::string>, link> links; // (relation, a)
};

class core {
public:
    explicit core(std::uint64_t seed);
    ~core();

    // Scheduling.
    void post(std::function<void()> f);
    mortise_handle
    add_timer(fake_instance& i, std::uint64_t after_ms, std::function<void(bool cancelled)> f);
    void cancel_timer(mortise_handle h);
    void run();
    void advance(std::chrono::milliseconds d);

    // Rules.
    void violation(std::string text);
    // False (and a violation) when the instance is gone.
    bool alive(void* ctx, const char* what);
    void on_strand(const char* what); // a violation when called on another thread
    mortise_handle next_handle() { return ++last_handle_; }

    fake_instance& add_instance(const json::value& config);
    void destroy(fake_instance& i);
    const void* service(fake_instance& i, std::string_view id);

    mortise_handle add_call(fake_instance& i, std::string name, std::uint64_t deadline_ns);
    void end_call(fake_call& c, mortise_handle h, std::function<void(call_outcome&)> set);
    void give_to_plugin(mortise_handle content, fake_instance& i);
    // Reads all that a plugin writes, or lets it know that nobody reads any more.
    void drain(mortise_handle content,
               std::function<void(std::string body, std::optional<error> aborted)> done);
    void give_up(mortise_handle content);
    bool take_from_plugin(mortise_handle content, const char* what);
    void cancel_requests_of(std::uint64_t call);

    void start_run(std::size_t index);
    void drop_run(fake_run& r);
    void match_waits(fake_instance& i);
    void run_child(fake_instance& i, std::size_t n); // by its handler, if there is one
    void end_child(fake_child& child, child_state how, json::value result);
    void cancel_children(std::size_t run);

    std::recursive_mutex mutex; // services may be called from threads of the plugin
    mortise_host host{};
    std::int64_t unix_ms = 1'767'225'600'000; // 2026-01-01
    std::uint64_t mono_ns = 1'000'000'000;
    std::uint64_t seed;
    std::thread::id thread = std::this_thread::get_id();
    std::size_t transfer_limit = 64 * 1024;
    unsigned emits_to_refuse = 0;
    bool hold_resume = false;
    std::set<std::string, std::less<>> withheld;
    std::map<std::string, std::uint32_t, std::less<>> cut;
    std::map<std::string, std::string, std::less<>> secrets;
    scripted_http http;
    std::vector<log_line> log;
    std::vector<std::string> violations;
    std::deque<fake_instance> instances;
    std::map<mortise_handle, fake_call> calls;
    std::map<mortise_handle, fake_content> contents;
    std::map<mortise_handle, fake_request> requests;
    std::map<mortise_handle, fake_metric> metrics;
    std::deque<fake_run> runs;
    std::vector<fake_wait> waits;

private:
    struct timer {
        std::uint64_t due_ns;
        fake_instance* owner;
        std::function<void(bool)> fire;
    };
    std::mt19937_64 random_;
    std::vector<std::function<void()>> ready_;
    std::map<mortise_handle, timer> timers_;
    mortise_handle last_handle_ = 0;
    bool running_ = false;
};

void fill_tables(fake_instance& i);
void fill_call(fake_instance& i);
void fill_content(fake_instance& i);
void fill_flow(fake_instance& i);
void fill_http(fake_instance& i);
void fill_small(fake_instance& i);

inline fake_instance& instance_of(void* ctx) noexcept {
    return *static_cast<fake_instance*>(ctx);
}

// A C error that lives as long as the object.
class c_error {
public:
    explicit c_error(error e) : e_(std::move(e)), c_(to_c(e_)) {}
    const mortise_error* get() const noexcept { return &c_; }

private:
    error e_;
    mortise_error c_;
};

inline mortise_status refuse(mortise_error_sink sink,
                             mortise_status st,
                             enum category c,
                             std::string code,
                             std::string message) {
    error e(c, std::move(code), std::move(message));
    e.effect = effect::none;
    const c_error held(std::move(e));
    if (sink.set) sink.set(sink.ctx, held.get());
    return st;
}

} // namespace mortise::testing
