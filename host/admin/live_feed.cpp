// SPDX-License-Identifier: Apache-2.0
#include "admin/live_feed.hpp"

#include "admin/at_work.hpp"
#include "admin/figures.hpp"
#include "admin/hidden.hpp"
#include "admin/replies.hpp"
#include "admin/views.hpp"
#include "base/log.hpp"
#include "http/answer_stream.hpp"
#include "journal/journal.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/json.hpp>

#include <algorithm>

namespace asio = boost::asio;

namespace mortise::host {
namespace {

namespace json = boost::json;

constexpr auto every = std::chrono::seconds(1);
constexpr unsigned heartbeat = 15; // rounds

} // namespace

struct live_feed::ticker {
    explicit ticker(asio::io_context& io) : strand(asio::make_strand(io)), timer(strand) {}
    asio::strand<asio::io_context::executor_type> strand;
    asio::steady_timer timer;
};

live_feed::live_feed(asio::io_context& io) : ticker_(std::make_unique<ticker>(io)) {}
live_feed::~live_feed() = default;

inbound_response live_feed::open(const admin_parts& parts) {
    leave_those_gone();
    auto out = std::make_shared<answer_stream>(stream_limits{.most = 256u << 10, .endless = true});
    {
        const std::lock_guard lock(guard_);
        if (streams_.size() >= most_streams) {
            auto r = problem_reply(503, "admin.live.full",
                                   std::to_string(most_streams) +
                                       " live feeds are open already; close a console or try again "
                                       "later");
            r.headers.push_back({"retry-after", "10"});
            return r;
        }
        if (streams_.empty()) {
            edges_ = parts.traffic->edges();
            sums_ = parts.traffic->sums();
            runs_.clear();
            connections_.clear();
            dropped_ = 0;
        }
        parts_ = &parts;
        streams_.push_back(out);
        watched_ = true;
        // The newcomer needs all of it; to the others it is no harm.
        counts_.clear();
        health_.clear();
        config_.clear();
    }
    out->write("retry: 2000\n\n");
    out->on_change([weak = weak_from_this(), stream = std::weak_ptr(out)] {
        const auto self = weak.lock();
        const auto s = stream.lock();
        if (!self || !s || !s->is_over()) return;
        self->leave_those_gone();
    });
    inbound_response r;
    r.content_type = "text/event-stream";
    r.headers.push_back({"cache-control", "no-store"});
    r.stream = out->outlet();
    start();
    return r;
}

void live_feed::leave_those_gone() {
    bool empty = false;
    {
        const std::lock_guard lock(guard_);
        streams_.remove_if([](const auto& s) { return s->is_over(); });
        empty = streams_.empty();
        if (empty) watched_ = false;
    }
    if (!empty) return;
    asio::post(ticker_->strand, [self = shared_from_this()] {
        if (!self->watched_) self->ticker_->timer.cancel();
    });
}

std::size_t live_feed::streams() const {
    const std::lock_guard lock(guard_);
    return streams_.size();
}

void live_feed::connection_changed(const std::string& name) {
    if (!watched_) return;
    const std::lock_guard lock(guard_);
    connections_.insert(name);
}

void live_feed::run_changed(const run_record& run) noexcept try {
    if (!watched_) return;
    const std::lock_guard lock(guard_);
    runs_.remove_if([&](const run_record& r) { return r.id == run.id; });
    runs_.push_back(run);
    if (runs_.size() <= most_runs) return;
    runs_.pop_front();
    ++dropped_;
} catch (...) { // without memory it is just not shown
}

void live_feed::start() {
    asio::post(ticker_->strand, [self = shared_from_this()] {
        {
            const std::lock_guard lock(self->guard_);
            if (std::exchange(self->running_, true)) return;
        }
        self->tick();
    });
}

void live_feed::round() {
    asio::post(ticker_->strand, [self = shared_from_this()] {
        self->send_traffic();
        self->send_runs();
        self->send_slow();
    });
}

void live_feed::tick() {
    leave_those_gone();
    {
        const std::lock_guard lock(guard_);
        if (streams_.empty()) {
            running_ = false;
            return;
        }
    }
    if (++rounds_ % heartbeat == 0) send_text(":\n\n");
    send_traffic();
    send_runs();
    send_slow();
    ticker_->timer.expires_after(every);
    ticker_->timer.async_wait(
        [self = shared_from_this()](boost::system::error_code) { self->tick(); });
}

void live_feed::send_traffic() {
    const admin_parts* parts = nullptr;
    {
        const std::lock_guard lock(guard_);
        parts = parts_;
        if (streams_.empty()) return;
    }
    auto edges = parts->traffic->edges();
    const auto sums = parts->traffic->sums();
    json::array moved;
    json::object data;
    {
        const std::lock_guard lock(guard_);
        for (const auto& [id, t] : edges) {
            const auto it = edges_.find(id);
            const auto before = it == edges_.end() ? edge_traffic() : it->second;
            if (t.n == before.n && t.errors == before.errors) continue;
            moved.push_back(json::object{
                {"id", id}, {"n", t.n - before.n}, {"errors", t.errors - before.errors}});
        }
        data = {
            {"at", parts->time.now_unix_ms()},      {"edges", std::move(moved)},
            {"events", sums.events - sums_.events}, {"succeeded", sums.succeeded - sums_.succeeded},
            {"failed", sums.failed - sums_.failed}, {"calls", sums.calls - sums_.calls}};
        edges_ = std::move(edges);
        sums_ = sums;
    }
    const bool quiet = data.at("edges").get_array().empty() &&
                       std::all_of(data.begin(), data.end(), [](const auto& m) {
                           return m.key() == "at" || !m.value().is_number() ||
                                  m.value().template to_number<std::uint64_t>() == 0;
                       });
    if (!quiet) send("traffic", std::move(data));
}

void live_feed::send_runs() {
    std::list<run_record> runs;
    std::uint64_t dropped = 0;
    {
        const std::lock_guard lock(guard_);
        runs.swap(runs_);
        dropped = std::exchange(dropped_, 0);
    }
    for (const auto& r : runs) {
        auto view = to_view(r);
        if (dropped != 0 && &r == &runs.back()) view["dropped"] = dropped;
        send("run", std::move(view));
    }
}

void live_feed::send_slow() {
    const admin_parts* parts = nullptr;
    std::set<std::string> names;
    {
        const std::lock_guard lock(guard_);
        // One at a time, so that a slow disk does not pile them up.
        if (streams_.empty() || std::exchange(asking_, true)) return;
        parts = parts_;
        names.swap(connections_);
    }
    // The streams keep the listener, and that the parts, until this is done.
    asio::post(parts->workers, [self = shared_from_this(), parts] {
        try {
            journal_stats stats;
            parts->store.read([&](journal_reader& r) { stats = r.stats(); });
            self->send_if_new("counts", counts_view(stats), self->counts_);
            if (parts->health) self->send_if_new("health", parts->health(), self->health_);
            self->send_if_new("config", {{"revision", parts->at_work()->config->revision}},
                              self->config_);
        } catch (const journal_failure& failure) {
            log(log_level::warn, "the live feed cannot read the journal: " + failure.get().message);
        }
        const std::lock_guard lock(self->guard_);
        self->asking_ = false;
    });
    if (names.empty()) return;
    parts->list_connections([self = shared_from_this(), names](json::array list) {
        for (auto& one : list)
            if (names.contains(std::string(one.get_object().at("name").get_string())))
                self->send("connection", std::move(one.get_object()));
    });
}

bool live_feed::send_if_new(std::string_view event, json::object data, std::string& last) {
    auto text = json::serialize(data);
    {
        const std::lock_guard lock(guard_);
        if (text == last) return false;
        last = std::move(text);
    }
    send(event, std::move(data));
    return true;
}

void live_feed::send(std::string_view event, json::object data) {
    json::value shown(std::move(data));
    if (holds_known_secret(shown)) hide_known_secrets(shown);
    std::string text = "id: ";
    {
        const std::lock_guard lock(guard_);
        text += std::to_string(next_id_++);
    }
    text.append("\nevent: ").append(event).append("\ndata: ");
    text.append(json::serialize(shown)).append("\n\n");
    send_text(text);
}

void live_feed::send_text(const std::string& text) {
    const std::lock_guard lock(guard_);
    for (const auto& s : streams_)
        if (s->write(text) == answer_stream::taken::full) s->cut();
}

} // namespace mortise::host
