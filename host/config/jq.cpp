// SPDX-License-Identifier: Apache-2.0
#include "config/jq.hpp"

#include "config/jq_values.hpp"
#include "config/jq_words.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <atomic>
#include <charconv>
#include <condition_variable>
#include <mutex>
#include <system_error>
#include <thread>

extern "C" {
#include <jq.h>
}

namespace json = boost::json;

namespace mortise::host {

namespace {

constexpr std::size_t longest_text = 16 * 1024;
// Workers left behind in native code; more are not started.
constexpr int most_stuck = 8;
// From the stop to the end of a run: freeing what it made.
constexpr std::chrono::milliseconds grace{250};
// More states than threads that run the same expression at once are not worth their memory.
constexpr std::size_t most_idle_states = 4;

std::string shortened(std::string text) {
    constexpr std::size_t shown = 200;
    if (text.size() <= shown) return text;
    std::size_t cut = shown;
    while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xC0) == 0x80)
        --cut;
    text.resize(cut);
    return text + "...";
}

void keep_first(void* to, jv message) {
    auto* kept = static_cast<std::string*>(to);
    if (kept->empty() && jv_get_kind(message) == JV_KIND_STRING) *kept = jv_string_value(message);
    jv_free(message);
}

// "jq: error: syntax error, unexpected $end (Unix shell quoting issues?) at <top-level>, line 1:"
std::string in_short(std::string message) {
    message.resize(std::min(message.find('\n'), message.size()));
    if (const auto at = message.find(" at <"); at != std::string::npos) message.resize(at);
    if (const auto at = message.find(" (Unix shell"); at != std::string::npos) message.resize(at);
    constexpr std::string_view lead = "jq: error: ";
    if (message.starts_with(lead)) message.erase(0, lead.size());
    if (const auto at = message.find("$end"); at != std::string::npos)
        message.replace(at, 4, "end of the expression");
    return shortened(std::move(message));
}

struct state_end {
    void operator()(jq_state* s) const { jq_teardown(&s); }
};
using state_ptr = std::unique_ptr<jq_state, state_end>;

result<state_ptr> make_state(const std::string& program) {
    state_ptr state(jq_init());
    if (!state) return error(category::limit, "config.jq.memory", "no memory for an expression");
    std::string message;
    jq_set_error_cb(state.get(), keep_first, &message);
    const bool ok = jq_compile(state.get(), program.c_str()) != 0;
    jq_set_error_cb(state.get(), nullptr, nullptr);
    if (ok) return state;
    return error(category::config, "config.jq.syntax",
                 "not a jq expression: " + in_short(std::move(message)));
}

error failed(jv invalid) {
    jv message = jv_invalid_get_msg(invalid);
    std::string text = "no reason given";
    if (jv_get_kind(message) == JV_KIND_STRING) text = jv_string_value(message);
    jv_free(message);
    return error(category::input, "config.jq.failed",
                 "the expression failed: " + shortened(std::move(text)));
}

using values = std::vector<json::value>;

// Takes input.
result<values> evaluate(jq_state* state, jv input, const jq_limits& limits, std::size_t most) {
    values all;
    std::size_t budget = limits.max_result_bytes;
    jq_start(state, input, 0);
    for (;;) {
        jv next = jq_next(state);
        if (!jv_is_valid(next)) {
            if (jv_invalid_has_msg(jv_copy(next))) return failed(next);
            jv_free(next);
            return all;
        }
        if (all.size() == limits.max_results) {
            jv_free(next);
            return error(category::limit, "config.jq.results",
                         "the expression has more than " + std::to_string(limits.max_results) +
                             " results");
        }
        auto value = from_jv(next, budget);
        if (!value) return value.error();
        all.push_back(std::move(*value));
        if (all.size() == most) return all;
    }
}

// One run of an expression that may loop; shared by the caller and its thread, since the caller may
// have to leave first.
struct guarded_run {
    std::mutex mutex;
    std::condition_variable changed;
    bool running = false; // evaluate() is in: jq_halt reaches it
    bool done = false;
    bool cancelled = false;
    bool abandoned = false;
    state_ptr state;
    jv input = jv_null();
    jq_limits limits;
    std::size_t most = 0;
    result<values> outcome = values();
};

std::atomic<int> stuck{0};

void work(const std::shared_ptr<guarded_run>& run) {
    {
        const std::lock_guard lock(run->mutex);
        if (run->cancelled) {
            jv_free(run->input);
            run->outcome = error(category::limit, "config.jq.deadline", "stopped before it began");
            run->done = true;
            run->changed.notify_all();
            return;
        }
        run->running = true;
    }
    result<values> outcome = values();
    try {
        outcome = evaluate(run->state.get(), run->input, run->limits, run->most);
    } catch (const std::exception& e) { // the thread's top: no memory
        outcome = error(category::limit, "config.jq.memory", e.what());
    }
    const std::lock_guard lock(run->mutex);
    run->outcome = std::move(outcome);
    run->running = false;
    run->done = true;
    if (run->abandoned) stuck.fetch_sub(1);
    run->changed.notify_all();
}

error over_deadline(const jq_limits& limits) {
    return error(category::limit, "config.jq.deadline",
                 "the expression was stopped after " + std::to_string(limits.deadline.count()) +
                     " ms; make it simpler or its input smaller");
}

// Takes input. On return state is empty when it must not be used again.
result<values>
evaluate_guarded(state_ptr& state, jv input, const jq_limits& limits, std::size_t most) {
    if (stuck.load() >= most_stuck) {
        jv_free(input);
        return error(category::limit, "config.jq.busy",
                     "too many expressions are stuck in regular expressions; simplify those");
    }
    const auto run = std::make_shared<guarded_run>();
    run->state = std::move(state);
    run->input = input;
    run->limits = limits;
    run->most = most;
    try {
        std::thread([run] { work(run); }).detach();
    } catch (const std::system_error&) {
        jv_free(input);
        state = std::move(run->state);
        return error(category::limit, "config.jq.thread", "no thread for an expression");
    }
    std::unique_lock lock(run->mutex);
    const auto is_done = [&run] { return run->done; };
    if (run->changed.wait_for(lock, limits.deadline, is_done)) {
        state = std::move(run->state);
        return std::move(run->outcome);
    }
    run->cancelled = true;
    // libjq has no call for this; the interpreter reads the flag that jq_halt sets before each
    // instruction. The state is not used again.
    if (run->running) jq_halt(run->state.get(), jv_invalid(), jv_invalid());
    if (!run->changed.wait_for(lock, grace, is_done)) {
        run->abandoned = true;
        stuck.fetch_add(1);
    }
    return over_deadline(limits);
}

} // namespace

struct jq_program::impl {
    std::string text;
    std::string program; // with the prelude
    bool simple = false;
    mutable std::mutex mutex;
    mutable std::vector<state_ptr> idle;

    result<state_ptr> take() const {
        {
            const std::lock_guard lock(mutex);
            if (!idle.empty()) {
                state_ptr state = std::move(idle.back());
                idle.pop_back();
                return state;
            }
        }
        return make_state(program);
    }

    void give_back(state_ptr state) const {
        if (!state) return;
        // Lets go of the last input, which may be large.
        jq_start(state.get(), jv_null(), 0);
        const std::lock_guard lock(mutex);
        if (idle.size() < most_idle_states) idle.push_back(std::move(state));
    }

    result<values> run(const json::value& value, const jq_limits& limits, std::size_t most) const {
        auto input = to_jv(value, limits.max_input_bytes);
        if (!input) return input.error();
        auto state = take();
        if (!state) {
            jv_free(*input);
            return state.error();
        }
        auto outcome = simple ? evaluate(state->get(), *input, limits, most)
                              : evaluate_guarded(*state, *input, limits, most);
        give_back(std::move(*state));
        return outcome;
    }
};

result<jq_program> jq_program::compile(std::string_view text) {
    if (text.size() > longest_text)
        return error(category::config, "config.jq.size",
                     "the expression has more than 16 KiB; split it");
    if (text.find('\0') != std::string_view::npos)
        return error(category::config, "config.jq.syntax", "the expression contains a NUL");
    auto shape = check_jq_words(text);
    if (!shape) return shape.error();
    auto made = std::make_shared<impl>();
    made->text = text;
    made->program = shape->prelude + made->text;
    made->simple = shape->simple;
    if (!shape->plain) {
        auto state = make_state(made->program);
        if (!state) return state.error();
        made->idle.push_back(std::move(*state));
    }
    return jq_program(std::move(made));
}

result<std::vector<std::string>> jq_program::run(std::string_view text,
                                                 const jq_limits& limits) const {
    if (text.size() > limits.max_input_bytes)
        return error(category::limit, "config.jq.size", "the input is too large for an expression");
    boost::system::error_code ec;
    json::parse_options options;
    options.max_depth = 128;
    const json::value value =
        json::parse(json::string_view(text.data(), text.size()), ec, {}, options);
    if (ec)
        return error(category::input, "config.jq.input", "the input is not JSON: " + ec.message());
    const auto all = run(value, limits);
    if (!all) return all.error();
    std::vector<std::string> texts;
    for (const json::value& v : *all)
        texts.push_back(json::serialize(v));
    return texts;
}

result<values> jq_program::run(const json::value& value, const jq_limits& limits) const {
    return impl_->run(value, limits, limits.max_results + 1);
}

result<bool> jq_program::matches(const json::value& value, const jq_limits& limits) const {
    const auto all = impl_->run(value, limits, 1);
    if (!all) return all.error();
    if (all->empty()) return false;
    const json::value& first = all->front();
    return !first.is_null() && !(first.is_bool() && !first.get_bool());
}

result<std::string> jq_program::text(const json::value& value, const jq_limits& limits) const {
    const auto all = impl_->run(value, limits, 1);
    if (!all) return all.error();
    const auto refuse = [this](const char* found) {
        return error(category::input, "config.jq.no-text",
                     "expected a text or a number from " + shortened(impl_->text) + ", found " +
                         found);
    };
    if (all->empty()) return refuse("no result");
    const json::value& first = all->front();
    if (first.is_string()) return std::string(first.get_string());
    if (first.is_null()) return refuse("null");
    if (first.is_array()) return refuse("a list");
    if (first.is_object()) return refuse("an object");
    if (first.is_double()) { // 1.5 as jq writes it; Boost.JSON has 1.5E0
        char buffer[32];
        const auto end = std::to_chars(buffer, buffer + sizeof buffer, first.get_double()).ptr;
        return std::string(buffer, end);
    }
    return json::serialize(first);
}

const std::string& jq_program::source() const noexcept {
    return impl_->text;
}

bool jq_program::is_simple() const noexcept {
    return impl_->simple;
}

} // namespace mortise::host
