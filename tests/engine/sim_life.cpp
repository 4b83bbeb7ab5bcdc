// SPDX-License-Identifier: Apache-2.0
#include "sim_life.hpp"

#include "sim_flow.hpp"

#include <boost/asio/post.hpp>

namespace mortise::host::testing {
namespace {

// What no simulation uses, but every environment has; one for all of them.
struct bystanders {
    system_clock time;
    boost::asio::io_context io;
    boost::asio::thread_pool workers{1};
    http_client http{io.get_executor(), time};
    content_store contents;
    metric_registry metrics;
    watchdog dog{std::chrono::milliseconds(0), time};
};

bystanders& shared() {
    static bystanders all;
    return all;
}

constexpr const char* connection_name = "target";
constexpr const char* source_name = "/connections/target";
constexpr std::chrono::milliseconds delivery_timeout{30'000};

} // namespace

sim_life::sim_life(manual_clock& time,
                   sim_journal& store,
                   sim_target& target,
                   sim_settings settings)
    : time_(time), target_(target), settings_(std::move(settings)),
      timers_(io_, time), env_{io_,
                               shared().workers,
                               time,
                               timers_,
                               shared().http,
                               store,
                               shared().contents,
                               shared().metrics,
                               shared().dog},
      engine_(std::make_unique<engine>(env_, settings_.engine)) {
    env_.intake = engine_.get();
    gate_ = std::make_shared<connection_gate>(connection_name, time_, env_.metrics, [this] {
        env_.store.write([](journal_tx& tx) { tx.release_held(connection_name); },
                         [this](const result<void>& ok) {
                             if (ok) engine_->kick();
                         });
    });
    gate_->configure(settings_.breaker);
}

sim_life::~sim_life() = default;

std::shared_ptr<flow_instance> sim_life::make_flow(const std::string& name) {
    instance_settings s;
    s.kind = "flow";
    s.name = name;
    s.plugin_id = sim_flow().id;
    s.config = '"' + name + '"';
    s.state_scope = "flows/" + name;
    flow_settings f;
    f.name = name;
    f.config_revision = "1"; // what is replaced here is the instance, not what it is told
    f.roles = {{"target", connection_name}};
    auto made =
        std::make_shared<flow_instance>(env_, std::move(s), sim_flow(), std::move(f), *engine_);
    ++open_instances_;
    made->open([](result<void> r) { r.value(); });
    return made;
}

sim_life::parts sim_life::make() {
    parts p;
    instance_settings s;
    s.kind = "connection";
    s.name = connection_name;
    s.plugin_id = target_.descriptor().id;
    s.config = "{}";
    s.state_scope = "connections/target";
    p.connection = std::make_shared<connector_instance>(env_, std::move(s), target_.descriptor());
    ++open_instances_;
    p.connection->open([](result<void> r) { r.value(); });
    p.a = make_flow("a");
    p.b = make_flow("b");
    p.connection->open_trigger("changes", "{}", "",
                               [&p](result<mortise_handle> opened) { p.trigger = opened.value(); });
    io_.poll();
    p.polls = std::make_shared<poller>(env_, p.connection, "changes", p.trigger,
                                       settings_.poll_every, delivery_timeout);
    return p;
}

void sim_life::put_in_place(parts p) {
    std::vector<route> routes;
    for (const auto& [type, instance] :
         {std::pair("probe.changed", "a"), std::pair("probe.order", "b")}) {
        route r;
        r.source = source_name;
        r.event_type = type;
        r.instance = instance;
        r.flow = sim_flow().id;
        r.flow_version = sim_flow().version;
        r.config_revision = "1";
        routes.push_back(std::move(r));
    }
    engine_setup setup;
    setup.routes = std::make_shared<const router>(std::move(routes));
    bound_connection bound;
    bound.instance = p.connection;
    bound.retry = settings_.retry;
    bound.call_timeout = settings_.call_timeout;
    bound.gate = gate_;
    setup.connections.emplace(connection_name, std::move(bound));
    setup.flows.emplace("a", p.a);
    setup.flows.emplace("b", p.b);
    engine_->set_up(std::move(setup));
    now_ = std::move(p);
}

result<void> sim_life::start() {
    put_in_place(make());
    auto started = engine_->start();
    if (!started) return started;
    now_.polls->start();
    return {};
}

void sim_life::reload(std::chrono::milliseconds grace) {
    auto fresh = make();
    auto old = std::exchange(now_, parts());
    put_in_place(std::move(fresh));
    now_.polls->start();
    retire(std::move(old), grace);
}

void sim_life::retire(parts p, std::chrono::milliseconds grace) {
    p.polls->stop();
    const auto gone = [this] { --open_instances_; };
    p.connection->close(grace, [gone, keep = p.connection] { gone(); });
    for (const auto& flow : {p.a, p.b})
        flow->close([gone, keep = flow] { gone(); });
}

void sim_life::hook(const std::string& event_id, connector_instance::call_handler done) {
    delivery_request d;
    d.kind = MORTISE_TRIGGER_WEBHOOK;
    d.head = "{}";
    d.media_type = "text/plain";
    d.body = event_id;
    d.timeout = delivery_timeout;
    now_.connection->deliver(now_.trigger, std::move(d), std::move(done));
}

void sim_life::request(const std::string& instance,
                       event_record event,
                       std::function<void(result<run_id>)> done,
                       std::function<void(run_outcome)> ended) {
    engine_->request(instance, std::move(event), std::move(done), std::move(ended));
}

void sim_life::stop(std::chrono::milliseconds grace) {
    now_.polls->stop();
    engine_->stop(grace, [this] { stopped_ = true; });
}

void sim_life::close() {
    closing_ = true;
    engine_->set_up({});
    retire(std::exchange(now_, parts()), std::chrono::milliseconds(0));
}

bool sim_life::drain(sim_journal& store, const std::function<bool()>& done) {
    sim_random any(1);
    for (int i = 0; i < 100'000; ++i) {
        if (io_.poll_one() > 0 || store.complete_one()) continue;
        target_.lose_host();
        if (io_.poll_one() > 0) continue;
        if (done()) return true;
        if (timers_.fire_one(any)) continue;
        const auto due = timers_.next_due();
        if (!due) return false;
        time_.advance(std::chrono::milliseconds((*due - time_.now_mono_ns()) / 1'000'000 + 1));
    }
    return false;
}

bool sim_life::fall(sim_journal& store) {
    stop(std::chrono::milliseconds(0));
    if (!drain(store, [this] { return stopped_; })) return false;
    close();
    return drain(store, [this] { return closed(); });
}

} // namespace mortise::host::testing
