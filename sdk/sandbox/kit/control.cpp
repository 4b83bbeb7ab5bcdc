// SPDX-License-Identifier: Apache-2.0
// The control API every emulator has below /__sandbox; described in ../README.md.
#include "kit/emulator.hpp"

#include <boost/json/array.hpp>

namespace json = boost::json;

namespace mortise::sandbox {

void emulator::set_up_control() {
    control_.route("GET", "/__sandbox",
                   [this](const request&) { return reply::json(200, describe()); });
    control_.route("GET", "/__sandbox/state",
                   [this](const request&) { return reply::json(200, state()); });
    control_.route("POST", "/__sandbox/reset", [this](const request&) {
        reset();
        return reply::empty(204);
    });

    control_.route("GET", "/__sandbox/faults", [this](const request&) {
        json::array all;
        for (const fault& f : faults_.all())
            all.push_back(to_json(f));
        return reply::json(200, json::object{{"faults", std::move(all)}});
    });
    control_.route("POST", "/__sandbox/faults", [this](const request& r) {
        // One fault or a list; nothing is set when one of the list is wrong.
        const json::value body = r.json();
        std::vector<fault> parsed;
        if (body.is_array()) {
            for (const json::value& v : body.get_array()) {
                if (!v.is_object()) throw http_error(400, "a fault must be a JSON object");
                parsed.push_back(fault_from_json(v.get_object()));
            }
        } else {
            parsed.push_back(fault_from_json(r.json_object()));
        }
        json::array ids;
        for (fault& f : parsed)
            ids.push_back(json::value(faults_.add(std::move(f))));
        return reply::json(201, json::object{{"ids", std::move(ids)}});
    });
    control_.route("DELETE", "/__sandbox/faults", [this](const request&) {
        faults_.clear();
        return reply::empty(204);
    });
    control_.route("DELETE", "/__sandbox/faults/{id}", [this](const request& r) {
        const request by_id = make_request("GET", "/?id=" + r.param("id"));
        const auto id = static_cast<std::uint64_t>(by_id.query_int("id", 0));
        if (!faults_.remove(id)) throw http_error(404, "no fault " + r.param("id"));
        return reply::empty(204);
    });

    control_.route("GET", "/__sandbox/requests",
                   [this](const request& r) { return reply::json(200, requests_json(r)); });
    control_.route("DELETE", "/__sandbox/requests", [this](const request&) {
        log_.clear();
        return reply::empty(204);
    });

    control_.route("GET", "/__sandbox/clock", [this](const request&) {
        return reply::json(200, json::object{{"now", iso_micros(now())},
                                             {"standing", clock_.standing()},
                                             {"pending", clock_.pending()}});
    });
    control_.route("POST", "/__sandbox/clock/advance", [this](const request& r) {
        const json::object o = r.json_object();
        milliseconds by(0);
        for (const auto& member : o) {
            boost::system::error_code error;
            const auto n = member.value().to_number<std::int64_t>(error);
            if (error || n < 0 || n > 10'000'000'000)
                throw http_error(400, std::string(member.key()) + " must be a number from 0");
            if (member.key() == "seconds")
                by += std::chrono::seconds(n);
            else if (member.key() == "milliseconds")
                by += milliseconds(n);
            else
                throw http_error(400, "unknown member " + std::string(member.key()) +
                                          "; known: seconds, milliseconds");
        }
        clock_.advance(by);
        return reply::json(200, json::object{{"now", iso_micros(now())}});
    });

    control_.route("POST", "/__sandbox/play/{action}", [this](const request& r) {
        const json::value body = r.json();
        if (!body.is_object() && !body.is_null())
            throw http_error(400, "the body must be a JSON object or empty");
        const json::object input = body.is_object() ? body.get_object() : json::object();
        return reply::json(200, act(r.param("action"), input));
    });
}

reply emulator::control(const request& r) {
    request copy = r;
    const router::match found = control_.find(copy);
    if (found.run) return (*found.run)(copy);
    if (!found.allow.empty())
        throw http_error(405, r.method + " is not allowed on " + r.path + "; use " + found.allow);
    throw http_error(404, "no such path: " + r.path + "; GET /__sandbox lists what there is");
}

json::value emulator::describe() const {
    json::array routes;
    for (const std::string& n : routes_.names())
        routes.push_back(json::value(n));
    json::array controls;
    for (const std::string& n : control_.names())
        controls.push_back(json::value(n));
    json::object plays;
    for (const auto& [name, entry] : plays_)
        plays[name] = entry.help;
    json::array problems;
    for (const std::string& p : problems_)
        problems.push_back(json::value(p));
    return json::object{{"system", name_},
                        {"base_url", base_url_},
                        {"routes", std::move(routes)},
                        {"control", std::move(controls)},
                        {"play", std::move(plays)},
                        {"problems", std::move(problems)}};
}

json::value emulator::requests_json(const request& r) const {
    const auto since = static_cast<std::uint64_t>(r.query_int("since", 0));
    const std::string route = r.query_value("route");
    const std::string method = r.query_value("method");
    json::array out;
    for (const logged_request& e : log_) {
        if (e.number <= since || (!route.empty() && e.route != route) ||
            (!method.empty() && e.method != method))
            continue;
        out.push_back(json::object{{"number", e.number},
                                   {"at", iso_micros(e.at)},
                                   {"method", e.method},
                                   {"target", e.target},
                                   {"path", e.target.substr(0, e.target.find('?'))},
                                   {"route", e.route},
                                   {"status", e.status},
                                   {"fault", e.fault},
                                   {"body", e.body}});
    }
    return json::object{{"requests", std::move(out)}, {"last", logged_}};
}

} // namespace mortise::sandbox
