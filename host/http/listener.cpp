// SPDX-License-Identifier: Apache-2.0
#include "http/listener.hpp"

#include "base/log.hpp"
#include "http/session.hpp"
#include "http/tls_identity.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>

#include <algorithm>
#include <atomic>
#include <fcntl.h>
#include <mutex>
#include <sys/socket.h>
#include <unistd.h>
#include <unordered_map>

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

namespace mortise::host {
namespace {

// Connections over the limit that are told so at the same time; more are just closed.
constexpr std::size_t max_rejecting = 64;
constexpr auto accept_pause = std::chrono::milliseconds(100);
// How long an idle connection is left open at a stop: a client that sends within it gets its
// answer, and the word that the connection closes.
constexpr auto last_chance = std::chrono::milliseconds(1000);

error bad_option(std::string message) {
    error e(category::config, "http.listener.config", std::move(message));
    e.effect = effect::none;
    return e;
}

} // namespace

struct http_listener::impl final : session_host, std::enable_shared_from_this<impl> {
    explicit impl(asio::io_context& context)
        : io(context), strand(asio::make_strand(context)), acceptor(strand), timer(strand) {}

    result<void> load_tls();
    result<void> open();
    result<void> take_over(int fd);
    void accept();
    void accepted(boost::system::error_code ec, tcp::socket socket);
    void serve(tcp::socket socket);
    void session_ended(const void* session) override;
    void handed_over(int connection) override;
    void stop(std::chrono::milliseconds drain, bool hand_over, std::function<void()> on_stopped);
    void finish_if_empty();
    template <class F>
    void each_session(F f);

    asio::io_context& io;
    asio::strand<asio::io_context::executor_type> strand;
    tcp::acceptor acceptor; // on the strand after start(), as the timer is
    asio::steady_timer timer;
    std::atomic<unsigned short> port{0};
    std::atomic<bool> accepting{false};
    std::vector<std::function<void()>> on_stopped;
    bool stopping = false;
    bool handing_over = false;
    std::chrono::milliseconds patience{0}; // with idle connections, once stopping
    bool accept_pending = false;           // a connection may come of it yet

    mutable std::mutex mutex; // guards what follows
    std::shared_ptr<const tls_identity> identity;
    std::vector<int> handed;
    std::unordered_map<const void*, std::weak_ptr<http_session>> sessions;
};

result<void> http_listener::impl::load_tls() {
    if (options.tls_cert_file.empty() && options.tls_key_file.empty()) return {};
    auto loaded = tls_identity::load(options.tls_cert_file, options.tls_key_file);
    if (!loaded) return loaded.error();
    const std::lock_guard lock(mutex);
    identity = std::move(*loaded);
    return {};
}

result<void> http_listener::impl::take_over(int fd) {
    int listening = 0;
    socklen_t size = sizeof(listening);
    sockaddr_storage bound{};
    socklen_t bound_size = sizeof(bound);
    if (::getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) != 0 || listening == 0 ||
        ::getsockname(fd, reinterpret_cast<sockaddr*>(&bound), &bound_size) != 0 ||
        (bound.ss_family != AF_INET && bound.ss_family != AF_INET6))
        return bad_option("the socket handed over as descriptor " + std::to_string(fd) +
                          " is no listening TCP socket; correct ListenStream= of the socket unit");
    boost::system::error_code ec;
    acceptor.assign(bound.ss_family == AF_INET ? tcp::v4() : tcp::v6(), fd, ec);
    if (ec) return bad_option("the socket handed over cannot be used: " + ec.message());
    port.store(acceptor.local_endpoint(ec).port());
    return {};
}

result<void> http_listener::impl::open() {
    if (options.inherited >= 0) return take_over(options.inherited);
    boost::system::error_code ec;
    const auto address = asio::ip::make_address(options.address, ec);
    if (ec)
        return bad_option("listen address \"" + options.address +
                          "\" is not an IP address; write 127.0.0.1, 0.0.0.0 or ::1");
    const tcp::endpoint where(address, options.port);
    acceptor.open(where.protocol(), ec);
    if (!ec) acceptor.set_option(tcp::acceptor::reuse_address(true), ec);
    if (!ec) acceptor.bind(where, ec);
    if (!ec) acceptor.listen(asio::socket_base::max_listen_connections, ec);
    if (ec) {
        boost::system::error_code ignored;
        acceptor.close(ignored);
        return bad_option("cannot listen on " + options.address + " port " +
                          std::to_string(options.port) + ": " + ec.message());
    }
    port.store(acceptor.local_endpoint(ec).port());
    return {};
}

void http_listener::impl::accept() {
    if (!accepting.load() || !acceptor.is_open()) return;
    accept_pending = true;
    acceptor.async_accept(
        asio::make_strand(io),
        [self = shared_from_this()](boost::system::error_code ec, tcp::socket socket) {
            self->accepted(ec, std::move(socket));
        });
}

void http_listener::impl::accepted(boost::system::error_code ec, tcp::socket socket) {
    accept_pending = false;
    if (!accepting.load()) {
        // Accepted at the last moment: its client is owed an answer as every other.
        if (!ec) serve(std::move(socket));
        return finish_if_empty();
    }
    if (ec) {
        // Out of descriptors, usually: to try again at once would only burn the processor.
        log(log_level::warn, "cannot accept a connection", {{"reason", ec.message()}});
        timer.expires_after(accept_pause);
        timer.async_wait([self = shared_from_this()](boost::system::error_code cancelled) {
            if (!cancelled) self->accept();
        });
        return;
    }
    serve(std::move(socket));
    accept();
}

void http_listener::impl::serve(tcp::socket socket) {
    std::size_t open_now = 0;
    std::shared_ptr<const tls_identity> shown;
    {
        const std::lock_guard lock(mutex);
        shown = identity;
    }
    const bool is_tls = shown != nullptr;
    auto session =
        std::make_shared<http_session>(shared_from_this(), std::move(socket), std::move(shown));
    {
        const std::lock_guard lock(mutex);
        open_now = sessions.size();
        sessions.emplace(session.get(), session);
    }
    const bool over = open_now >= options.max_connections;
    if (over && (is_tls || open_now >= options.max_connections + max_rejecting))
        session->abort();
    else
        session->start(over);
    if (stopping) session->drain(patience, handing_over);
}

void http_listener::impl::session_ended(const void* session) {
    const std::lock_guard lock(mutex);
    sessions.erase(session);
    if (sessions.empty() && !accepting.load())
        asio::post(strand, [self = weak_from_this()] {
            if (const auto alive = self.lock()) alive->finish_if_empty();
        });
}

void http_listener::impl::handed_over(int connection) {
    const std::lock_guard lock(mutex);
    handed.push_back(connection);
}

template <class F>
void http_listener::impl::each_session(F f) {
    std::vector<std::shared_ptr<http_session>> open_now;
    {
        const std::lock_guard lock(mutex);
        for (const auto& [key, weak] : sessions)
            if (auto s = weak.lock()) open_now.push_back(std::move(s));
    }
    for (const auto& s : open_now)
        f(*s);
}

void http_listener::impl::stop(std::chrono::milliseconds drain,
                               bool hand_over,
                               std::function<void()> done) {
    stopping = true;
    handing_over = hand_over;
    patience = std::min<std::chrono::milliseconds>(last_chance, drain / 2);
    if (done) on_stopped.push_back(std::move(done));
    each_session([this](http_session& s) { s.drain(patience, handing_over); });
    timer.expires_after(drain);
    timer.async_wait([self = shared_from_this()](boost::system::error_code cancelled) {
        if (!cancelled) self->each_session([](http_session& s) { s.abort(); });
    });
    finish_if_empty();
}

void http_listener::impl::finish_if_empty() {
    if (!stopping || accept_pending) return;
    {
        const std::lock_guard lock(mutex);
        if (!sessions.empty()) return;
    }
    timer.cancel();
    const auto callbacks = std::exchange(on_stopped, {});
    for (const auto& f : callbacks)
        f();
}

http_listener::http_listener(asio::io_context& io,
                             listener_options options,
                             handler on_request,
                             gate on_head)
    : impl_(std::make_shared<impl>(io)) {
    impl_->options = std::move(options);
    impl_->on_request = std::move(on_request);
    impl_->on_head = std::move(on_head);
}

http_listener::~http_listener() {
    stop(std::chrono::milliseconds(0), {});
}

result<void> http_listener::start() {
    const auto& o = impl_->options;
    if (impl_->accepting.load()) return bad_option("the listener is already started");
    if (o.max_header < 256) return bad_option("max_header must be at least 256 bytes");
    if (o.max_connections < 1) return bad_option("max_connections must be at least 1");
    for (const auto t : {o.header_timeout, o.body_timeout, o.idle_timeout, o.answer_timeout})
        if (t.count() <= 0) return bad_option("time-outs must be more than 0");
    if (!impl_->on_request) return bad_option("the listener has no handler");
    if (auto ok = impl_->load_tls(); !ok) return ok;
    if (auto ok = impl_->open(); !ok) return ok;
    impl_->accepting.store(true);
    if (!o.waits) accept_from_now();
    return {};
}

void http_listener::accept_from_now() {
    asio::post(impl_->strand, [self = impl_] { self->accept(); });
}

unsigned short http_listener::port() const noexcept {
    return impl_->port.load();
}

std::size_t http_listener::connections() const noexcept {
    const std::lock_guard lock(impl_->mutex);
    return impl_->sessions.size();
}

void http_listener::stop_accepting() {
    impl_->accepting.store(false);
    asio::post(impl_->strand, [self = impl_] {
        boost::system::error_code ec;
        self->acceptor.close(ec);
    });
}

void http_listener::stop(std::chrono::milliseconds drain, std::function<void()> on_stopped) {
    stop_accepting();
    asio::post(impl_->strand, [self = impl_, drain, done = std::move(on_stopped)]() mutable {
        self->stop(drain, false, std::move(done));
    });
}

std::shared_ptr<const tls_identity> http_listener::identity() const {
    const std::lock_guard lock(impl_->mutex);
    return impl_->identity;
}

void http_listener::use(std::shared_ptr<const tls_identity> identity) {
    const std::lock_guard lock(impl_->mutex);
    if (impl_->identity && identity) impl_->identity = std::move(identity);
}

int http_listener::share_socket() const {
    auto& acceptor = impl_->acceptor;
    return acceptor.is_open() ? ::fcntl(acceptor.native_handle(), F_DUPFD_CLOEXEC, 3) : -1;
}

void http_listener::hand_over(std::chrono::milliseconds drain,
                              std::function<void(std::vector<int>)> done) {
    stop_accepting();
    asio::post(impl_->strand, [self = impl_, drain, done = std::move(done)]() mutable {
        auto* of = self.get(); // which lives while it calls
        self->stop(drain, true, [of, done = std::move(done)] {
            std::vector<int> handed;
            {
                const std::lock_guard lock(of->mutex);
                handed.swap(of->handed);
            }
            done(std::move(handed));
        });
    });
}

void http_listener::adopt(int connection) {
    sockaddr_storage bound{};
    socklen_t size = sizeof(bound);
    if (::getsockname(connection, reinterpret_cast<sockaddr*>(&bound), &size) != 0) {
        ::close(connection);
        return;
    }
    tcp::socket socket(asio::make_strand(impl_->io));
    boost::system::error_code ec;
    socket.assign(bound.ss_family == AF_INET6 ? tcp::v6() : tcp::v4(), connection, ec);
    if (ec) {
        ::close(connection);
        return;
    }
    asio::post(impl_->strand,
               [self = impl_, s = std::move(socket)]() mutable { self->serve(std::move(s)); });
}

} // namespace mortise::host
