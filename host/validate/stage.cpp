// SPDX-License-Identifier: Apache-2.0
#include "validate/stage.hpp"

#include "validate/resources.hpp"

#include <mortise/call.h>
#include <mortise/config.h>
#include <mortise/content.h>
#include <mortise/http.h>
#include <mortise/log.h>
#include <mortise/mapping.h>
#include <mortise/metric.h>
#include <mortise/run.h>
#include <mortise/sdk/abi.hpp>
#include <mortise/secret.h>
#include <mortise/state.h>
#include <mortise/time.h>
#include <mortise/trigger.h>

#include <algorithm>
#include <cstring>
#include <deque>

namespace mortise::host {

namespace {

using namespace std::chrono_literals;

#define MORTISE_UP_TO(type, member) (offsetof(type, member) + sizeof(type::member))

// Sizes of the tables as released with 1.0: up to their last member then, whatever follows today.
struct table_size {
    std::string_view id;
    std::size_t bytes;
};
constexpr table_size first_sizes[] = {
    {MORTISE_SVC_CALL, MORTISE_UP_TO(mortise_svc_call, cancelled)},
    {MORTISE_SVC_CONFIG, MORTISE_UP_TO(mortise_svc_config, get)},
    {MORTISE_SVC_CONTENT, MORTISE_UP_TO(mortise_svc_content, close)},
    {MORTISE_SVC_FLOW, MORTISE_UP_TO(mortise_svc_flow, finish)},
    {MORTISE_SVC_HTTP, MORTISE_UP_TO(mortise_svc_http, cancel)},
    {MORTISE_SVC_LOG, MORTISE_UP_TO(mortise_svc_log, write)},
    {MORTISE_SVC_MAPPING, MORTISE_UP_TO(mortise_svc_mapping, release)},
    {MORTISE_SVC_METRIC, MORTISE_UP_TO(mortise_svc_metric, observe)},
    {MORTISE_SVC_SECRET, MORTISE_UP_TO(mortise_svc_secret, read)},
    {MORTISE_SVC_STATE, MORTISE_UP_TO(mortise_svc_state, list)},
    {MORTISE_SVC_TIME, MORTISE_UP_TO(mortise_svc_time, post)},
    {MORTISE_SVC_TRIGGER, MORTISE_UP_TO(mortise_svc_trigger, emit)}};

constexpr std::size_t tail_bytes = 64;
constexpr int unknown_byte = 0xA5; // as a pointer it is not canonical: calling it faults

// Stands between the kit and the plugin. The C functions have no context of their own, so there is
// one for the process.
struct interposer {
    host_shape shape;
    std::optional<std::string> config_text;
    mortise_connector connector{};
    mortise_flow flow{};
    const mortise_host* kit = nullptr;
    struct {
        mortise_host host;
        unsigned char tail[tail_bytes];
    } shown{};
    std::deque<std::vector<std::uint64_t>> tables; // live as long as the instance
    void* self = nullptr;
    struct closing {
        mortise_done_fn done;
        void* user;
        unsigned answered;
    };
    std::deque<closing> closings;
};
interposer* current = nullptr;

// A copy of the table with another length.
const void* reshaped(interposer& i, const void* table, std::size_t keep, std::size_t tail) {
    const std::size_t words = (keep + tail + 7) / 8;
    auto& copy = i.tables.emplace_back(words);
    auto* bytes = reinterpret_cast<unsigned char*>(copy.data());
    std::memcpy(bytes, table, keep);
    std::memset(bytes + keep, unknown_byte, words * 8 - keep);
    const auto size = static_cast<std::uint32_t>(keep + tail);
    std::memcpy(bytes, &size, sizeof size);
    return bytes;
}

const void* get_service(const mortise_host* h, mortise_handle instance, mortise_str id) noexcept {
    auto& i = *static_cast<interposer*>(h->ctx);
    if (i.shape.withheld.contains(view(id))) return nullptr;
    const void* table = i.kit->get_service(i.kit, instance, id);
    if (table == nullptr || (!i.shape.older && !i.shape.newer)) return table;
    std::uint32_t size = 0;
    std::memcpy(&size, table, sizeof size);
    if (i.shape.newer) return reshaped(i, table, size, tail_bytes);
    for (const auto& first : first_sizes)
        if (first.id == view(id))
            return reshaped(i, table, std::min<std::size_t>(size, first.bytes), 0);
    return nullptr; // a service that 1.0 did not have
}

const mortise_host* shown_host(const mortise_host* kit) {
    current->kit = kit;
    auto& shown = current->shown;
    std::memset(shown.tail, unknown_byte, sizeof shown.tail);
    shown.host = *kit;
    shown.host.ctx = current;
    shown.host.get_service = &get_service;
    if (current->shape.older) {
        shown.host.struct_size = MORTISE_UP_TO(mortise_host, get_service);
        shown.host.abi_minor = 0;
    } else if (current->shape.newer) {
        shown.host.struct_size = sizeof shown;
        shown.host.abi_minor = MORTISE_ABI_MINOR + 7;
    }
    return &shown.host;
}

template <class Create>
mortise_status create_through(Create create,
                              const mortise_host* h,
                              mortise_handle instance,
                              mortise_payload config,
                              mortise_error_sink err,
                              void** self) {
    if (current->config_text) config = json_payload(*current->config_text);
    const mortise_status st = create(shown_host(h), instance, config, err, self);
    current->self = st == MORTISE_OK ? *self : nullptr;
    return st;
}

mortise_status create_connector(const mortise_host* h,
                                mortise_handle instance,
                                mortise_payload config,
                                mortise_error_sink err,
                                void** self) noexcept {
    return create_through(current->connector.create, h, instance, config, err, self);
}

mortise_status create_flow(const mortise_host* h,
                           mortise_handle instance,
                           mortise_payload config,
                           mortise_error_sink err,
                           void** self) noexcept {
    return create_through(current->flow.create, h, instance, config, err, self);
}

// A request as a newer host makes it: longer, its unknown part zero.
template <class T>
struct longer {
    T known;
    unsigned char tail[tail_bytes]{};
    explicit longer(const T& from) : known(from) { known.struct_size = sizeof(longer); }
};

mortise_status invoke(void* self, const mortise_call* call, mortise_error_sink err) noexcept {
    if (!current->shape.newer) return current->connector.invoke(self, call, err);
    const longer<mortise_call> more(*call);
    return current->connector.invoke(self, &more.known, err);
}

mortise_status deliver(void* self,
                       mortise_handle trigger,
                       const mortise_delivery* d,
                       mortise_error_sink err) noexcept {
    if (!current->shape.newer) return current->connector.deliver(self, trigger, d, err);
    const longer<mortise_delivery> more(*d);
    return current->connector.deliver(self, trigger, &more.known, err);
}

void closed(void* user, mortise_status st, const mortise_error* e) noexcept {
    auto& c = *static_cast<interposer::closing*>(user);
    if (c.answered++ == 0) c.done(c.user, st, e);
}

mortise_status
close_trigger(void* self, mortise_handle trigger, mortise_done_fn done, void* user) noexcept {
    auto& c = current->closings.emplace_back(interposer::closing{done, user, 0});
    return current->connector.close_trigger(self, trigger, &closed, &c);
}

std::string garbage(std::uint64_t seed) {
    std::mt19937_64 random(seed);
    std::string out = R"({"items":[{"id":)";
    for (int i = 0; i < 64; ++i)
        out += static_cast<char>(random() & 0xFF);
    return out;
}

void script(testing::scripted_http& http, answers a, std::uint64_t seed) {
    for (const char* method : {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"}) {
        auto& e = http.expect(method, "*").always();
        switch (a) {
        case answers::unavailable:
            e.reply(503, {{"content-type", "text/html"}}, "<p>later</p>");
            break;
        case answers::garbage:
            e.reply(200, {{"content-type", "application/json"}}, garbage(seed));
            break;
        case answers::empty:
            e.reply_json(200, json::object());
            break;
        case answers::list:
            e.reply_json(200, json::array());
            break;
        case answers::not_found:
            e.reply_json(404, {{"error", "not found"}});
            break;
        case answers::unauthorized:
            e.reply_json(401, {{"error", "who are you"}});
            break;
        case answers::busy:
            e.reply(429, {{"retry-after", "1"}});
            break;
        case answers::unsent: {
            error why(category::unavailable, "http.connect", "The server cannot be reached.");
            why.effect = effect::none;
            e.fail(std::move(why));
            break;
        }
        case answers::never: {
            // No server answers, but the host's own limit for an exchange ends the wait.
            error why(category::timeout, "http.timeout", "The server did not answer in time.");
            e.fail(std::move(why)).delay(20s);
            break;
        }
        }
    }
}

// Of this process when the first stage was made.
std::size_t thread_count() {
    static const std::size_t count = resources::now().threads;
    return count;
}

} // namespace

std::string_view to_string(answers a) noexcept {
    switch (a) {
    case answers::unavailable:
        return "503";
    case answers::garbage:
        return "200 and a body of garbage";
    case answers::empty:
        return "200 and an empty object";
    case answers::list:
        return "200 and an empty list";
    case answers::not_found:
        return "404";
    case answers::unauthorized:
        return "401";
    case answers::busy:
        return "429";
    case answers::unsent:
        return "an error before sending";
    case answers::never:
        return "nothing";
    }
    return "unknown";
}

stage::stage(std::uint64_t seed, answers http, host_shape shape) {
    thread_count(); // before there is a plugin at work
    current = new interposer();
    current->shape = std::move(shape);
    host_ = std::make_unique<testing::fake_host>(seed);
    script(host_->http(), http, seed);
}

stage::~stage() {
    // A thread that outlives its instance may still use what it was given: that is for the checks
    // to find, not for this process to crash on. The process is short-lived.
    if (resources::threads_settling_to(SIZE_MAX) > thread_count()) {
        static_cast<void>(host_.release());
    } else {
        host_.reset(); // destroys instances, which may still ask for services
        delete current;
    }
    current = nullptr;
}

testing::connector_harness stage::make(const connector_descriptor& d, const sample_config& config) {
    for (const auto& [name, value] : config.secrets)
        host_->set_secret(name, value);
    current->connector = d.table;
    mortise_connector shown = d.table;
    shown.create = &create_connector;
    shown.invoke = &invoke;
    if (shown.deliver != nullptr) shown.deliver = &deliver;
    if (shown.close_trigger != nullptr) shown.close_trigger = &close_trigger;
    return host_->create_connector(shown, config.value);
}

testing::flow_harness stage::make(const flow_descriptor& d, const sample_config& config) {
    for (const auto& [name, value] : config.secrets)
        host_->set_secret(name, value);
    current->flow = d.table;
    mortise_flow shown = d.table;
    shown.create = &create_flow;
    return host_->create_flow(shown, config.value);
}

void stage::make_with_text(const connector_descriptor& d, std::string config) {
    current->config_text = std::move(config);
    make(d, {});
}

void stage::make_with_text(const flow_descriptor& d, std::string config) {
    current->config_text = std::move(config);
    make(d, {});
}

void* stage::self() const noexcept {
    return current->self;
}

void stage::report_violations(report& r, std::string_view where) {
    const auto& all = host_->violations();
    for (; reported_ < all.size(); ++reported_)
        r.fail(std::string(where) + ": " + all[reported_]);
}

std::vector<unsigned> stage::closings() const {
    std::vector<unsigned> out;
    for (const auto& c : current->closings)
        out.push_back(c.answered);
    return out;
}

ending settle_cancelled(stage& on, const testing::pending_call& call) {
    call.cancel();
    if (!call.done()) on.host().advance(30s);
    return call.done() ? ending::after_cancel : ending::never;
}

ending settle(stage& on, const testing::pending_call& call) {
    if (!call.done()) on.host().advance(24h);
    if (call.done()) return ending::answered;
    return settle_cancelled(on, call);
}

} // namespace mortise::host
