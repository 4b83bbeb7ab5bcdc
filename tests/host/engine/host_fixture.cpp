// SPDX-License-Identifier: Apache-2.0
#include "host_fixture.hpp"

#include <boost/json.hpp>

#include <cstdlib>

namespace mortise::host::testing {

host_fixture::host_fixture(host_setup s) : setup(std::move(s)) {}

host_fixture::~host_fixture() {
    target.release();
    stop();
}

std::string host_fixture::toml() const {
    std::string t = "[host]\nstate_dir = \"state\"\nshutdown_grace = \"2s\"\n" + setup.host + '\n';
    t += "[host.http]\nport = 0\n" + setup.http + '\n';
    t += "[admin]\nport = 0\n" + setup.admin + '\n';
    t += "[plugins]\npaths = [" + setup.plugins + "]\n";
    t += "[connections.target]\nconnector = \"probe\"\nbase_url = \"" + target.base_url() + "\"\n" +
         setup.connection + '\n';
    t += "[connections.target.retry]\n" + setup.retry + '\n';
    t += "[connections.target.triggers.changes]\npoll_interval = \"" + setup.poll + "\"\n";
    t += "[flows.steps]\nflow = \"probe-steps\"\n" + setup.flow +
         "\n[flows.steps.connections]\ntarget = \"target\"\n";
    return t + setup.extra + '\n';
}

void host_fixture::write_config() const {
    dir.write("mortise.toml", toml());
}

void host_fixture::start() {
    write_config();
    host_options o;
    o.config = dir.path() / "mortise.toml";
    o.quiet = setup.quiet;
    o.plugin_folders = setup.plugin_folders;
    o.journal_test_point = setup.test_point;
    o.observers = setup.observers;
    it = std::make_unique<host>(std::move(o));
    const auto started = it->start();
    INFO((started ? std::string() : started.error().message));
    REQUIRE(started.has_value());
}

void host_fixture::stop() {
    if (it) it->stop();
    it.reset();
}

void host_fixture::restart() {
    stop();
    start();
}

int host_fixture::send(const std::string& id,
                       const std::string& plan,
                       const std::string& type,
                       const std::string& subject) {
    const auto data = plan.empty() ? std::string("{}") : plan;
    return post("/hooks/target", R"({"events":[{"id":")" + id + R"(","type":")" + type +
                                     R"(","subject":")" + subject + R"(","data":)" + data + "}]}")
        .status;
}

test::http_reply host_fixture::post(const std::string& path,
                                    const std::string& body,
                                    const test::header_list& headers) {
    return test::http_call(it->http_port(), "POST", path, body, headers);
}

std::string host_fixture::local_token() const {
    auto token = test::read_file(dir.path() / "state" / "admin-token");
    token.erase(token.find_last_not_of('\n') + 1);
    return token;
}

const api_document& host_fixture::document() {
    if (!document_) {
        const auto reply = test::http_call(it->admin_port(), "GET", "/api/v1/openapi.json", {},
                                           {{"authorization", "Bearer " + local_token()}});
        REQUIRE(reply.status == 200);
        document_ = std::make_unique<api_document>(boost::json::parse(reply.body));
    }
    return *document_;
}

test::http_reply
host_fixture::admin(const std::string& method, const std::string& path, const std::string& body) {
    return admin_as(method, path, body, {{"authorization", "Bearer " + local_token()}});
}

test::http_reply host_fixture::admin_as(const std::string& method,
                                        const std::string& path,
                                        const std::string& body,
                                        const test::header_list& headers) {
    auto reply = test::http_call(it->admin_port(), method, path, body, headers);
    INFO(method << ' ' << path << '\n' << reply.head << reply.body);
    CHECK(document().misfit(method, path, reply) == "");
    return reply;
}

std::vector<run_record> host_fixture::runs(std::optional<run_state> state,
                                           const std::string& instance) {
    std::vector<run_record> out;
    run_filter filter;
    filter.state = state;
    filter.instance = instance;
    filter.limit = 1000;
    it->store().read([&](journal_reader& r) { out = r.runs(filter); });
    return out;
}

claimed_run host_fixture::run(const run_id& id) {
    std::optional<claimed_run> out;
    it->store().read([&](journal_reader& r) { out = r.run(id); });
    REQUIRE(out);
    return std::move(*out);
}

bool host_fixture::wait_runs(run_state state, std::size_t n, const std::string& instance) {
    const bool good = eventually([&] { return runs(state, instance).size() == n; });
    if (!good) {
        for (const auto& r : runs({}, instance)) {
            UNSCOPED_INFO("run " << r.id.str() << " is " << to_string(r.state) << " at \""
                                 << r.failed_step << "\": "
                                 << (r.failure ? r.failure->message : std::string("no failure")));
        }
    }
    return good;
}

claimed_run host_fixture::ended() {
    std::vector<run_record> all;
    const bool over = eventually([&] {
        all = runs();
        return all.size() == 1 && is_final(all.front().state);
    });
    for (const auto& r : all)
        UNSCOPED_INFO("run is " << to_string(r.state));
    REQUIRE(over);
    return run(all.front().id);
}

double host_fixture::metric(const std::string& name) {
    const auto text = admin("GET", "/metrics").body;
    const auto at = text.find("\n" + name + ' ');
    return at == std::string::npos ? 0 : std::atof(text.c_str() + at + name.size() + 2);
}

std::string plan(std::initializer_list<std::string> steps) {
    std::string out = R"({"plan":[)";
    for (const auto& s : steps) {
        if (out.back() != '[') out += ',';
        out += s;
    }
    return out + "]}";
}

} // namespace mortise::host::testing
