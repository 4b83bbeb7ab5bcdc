// SPDX-License-Identifier: Apache-2.0
#include "service.hpp"

#include "content_server.hpp"
#include "kit/registry.hpp"

#include <charconv>

namespace mortise::sandbox::content_server {
namespace {

constexpr const char* no_such_url = "The REST API URL could not be found in the mappings registry.";

// Real status inside a 200, for clients that cannot read others.
void suppress_status(reply& a) {
    boost::system::error_code code;
    auto body = json::parse(a.content.text(), code);
    if (code || !body.is_object()) return;
    body.as_object()["statusCode"] = a.status;
    auto replaced = reply::json(200, body);
    a.status = 200;
    a.content = replaced.content;
}

std::string with_zeros(std::string number, std::size_t width) {
    return number.size() < width ? std::string(width - number.size(), '0') + number : number;
}

} // namespace

reply error_reply_of(const failure& f) {
    json::object body;
    body["error"] = f.text;
    if (!f.detail.empty()) body["errorDetail"] = f.detail;
    return reply::json(static_cast<unsigned>(f.status), body);
}

std::int64_t call::id(std::string_view name) const {
    const auto n = to_integer(json::value(raw.param(name)));
    if (!n)
        throw failure{
            400, "Invalid datatype specified for argument '" + std::string(name) + "'.", {}};
    return *n;
}

std::string call::api_path() const {
    const auto at = raw.path.find("/api/");
    return at == std::string::npos ? raw.path : raw.path.substr(at);
}

std::string call::self_href() const {
    const auto question = raw.target.find('?');
    std::string href = api_path();
    if (question != std::string::npos) href += raw.target.substr(question);
    return href;
}

service::service(emulator_options o) : emulator("content-server", std::move(o)) {
    for (const auto& [name, value] : options().extra)
        set_option(name, value);
    for (const char* prefix : {"/otcs/cs.exe", "/OTCS/cs.exe", "/cs/cs", "/OTCS/cs"})
        routes().alias(prefix, "/otcs/cs");
    add_auth_routes(*this);
    add_server_routes(*this);
    add_node_routes(*this);
    add_node_write_routes(*this);
    add_version_routes(*this);
    add_upload_routes(*this);
    add_category_routes(*this);
    add_category_form_routes(*this);
    add_workspace_routes(*this);
    add_workspace_type_routes(*this);
    add_workspace_relation_routes(*this);
    add_workspace_role_routes(*this);
    add_search_routes(*this);
    add_member_routes(*this);
    add_permission_routes(*this);
    add_workflow_routes(*this);
    add_workflow_status_routes(*this);
    add_record_routes(*this);
    add_social_routes(*this);
    add_play_actions(*this);
    routes().fallback([this](const request& r) {
        return run(r, [](call&) -> reply { throw failure{400, no_such_url, {}}; }, true, {});
    });
}

void service::add(std::string method, const std::string& path, call_handler fn) {
    routes().route(std::move(method), std::string(api) + "/" + path,
                   [this, run_it = std::move(fn), family = module_](const request& r) {
                       return run(r, run_it, false, family);
                   });
}

void service::add_open(std::string method, const std::string& path, call_handler fn) {
    const std::string full = path.starts_with('/') ? path : std::string(api) + "/" + path;
    routes().route(std::move(method), full,
                   [this, run_it = std::move(fn), family = module_](const request& r) {
                       return run(r, run_it, true, family);
                   });
}

reply service::run(const request& r,
                   const call_handler& fn,
                   bool open,
                   const std::string& module_name) {
    reply answer;
    bool suppress = r.has_query("suppress_response_codes");
    try {
        if (!module_name.empty() && !has_module(module_name)) throw failure{400, no_such_url, {}};
        const member_id user = open ? 0 : authenticate(r);
        call c{r, arguments::read(r), user};
        suppress = suppress || c.args.present("suppress_response_codes");
        answer = fn(c);
        if (!open) {
            // The session slides: the caller is handed a ticket with a full life of its own.
            std::string id;
            if (const auto known = session_of(presented_ticket(r))) id = *known;
            // One session for all calls a user makes with a bearer token or an OTDS ticket.
            if (id.empty()) id = sha1_hex(blob("direct " + std::to_string(user))).substr(0, 16);
            sessions_[id] = session{user, now()};
            answer.set("OTCSTicket", issue_ticket(id));
        }
    } catch (const failure& f) {
        answer = error_reply_of(f);
    } catch (const http_error& e) {
        answer = error_reply_of({static_cast<int>(e.status), e.what(), {}});
    }
    if (suppress) suppress_status(answer);
    return answer;
}

void service::after(const request&, reply& a) {
    if (const auto* type = find_header(a.headers, "Content-Type");
        type != nullptr && type->starts_with("application/json"))
        a.set("Content-Type", "application/json; charset=UTF-8");
    a.set("Cache-Control", "no-cache, no-store, must-revalidate, max-age=0");
    a.set("Pragma", "no-cache");
    a.set("Expires", "0");
}

// A ticket carries its own end, so that any number of old ones stays valid without being stored:
// <session:16><expiry in ms, hex:12><check:16>.
std::string service::issue_ticket(const std::string& session_id) {
    const auto end =
        std::chrono::duration_cast<milliseconds>((now() + session_timeout_).time_since_epoch())
            .count();
    char digits[20];
    const auto [stop, code] = std::to_chars(digits, digits + sizeof digits, end, 16);
    const std::string head =
        session_id + with_zeros(code == std::errc() ? std::string(digits, stop) : "0", 12);
    return head + sha1_hex(blob("ticket " + head)).substr(0, 16);
}

std::optional<std::string> service::session_of(const std::string& ticket) const {
    if (ticket.size() != 44) return std::nullopt;
    const std::string head = ticket.substr(0, 28);
    if (sha1_hex(blob("ticket " + head)).substr(0, 16) != ticket.substr(28)) return std::nullopt;
    std::int64_t end = 0;
    std::from_chars(head.data() + 16, head.data() + 28, end, 16);
    if (now() >= time_point(milliseconds(end))) return std::nullopt;
    std::string id = head.substr(0, 16);
    if (!sessions_.contains(id)) return std::nullopt;
    return id;
}

std::string service::open_session(member_id user) {
    // A session nobody used for a ticket's life has no valid ticket left.
    std::erase_if(sessions_, [this](const auto& entry) {
        return entry.second.last_request + session_timeout_ <= now();
    });
    const std::string id = ids().hex(16);
    sessions_[id] = session{user, now()};
    return issue_ticket(id);
}

bool service::close_session(const std::string& ticket) {
    const auto id = session_of(ticket);
    return id && sessions_.erase(*id) > 0;
}

void service::expire_sessions() {
    sessions_.clear();
    otds_tickets_.clear();
    access_tokens_.clear();
}

std::string service::issue_otds_ticket(member_id user) {
    const std::string ticket = "*OTDSSSO*" + ids().token(60);
    otds_tickets_.put(ticket, {std::to_string(user), now() + session_timeout_, {}});
    return ticket;
}

std::string service::issue_access_token(const std::string& principal, milliseconds life) {
    const std::string issued = "eyJ" + ids().token(80);
    access_tokens_.put(issued, {principal, now() + life, {}});
    return issued;
}

std::optional<member_id> service::user_of_otds_ticket(const std::string& ticket) const {
    const auto found = otds_tickets_.find(ticket, now());
    if (!found) return std::nullopt;
    return to_integer(json::value(found->principal));
}

std::string service::presented_ticket(const request& r) {
    std::string ticket = r.header("OTCSTicket");
    for (const char* cookie : {"OTCSTicket", "otcsticket", "LLCookie"})
        if (ticket.empty()) ticket = percent_decode(r.cookie(cookie), false);
    return ticket;
}

member_id service::authenticate(const request& r) const {
    const std::string ticket = presented_ticket(r);
    if (const auto id = session_of(ticket)) {
        const member_id user = sessions_.at(*id).user;
        if (repo_->find_member(user) != nullptr) return user;
    }
    if (ticket.empty()) {
        if (const auto user = user_of_otds_ticket(r.header("OTDSTicket"))) return *user;
        const std::string authorization = r.header("Authorization");
        if (authorization.starts_with("Bearer "))
            if (const auto found = access_tokens_.find(authorization.substr(7), now()))
                if (const auto user = to_integer(json::value(found->principal)))
                    if (repo_->find_member(*user) != nullptr) return *user;
    }
    throw failure{401, "Authentication required", {}};
}

std::string service::date(time_point t) const {
    const std::string text = iso_seconds(t);
    return dates_with_z_ ? text : text.substr(0, 19);
}

std::string service::plain_date(time_point t) const {
    return iso_seconds(t).substr(0, 19);
}

void service::set_option(const std::string& name, const std::string& value) {
    const auto wrong = [&](std::string_view allowed) {
        throw http_error(400,
                         "option '" + name + "': '" + value + "' is not " + std::string(allowed));
    };
    const auto yes_no = [&](bool& target) {
        if (value != "true" && value != "false") wrong("true or false");
        target = value == "true";
    };
    if (name == "session_timeout_ms") {
        const auto ms = to_integer(json::value(value));
        if (!ms || *ms <= 0) wrong("a positive number of milliseconds");
        session_timeout_ = milliseconds(*ms);
    } else if (name == "out_of_range_page") {
        if (value != "last" && value != "first" && value != "empty") wrong("last, first or empty");
        quirk_ = value == "last"    ? page_quirk::last
                 : value == "first" ? page_quirk::first
                                    : page_quirk::empty;
    } else if (name == "recycle_bin") {
        yes_no(recycle_bin_);
    } else if (name == "dates_with_z") {
        yes_no(dates_with_z_);
    } else if (name == "server_version") {
        server_version_ = value;
    } else if (name == "modules_off") {
        modules_off_.clear();
        std::size_t from = 0;
        while (from <= value.size()) {
            const auto comma = std::min(value.find(',', from), value.size());
            const std::string family = value.substr(from, comma - from);
            static const std::set<std::string> known{"conws", "xecmpf", "workflow", "rm", "pulse"};
            if (!family.empty() && !known.contains(family))
                wrong("a list of conws, xecmpf, workflow, rm, pulse");
            if (!family.empty()) modules_off_.insert(family);
            from = comma + 1;
        }
    } else {
        throw http_error(400, "unknown option '" + name +
                                  "'; known: session_timeout_ms, out_of_range_page, recycle_bin, "
                                  "dates_with_z, server_version, modules_off");
    }
}

void service::configure(const json::object& changes) {
    for (const auto& [name, value] : changes)
        set_option(std::string(name), to_text(value));
}

void service::seed() {
    const auto delay =
        options().index_delay.count() < 0 ? milliseconds(1000) : options().index_delay;
    for (const auto& [name, value] : options().extra)
        set_option(name, value);
    sessions_.clear();
    otds_tickets_.clear();
    access_tokens_.clear();
    repo_ = std::make_unique<repository>([this] { return now(); }, delay, recycle_bin_);
    fill_seed(*this);
    repo_->index_now();
}

json::value service::state() const {
    const auto& w = repo_->data();
    json::object out;
    out["nodes"] = w.nodes.size();
    out["recycled"] = w.recycled.size();
    out["indexed"] = w.index.size();
    out["sessions"] = sessions_.size();
    out["members"] = w.members.size();
    json::array workspaces;
    for (const auto& [id, n] : w.nodes) {
        if (!n.workspace) continue;
        json::object entry{{"id", id}, {"name", n.name}};
        const auto type = w.workspace_types.find(n.workspace->type_id);
        if (type != w.workspace_types.end()) entry["type"] = type->second.name;
        json::array objects;
        for (const auto& o : n.workspace->objects)
            objects.push_back(
                {{"ext_system", o.ext_system}, {"bo_type", o.bo_type}, {"bo_id", o.bo_id}});
        entry["business_objects"] = std::move(objects);
        workspaces.push_back(std::move(entry));
    }
    out["workspaces"] = std::move(workspaces);
    json::array processes;
    for (const auto& [id, p] : w.processes)
        processes.push_back({{"id", id}, {"map", p.map}, {"title", p.title}});
    out["processes"] = std::move(processes);
    json::object categories;
    for (const auto& [id, definition] : w.categories) {
        json::object attributes;
        for (const auto& a : definition.attributes)
            attributes[a.name] = std::to_string(id) + "_" + std::to_string(a.id);
        const auto* n = repo_->find(id);
        categories[n != nullptr ? n->name : std::to_string(id)] =
            json::object{{"id", id}, {"attributes", std::move(attributes)}};
    }
    out["categories"] = std::move(categories);
    return out;
}

} // namespace mortise::sandbox::content_server

namespace mortise::sandbox {

std::unique_ptr<emulator> make_content_server(emulator_options options) {
    return make_emulator<content_server::service>(std::move(options));
}

system_entry describe_content_server() {
    system_entry e;
    e.name = "content-server";
    e.title = "OpenText Extended ECM (Content Server, Business Workspaces, OTDS)";
    e.port_offset = 2;
    e.base_path = "/otcs/cs";
    e.credentials = {{"username", "integration"}, {"password", "integration-pass"}};
    e.make = [](emulator_options o) { return make_content_server(std::move(o)); };
    return e;
}

} // namespace mortise::sandbox
