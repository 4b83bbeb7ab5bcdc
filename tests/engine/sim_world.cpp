// SPDX-License-Identifier: Apache-2.0
#include "sim_world.hpp"

#include "base/handles.hpp"
#include "journal/ledger.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace mortise::host::testing {
namespace {

constexpr std::uint64_t ms = 1'000'000;
constexpr std::uint64_t second = 1000 * ms;
constexpr std::uint64_t patience = 4 * 3600 * second; // virtual, once faults have stopped
constexpr std::uint64_t most_steps = 400'000;
constexpr std::uint64_t chaos_lasts = 90 * second;

std::string announced_name(const std::string& input) {
    boost::system::error_code ec;
    const auto value = boost::json::parse(input, ec);
    if (ec || !value.is_object()) return {};
    const auto* body = value.get_object().if_contains("body");
    const auto& object = body != nullptr ? body->as_object() : value.get_object();
    const auto* name = object.if_contains("name");
    return name != nullptr && name->is_string() ? std::string(name->get_string()) : std::string();
}

} // namespace

sim_report simulate(std::uint64_t seed, bool trace) {
    detail::last_handle = 0; // no plugin of an earlier world is left to mix them up
    return sim_world(seed, trace).run();
}

sim_world::sim_world(std::uint64_t seed, bool trace)
    : seed_(seed), random_(sim_random(seed).next()), trace_(trace), ids_(random_.next()),
      store_(time_, random_, trace_), target_(time_, random_, trace_) {
    watch_flows(this);
    target_.hooked = [this](std::string_view id) -> std::optional<sim_target::announced> {
        const auto it = by_id_.find(std::string(id));
        if (it == by_id_.end()) return std::nullopt;
        const auto& p = parcels_[it->second];
        return sim_target::announced{p.work.id, p.type, p.key, p.work.data};
    };
}

sim_world::~sim_world() {
    watch_flows(nullptr);
}

void sim_world::broken(std::string what) {
    note({"BROKEN:", what});
    report_.broken.push_back(std::move(what));
}

// Every seed has its own character: some worlds are nearly peaceful, some have one fault only.
void sim_world::draw_settings() {
    const auto rate = [this](std::uint64_t most) {
        return random_.one_in(3) ? 0 : random_.below(most + 1);
    };
    auto& f = target_faults_;
    f.transient = rate(150);
    f.cut_before = rate(100);
    f.cut_after = rate(150);
    f.rate_limit = rate(60);
    f.refused = rate(20);
    f.broken = rate(30);
    f.refused_now = rate(40);
    f.hang = rate(40);
    f.mute = rate(15);
    f.slow = rate(150);
    f.delivery = rate(150);
    store_faults_.group_fails = rate(60);
    store_faults_.one_fails = rate(40);
    store_faults_.read_fails = rate(30);
    crashes_ = random_.one_in(5) ? 0 : random_.between(20, 900);
    jumps_ = random_.one_in(2) ? 0 : random_.below(120);
    reloads_ = random_.one_in(2) ? 0 : random_.below(200);
    outages_ = random_.one_in(3) ? random_.below(60) : 0;
    cares_ = rate(200);
    owners_ = random_.one_in(4) ? 300 : 0; // per mille of lives
    hurry_ = random_.one_in(2) ? random_.below(60) : 0;
    store_.group_limit = random_.one_in(3) ? 1 : random_.between(2, 64);

    settings_.engine.owner = "host";
    settings_.engine.max_active_runs =
        random_.one_in(3) ? static_cast<std::uint32_t>(random_.between(1, 4)) : 2000;
    settings_.retry.max_attempts = static_cast<std::uint32_t>(random_.between(2, 8));
    settings_.retry.first_delay = std::chrono::milliseconds(random_.between(10, 500));
    settings_.retry.max_delay = std::chrono::milliseconds(random_.between(500, 20'000));
    settings_.call_timeout = std::chrono::milliseconds(random_.between(500, 10'000));
    settings_.poll_every = std::chrono::milliseconds(random_.between(500, 15'000));

    mix_.fire = rate(300);
    mix_.waits = rate(250);
    mix_.races = rate(250);
    // Runs that wait count: were there room for fewer than there are, none could get its answer.
    const bool waiting = mix_.waits > 0 || mix_.races > 0;
    settings_.engine.max_backlog = !waiting && random_.one_in(2) ? random_.between(2, 8) : 100'000;
    mix_.sleeps = rate(250);
    mix_.local = rate(250);
    mix_.children = rate(200);
    cancels_ = random_.one_in(3) ? random_.below(80) : 0;
    pauses_ = random_.one_in(3) ? random_.below(80) : 0;
    settings_.breaker.enabled = !random_.one_in(3);
    settings_.breaker.failures = static_cast<std::uint32_t>(random_.between(2, 10));
    settings_.breaker.open_for = std::chrono::milliseconds(random_.between(100, 8000));
    settings_.breaker.max_open_for = std::chrono::milliseconds(random_.between(8000, 30'000));
    mix_.fails = random_.one_in(4) ? 40 : 0;
    mix_.longest = random_.between(1, 5);
}

void sim_world::draw_workload() {
    const auto n = random_.between(4, 14);
    const auto keys = random_.between(1, 6);
    std::map<std::string, std::size_t> last_of_row;
    using way = parcel::way;
    for (std::uint64_t i = 0; i < n; ++i) {
        parcel p;
        p.work = make_work("e" + std::to_string(i), mix_, random_);
        p.type = random_.one_in(3) ? "probe.order" : "probe.changed";
        p.key = 'k' + std::to_string(random_.below(keys));
        constexpr way ways[] = {way::hook, way::hook, way::poll, way::both, way::request};
        p.by = ways[random_.below(5)];
        if (p.by == way::request) p.type = "mortise.request";
        p.at_ns = now() + random_.below(60'000) * ms;
        if (p.by != way::poll) {
            // Most senders wait until one is taken before they send the next of its row.
            const auto row = p.key + p.type;
            const auto it = last_of_row.find(row);
            if (it != last_of_row.end() && !random_.one_in(4)) p.after = it->second;
            last_of_row[row] = parcels_.size();
        }
        by_id_[p.work.id] = parcels_.size();
        parcels_.push_back(std::move(p));
    }
    for (std::size_t i = 0; i < n; ++i) {
        const auto answers = parcels_[i].work.answers;
        for (const auto& a : answers) {
            if (!a.certain && random_.one_in(2)) continue;
            parcel p;
            p.work.id = a.key;
            p.work.data = R"({"yes":true})";
            p.type = "probe.decided";
            p.key = a.key;
            p.by = way::answer;
            p.at_ns = parcels_[i].at_ns + random_.below(40'000) * ms;
            p.after = i; // an event from before the run is none of its own
            by_id_[p.work.id] = parcels_.size();
            parcels_.push_back(std::move(p));
        }
    }
    // Polls find things in the order in which they were published.
    std::vector<std::size_t> polled;
    for (std::size_t i = 0; i < parcels_.size(); ++i) {
        if (parcels_[i].by == way::poll || parcels_[i].by == way::both) polled.push_back(i);
    }
    std::stable_sort(polled.begin(), polled.end(), [this](std::size_t a, std::size_t b) {
        return parcels_[a].at_ns < parcels_[b].at_ns;
    });
    to_publish_.assign(polled.begin(), polled.end());
}

// ---- what the host's flows tell ----

void sim_world::run_began(const std::string& instance,
                          mortise_handle run,
                          const std::string& event) {
    note({"flow", instance, "begins", event});
    const auto it = by_id_.find(event);
    const auto key = it == by_id_.end() ? event : parcels_[it->second].key;
    for (const auto& [handle, other] : live_) {
        if (other.instance != instance || other.key != key) continue;
        overlaps_.push_back("together: " + other.event + " and " + event + " of key " + key +
                            " in flow " + instance);
        note({"BROKEN:", overlaps_.back()});
    }
    live_.emplace(run, live_run{instance, event, key});
}

void sim_world::run_left(mortise_handle run) {
    live_.erase(run);
}

// The journal's lists do not hold an event's id; its subject leads to it.
std::string sim_world::event_of(const run_record& r) {
    const auto it = event_of_run_.find(r.id.str());
    if (it != event_of_run_.end()) return it->second;
    std::string id;
    std::optional<run_record> parent;
    store_.look([&](journal_reader& reader) {
        if (const auto found = reader.run(r.id)) id = found->event.id;
        if (r.parent.empty()) return;
        if (const auto found = reader.run(r.parent)) parent = found->run;
    });
    if (parent) parent_.emplace(id, event_of(*parent));
    event_of_run_.emplace(r.id.str(), id);
    return id;
}

// ---- the senders ----

bool sim_world::accepted(std::size_t n) {
    auto& p = parcels_[n];
    if (p.acknowledged != 0) return true;
    if (!p.published) return false;
    std::string cursor;
    store_.look([&](journal_reader& r) { cursor = r.cursor("target", "changes"); });
    const auto seen = cursor.empty() ? 0 : std::stoull(cursor);
    if (p.position >= seen) return false;
    if (p.by == parcel::way::poll) acknowledged(n);
    return true;
}

void sim_world::acknowledged(std::size_t n) {
    auto& p = parcels_[n];
    p.under_way = false;
    if (p.acknowledged != 0) return;
    p.acknowledged = stamp();
    --unsent_;
    note({"sender: taken", p.work.id});
}

bool sim_world::send_one() {
    if (!to_publish_.empty() && parcels_[to_publish_.front()].at_ns <= now()) {
        auto& p = parcels_[to_publish_.front()];
        to_publish_.pop_front();
        p.position = target_.published.size();
        target_.published.push_back({p.work.id, p.type, p.key, p.work.data});
        p.published = true;
        if (p.first_sent == 0) p.first_sent = stamp();
        note({"sender: publishes", p.work.id, p.key});
        return true;
    }
    for (std::size_t i = 0; i < parcels_.size(); ++i) {
        const auto& p = parcels_[i];
        if (p.acknowledged != 0 || p.under_way || p.by == parcel::way::poll) continue;
        if (p.at_ns > now() || p.retry_ns > now()) continue;
        if (p.after != SIZE_MAX && !accepted(p.after)) continue;
        send(i);
        return true;
    }
    return false;
}

void sim_world::send(std::size_t n) {
    auto& p = parcels_[n];
    p.under_way = true;
    p.retry_ns = now() + random_.between(100, 3000) * ms;
    if (p.first_sent == 0) p.first_sent = stamp();
    note({"sender: sends", p.work.id, p.key, p.type});
    const auto life = life_number_;
    const auto failed = [this, n](const error& e) {
        note({"sender: not taken", parcels_[n].work.id, e.code});
        parcels_[n].under_way = false;
    };
    if (p.by != parcel::way::request) {
        life_->hook(p.work.id, [this, n, life, failed](result<call_answer> a) {
            if (life != life_number_ || dying_) return;
            if (a)
                acknowledged(n);
            else
                failed(a.error());
        });
        return;
    }
    event_record e;
    e.id = p.work.id;
    e.source = "/requests";
    e.type = p.type;
    e.subject = p.key;
    e.via = "request";
    e.data = p.work.data;
    life_->request(
        "a", std::move(e),
        [this, n, life, failed](result<run_id> r) {
            if (life != life_number_ || dying_) return;
            if (r || r.error().category == category::conflict)
                acknowledged(n);
            else
                failed(r.error());
        },
        [this, n, life](run_outcome o) {
            if (life != life_number_ || dying_) return;
            heard_[parcels_[n].work.id] = std::string(to_string(o.state));
        });
}

// ---- what goes wrong ----

void sim_world::begin_life() {
    auto settings = settings_;
    if (owners_ > 0 && random_.per_mille(owners_))
        settings.engine.owner = "host" + std::to_string(random_.below(3));
    note({"life begins, owner", settings.engine.owner});
    ++life_number_;
    target_.find_host();
    store_.rise();
    life_ = std::make_unique<sim_life>(time_, store_, target_, settings);
    const auto started = life_->start();
    if (started) return;
    note({"life did not begin:", started.error().code});
    crash();
}

void sim_world::crash() {
    note({"CRASH"});
    ++report_.crashes;
    dying_ = true;
    store_.die();
    target_.lose_host();
    if (!life_->fall(store_)) broken("hung: a dead host did not let go of its instances");
    life_.reset();
    store_.rise();
    dying_ = false;
    live_.clear();
    person_busy_ = false;
    for (auto& p : parcels_) {
        if (!p.under_way) continue;
        p.under_way = false; // the sender's connection broke; it will ask again
        p.retry_ns = now() + random_.below(2000) * ms;
    }
    begin_at_ = now() + random_.below(random_.one_in(6) ? 90'000 : 500) * ms;
}

void sim_world::chaos() {
    const auto hit = [this](std::uint64_t share) {
        return share != 0 && random_.below(100'000) < share;
    };
    if (hit(crashes_)) {
        crash();
        return;
    }
    if (hit(jumps_)) {
        const auto by = static_cast<std::int64_t>(random_.between(1, 200'000));
        const auto to = time_.now_unix_ms() + (random_.one_in(2) ? by : -by);
        time_.set_unix(to);
        note({"the wall clock jumps by", std::to_string(by)});
    }
    if (hit(reloads_)) {
        note({"reload"});
        life_->reload(std::chrono::milliseconds(random_.below(2000)));
    }
    if (hit(outages_)) {
        outage_until_ = now() + random_.below(90'000) * ms;
        store_.fault.outage = true;
        note({"the journal's disk is full"});
    }
    if (hit(cares_)) look_after_dead_letters();
    if (hit(cancels_)) cancel_some();
    if (hit(pauses_)) {
        auto& gate = life_->gate();
        const bool paused = gate.status().paused.has_value();
        note({paused ? "person: resumes the connection" : "person: pauses the connection"});
        if (paused)
            gate.resume();
        else
            gate.pause({time_.now_unix_ms(), "for a while"});
    }
}

// A run that nobody waits for, in whatever state it is.
void sim_world::cancel_some() {
    std::vector<run_record> open;
    store_.look([&](journal_reader& r) {
        run_filter all;
        all.limit = 1000;
        for (auto& run : r.runs(all)) {
            if (!is_final(run.state) && run.parent.empty()) open.push_back(std::move(run));
        }
    });
    if (open.empty()) return;
    const auto& r = open[random_.below(open.size())];
    const auto event = event_of(r);
    note({"person: calls off", event});
    // It counts as called off also when the answer is lost.
    cancelled_.insert(event);
    life_->runs().cancel(r.id, "person", "not wanted any more", [](result<cancelled_runs>) {});
}

bool sim_world::called_off(const run_record& r) {
    auto event = event_of(r);
    for (auto it = parent_.find(event); it != parent_.end(); it = parent_.find(event))
        event = it->second;
    return cancelled_.contains(event);
}

// ---- the person ----

void sim_world::look_after_dead_letters() {
    if (person_busy_ || !life_) return;
    std::vector<run_record> dead;
    store_.look([&](journal_reader& r) {
        for (const auto state : {run_state::failed, run_state::in_doubt}) {
            run_filter f;
            f.state = state;
            f.limit = 100;
            for (auto& run : r.runs(f))
                dead.push_back(std::move(run));
        }
    });
    for (const auto& r : dead)
        note_doubt(r);
    std::erase_if(dead, [this](const run_record& r) {
        const auto it = by_id_.find(event_of(r));
        const bool told_to = it != by_id_.end() && parcels_[it->second].work.fails;
        return told_to && r.failure && r.failure->code == "probe.told";
    });
    if (dead.empty()) return;
    care_for(dead[random_.below(dead.size())]);
}

void sim_world::note_doubt(const run_record& r) {
    if (r.state == run_state::in_doubt) doubtful_.insert(event_of(r));
}

void sim_world::care_for(const run_record& r) {
    bool redo = false;
    std::string answer;
    const auto event = event_of(r);
    if (r.state == run_state::in_doubt) {
        std::string name;
        store_.look([&](journal_reader& reader) {
            const auto full = reader.run(r.id);
            for (const auto& s : full->steps) {
                if (s.key == r.failed_step) name = announced_name(s.input);
            }
        });
        // A look at the target tells.
        redo = !target_.happened(name);
        if (!redo) answer = R"({"name":")" + name + R"(","n":1})";
        note({"person: in doubt of", name, redo ? "redoes it" : "takes it as done"});
    }
    // What is not wanted any more is not tried again.
    if (called_off(r)) {
        note({"person: discards", event});
        touched_.insert(event);
        store_.write(
            [id = r.id](journal_tx& tx) { static_cast<void>(tx.discard(id, "called off")); }, {});
        return;
    }
    note({"person: retries", event, r.failure ? r.failure->code : std::string()});
    touched_.insert(event);
    person_busy_ = true;
    const auto life = life_number_;
    auto outcome = std::make_shared<result<void>>();
    store_.write([id = r.id, redo, answer,
                  outcome](journal_tx& tx) { *outcome = tx.retry(id, redo, answer); },
                 [this, life, outcome](const result<void>& ok) {
                     if (life != life_number_ || dying_) return;
                     person_busy_ = false;
                     if (ok && *outcome) life_->runs().kick();
                 });
}

// ---- time ----

bool sim_world::something() {
    if (life_ && random_.below(1000) < 950 && life_->run_one()) return true;
    const auto turn = random_.below(4);
    for (std::uint64_t i = 0; i < 5; ++i) {
        switch ((turn + i) % 5) {
        case 0:
            if (life_ && store_.commit_group()) return true;
            break;
        case 1:
            if (life_ && store_.complete_one()) return true;
            break;
        case 2:
            if (target_.act_one()) return true;
            break;
        case 3:
            if (life_ && life_->timers().fire_one(random_)) return true;
            break;
        default:
            if (life_ && send_one()) return true;
        }
    }
    return life_ && life_->run_one();
}

void sim_world::idle() {
    std::uint64_t next = now() + 3600 * second;
    const auto sooner = [&next](std::uint64_t at) { next = std::min(next, at); };
    if (const auto due = target_.next_due()) sooner(*due);
    if (!life_) sooner(begin_at_);
    if (life_) {
        if (const auto due = life_->timers().next_due()) sooner(*due);
        for (const auto& p : parcels_) {
            if (p.acknowledged != 0 || p.under_way || p.by == parcel::way::poll) continue;
            const auto at = std::max(p.at_ns, p.retry_ns);
            if (at > now()) sooner(at);
        }
        if (!to_publish_.empty()) sooner(parcels_[to_publish_.front()].at_ns);
    }
    if (store_.fault.outage) sooner(outage_until_);
    if (calm_) sooner(care_at_);
    const auto left = next > now() ? next - now() : 0;
    // Sometimes a little late, so that things fall together.
    time_.advance(
        std::chrono::milliseconds(left / ms + (random_.one_in(4) ? random_.below(20) : 1)));
}

bool sim_world::everything_ended() {
    if (unsent_ > 0) return false;
    bool ended = true;
    store_.look([&](journal_reader& r) {
        const auto stats = r.stats();
        ended = stats.runs[0] + stats.runs[1] + stats.runs[2] == 0; // ready, active, waiting
        for (const auto state : {run_state::failed, run_state::in_doubt}) {
            run_filter f;
            f.state = state;
            f.limit = 100;
            for (const auto& run : r.runs(f)) {
                note_doubt(run);
                if (!run.failure || run.failure->code != "probe.told") ended = false;
            }
        }
    });
    return ended;
}

sim_report sim_world::run() {
    report_.seed = seed_;
    draw_settings();
    draw_workload();
    unsent_ = parcels_.size();
    note({"seed", std::to_string(seed_)});
    target_.faults = target_faults_;
    store_.fault = store_faults_;
    const auto until = now() + chaos_lasts;
    std::uint64_t calm_until = 0;
    begin_at_ = now();
    bool over = false;
    for (; steps_ < most_steps && !over; ++steps_) {
        if (!calm_ && (now() >= until || steps_ > most_steps / 2)) {
            note({"from here on nothing goes wrong"});
            calm_ = true;
            calm_until = now() + patience;
            target_.faults = {};
            store_.fault = {};
            care_at_ = now();
            pauses_ = 0;
        }
        if (calm_ && now() > calm_until) break;
        if (!life_ && now() >= begin_at_) begin_life();
        if (store_.fault.outage && now() >= outage_until_) store_.fault.outage = false;
        if (life_ && !calm_) chaos();
        if (calm_ && life_ && now() >= care_at_) {
            if (life_->gate().status().paused) life_->gate().resume();
            look_after_dead_letters();
            care_at_ = now() + 5 * second;
        }
        if (hurry_ != 0 && random_.per_mille(hurry_)) {
            idle();
            continue;
        }
        if (something()) continue;
        for (std::size_t i = 0; i < parcels_.size(); ++i) {
            if (parcels_[i].by == parcel::way::poll) accepted(i);
        }
        if (calm_ && life_ && everything_ended() && life_->runs().active_runs() == 0) {
            over = true;
            break;
        }
        idle();
    }
    finish(over);
    return std::move(report_);
}

// ---- the end ----

void sim_world::finish(bool over) {
    if (!over) tell_rest();
    if (over && life_->runs().backlog() != 0)
        broken("wrong: the engine counts " + std::to_string(life_->runs().backlog()) +
               " unfinished runs and there are none");
    if (life_) {
        // What the sender of a request was told is what the journal says.
        life_->stop(std::chrono::milliseconds(1000));
        const auto rest = [this](const auto& done) {
            for (int i = 0; i < 100'000 && !done(); ++i) {
                if (!something()) idle();
            }
            return done();
        };
        if (!rest([this] { return life_->stopped(); })) broken("hung: the engine does not stop");
        life_->close();
        if (!rest([this] { return life_->closed(); })) broken("hung: an instance does not close");
    }
    write_history(over);
    for (auto& what : test::check(report_.history)) {
        note({"BROKEN:", what});
        report_.broken.push_back(std::move(what));
    }
    dying_ = true;
    store_.die();
    while (store_.complete_one()) {}
    life_.reset();
    report_.trace = trace_.lines();
    report_.digest = trace_.digest();
    report_.events = parcels_.size();
    report_.attempts = target_.attempts().size();
    report_.commits = store_.commits();
    report_.steps = steps_;
}

void sim_world::tell_rest() {
    std::string what =
        "stuck: the world did not come to rest after " + std::to_string(steps_) + " steps;";
    std::vector<run_record> runs;
    store_.look([&](journal_reader& r) {
        run_filter all;
        all.limit = 1000;
        runs = r.runs(all);
    });
    for (const auto& r : runs) {
        if (r.state == run_state::succeeded) continue;
        what += ' ' + event_of(r) + " is " + std::string(to_string(r.state)) +
                (r.failure ? " (" + r.failure->code + ": " + r.failure->message + ")," : ",");
    }
    for (const auto& p : parcels_) {
        if (p.acknowledged == 0) what += ' ' + p.work.id + " is not taken,";
    }
    if (life_) what += " in memory " + std::to_string(life_->runs().active_runs());
    broken(std::move(what));
}

void sim_world::write_history(bool over) {
    auto& h = report_.history;
    h.complete = over;
    h.attempts = target_.attempts();
    h.overlaps = overlaps_;
    for (const auto& p : parcels_) {
        test::sent_event e;
        e.id = p.work.id;
        e.first_sent = p.first_sent;
        e.acknowledged = p.acknowledged;
        e.channel = "hooks";
        if (p.by == parcel::way::poll) {
            e.channel = "poll";
            e.first_sent = p.position + 1;
            if (p.acknowledged != 0) e.acknowledged = e.first_sent;
        }
        if (p.by == parcel::way::both && over)
            e.acknowledged = std::max<std::uint64_t>(p.acknowledged, 1);
        if (p.by != parcel::way::answer)
            e.order_key = (p.type == "probe.order" ? "b/" : "a/") + p.key;
        e.wanted = p.work.wanted;
        e.fails = p.work.fails;
        h.events.push_back(std::move(e));
    }
    std::vector<run_record> runs;
    store_.look([&](journal_reader& r) {
        run_filter all;
        all.limit = 10'000;
        runs = r.runs(all);
    });
    report_.runs = runs.size();
    for (const auto& r : runs) {
        test::seen_run s;
        s.id = r.id.str();
        s.event = event_of(r);
        s.state = to_string(r.state);
        if (r.failure) s.failure_code = r.failure->code;
        s.was_in_doubt = doubtful_.contains(s.event) || r.state == run_state::in_doubt;
        s.touched = touched_.contains(s.event);
        // A person has retried what faults had made fail, so that nothing but what was told to fail
        // may be left.
        s.false_failure = over && r.state != run_state::succeeded &&
                          s.failure_code != "probe.told" && !called_off(r);
        if (!r.parent.empty()) s.parent = parent_[s.event];
        // No fault makes a flow not deterministic.
        if (s.failure_code == "run.nondeterministic-flow") s.false_failure = true;
        const auto heard = heard_.find(s.event);
        if (heard != heard_.end() && heard->second != s.state && !s.touched)
            broken("wrong: the sender of " + s.event + " was told " + heard->second +
                   " and the run is " + s.state);
        h.runs.push_back(std::move(s));
        check_tries(r);
    }
    write_ledger();
}

// What is kept of a step's attempts agrees with the step.
void sim_world::check_tries(const run_record& run) {
    std::optional<claimed_run> found;
    store_.look([&](journal_reader& r) { found = r.run(run.id); });
    if (!found) return;
    for (const auto& s : found->steps) {
        const auto wrong = [&](const std::string& what) {
            broken("tries: of step " + s.key + " of " + event_of(run) + ": " + what);
        };
        if (s.tried != !s.tries.empty()) wrong("tried, but none is kept");
        const bool over = s.state == step_state::done || s.state == step_state::failed;
        std::uint32_t number = 0, made = 0;
        bool ended = false;
        for (const auto& t : s.tries) {
            if (t.number <= number) wrong("not in order");
            number = t.number;
            if (ended) wrong("one more after its end");
            if (t.began > t.ended) wrong("one ended before it began");
            ended = t.outcome != try_outcome::retrying && t.outcome != try_outcome::held &&
                    t.outcome != try_outcome::cut_off;
            const bool waits = t.outcome == try_outcome::retrying || t.outcome == try_outcome::held;
            if (waits && t.wait == try_wait::none) wrong("a wait without a reason");
            // The same one may be made again after a death.
            if (t.attempt != 0 && t.attempt != made + 1 && t.attempt != made)
                wrong("attempt " + std::to_string(t.attempt) + " after " + std::to_string(made));
            if (t.attempt != 0) made = t.attempt;
            if (t.wait == try_wait::person) {
                made = 0;
                ended = false;
            }
        }
        if (s.kind == step_kind::call && s.attempts > 1 && s.tries.empty())
            wrong(std::to_string(s.attempts) + " attempts and none is kept");
        if (over && made > s.attempts) wrong("more attempts than were made");
        if (ended && !over && !is_dead(run.state)) wrong("its end is kept and it has none");
    }
}

// Its entries name steps; a step's input names what it has done.
void sim_world::write_ledger() {
    auto& h = report_.history;
    h.has_ledger = true;
    std::vector<ledger_entry> entries;
    store_.look([&](journal_reader& r) {
        ledger_filter all;
        all.limit = 100'000;
        entries = r.ledger(all);
        const auto verified = verify_ledger(r);
        if (!verified.ok) broken("ledger: does not verify: " + verified.what);
        for (const auto& e : entries) {
            const auto run = r.run(e.run);
            if (!run) continue;
            for (const auto& s : run->steps) {
                if (s.key == e.step)
                    h.ledger.push_back({announced_name(s.input), e.outcome != "unknown"});
            }
        }
    });
}

} // namespace mortise::host::testing
