// SPDX-License-Identifier: Apache-2.0
#include "kit/emulator.hpp"

#include <boost/json/array.hpp>

#include <algorithm>

namespace json = boost::json;

namespace mortise::sandbox {

namespace {

constexpr std::size_t max_log = 10'000;
constexpr std::size_t max_logged_body = 64 * 1024;

std::string loggable_body(const request& r) {
    if (r.content.empty() || r.content.size() > max_logged_body) return {};
    const std::string type = r.header("Content-Type");
    const bool text = type.find("json") != std::string::npos || type.starts_with("text/") ||
                      type.starts_with("application/x-www-form-urlencoded");
    return text ? r.content.text() : std::string();
}

std::string url_path(const std::string& url) {
    const std::size_t scheme = url.find("://");
    const std::size_t slash = url.find('/', scheme == std::string::npos ? 0 : scheme + 3);
    if (slash == std::string::npos) return "/";
    return url.substr(slash, url.find('?', slash) - slash);
}

} // namespace

emulator::emulator(std::string name, emulator_options options)
    : name_(std::move(name)), options_(std::move(options)), clock_(options_.clock),
      ids_(options_.seed) {
    clock_.on_change([this] {
        if (transport_) transport_->clock_changed();
    });
    set_up_control();
}

emulator::~emulator() = default;

void emulator::attach(transport* t, std::string base_url) {
    transport_ = t;
    if (!base_url.empty()) base_url_ = std::move(base_url);
}

void emulator::reset() {
    ++generation_;
    clock_.reset();
    ids_.reset(options_.seed);
    faults_.clear();
    log_.clear();
    logged_ = 0;
    problems_.clear();
    held_.clear();
    seed();
}

void emulator::note_problem(const std::string& where, const std::exception& e) {
    if (problems_.size() < 100) problems_.push_back(where + ": " + e.what());
}

std::optional<reply> emulator::before(const request&) {
    return {};
}
void emulator::after(const request&, reply&) {}

reply emulator::error_reply(const request&, unsigned status, const std::string& message) {
    return reply::json(status, json::object{{"error", message}});
}

reply emulator::handle(request r) {
    if (!r.segments.empty() && r.segments.front() == "__sandbox") {
        try {
            return control(r);
        } catch (const http_error& e) {
            return reply::json(e.status, json::object{{"error", e.what()}});
        } catch (const std::exception& e) {
            note_problem("control " + r.path, e);
            return reply::json(500, json::object{{"error", e.what()}});
        }
    }
    clock_.run_due();
    logged_request entry;
    entry.number = ++logged_;
    entry.at = now();
    entry.method = r.method;
    entry.target = r.target;
    entry.body = loggable_body(r);
    reply a = dispatch(r, entry);
    if (r.method == "HEAD") {
        a.declared_length = a.content.size();
        a.content = blob();
    }
    entry.route = r.route;
    entry.status = a.status;
    log_.push_back(std::move(entry));
    if (log_.size() > max_log) log_.pop_front();
    return a;
}

reply emulator::dispatch(request& r, logged_request& entry) {
    const router::match found = routes_.find(r);
    const fault_table::hit fault = faults_.take(r);
    if (fault.main)
        entry.fault = to_string(fault.main->kind);
    else if (fault.delay.count() > 0)
        entry.fault = to_string(fault_kind::latency);

    reply a;
    a.delay = fault.delay;
    if (fault.main && fault.main->kind == fault_kind::reply) {
        a.status = fault.main->status;
        if (!fault.main->body.empty()) a.set("Content-Type", fault.main->content_type);
        for (const auto& [name, value] : fault.main->headers)
            a.set(name, value);
        a.content = blob(fault.main->body);
        return a;
    }
    if (fault.main &&
        (fault.main->kind == fault_kind::cut || fault.main->kind == fault_kind::hang)) {
        a.delivery =
            fault.main->kind == fault_kind::cut ? delivery::cut_before_reply : delivery::withhold;
        a.status = 0;
        return a;
    }

    try {
        if (auto early = before(r)) {
            a = std::move(*early);
        } else if (found.run) {
            a = (*found.run)(r);
        } else if (!found.allow.empty()) {
            a = error_reply(r, 405, r.method + " is not allowed on " + r.path);
            a.set("Allow", found.allow);
        } else {
            a = error_reply(r, 404, "no such path: " + r.path);
        }
    } catch (const http_error& e) {
        a = e.whole ? *e.whole : error_reply(r, e.status, e.what());
    } catch (const std::exception& e) {
        note_problem(r.method + " " + r.path, e);
        a = error_reply(r, 500, "the emulator failed: " + std::string(e.what()));
    }
    after(r, a);
    a.delay += fault.delay;
    if (fault.main) {
        switch (fault.main->kind) {
        case fault_kind::cut_after:
            a.delivery = delivery::cut_before_reply;
            break;
        case fault_kind::cut_body:
            a.delivery = delivery::cut_mid_body;
            break;
        case fault_kind::commit_then_timeout:
            a.delivery = delivery::withhold;
            break;
        default:
            break;
        }
    }
    return a;
}

void emulator::schedule(milliseconds after_delay, std::function<void()> fn) {
    clock_.schedule(after_delay, [this, run = std::move(fn)] {
        try {
            run();
        } catch (const std::exception& e) {
            note_problem("scheduled work", e);
        }
    });
}

void emulator::post_webhook(webhook hook, webhook_done done) {
    const std::optional<fault> f = faults_.take_webhook(url_path(hook.url));
    if (!f) return send_now(std::move(hook), std::move(done));
    switch (f->kind) {
    case fault_kind::webhook_drop:
        // The system believes it was delivered; that is what makes a lost webhook lost.
        if (done) schedule(milliseconds(0), [done] { done({200, {}, {}}); });
        break;
    case fault_kind::webhook_fail:
        if (done) schedule(milliseconds(0), [done] { done({0, {}, "delivery failed (fault)"}); });
        break;
    case fault_kind::webhook_duplicate:
        send_now(hook, {});
        send_now(std::move(hook), std::move(done));
        break;
    case fault_kind::webhook_delay:
        schedule(f->delay, [this, hook, done] { send_now(hook, done); });
        break;
    case fault_kind::webhook_reorder:
        held_.emplace_back(std::move(hook), std::move(done));
        break;
    default:
        send_now(std::move(hook), std::move(done));
    }
}

void emulator::send_now(webhook hook, webhook_done done) {
    if (!transport_) {
        if (done) schedule(milliseconds(0), [done] { done({0, {}, "no server is running"}); });
        return;
    }
    // Those held back go out once this one has arrived.
    auto overtaken = std::move(held_);
    held_.clear();
    const auto generation = generation_;
    transport_->send(std::move(hook), [this, generation, finish = std::move(done),
                                       overtaken = std::move(overtaken)](const webhook_result& r) {
        if (generation != generation_) return;
        try {
            if (finish) finish(r);
        } catch (const std::exception& e) {
            note_problem("webhook result", e);
        }
        for (const auto& [late, late_done] : overtaken)
            send_now(late, late_done);
    });
}

void emulator::play(std::string action, std::string help, play_action fn) {
    plays_[std::move(action)] = {std::move(help), std::move(fn)};
}

json::value emulator::act(const std::string& action, const json::object& input) {
    const auto found = plays_.find(action);
    if (found == plays_.end()) {
        std::string names;
        for (const auto& [name, entry] : plays_)
            names += (names.empty() ? "" : ", ") + name;
        throw http_error(404, "no action \"" + action + "\"; there are: " + names);
    }
    return found->second.run(input);
}

} // namespace mortise::sandbox
