// SPDX-License-Identifier: Apache-2.0
//
// One attempt of a transfer step: content from an operation of one connection to an operation of
// another, through the window of the source's stream and nothing else. A source that breaks off is
// asked to go on at the offset, where its operation can; whether the whole is tried again is the
// step's decision. Everything here happens on the run's strand.
#pragma once

#include "base/timers.hpp"
#include "content/content_store.hpp"
#include "engine/flow_instance.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace mortise::host {

struct transfer_end {
    std::string role, operation, input;
};

struct transfer_setup {
    transfer_end from, to;
    std::string idempotency_key, trace_parent;
    std::shared_ptr<const log_subject> subject;
    std::uint32_t attempt = 1;
    std::shared_ptr<std::atomic<std::int64_t>> queued_ns = {}; // see call_request
    // Ends when the source has answered: the outcome's json is the input of the target's operation,
    // completed by what the source said. Nothing reaches the target.
    bool only_input = false;
    // The connection bound to the role now; another one after a reload.
    std::function<std::optional<bound_connection>(const std::string& role)> bound;
    std::function<void(std::function<void()>)> post; // [any-thread] to the run's strand
};

struct transfer_outcome {
    std::string json;   // of the step, see mortise_svc_flow.transfer
    std::string target; // what the target's operation answered
    std::string sha256; // of the content, empty when it did not go through here as a whole
};

class content_transfer : public std::enable_shared_from_this<content_transfer> {
public:
    content_transfer(plugin_environment& env, transfer_setup setup);
    ~content_transfer();

    // done is called once, on the strand. Errors name the side that failed; their effect is that on
    // the target.
    void start(std::function<void(result<transfer_outcome>)> done);
    // Asks both sides to stop; done follows.
    void cancel();
    // Whether what ended it was the source's doing.
    bool failed_at_source() const noexcept { return source_failure_ || !target_began_; }
    // Stops without done.
    void abandon();
    // Whether the source's answer would add to the input of an operation with this schema.
    static bool completes(const std::string& input, const std::string& schema);

private:
    struct source_answer {
        std::string json;
        std::optional<std::uint64_t> size;
        std::string name, media_type, algorithm, checksum;
    };
    void ask_source(std::uint64_t offset);
    void source_gave(std::uint64_t offset, result<call_answer> a);
    void begin_target(const call_answer& a);
    void broke_off(std::uint64_t offset, const std::optional<error>& why);
    void give_up_source(error why);
    void target_answered(result<call_answer> a);
    result<transfer_outcome> judge(const call_answer& a) const;
    void watch();
    void finish(result<transfer_outcome> outcome);
    mortise_handle invoke(const transfer_end& end,
                          std::string input,
                          mortise_handle content,
                          std::chrono::milliseconds timeout,
                          std::shared_ptr<connector_instance>& on,
                          std::function<void(result<call_answer>)> then);
    static source_answer read_answer(const std::string& json);
    std::string target_input() const;

    plugin_environment& env_;
    const transfer_setup setup_;
    std::function<void(result<transfer_outcome>)> done_;
    source_answer source_;
    std::string also_; // the digest beside SHA-256
    bool resumable_ = false;
    bool target_began_ = false;
    bool cancelled_ = false;
    bool stalled_ = false;
    std::optional<error> source_failure_;
    std::optional<content_info> whole_; // when all went through
    std::uint64_t broke_off_at_ = 0;
    unsigned breaks_here_ = 0; // without a byte in between
    mortise_handle relay_ = 0;
    mortise_handle source_call_ = 0, target_call_ = 0;
    std::shared_ptr<connector_instance> source_on_, target_on_;
    std::chrono::milliseconds patience_{0};
    std::shared_ptr<std::atomic<std::uint64_t>> moved_at_ns_;
    timer watch_, pause_;
};

} // namespace mortise::host
