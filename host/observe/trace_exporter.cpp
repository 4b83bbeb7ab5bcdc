// SPDX-License-Identifier: Apache-2.0
#include "observe/trace_exporter.hpp"

#include "base/log.hpp"
#include "base/metrics.hpp"
#include "base/trace_context.hpp"
#include "observe/gzip.hpp"
#include "observe/receiver.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace mortise::host {
namespace {

// OTLP/HTTP, "Failures": these may be sent again.
bool may_repeat(const result<http_response>& r) {
    if (!r) {
        const auto c = r.error().category;
        return c == category::unavailable || c == category::timeout ||
               c == category::remote_protocol;
    }
    return r->status == 429 || r->status == 502 || r->status == 503 || r->status == 504;
}

// {"partialSuccess":{"rejectedSpans":"3"}}; int64 as text, or as a number.
std::uint64_t rejected_of(const std::string& body) {
    boost::system::error_code ec;
    const auto value = boost::json::parse(body, ec);
    if (ec) return 0;
    const auto* n = value.find_pointer("/partialSuccess/rejectedSpans", ec);
    if (n == nullptr) return 0;
    if (const auto* text = n->if_string()) return std::strtoull(text->c_str(), nullptr, 10);
    const auto* number = n->if_int64();
    return number != nullptr && *number > 0 ? static_cast<std::uint64_t>(*number) : 0;
}

std::string what_happened(const result<http_response>& r) {
    return r ? "it answered " + std::to_string(r->status) : r.error().message;
}

} // namespace

std::string traces_url(std::string endpoint) {
    constexpr std::string_view path = "/v1/traces";
    while (endpoint.ends_with('/'))
        endpoint.pop_back();
    if (endpoint.empty() || endpoint.ends_with(path)) return endpoint;
    return endpoint.append(path);
}

trace_exporter::trace_exporter(timer_source& timers, metric_registry& metrics, const clock& time)
    : timers_(timers), time_(time),
      exported_(metrics.get(metric_kind::counter,
                            "mortise_trace_spans_exported_total",
                            "Spans the receiver of traces has taken")),
      dropped_(metrics.get(metric_kind::counter,
                           "mortise_trace_spans_dropped_total",
                           "Spans lost because the receiver of traces was away or too slow")),
      refused_(metrics.get(metric_kind::counter,
                           "mortise_trace_spans_refused_total",
                           "Spans the receiver of traces did not want")),
      failures_(metrics.get(metric_kind::counter,
                            "mortise_trace_export_failures_total",
                            "Exports of traces that failed, repeats counted one by one")),
      waiting_(metrics.get(
          metric_kind::gauge, "mortise_trace_spans_queued", "Spans that wait to be exported")) {}

result<void> trace_exporter::configure(http_client& client, trace_export_options options) {
    std::shared_ptr<http_lane> lane;
    if (!options.url.empty()) {
        http_lane_options o;
        o.name = "(traces)";
        o.egress = {"*:*"};
        o.max_concurrent = 1;
        o.timeout = options.timeout;
        o.max_response_bytes = 64 * 1024;
        auto made = client.make_lane(std::move(o));
        if (!made) return made.error();
        lane = std::move(*made);
    }
    const std::lock_guard lock(guard_);
    client_ = &client;
    lane_ = std::move(lane);
    sample_ = lane_ ? options.sample : -1.0;
    options_ = std::make_shared<const trace_export_options>(std::move(options));
    if (!lane_) drop_queue();
    return {};
}

std::size_t trace_exporter::queued() const {
    const std::lock_guard lock(guard_);
    return queue_.size() + on_its_way_.size();
}

void trace_exporter::run_changed(const run_record& run, const event_record& event) noexcept {
    const auto share = sample();
    if (share <= 0 || !is_final(run.state)) return;
    if (!in_sample(trace_of_run(event.trace_parent, run.id).trace_id, share)) return;
    take(span_of_run(run, event, time_.now_unix_ms()));
}

void trace_exporter::attempt_ended(const attempt_seen& a) noexcept {
    const auto share = sample();
    // A wait is a span once it is over.
    if (share <= 0 || a.outcome == attempt_seen::end::waiting) return;
    if (!in_sample(trace_of_run(a.event.trace_parent, a.run.id).trace_id, share)) return;
    take(span_of_attempt(a));
}

void trace_exporter::take(span s) {
    const std::lock_guard lock(guard_);
    if (!lane_ || is_stopping_ || queue_.size() >= options_->queue) {
        dropped_.add(1);
        return;
    }
    queue_.push_back(std::move(s));
    waiting_.set(static_cast<double>(queue_.size()));
    if (is_sending_ || !on_its_way_.empty()) return; // its end looks for more
    if (queue_.size() >= options_->batch)
        send_soon(std::chrono::milliseconds(0));
    else if (!is_due_)
        send_soon(options_->linger);
}

void trace_exporter::send_soon(std::chrono::milliseconds after) {
    is_due_ = true;
    timer_ = timers_.start(after, [weak = weak_from_this()] {
        if (const auto self = weak.lock()) self->send();
    });
}

void trace_exporter::send() {
    http_request request;
    http_client* client = nullptr;
    std::shared_ptr<http_lane> lane;
    std::shared_ptr<const trace_export_options> options;
    std::vector<span> batch;
    {
        const std::lock_guard lock(guard_);
        is_due_ = false;
        if (!lane_ || is_sending_) return;
        if (on_its_way_.empty()) {
            const auto n = std::min(queue_.size(), options_->batch);
            if (n == 0) return;
            on_its_way_.assign(std::make_move_iterator(queue_.begin()),
                               std::make_move_iterator(queue_.begin() + static_cast<long>(n)));
            queue_.erase(queue_.begin(), queue_.begin() + static_cast<long>(n));
            waiting_.set(static_cast<double>(queue_.size()));
            attempts_ = 0;
        }
        ++attempts_;
        is_sending_ = true;
        client = client_;
        lane = lane_;
        options = options_;
        batch = on_its_way_;
        request.id = request_ = client->reserve();
    }
    request.method = "POST";
    request.url = options->url;
    request.timeout = options->timeout;
    request.follow_redirects = false;
    request.body = to_otlp_json(batch, options->resource);
    request.headers.push_back({"content-type", "application/json"});
    if (options->gzip) {
        request.body = gzip(request.body);
        request.headers.push_back({"content-encoding", "gzip"});
    }
    auto answer = [self = shared_from_this()](result<http_response> r) {
        self->answered(std::move(r));
    };
    if (const auto added = add_headers(request, options->headers, options->secrets.get()); !added)
        return answered(added.error());
    client->start(lane, std::move(request), std::move(answer));
}

void trace_exporter::answered(result<http_response> r) {
    std::unique_lock lock(guard_);
    is_sending_ = false;
    request_ = request_id::none;
    const auto n = static_cast<double>(on_its_way_.size());
    const bool taken = r && r->status / 100 == 2;
    if (!taken) failures_.add(1);
    if (!taken && may_repeat(r) && attempts_ < options_->most_attempts && lane_ &&
        !(is_stopping_ && !stopped_)) {
        auto pause = options_->first_pause * (1 << std::min(attempts_ - 1, 10u));
        // While the host waits to stop there is no time for long pauses.
        pause = std::min(pause, is_stopping_ ? options_->first_pause : options_->longest_pause);
        if (attempts_ == 1)
            log(log_level::warn,
                "the receiver of traces did not take them, trying again: " + what_happened(r));
        send_soon(pause);
        return;
    }
    if (taken) {
        const auto rejected = std::min(static_cast<double>(rejected_of(r->body)), n);
        exported_.add(n - rejected);
        refused_.add(rejected);
    } else if (may_repeat(r) || !r) {
        dropped_.add(n);
        log(log_level::warn, "traces were dropped: " + what_happened(r),
            {{"spans", static_cast<std::uint64_t>(on_its_way_.size())}});
    } else {
        refused_.add(n);
        log(log_level::warn, "the receiver of traces refused them: " + what_happened(r),
            {{"spans", static_cast<std::uint64_t>(on_its_way_.size())}});
    }
    on_its_way_.clear();
    if (!queue_.empty() && lane_)
        send_soon(queue_.size() >= options_->batch || is_stopping_ ? std::chrono::milliseconds(0)
                                                                   : options_->linger);
    finish_if_empty(lock);
}

void trace_exporter::drop_queue() {
    dropped_.add(static_cast<double>(queue_.size() + on_its_way_.size()));
    queue_.clear();
    on_its_way_.clear();
    waiting_.set(0);
}

void trace_exporter::finish_if_empty(std::unique_lock<std::mutex>& lock) {
    if (!is_stopping_ || !queue_.empty() || !on_its_way_.empty() || !stopped_) return;
    timer_.cancel();
    grace_.cancel();
    const auto done = std::exchange(stopped_, nullptr);
    lock.unlock();
    done();
}

void trace_exporter::stop(std::chrono::milliseconds grace, std::function<void()> done) {
    std::unique_lock lock(guard_);
    is_stopping_ = true;
    stopped_ = std::move(done);
    if (!queue_.empty() || !on_its_way_.empty()) {
        grace_ = timers_.start(grace, [weak = weak_from_this()] {
            const auto self = weak.lock();
            if (!self) return;
            std::unique_lock again(self->guard_);
            if (!self->stopped_) return;
            self->drop_queue();
            if (self->client_ != nullptr && self->request_ != request_id::none)
                self->client_->cancel(self->request_);
            self->finish_if_empty(again);
        });
        if (!is_sending_) send_soon(std::chrono::milliseconds(0));
        return;
    }
    finish_if_empty(lock);
}

} // namespace mortise::host
