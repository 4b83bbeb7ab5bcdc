// SPDX-License-Identifier: Apache-2.0
#include "http/client.hpp"

#include "base/log.hpp"
#include "http/curl_driver.hpp"
#include "http/lane.hpp"
#include "http/request_rules.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>

namespace asio = boost::asio;

namespace mortise::host {
namespace {

using steady = std::chrono::steady_clock;
using exchange_ptr = std::shared_ptr<http_exchange>;
using lane_ptr = std::shared_ptr<http_lane>;
using outcome = result<http_response>;
constexpr int max_redirects = 5;

error cancelled(const http_exchange& ex, effect reached) {
    error e(category::cancelled, "http.request.cancelled",
            ex.request.method + " " + ex.origin.text() + ": cancelled");
    e.effect = reached;
    return e;
}

void count_queued(const http_exchange& ex, steady::time_point until) {
    if (ex.request.queued_ns)
        ex.request.queued_ns->fetch_add(
            std::chrono::duration_cast<std::chrono::nanoseconds>(until - ex.queued_at).count(),
            std::memory_order_relaxed);
}

} // namespace

struct http_client::impl : std::enable_shared_from_this<impl> {
    impl(asio::any_io_executor executor, const clock& time)
        : strand(asio::make_strand(std::move(executor))), now(time), timer(strand),
          driver(std::make_shared<curl_driver>(strand)) {
        driver->set_finished([this](CURL* easy, CURLcode code) { finished(easy, code); });
    }
    ~impl();

    request_id new_id() { return request_id{next_id.fetch_add(1, std::memory_order_relaxed)}; }
    request_id
    take(const lane_ptr& lane, http_request request, completion on_done, url_origin origin);
    void admit(const exchange_ptr& ex);
    void pump(const lane_ptr& lane);
    void launch(const exchange_ptr& ex);
    void send(const exchange_ptr& ex);
    void finished(CURL* easy, CURLcode code);
    void settle(const exchange_ptr& ex, outcome r);
    outcome follow(const exchange_ptr& ex, outcome r, bool& again);
    void note_retry_after(http_lane& lane, const http_response& r);
    void complete(const exchange_ptr& ex, outcome r);
    void tell(const http_exchange& ex, std::string_view lane, const outcome& r) const;
    void abandon(const exchange_ptr& ex);
    void stop_running(const exchange_ptr& ex, error why);
    void watch_progress(const exchange_ptr& ex);
    void leave_lane(const exchange_ptr& ex);
    void arm_timer();
    void pump_waiting();
    std::chrono::milliseconds time_left(const http_exchange& ex) const;

    curl_driver::strand strand;
    const clock& now;
    asio::steady_timer timer;
    std::shared_ptr<curl_driver> driver;
    std::atomic<std::uint64_t> next_id{1};
    std::unordered_map<std::uint64_t, exchange_ptr> live;
    std::unordered_map<CURL*, exchange_ptr> running;
    std::unordered_map<http_lane*, std::pair<lane_ptr, std::uint64_t>> waiting; // until (mono ns)
    std::uint64_t timer_at_ns = UINT64_MAX;
    bool stopping = false;
    std::function<void(const http_exchange_seen&)> watcher;
};

http_client::impl::~impl() {
    for (auto& [easy, ex] : running)
        driver->remove(easy);
    driver->close();
    for (auto& [id, ex] : live) { // only when the executor ended before stop() could run
        const auto lane = std::move(ex->lane);
        if (lane) lane->queue.clear();
    }
}

request_id http_client::impl::take(const lane_ptr& lane,
                                   http_request request,
                                   completion on_done,
                                   url_origin origin) {
    auto ex = std::make_shared<http_exchange>();
    ex->id = request.id != request_id::none ? request.id : new_id();
    ex->lane = lane;
    ex->request = std::move(request);
    ex->on_done = std::move(on_done);
    ex->origin = std::move(origin);
    const auto id = ex->id;
    asio::post(strand, [self = shared_from_this(), ex = std::move(ex)] { self->admit(ex); });
    return id;
}

void http_client::impl::admit(const exchange_ptr& ex) {
    live.emplace(static_cast<std::uint64_t>(ex->id), ex);
    ex->lane->queued.fetch_add(1, std::memory_order_relaxed);
    ex->queued_at = steady::now();
    if (stopping) return abandon(ex);
    const auto lane = ex->lane; // the exchange lets go of it when it completes
    lane->queue.push_back(ex);
    pump(lane);
}

void http_client::impl::pump(const lane_ptr& lane) {
    while (!lane->queue.empty() && !stopping) {
        if (lane->queue.front()->state == http_exchange::phase::done) {
            lane->queue.pop_front();
            continue;
        }
        const auto next = lane->limiter.step(now.now_mono_ns());
        if (next.what == lane_limiter::verdict::wait_for_release) return;
        if (next.what == lane_limiter::verdict::wait_until) {
            waiting[lane.get()] = {lane, next.at_ns};
            return arm_timer();
        }
        const auto ex = std::move(lane->queue.front());
        lane->queue.pop_front();
        launch(ex);
    }
}

void http_client::impl::launch(const exchange_ptr& ex) {
    auto& lane = *ex->lane;
    ex->state = http_exchange::phase::running;
    ex->sent_at = steady::now();
    count_queued(*ex, ex->sent_at);
    lane.queued.fetch_sub(1, std::memory_order_relaxed);
    lane.in_flight.fetch_add(1, std::memory_order_relaxed);
    if (lane.idle.empty()) {
        ex->wire = std::make_unique<transfer>(lane.options);
        driver->adopt(ex->wire->handle());
    } else {
        ex->wire = std::move(lane.idle.back());
        lane.idle.pop_back();
    }
    send(ex);
}

std::chrono::milliseconds http_client::impl::time_left(const http_exchange& ex) const {
    const auto whole =
        ex.request.timeout.count() > 0 ? ex.request.timeout : ex.lane->options.timeout;
    if (ex.hops == 0) return whole;
    return whole -
           std::chrono::duration_cast<std::chrono::milliseconds>(steady::now() - ex.sent_at);
}

void http_client::impl::send(const exchange_ptr& ex) {
    const auto most = ex->request.max_response_bytes > 0 ? ex->request.max_response_bytes
                                                         : ex->lane->options.max_response_bytes;
    if (ex->request.on_head && ex->hops == 0) {
        // From inside of curl: what the lane does next must wait until it is out of there.
        ex->request.on_head = [this, weak = std::weak_ptr<http_exchange>(ex),
                               told = std::move(ex->request.on_head)](http_response head) {
            told(std::move(head));
            asio::post(strand, [self = shared_from_this(), weak] {
                if (const auto on_its_way = weak.lock()) self->leave_lane(on_its_way);
            });
        };
    }
    auto ready = ex->wire->begin(ex->request, time_left(*ex), most);
    if (!ready) return complete(ex, ready.error());
    CURL* const easy = ex->wire->handle();
    running.emplace(easy, ex);
    if (ex->request.streamed()) watch_progress(ex);
    const CURLMcode rc = driver->add(easy); // may already finish it
    if (rc == CURLM_OK) return;
    running.erase(easy);
    complete(ex, error(category::internal, "http.driver.refused",
                       std::string("the transfer cannot start: ") + curl_multi_strerror(rc)));
}

void http_client::impl::finished(CURL* easy, CURLcode code) {
    const auto found = running.find(easy);
    if (found == running.end()) return;
    const exchange_ptr ex = std::move(found->second);
    running.erase(found);
    try {
        settle(ex, ex->wire->finish(code, ex->origin.text()));
    } catch (const std::exception& e) {
        if (ex->state == http_exchange::phase::done) throw;
        complete(ex, error(category::internal, "http.client.exception",
                           std::string("handling the response failed: ") + e.what()));
    }
}

void http_client::impl::settle(const exchange_ptr& ex, outcome r) {
    if (!r) {
        auto e = std::move(r).error();
        if (ex->hops > 0) e.effect = effect::unknown; // the first hop was answered
        return complete(ex, std::move(e));
    }
    note_retry_after(*ex->lane, *r);
    if (!ex->request.follow_redirects || !is_redirect(*r)) return complete(ex, std::move(r));
    bool again = false;
    outcome next = follow(ex, std::move(r), again);
    if (!again) return complete(ex, std::move(next));
    send(ex);
}

outcome http_client::impl::follow(const exchange_ptr& ex, outcome r, bool& again) {
    const std::string where = ex->request.method + " " + ex->origin.text();
    if (ex->hops == max_redirects)
        return error(category::remote_protocol, "http.redirect.too-many",
                     where + ": redirected more than " + std::to_string(max_redirects) + " times");
    auto to = follow_redirect(ex->request, ex->origin, *r, ex->lane->options.sensitive_headers);
    if (!to) {
        auto e = to.error();
        e.effect = effect::unknown;
        return std::move(e.context(where));
    }
    auto checked = check_request(*ex->lane, ex->request);
    if (!checked) {
        auto e = checked.error();
        e.effect = effect::unknown;
        return std::move(e.context(where + " redirected"));
    }
    ex->origin = std::move(*checked);
    ++ex->hops;
    if (!ex->request.streamed() && time_left(*ex).count() <= 0)
        return error(category::timeout, "http.timeout.total", where + ": no answer in time");
    ex->lane->limiter.charge(now.now_mono_ns());
    again = true;
    return r;
}

void http_client::impl::note_retry_after(http_lane& lane, const http_response& r) {
    if (r.status != 429 && r.status != 503) return;
    const auto* text = find_header(r.headers, "retry-after");
    const auto wait = text ? parse_retry_after(*text, now.now_unix_ms()) : std::nullopt;
    if (!wait) return;
    const auto t = now.now_mono_ns();
    lane.limiter.pause(t, *wait);
    const auto left = lane.limiter.pause_left(t);
    lane.paused_until_ns.store(t + static_cast<std::uint64_t>(left.count()));
    log(log_level::info, "server asks to wait",
        {{"connection", lane.options.name},
         {"status", static_cast<std::int64_t>(r.status)},
         {"pause_ms", static_cast<std::int64_t>(left.count() / 1'000'000)}});
}

void http_client::impl::complete(const exchange_ptr& ex, outcome r) {
    const auto lane = std::move(ex->lane); // a queue may still hold ex: no cycle
    tell(*ex, lane->options.name, r);
    live.erase(static_cast<std::uint64_t>(ex->id));
    if (ex->progress) ex->progress->cancel();
    if (ex->state == http_exchange::phase::queued) {
        count_queued(*ex, steady::now());
        lane->queued.fetch_sub(1, std::memory_order_relaxed);
    } else {
        if (!ex->left_lane) {
            lane->in_flight.fetch_sub(1, std::memory_order_relaxed);
            lane->limiter.release();
        }
        if (lane->idle.size() < lane->options.max_concurrent)
            lane->idle.push_back(std::move(ex->wire));
        ex->wire.reset();
    }
    ex->state = http_exchange::phase::done;
    if (r)
        r->elapsed =
            std::chrono::duration_cast<std::chrono::microseconds>(steady::now() - ex->sent_at);
    const auto on_done = std::move(ex->on_done);
    ex->request = {};
    try {
        if (on_done) on_done(std::move(r));
    } catch (const std::exception& e) {
        log(log_level::error, "an HTTP completion threw", {{"reason", e.what()}});
    }
    pump(lane);
}

void http_client::impl::tell(const http_exchange& ex,
                             std::string_view lane,
                             const outcome& r) const {
    if (!watcher) return;
    http_exchange_seen seen;
    seen.connection = lane;
    const auto t = steady::now();
    const bool left = ex.state != http_exchange::phase::queued;
    seen.waited = (left ? ex.sent_at : t) - ex.queued_at;
    if (left) seen.took = t - ex.sent_at;
    const auto failure = r ? error{} : r.error();
    if (r)
        seen.status = r->status;
    else
        seen.failure = &failure;
    watcher(seen);
}

void http_client::impl::abandon(const exchange_ptr& ex) {
    if (ex->state == http_exchange::phase::done) return;
    if (ex->state == http_exchange::phase::running)
        return stop_running(ex, cancelled(*ex, effect::none));
    complete(ex, cancelled(*ex, effect::none));
}

void http_client::impl::stop_running(const exchange_ptr& ex, error why) {
    const bool seen = ex->hops > 0 || ex->wire->effect_so_far() == effect::unknown;
    why.effect = seen ? effect::unknown : effect::none;
    running.erase(ex->wire->handle());
    driver->remove(ex->wire->handle());
    complete(ex, std::move(why));
}

// A streamed body takes its time; what must not last is that nothing moves although it is the other
// side's turn.
void http_client::impl::watch_progress(const exchange_ptr& ex) {
    const auto longest =
        ex->request.timeout.count() > 0 ? ex->request.timeout : ex->lane->options.timeout;
    if (!ex->progress) ex->progress = std::make_unique<asio::steady_timer>(strand);
    ex->progress->expires_at(ex->wire->last_progress() + longest);
    ex->progress->async_wait([self = shared_from_this(), weak = std::weak_ptr<http_exchange>(ex),
                              longest](boost::system::error_code ec) {
        const auto watched = weak.lock();
        if (ec || !watched || watched->state != http_exchange::phase::running) return;
        auto& wire = *watched->wire;
        if (wire.paused()) wire.touch();
        if (steady::now() < wire.last_progress() + longest) return self->watch_progress(watched);
        self->stop_running(watched, error(category::timeout, "http.timeout.progress",
                                          watched->request.method + " " + watched->origin.text() +
                                              ": nothing moved for " +
                                              std::to_string(longest.count()) + " ms"));
    });
}

void http_client::impl::leave_lane(const exchange_ptr& ex) {
    if (ex->state != http_exchange::phase::running || std::exchange(ex->left_lane, true)) return;
    const auto lane = ex->lane;
    lane->in_flight.fetch_sub(1, std::memory_order_relaxed);
    lane->limiter.release();
    pump(lane);
}

void http_client::impl::arm_timer() {
    std::uint64_t first = UINT64_MAX;
    for (const auto& [key, w] : waiting)
        first = std::min(first, w.second);
    if (first == UINT64_MAX || timer_at_ns <= first) return;
    timer_at_ns = first;
    const auto t = now.now_mono_ns();
    // At least a millisecond: under a clock held by a test this must not spin.
    const std::uint64_t wait = std::max<std::uint64_t>(1'000'000, first > t ? first - t : 0);
    timer.expires_after(std::chrono::nanoseconds(wait));
    timer.async_wait([self = shared_from_this()](boost::system::error_code ec) {
        if (!ec) self->pump_waiting();
    });
}

void http_client::impl::pump_waiting() {
    timer_at_ns = UINT64_MAX;
    const auto due = std::exchange(waiting, {});
    for (const auto& [key, w] : due)
        pump(w.first);
    arm_timer();
}

http_client::http_client(asio::any_io_executor executor, const clock& time)
    : impl_(std::make_shared<impl>(std::move(executor), time)) {}

http_client::~http_client() {
    stop({});
}

result<std::shared_ptr<http_lane>> http_client::make_lane(http_lane_options options) {
    auto egress = check_lane_options(options);
    if (!egress) return egress.error();
    return std::make_shared<http_lane>(std::move(options), std::move(*egress));
}

result<void> http_client::check(const http_lane& lane, const http_request& request) {
    auto origin = check_request(lane, request);
    if (!origin) return origin.error();
    return {};
}

void http_client::watch(std::function<void(const http_exchange_seen&)> fn) {
    impl_->watcher = std::move(fn);
}

request_id http_client::start(const std::shared_ptr<http_lane>& lane,
                              http_request request,
                              completion on_done) {
    auto origin = lane ? check_request(*lane, request)
                       : result<url_origin>(error(category::internal, "http.lane.missing",
                                                  "the request has no lane"));
    if (origin)
        return impl_->take(lane, std::move(request), std::move(on_done), std::move(*origin));
    asio::post(impl_->strand,
               [self = impl_, e = std::move(origin.error()), done = std::move(on_done)]() mutable {
                   if (done) done(std::move(e));
               });
    return impl_->new_id();
}

result<request_id> http_client::try_start(const std::shared_ptr<http_lane>& lane,
                                          http_request request,
                                          completion on_done) {
    auto origin = check_request(*lane, request);
    if (!origin) return origin.error();
    return impl_->take(lane, std::move(request), std::move(on_done), std::move(*origin));
}

void http_client::cancel(request_id id) {
    asio::post(impl_->strand, [self = impl_, id] {
        const auto found = self->live.find(static_cast<std::uint64_t>(id));
        if (found == self->live.end()) return;
        const auto ex = found->second;
        self->abandon(ex);
    });
}

void http_client::resume(request_id id) {
    asio::post(impl_->strand, [self = impl_, id] {
        const auto found = self->live.find(static_cast<std::uint64_t>(id));
        if (found == self->live.end()) return;
        const auto ex = found->second;
        if (ex->state != http_exchange::phase::running) return;
        ex->wire->resume();
        self->driver->proceed();
    });
}

request_id http_client::reserve() {
    return impl_->new_id();
}

http_lane_status http_client::status(const http_lane& lane) const {
    http_lane_status s;
    s.queued = lane.queued.load(std::memory_order_relaxed);
    s.in_flight = lane.in_flight.load(std::memory_order_relaxed);
    const auto until = lane.paused_until_ns.load();
    const auto t = impl_->now.now_mono_ns();
    if (until > t)
        s.paused_for =
            std::chrono::milliseconds(static_cast<std::int64_t>((until - t) / 1'000'000));
    return s;
}

void http_client::wake() {
    asio::post(impl_->strand, [self = impl_] {
        self->timer.cancel();
        self->pump_waiting();
    });
}

void http_client::stop(std::function<void()> on_stopped) {
    asio::post(impl_->strand, [self = impl_, on_stopped = std::move(on_stopped)] {
        self->stopping = true;
        std::vector<exchange_ptr> left;
        for (const auto& [id, ex] : self->live)
            left.push_back(ex);
        for (const auto& ex : left)
            self->abandon(ex);
        self->waiting.clear();
        self->timer.cancel();
        self->driver->close();
        if (on_stopped) on_stopped();
    });
}

} // namespace mortise::host
