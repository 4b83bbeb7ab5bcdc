// SPDX-License-Identifier: Apache-2.0
#include "open_trigger.hpp"

#include "ops.hpp"
#include "tables.hpp"

#include <mortise/sdk/abi.hpp>
#include <mortise/sdk/detail/guard.hpp>

#include <algorithm>

namespace mortise {
namespace detail {

void open_trigger::wake() noexcept {
    // Waking one may end others (first(), a failed all()), so the list is taken one by one.
    waking_.insert(waking_.end(), waiting_.begin(), waiting_.end());
    waiting_.clear();
    while (!waking_.empty()) {
        room* const next = waking_.front();
        waking_.erase(waking_.begin());
        next->frame_.resume();
    }
}

void open_trigger::forget(room* r) noexcept {
    std::erase(waiting_, r);
    std::erase(waking_, r);
}

void open_trigger::open_stream(void* self, std::string cursor) {
    if (!spec_.on_stream) return;
    stream_context_.emplace(owner_, 0, *this);
    stream_.emplace();
    task<void> work = spec_.on_stream(self, *stream_context_, std::move(cursor));
    stream_->start(std::move(work), &stream_ended, this);
}

void open_trigger::stream_ended(void* ctx, std::exception_ptr failure) noexcept {
    if (!failure) return;
    auto& self = *static_cast<open_trigger*>(ctx);
    guarded_void([&] {
        const error e = error_of(failure);
        json::object fields;
        fields["trigger"] = self.spec_.id;
        fields["code"] = e.code;
        self.owner_.log().error("The stream has ended with an error: " + e.message, fields);
    });
}

void open_trigger::begin_close(mortise_done_fn closed, void* user) noexcept {
    closing_ = true;
    closed_ = closed;
    closed_user_ = user;
    stream_.reset();
    wake();
}

bool open_trigger::try_close() noexcept {
    if (!closing_ || deliveries_ != 0 || !closed_) return false;
    std::exchange(closed_, nullptr)(closed_user_, MORTISE_OK, nullptr);
    return true;
}

} // namespace detail

std::string_view webhook::header(std::string_view name) const noexcept {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string_view() : std::string_view(found->second);
}

json::value webhook::json() const {
    parse_options options;
    options.blame = category::input;
    options.what = "the webhook's body";
    return parse_json(body, options);
}

const void* delivery_context::config_pointer() const noexcept {
    return trigger_.config();
}

namespace {

void fill(mortise_event& c, const event& e, const std::string& data) noexcept {
    c.id = c_str_of(e.id);
    c.source = c_str_of(e.source);
    c.type = c_str_of(e.type);
    c.subject = c_str_of(e.subject);
    c.partition_key = c_str_of(e.partition_key);
    c.trace_parent = c_str_of(e.trace_parent);
    if (e.time) {
        c.time_unix_ms =
            std::chrono::floor<std::chrono::milliseconds>(e.time->time_since_epoch()).count();
    }
    c.data = json_payload(data);
    if (e.content) c.content = e.content->handle();
}

void check(const event& e) {
    if (!e.id.empty() && !e.type.empty()) return;
    throw error(category::internal, "sdk.event.incomplete",
                "An event to be emitted has no " + std::string(e.id.empty() ? "id" : "type") +
                    "; derive the id from the source's own facts.");
}

task<void> emit_all(call_context& c,
                    detail::open_trigger& trigger,
                    std::vector<event> events,
                    std::optional<std::string> cursor) {
    const auto& tables = c.owner().tables();
    const auto& svc = detail::needed(detail::pointer_to(tables.trigger), MORTISE_SVC_TRIGGER);
    std::vector<std::string> data;
    std::vector<mortise_event> list(events.size());
    data.reserve(events.size());
    for (std::size_t i = 0; i < events.size(); ++i) {
        check(events[i]);
        data.push_back(serialize_json(events[i].data));
        fill(list[i], events[i], data.back());
    }
    // An empty cursor is a cursor: only a null pointer leaves it as it is.
    const mortise_bytes mark =
        cursor ? mortise_bytes{cursor->c_str(), cursor->size()} : mortise_bytes{nullptr, 0};
    for (;;) {
        c.throw_if_cancelled();
        auto start = [&](void* user) {
            const mortise_status st = svc.emit(svc.ctx, trigger.handle(), c.handle(), list.data(),
                                               list.size(), mark, &detail::done_op::on_done, user);
            if (st != MORTISE_OK) return st;
            for (auto& e : events) {
                if (e.content) e.content->release();
            }
            return st;
        };
        detail::request<detail::done_op, decltype(start)> op(start);
        co_await op;
        if (op.refused != MORTISE_E_LIMIT) {
            op.check("emitting events");
            break;
        }
        if (trigger.closing()) {
            throw error(category::cancelled, "sdk.emit.closed",
                        "The trigger was closed before its events could be taken.");
        }
        detail::open_trigger::room room(trigger);
        co_await room;
    }
}

} // namespace

task<void> delivery_context::emit(std::vector<event> events, std::optional<std::string> cursor) {
    return emit_all(*this, trigger_, std::move(events), std::move(cursor));
}

task<void> delivery_context::emit(event one, std::optional<std::string> cursor) {
    std::vector<event> events;
    events.push_back(std::move(one));
    return emit_all(*this, trigger_, std::move(events), std::move(cursor));
}

task<void> delivery_context::move_cursor(std::string cursor) {
    return emit_all(*this, trigger_, {}, std::optional<std::string>(std::move(cursor)));
}

bool constant_time_equal(std::string_view a, std::string_view b) noexcept {
    if (a.empty() || a.size() != b.size()) return false;
    unsigned difference = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        difference |= static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]);
    }
    // Keeps the compiler from leaving the loop early.
    const volatile unsigned result = difference;
    return result == 0;
}

} // namespace mortise
