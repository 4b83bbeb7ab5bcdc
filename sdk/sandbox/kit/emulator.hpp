// SPDX-License-Identifier: Apache-2.0
// The base of every emulated system. An emulator is single-threaded: handle(), scheduled work and
// webhook results all run on one thread, so authors need no locks.
//
//   class my_system : public emulator {
//   public:
//       explicit my_system(emulator_options o) : emulator("my-system", std::move(o)) {
//           routes().route("GET", "/api/items/{id}", [this](const request& r) { return item(r); });
//           play("approve", "Approves an item: {\"id\": ...}", [this](const json::object& o)
//           {...});
//       }
//   protected:
//       void seed() override;   // start state; called by reset()
//       std::optional<reply> before(const request& r) override;   // authentication, rate limit
//   };
//   auto e = make_emulator<my_system>(options);   // constructs and seeds
#pragma once

#include "kit/clock.hpp"
#include "kit/faults.hpp"
#include "kit/ids.hpp"
#include "kit/message.hpp"
#include "kit/router.hpp"
#include "kit/webhook.hpp"

#include <boost/json/object.hpp>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace mortise::sandbox {

struct emulator_options {
    std::uint64_t seed = 1;
    std::optional<time_point> clock;          // a standing clock; the real one when absent
    std::string webhook_target;               // where seeded webhooks go; none when empty
    std::size_t rate_limit = 0;               // requests per window; 0 = the system's own
    milliseconds index_delay{-1};             // search index; negative = the system's own
    std::map<std::string, std::string> extra; // what one system alone understands
};

struct logged_request {
    std::uint64_t number = 0;
    time_point at;
    std::string method;
    std::string target;
    std::string route; // empty: none matched
    unsigned status = 0;
    std::string fault; // kind of the fault applied, or empty
    std::string body;  // JSON and text bodies up to 64 KiB; "" otherwise
};

class emulator {
public:
    using play_action = std::function<boost::json::value(const boost::json::object&)>;

    emulator(std::string name, emulator_options options);
    virtual ~emulator();
    emulator(const emulator&) = delete;
    emulator& operator=(const emulator&) = delete;

    const std::string& name() const noexcept { return name_; }
    // Everything, including faults, the control API and the log. Does not throw.
    reply handle(request r);
    // Back to the seed: state, clock, ids, faults, log.
    void reset();

    // "http://127.0.0.1:18081"; set by the server, for absolute URLs in answers.
    const std::string& base_url() const noexcept { return base_url_; }
    void attach(transport* t, std::string base_url); // null detaches

    sandbox_clock& clock() noexcept { return clock_; }
    time_point now() const { return clock_.now(); }
    fault_table& faults() noexcept { return faults_; }
    const std::deque<logged_request>& requests() const noexcept { return log_; }
    const std::vector<std::string>& problems() const noexcept { return problems_; }
    // Runs a "people" action as POST /__sandbox/play/{name} does. Throws http_error.
    boost::json::value act(const std::string& action, const boost::json::object& input);

protected:
    virtual void seed() = 0;
    // The state as the control API shows it (GET /__sandbox/state).
    virtual boost::json::value state() const = 0;
    // Runs before the handler, after routing (r.route is set, empty when nothing matched).
    virtual std::optional<reply> before(const request& r);
    // Sees every answer of a handler or of before(); for headers all answers have.
    virtual void after(const request& r, reply& a);
    // The vendor's form of an error. Default {"error": message}.
    virtual reply error_reply(const request& r, unsigned status, const std::string& message);

    router& routes() noexcept { return routes_; }
    id_source& ids() noexcept { return ids_; }
    const emulator_options& options() const noexcept { return options_; }
    void schedule(milliseconds after_delay, std::function<void()> fn);
    // Subject to webhook faults. done may be empty; it is called once, and not after a reset().
    void post_webhook(webhook hook, webhook_done done = {});
    void play(std::string action, std::string help, play_action fn);

private:
    reply dispatch(request& r, logged_request& entry);
    reply control(const request& r);
    boost::json::value requests_json(const request& r) const;
    void send_now(webhook hook, webhook_done done);
    void set_up_control();
    boost::json::value describe() const;
    void note_problem(const std::string& where, const std::exception& e);

    struct play_entry {
        std::string help;
        play_action run;
    };
    std::string name_;
    emulator_options options_;
    std::string base_url_ = "http://127.0.0.1";
    transport* transport_ = nullptr;
    sandbox_clock clock_;
    id_source ids_;
    router routes_;
    router control_;
    fault_table faults_;
    std::map<std::string, play_entry> plays_;
    std::deque<logged_request> log_;
    std::uint64_t logged_ = 0;
    std::uint64_t generation_ = 0;      // counts resets, so that late results of before are dropped
    std::vector<std::string> problems_; // escaped exceptions of handlers and scheduled work
    std::vector<std::pair<webhook, webhook_done>> held_; // webhooks to be overtaken
};

template <class T>
std::unique_ptr<emulator> make_emulator(emulator_options options = {}) {
    auto made = std::make_unique<T>(std::move(options));
    made->reset();
    return made;
}

} // namespace mortise::sandbox
