// SPDX-License-Identifier: Apache-2.0
// One open trigger of a connector instance. Everything on the instance's strand. Private to the
// SDK.
#pragma once

#include <mortise/sdk/detail/connector_spec.hpp>
#include <mortise/sdk/detail/root.hpp>

#include <coroutine>
#include <memory>
#include <optional>
#include <vector>

namespace mortise::detail {

class open_trigger {
public:
    open_trigger(instance& owner, const trigger_spec& spec, mortise_handle handle)
        : owner_(owner), spec_(spec), handle_(handle) {}

    instance& owner() noexcept { return owner_; }
    const trigger_spec& spec() const noexcept { return spec_; }
    mortise_handle handle() const noexcept { return handle_; }
    const void* config() const noexcept { return config_.get(); }
    void set_config(std::shared_ptr<const void> config) noexcept { config_ = std::move(config); }

    // co_await it to wait for room in the host's backlog; also ends at a cancel and at closing.
    class room {
    public:
        explicit room(open_trigger& t) noexcept : trigger_(t) {}
        room(const room&) = delete;
        room& operator=(const room&) = delete;
        ~room() { trigger_.forget(this); }
        bool await_ready() const noexcept { return trigger_.closing_; }
        void await_suspend(std::coroutine_handle<> h) {
            trigger_.waiting_.push_back(this);
            frame_ = h;
        }
        void await_resume() const noexcept {}

    private:
        friend open_trigger;
        open_trigger& trigger_;
        std::coroutine_handle<> frame_;
    };

    void wake() noexcept;

    void open_stream(void* self, std::string cursor);

    void delivery_began() noexcept { ++deliveries_; }
    void delivery_ended() noexcept { --deliveries_; }
    bool closing() const noexcept { return closing_; }
    void begin_close(mortise_done_fn closed, void* user) noexcept;
    // After begin_close, once no delivery is open: tells the host. True when it did.
    bool try_close() noexcept;

private:
    void forget(room* r) noexcept;
    static void stream_ended(void* ctx, std::exception_ptr failure) noexcept;

    instance& owner_;
    const trigger_spec& spec_;
    mortise_handle handle_;
    std::shared_ptr<const void> config_;
    std::vector<room*> waiting_;
    std::vector<room*> waking_;
    std::size_t deliveries_ = 0;
    bool closing_ = false;
    mortise_done_fn closed_ = nullptr;
    void* closed_user_ = nullptr;
    std::optional<delivery_context> stream_context_;
    std::optional<root> stream_;
};

} // namespace mortise::detail
