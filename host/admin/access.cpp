// SPDX-License-Identifier: Apache-2.0
#include "admin/access.hpp"

#include "admin/host_names.hpp"
#include "admin/replies.hpp"
#include "admin/session_cookie.hpp"
#include "base/digest.hpp"
#include "base/log.hpp"
#include "base/metrics.hpp"
#include "http/answer_stream.hpp"
#include "plugin/names.hpp"

#include <boost/json/object.hpp>

namespace mortise::host {
namespace {

constexpr std::size_t longest_name = 200;

std::string address_in(std::string_view remote) {
    auto text = remote.substr(0, remote.rfind(':'));
    if (text.size() > 2 && text.front() == '[') text = text.substr(1, text.size() - 2);
    return std::string(text);
}

admin_access::verdict refused(unsigned status, std::string_view code, std::string_view detail) {
    admin_access::verdict out;
    out.refusal = problem_reply(status, code, detail);
    if (status == 401)
        out.refusal.headers.push_back({"www-authenticate", "Bearer realm=\"mortise\""});
    return out;
}

} // namespace

admin_access::admin_access(access_options options,
                           journal& store,
                           const clock& time,
                           metric_registry& metrics)
    : options_(std::move(options)), time_(time), metrics_(metrics), tokens_(store, time),
      sessions_(time) {
    if (!options_.local_token.empty()) tokens_.set_local(options_.local_token);
}

void admin_access::set_names(std::vector<std::string> names) {
    const std::lock_guard lock(guard_);
    names_ = std::move(names);
}

std::optional<inbound_response> admin_access::check_host(const inbound_request& request) const {
    const auto* host = request.header("host");
    const std::lock_guard lock(guard_);
    if (host != nullptr && names_this_host(*host, names_)) return std::nullopt;
    return problem_reply(421, "admin.host",
                         host == nullptr
                             ? std::string("the request has no Host field")
                             : "this listener is not known as \"" + *host +
                                   "\"; use its address, or add the name to names in [admin]");
}

admin_access::verdict admin_access::identify(const inbound_request& request) {
    if (const auto* authorization = request.header("authorization"))
        return by_token(request, *authorization);
    if (const auto id = session_cookie(request.headers); !id.empty()) return by_cookie(request, id);
    return refused(401, "admin.unauthorized",
                   "sign in, or send Authorization: Bearer with a token; on this machine the one "
                   "in <state_dir>/admin-token");
}

// A token that is right is never made to wait: nobody guesses one, and somebody else's guesses from
// the same address must not shut an operator out.
admin_access::verdict admin_access::by_token(const inbound_request& request,
                                             std::string_view authorization) {
    constexpr std::string_view scheme = "bearer ";
    if (!equal_no_case(authorization.substr(0, scheme.size()), scheme))
        return refused(401, "admin.unauthorized", "send Authorization: Bearer with a token");
    auto found = tokens_.find(authorization.substr(scheme.size()));
    const bool local = found.token && found.token->source == token_source::local;
    if (found.token && (!local || is_here(request.remote))) {
        verdict out;
        out.caller = admin_caller{found.token->as, found.token->actor(), {}, found.token->hash};
        const auto* who = local ? request.header("x-mortise-who") : nullptr;
        if (who != nullptr && !who->empty()) {
            if (who->size() > longest_name || !is_utf8(*who))
                return refused(400, "admin.input",
                               "X-Mortise-Who is a name in UTF-8 of at most 200 bytes");
            out.caller->who = to_actor(actor_kind::account, *who);
        }
        return out;
    }
    if (auto wait = throttled(request.remote)) return {std::nullopt, std::move(*wait)};
    note_failure(request.remote, found.expired ? "an expired token"
                                 : local       ? "the local token from another machine"
                                               : "a wrong token");
    return refused(401, "admin.unauthorized",
                   found.expired ? "the token has expired; ask for a new one"
                   : local       ? "the local token is good on the host's own machine only; make a "
                                   "named one with `mortise tokens create`"
                                 : "the token is not known here; it may have been removed, or the "
                                   "host was started anew");
}

admin_access::verdict admin_access::by_cookie(const inbound_request& request, std::string_view id) {
    const auto session = sessions_.find(id);
    if (!session || !tokens_.in_force(session->token)) {
        if (session) sessions_.close(id);
        return refused(401, "admin.unauthorized", "the session has ended; sign in again");
    }
    if (request.method != "GET" && request.method != "HEAD") {
        const auto* origin = request.header("origin");
        const auto* host = request.header("host");
        if (origin != nullptr && (host == nullptr || !is_own_origin(*origin, *host, options_.tls)))
            return refused(403, "admin.origin",
                           "the request comes from a page of " + *origin +
                               ", which may not act in this session");
        const auto* csrf = request.header("x-csrf-token");
        if (csrf == nullptr || !equal_constant_time(*csrf, session->csrf))
            return refused(403, "admin.csrf",
                           "a request with the session's cookie needs the header X-CSRF-Token with "
                           "the value that the sign-in gave");
    }
    verdict out;
    out.caller = admin_caller{session->as, session->who, std::string(id), session->token};
    return out;
}

std::optional<inbound_response> admin_access::throttled(std::string_view remote) {
    std::chrono::milliseconds wait{};
    {
        const std::lock_guard lock(guard_);
        wait = throttle_.wait(remote, std::chrono::nanoseconds(time_.now_mono_ns()));
    }
    if (wait.count() == 0) return std::nullopt;
    const auto seconds = std::to_string(std::chrono::ceil<std::chrono::seconds>(wait).count());
    auto out = problem_reply(429, "admin.throttled",
                             "too many failures from this address; try again in " + seconds + " s");
    out.headers.push_back({"retry-after", seconds});
    return out;
}

void admin_access::note_failure(std::string_view remote, std::string_view what) {
    log(log_level::warn, "refused at the admin listener", {{"because", what}, {"remote", remote}});
    const std::lock_guard lock(guard_);
    throttle_.failed(remote, std::chrono::nanoseconds(time_.now_mono_ns()));
}

bool admin_access::is_here(std::string_view remote) const {
    const auto address = address_in(remote);
    return is_loopback_address(address) || address == options_.address;
}

bool admin_access::still_in_force(const admin_caller& caller) {
    return tokens_.in_force(caller.token) &&
           (caller.session.empty() || sessions_.is_open(caller.session));
}

void admin_access::watch(const admin_caller& caller, const std::shared_ptr<answer_outlet>& stream) {
    {
        const std::lock_guard lock(guard_);
        std::erase_if(streams_, [](const auto& s) { return s.stream.expired(); });
        streams_.push_back({caller, stream});
    }
    // What ended while the answer was made.
    if (!still_in_force(caller)) stream->stop();
}

void admin_access::end_streams() {
    std::vector<watched> all;
    {
        const std::lock_guard lock(guard_);
        std::erase_if(streams_, [](const auto& s) { return s.stream.expired(); });
        all = streams_;
    }
    for (const auto& s : all)
        if (const auto stream = s.stream.lock(); stream && !still_in_force(s.caller))
            stream->stop();
}

void admin_access::count_sign_in(const char* outcome) {
    metrics_
        .get(metric_kind::counter, "mortise_admin_sign_ins_total",
             "Sign-ins at the console by outcome", std::string("outcome=\"") + outcome + '"')
        .add(1);
}

} // namespace mortise::host
