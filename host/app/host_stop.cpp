// SPDX-License-Identifier: Apache-2.0
// The end of a host: everything closed, or handed over to the program that goes on.
#include "app/host_impl.hpp"
#include "base/log.hpp"

#include <algorithm>

namespace mortise::host {
namespace {

// While another program waits to go on: for the answers to requests under way, and for the runs,
// which go on there in any case.
constexpr std::chrono::milliseconds hand_over_answers{10'000};
constexpr std::chrono::milliseconds hand_over_runs{2000};

} // namespace

void host::impl::shut(passed_sockets* to) {
    if (observed) observed->state().set(host_life::draining);
    watch.reset();
    control.join();
    const auto grace = config ? config->host.shutdown_grace : std::chrono::milliseconds(0);
    if (threads.empty()) {
        if (to != nullptr) std::swap(*to, options.sockets);
        close_all(options.sockets);
        return;
    }
    if (schedules) schedules->stop();
    if (fills) fills->stop();
    if (space) space->stop();
    if (deployed) deployed->stop_polls();
    // What is sent until the listener has stopped is taken as ever.
    if (listener && to != nullptr) {
        to->http = listener->share_socket();
        if (admin) to->admin = admin->share_socket();
        std::promise<std::vector<int>> handed;
        auto connections = handed.get_future();
        listener->hand_over(std::min(grace, hand_over_answers),
                            [&](std::vector<int> fds) { handed.set_value(std::move(fds)); });
        to->connections = connections.get();
    } else if (listener) {
        wait_until([&](auto done) { listener->stop(grace, done); });
    }
    if (in) in->set_ready(false);
    if (deployed) deployed->close_triggers();
    if (bulk) bulk->stop();
    const auto for_runs = to != nullptr ? std::min(grace, hand_over_runs) : grace;
    if (runs) wait_until([&](auto done) { runs->stop(for_runs, done); });
    close_admin();
    if (deployed) deployed->close(std::chrono::milliseconds(2000));
    if (observed && runs) wait_until([&](auto done) { observed->stop(grace, done); });
    if (http) wait_until([&](auto done) { http->stop(done); });
    workers.join();
    work.reset();
    end_threads();
    // What is completed from here on, while all that it uses is there.
    io.restart();
    io.poll();
    if (store) (void)store->flush();
    io.restart();
    io.poll();
    deployed.reset();
    certificate_dates.reset();
    listener.reset();
    admin.reset();
    bulk.reset();
    letters.reset();
    in.reset();
    fills.reset();
    schedules.reset();
    gates.reset();
    runs.reset();
    http.reset();
    store.reset();
    dog.reset();
    if (plugins) plugins->deinit_all();
    if (!probe_folder.empty()) {
        std::error_code ignored;
        std::filesystem::remove_all(probe_folder, ignored);
    }
}

void host::stop() {
    if (!impl_->running) return;
    impl_->running = false;
    impl_->shut(nullptr);
    log(log_level::info, "mortise has stopped");
    if (!impl_->options.quiet) stop_log();
}

passed_sockets host::hand_over() {
    passed_sockets out;
    if (!impl_->running) return out;
    impl_->running = false;
    impl_->shut(&out);
    log(log_level::info, "mortise has handed over",
        {{"connections", static_cast<std::uint64_t>(out.connections.size())}});
    if (!impl_->options.quiet) stop_log();
    return out;
}

bool host::responds(std::chrono::milliseconds limit) {
    auto answered = std::make_shared<std::promise<void>>();
    auto future = answered->get_future();
    boost::asio::post(impl_->io, [answered] { answered->set_value(); });
    return future.wait_for(limit) == std::future_status::ready;
}

} // namespace mortise::host
