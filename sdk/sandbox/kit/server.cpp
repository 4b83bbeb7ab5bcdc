// SPDX-License-Identifier: Apache-2.0
#include "kit/server.hpp"

#include "kit/sender.hpp"
#include "kit/session.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cstdio>
#include <future>
#include <thread>

namespace asio = boost::asio;
using boost::system::error_code;
using tcp = asio::ip::tcp;

namespace mortise::sandbox {

struct running::impl final : transport {
    // Destroyed in reverse order: the context, with all coroutines in it, before the emulator.
    std::unique_ptr<emulator> system;
    std::string base_url;
    std::uint16_t port = 0;
    asio::io_context context{1};
    tcp::acceptor acceptor{context};
    asio::steady_timer tick{context};
    bool tick_posted = false;
    std::thread thread;

    impl(std::unique_ptr<emulator> e, std::uint16_t wanted) : system(std::move(e)) {
        const tcp::endpoint where(asio::ip::address_v4::loopback(), wanted);
        acceptor.open(where.protocol());
        acceptor.set_option(asio::socket_base::reuse_address(true));
        acceptor.bind(where);
        acceptor.listen();
        port = acceptor.local_endpoint().port();
        base_url = "http://127.0.0.1:" + std::to_string(port);
        system->attach(this, base_url);
        clock_changed();
        spawn("listener", listen());
        thread = std::thread([this] { context.run(); });
    }

    ~impl() override { stop(); }

    void stop() {
        context.stop();
        if (thread.joinable()) {
            thread.join();
            system->attach(nullptr, {});
        }
    }

    void spawn(const char* what, asio::awaitable<void> work) {
        asio::co_spawn(context, std::move(work), [what](std::exception_ptr failure) {
            try {
                if (failure) std::rethrow_exception(failure);
            } catch (const std::exception& e) {
                std::fprintf(stderr, "sandbox %s: %s\n", what, e.what());
            }
        });
    }

    asio::awaitable<void> listen() {
        for (;;) {
            error_code ec;
            tcp::socket socket =
                co_await acceptor.async_accept(asio::redirect_error(asio::use_awaitable, ec));
            if (ec == asio::error::operation_aborted) co_return;
            if (ec) { // out of descriptors: give the others time to end
                asio::steady_timer pause(context, milliseconds(50));
                co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, ec));
                continue;
            }
            auto connection = serve_connection(std::move(socket), *system);
            spawn("connection", std::move(connection));
        }
    }

    asio::awaitable<void> post(webhook hook, webhook_done done) {
        const webhook_result result = co_await send_webhook(std::move(hook));
        if (done) done(result);
    }

    void send(webhook hook, webhook_done done) override {
        auto work = post(std::move(hook), std::move(done));
        spawn("webhook", std::move(work));
    }

    // Coalesced and posted: the clock may be in the middle of its work.
    void clock_changed() override {
        if (tick_posted) return;
        tick_posted = true;
        asio::post(context, [this] {
            tick_posted = false;
            run_clock();
        });
    }

    void run_clock() {
        const auto wait = system->clock().run_due();
        if (!wait) {
            tick.cancel();
            return;
        }
        tick.expires_after(*wait);
        tick.async_wait([this](error_code ec) {
            if (!ec) run_clock();
        });
    }
};

running::running(std::unique_ptr<impl> i) noexcept : impl_(std::move(i)) {}
running::running(running&&) noexcept = default;
running& running::operator=(running&&) noexcept = default;
running::~running() = default;

const std::string& running::base_url() const noexcept {
    return impl_->base_url;
}
std::uint16_t running::port() const noexcept {
    return impl_->port;
}
const std::string& running::name() const noexcept {
    return impl_->system->name();
}
void running::stop() {
    impl_->stop();
}

void running::on_emulator(const std::function<void(emulator&)>& fn) {
    if (!impl_->thread.joinable()) throw std::logic_error("the emulator has been stopped");
    std::promise<void> done;
    asio::post(impl_->context, [&] {
        try {
            fn(*impl_->system);
            done.set_value();
        } catch (...) {
            done.set_exception(std::current_exception());
        }
    });
    done.get_future().get();
}

running start(std::unique_ptr<emulator> e, std::uint16_t port) {
    return running(std::make_unique<running::impl>(std::move(e), port));
}

} // namespace mortise::sandbox
