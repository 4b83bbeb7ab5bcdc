// SPDX-License-Identifier: Apache-2.0
#include "engine/content_transfer.hpp"

#include "base/log.hpp"
#include "base/metrics.hpp"
#include "base/timers.hpp"
#include "content/content_digest.hpp"
#include "content/transfer_board.hpp"
#include "plugin/connector_instance.hpp"
#include "policy/connection_gate.hpp"
#include "policy/retry_policy.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>

namespace mortise::host {
namespace {

namespace json = boost::json;

// A source that breaks off this often at the same byte will not go on.
constexpr unsigned most_breaks = 5;

json::object object_of(const std::string& text) {
    boost::system::error_code ec;
    auto value = json::parse(text, ec);
    return !ec && value.is_object() ? std::move(value.as_object()) : json::object();
}

std::string text_in(const json::object& o, std::string_view name) {
    const auto* v = o.if_contains(name);
    const auto* s = v != nullptr ? v->if_string() : nullptr;
    return s != nullptr ? std::string(*s) : std::string();
}

std::optional<std::uint64_t> size_in(const json::object& o) {
    const auto* v = o.if_contains("size");
    if (v == nullptr) return std::nullopt;
    if (const auto* u = v->if_uint64()) return *u;
    if (const auto* i = v->if_int64(); i != nullptr && *i >= 0)
        return static_cast<std::uint64_t>(*i);
    return std::nullopt;
}

// {"algorithm","value"}: the plain name and the digits, empty when there is none to compare.
std::pair<std::string, std::string> checksum_in(const json::object& o) {
    const auto* v = o.if_contains("checksum");
    const auto* c = v != nullptr ? v->if_object() : nullptr;
    if (c == nullptr) return {};
    auto digits = text_in(*c, "value");
    std::transform(digits.begin(), digits.end(), digits.begin(), [](char d) {
        return d >= 'A' && d <= 'F' ? static_cast<char>(d - 'A' + 'a') : d;
    });
    return {content_digest::plain_name(text_in(*c, "algorithm")), std::move(digits)};
}

// What of the source's answer goes into the target's input.
constexpr std::array filled{"name", "media_type", "size"};

bool takes(const std::string& schema, std::string_view property) {
    const auto o = object_of(schema);
    const auto* v = o.if_contains("properties");
    const auto* properties = v != nullptr ? v->if_object() : nullptr;
    return properties != nullptr && properties->contains(property);
}

// The one algorithm of the checksum an operation answers, by its schema; empty: it does not say.
std::string told_algorithm(const std::string& output_schema) {
    const json::value schema(object_of(output_schema));
    boost::system::error_code ec;
    const auto* names = schema.find_pointer("/properties/checksum/properties/algorithm/enum", ec);
    const auto* list = names != nullptr ? names->if_array() : nullptr;
    if (list == nullptr || list->size() != 1) return {};
    const auto* name = list->front().if_string();
    return name != nullptr ? content_digest::plain_name(*name) : std::string();
}

// An answer on its way to a run that may be gone when it comes: its content must not stay.
class undelivered {
public:
    undelivered(content_store& store, result<call_answer> a) : store_(store), a_(std::move(a)) {}
    ~undelivered() {
        if (a_ && a_->content != 0) store_.close(a_->content);
    }
    undelivered(const undelivered&) = delete;
    undelivered& operator=(const undelivered&) = delete;
    result<call_answer> take() {
        auto out = a_;
        if (a_) a_->content = 0;
        return out;
    }

private:
    content_store& store_;
    result<call_answer> a_;
};

error on_side(error e, std::string_view side) {
    e.message = std::string(side) + ": " + e.message;
    return e;
}

error no_effect_error(category c, std::string code, std::string message) {
    error e{c, std::move(code), std::move(message)};
    e.effect = effect::none;
    return e;
}

// The target holds something else than what was to be moved: nothing to repeat blindly.
error not_the_same(std::string code, std::string message) {
    error e{category::remote_protocol, std::move(code), std::move(message)};
    e.effect = effect::done;
    e.retry = retry_advice::no;
    return e;
}

} // namespace

content_transfer::content_transfer(plugin_environment& env, transfer_setup setup)
    : env_(env), setup_(std::move(setup)),
      moved_at_ns_(std::make_shared<std::atomic<std::uint64_t>>(0)) {}

content_transfer::~content_transfer() {
    if (relay_ != 0) env_.contents.close(relay_);
}

void content_transfer::start(std::function<void(result<transfer_outcome>)> done) {
    done_ = std::move(done);
    const auto from = setup_.bound(setup_.from.role);
    const auto* op = from ? from->instance->descriptor().operation(setup_.from.operation) : nullptr;
    resumable_ = op != nullptr && takes(op->input_schema, "offset");
    if (const auto to = setup_.bound(setup_.to.role))
        patience_ = to->policy_of(setup_.to.operation).timeout;
    ask_source(0);
}

mortise_handle content_transfer::invoke(const transfer_end& end,
                                        std::string input,
                                        mortise_handle content,
                                        std::chrono::milliseconds timeout,
                                        std::shared_ptr<connector_instance>& on,
                                        std::function<void(result<call_answer>)> then) {
    const auto bound = setup_.bound(end.role);
    if (!bound) {
        if (content != 0) env_.contents.close(content);
        setup_.post([then = std::move(then), role = end.role] {
            then(no_effect_error(category::unavailable, "connection.closed",
                                 "role \"" + role + "\" is not bound to a running connection"));
        });
        return 0;
    }
    on = bound->instance;
    call_request request;
    request.operation = end.operation;
    request.input = std::move(input);
    request.attempt = setup_.attempt;
    request.idempotency_key = setup_.idempotency_key;
    request.trace_parent = setup_.trace_parent;
    request.subject = setup_.subject;
    request.queued_ns = setup_.queued_ns;
    request.content = content;
    request.timeout = timeout;
    return on->invoke(std::move(request), [post = setup_.post, then = std::move(then),
                                           contents = &env_.contents](result<call_answer> a) {
        auto given = std::make_shared<undelivered>(*contents, std::move(a));
        post([then, given] { then(given->take()); });
    });
}

// ---- the source ----

content_transfer::source_answer content_transfer::read_answer(const std::string& text) {
    const auto o = object_of(text);
    source_answer out;
    out.json = text.empty() ? "null" : text;
    out.size = size_in(o);
    out.name = text_in(o, "name");
    out.media_type = text_in(o, "media_type");
    std::tie(out.algorithm, out.checksum) = checksum_in(o);
    return out;
}

void content_transfer::ask_source(std::uint64_t offset) {
    auto input = setup_.from.input;
    if (offset > 0) {
        auto o = object_of(input);
        o["offset"] = offset;
        input = json::serialize(o);
    }
    const auto bound = setup_.bound(setup_.from.role);
    const auto timeout =
        bound ? bound->policy_of(setup_.from.operation).timeout : std::chrono::milliseconds(0);
    source_call_ = invoke(setup_.from, std::move(input), 0, timeout, source_on_,
                          [self = shared_from_this(), offset](result<call_answer> a) {
                              self->source_call_ = 0;
                              self->source_gave(offset, std::move(a));
                          });
}

void content_transfer::source_gave(std::uint64_t offset, result<call_answer> a) {
    if (!done_) {
        if (a && a->content != 0) env_.contents.close(a->content);
        return;
    }
    const bool first = relay_ == 0;
    if (!a) {
        if (first) {
            auto e = a.error();
            e.effect = effect::none; // on the target
            return finish(on_side(std::move(e), "source"));
        }
        return broke_off(offset, a.error());
    }
    if (a->content == 0)
        return give_up_source(
            no_effect_error(category::internal, "transfer.no-content",
                            "operation " + setup_.from.operation + " answered without content"));
    auto answer = read_answer(a->json);
    if (first) {
        source_ = std::move(answer);
        return begin_target(*a);
    }
    if (answer.size != source_.size || answer.checksum != source_.checksum) {
        env_.contents.close(a->content);
        error e{category::conflict, "transfer.source-changed",
                "the content was changed while it was read"};
        e.retry = retry_advice::yes;
        return give_up_source(std::move(e));
    }
    env_.contents.feed(relay_, a->content);
}

// The stream broke off, or the target goes back. On the strand, but the relay asks from anywhere.
void content_transfer::broke_off(std::uint64_t offset, const std::optional<error>& why) {
    if (!done_ || relay_ == 0) return;
    if (cancelled_)
        return give_up_source(
            why ? *why : error{category::cancelled, "run.cancelled", "the run was cancelled"});
    if (!why) return ask_source(offset);
    breaks_here_ = offset == broke_off_at_ ? breaks_here_ + 1 : 1;
    broke_off_at_ = offset;
    if ((!resumable_ && offset > 0) || breaks_here_ > most_breaks || !is_transient(*why))
        return give_up_source(*why);
    const auto bound = setup_.bound(setup_.from.role);
    const auto policy = bound ? bound->policy_of(setup_.from.operation).retry : retry_policy{};
    const auto decided = decide_retry(policy, *why, effect_class::read, breaks_here_,
                                      std::chrono::milliseconds(0), 0);
    if (decided.what != retry_decision::action::again) return give_up_source(*why);
    log(log_level::info, "a transfer goes on where its source broke off: " + why->message,
        {{"step", setup_.idempotency_key},
         {"offset", offset},
         {"delay_ms", static_cast<std::int64_t>(decided.delay.count())}});
    pause_ = env_.timers.start(decided.delay, [self = shared_from_this(), offset] {
        self->setup_.post([self, offset] {
            if (self->done_) self->ask_source(offset);
        });
    });
}

// The target's operation gets it from the content it reads, and its answer ends the transfer.
void content_transfer::give_up_source(error why) {
    if (!source_failure_) source_failure_ = on_side(std::move(why), "source");
    if (target_call_ == 0) {
        auto e = *source_failure_;
        e.effect = effect::none;
        return finish(std::move(e));
    }
    static_cast<void>(env_.contents.finish(relay_, *source_failure_));
}

// ---- the target ----

bool content_transfer::completes(const std::string& input, const std::string& schema) {
    const auto given = object_of(input);
    return std::any_of(filled.begin(), filled.end(), [&](const char* name) {
        return !given.contains(name) && takes(schema, name);
    });
}

// What the flow did not say and the source did.
std::string content_transfer::target_input() const {
    auto input = object_of(setup_.to.input);
    const auto to = setup_.bound(setup_.to.role);
    const auto* op = to ? to->instance->descriptor().operation(setup_.to.operation) : nullptr;
    const auto fill = [&](const char* name, json::value value) {
        if (op != nullptr && !input.contains(name) && takes(op->input_schema, name))
            input[name] = std::move(value);
    };
    if (!source_.name.empty()) fill("name", json::string(source_.name));
    if (!source_.media_type.empty()) fill("media_type", json::string(source_.media_type));
    if (source_.size) fill("size", *source_.size);
    return json::serialize(input);
}

void content_transfer::begin_target(const call_answer& a) {
    const auto known = env_.contents.info(a.content);
    if (!source_.size && known && known->length != UINT64_MAX) source_.size = known->length;
    if (source_.media_type.empty() && known) source_.media_type = known->media_type;
    if (setup_.only_input) {
        env_.contents.close(a.content);
        transfer_outcome input;
        input.json = target_input();
        return finish(std::move(input));
    }
    const auto weak = weak_from_this();
    const auto post = setup_.post;
    relay_hooks hooks;
    hooks.can_go_back = resumable_;
    // Beside SHA-256 one more: the source's, else the one the target says it tells.
    if (source_.checksum.empty()) {
        const auto to = setup_.bound(setup_.to.role);
        const auto* op = to ? to->instance->descriptor().operation(setup_.to.operation) : nullptr;
        if (op != nullptr) also_ = told_algorithm(op->output_schema);
    } else {
        also_ = source_.algorithm;
        hooks.declared = source_.checksum;
        hooks.declared_algorithm = source_.algorithm;
    }
    if (also_ != "sha256") hooks.also_digest = also_;
    hooks.reopen = [weak, post](std::uint64_t offset, const std::optional<error>& why) {
        post([weak, offset, why] {
            if (const auto self = weak.lock()) self->broke_off(offset, why);
        });
    };
    auto& bytes = env_.metrics.get(metric_kind::counter, "mortise_content_bytes_total",
                                   "Bytes of content that transfers have moved, repeats included");
    auto shown = env_.contents.transfers().begin(setup_.idempotency_key, source_.size);
    hooks.moved = [at = moved_at_ns_, time = &env_.time, &bytes, shown = std::move(shown),
                   last = std::uint64_t{0}](std::uint64_t position) mutable {
        shown->reached(position);
        at->store(time->now_mono_ns(), std::memory_order_relaxed);
        if (position > last) bytes.add(static_cast<double>(position - last));
        last = position;
    };
    hooks.ended = [weak, post](const result<content_info>& all) {
        post([weak, all] {
            const auto self = weak.lock();
            if (!self) return;
            if (all)
                self->whole_ = *all;
            else if (!self->source_failure_)
                self->source_failure_ = on_side(all.error(), "source");
        });
    };
    relay_ = env_.contents.relay(source_.media_type, source_.size.value_or(UINT64_MAX),
                                 std::move(hooks));
    if (source_.size == 0u) whole_ = env_.contents.info(relay_);
    env_.contents.feed(relay_, a.content);
    if (cancelled_)
        return finish(
            no_effect_error(category::cancelled, "run.cancelled", "the run was cancelled"));
    moved_at_ns_->store(env_.time.now_mono_ns());
    target_began_ = true;
    // No time for the whole of it: watch() sees to it that it moves.
    target_call_ = invoke(setup_.to, target_input(), relay_, std::chrono::milliseconds(0),
                          target_on_, [self = shared_from_this()](result<call_answer> answer) {
                              self->target_call_ = 0;
                              self->target_answered(std::move(answer));
                          });
    watch();
}

void content_transfer::watch() {
    if (patience_.count() <= 0 || !done_) return;
    const auto due = moved_at_ns_->load(std::memory_order_relaxed) +
                     static_cast<std::uint64_t>(patience_.count()) * 1'000'000u;
    const auto now = env_.time.now_mono_ns();
    if (now >= due) {
        stalled_ = true;
        if (target_call_ != 0) target_on_->cancel(target_call_);
        return;
    }
    watch_ = env_.timers.start(std::chrono::milliseconds((due - now) / 1'000'000u + 1),
                               [weak = weak_from_this(), post = setup_.post] {
                                   post([weak] {
                                       if (const auto self = weak.lock()) self->watch();
                                   });
                               });
}

void content_transfer::target_answered(result<call_answer> a) {
    if (a && a->content != 0) env_.contents.close(a->content);
    if (!done_) return;
    env_.contents.close(relay_);
    if (a) return finish(judge(*a));
    auto e = a.error();
    if (source_failure_ && e.effect != effect::done) {
        const auto reached = e.effect;
        e = *source_failure_;
        e.effect = reached;
        return finish(std::move(e));
    }
    if (stalled_ && e.category == category::cancelled) {
        const auto reached = e.effect;
        e = {category::timeout, "transfer.stalled",
             "nothing moved for " + std::to_string(patience_.count()) + " ms"};
        e.effect = reached;
    }
    finish(on_side(std::move(e), "target"));
}

result<transfer_outcome> content_transfer::judge(const call_answer& a) const {
    const auto answer = object_of(a.json);
    const auto there = size_in(answer);
    const auto sent = whole_ ? std::optional<std::uint64_t>(whole_->length) : source_.size;
    if (!whole_ && (!there || !sent))
        return not_the_same("transfer.size", "target: it has not read the content to its end, and "
                                             "does not say what size it has");
    if (there && sent && *there != *sent)
        return not_the_same("transfer.size", "target: it has " + std::to_string(*there) +
                                                 " bytes, the source " + std::to_string(*sent));
    // By name, what is known of the content.
    const auto value_of = [&](const std::string& algorithm) -> std::string {
        if (whole_ && algorithm == "sha256") return whole_->sha256;
        if (whole_ && algorithm == also_ && !whole_->also.empty()) return whole_->also;
        return algorithm == source_.algorithm ? source_.checksum : std::string();
    };
    const auto came = whole_ ? value_of(source_.algorithm) : std::string();
    if (!came.empty() && came.size() == source_.checksum.size() && came != source_.checksum)
        return not_the_same("transfer.checksum", "source: it declares " + source_.algorithm + ' ' +
                                                     source_.checksum + ", what it gave has " +
                                                     came);
    const auto [algorithm, theirs] = checksum_in(answer);
    const auto ours = algorithm.empty() ? std::string() : value_of(algorithm);
    const bool compared = !ours.empty() && ours.size() == theirs.size();
    if (compared && ours != theirs)
        return not_the_same("transfer.checksum", "target: it has " + algorithm + ' ' + theirs +
                                                     ", what was sent has " + ours);
    boost::system::error_code ec;
    auto target = json::parse(a.json.empty() ? "null" : a.json, ec);
    auto source = json::parse(source_.json, ec);
    json::object out{{"target", std::move(target)},
                     {"source", std::move(source)},
                     {"size", nullptr},
                     {"sha256", nullptr},
                     {"verified", compared        ? "checksum"
                                  : there && sent ? "size"
                                                  : "none"}};
    if (sent) out["size"] = *sent;
    if (whole_) out["sha256"] = json::string(whole_->sha256);
    transfer_outcome outcome;
    outcome.json = json::serialize(out);
    outcome.target = a.json;
    if (whole_) outcome.sha256 = whole_->sha256;
    return outcome;
}

// ---- the end ----

void content_transfer::finish(result<transfer_outcome> outcome) {
    watch_.cancel();
    pause_.cancel();
    if (const auto relay = std::exchange(relay_, 0); relay != 0) env_.contents.close(relay);
    if (auto done = std::exchange(done_, nullptr)) done(std::move(outcome));
}

void content_transfer::cancel() {
    if (!done_ || std::exchange(cancelled_, true)) return;
    if (source_call_ != 0) source_on_->cancel(source_call_);
    if (target_call_ != 0)
        target_on_->cancel(target_call_);
    else if (pause_.cancel())
        finish(no_effect_error(category::cancelled, "run.cancelled", "the run was cancelled"));
}

void content_transfer::abandon() {
    done_ = nullptr;
    if (source_call_ != 0) source_on_->cancel(source_call_);
    if (target_call_ != 0) target_on_->cancel(target_call_);
    finish(error{});
}

} // namespace mortise::host
