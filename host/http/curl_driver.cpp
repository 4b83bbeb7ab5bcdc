// SPDX-License-Identifier: Apache-2.0
#include "http/curl_driver.hpp"

#include <boost/asio/post.hpp>

#include <csignal>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

namespace asio = boost::asio;

namespace mortise::host {
namespace {

using steady = std::chrono::steady_clock;
constexpr auto never = steady::time_point::max();
// Idle connections kept for reuse by all lanes together.
constexpr long max_idle_connections = 256;
// Rounds of "again, now" served in place before other handlers of the executor get their turn.
constexpr int rounds_in_place = 16;

void init_curl_once() {
    static const CURLcode rc = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (rc != CURLE_OK) throw std::runtime_error("libcurl cannot be initialised");
    // TLS writes to a connection the peer has closed raise SIGPIPE, and with NOSIGNAL (needed with
    // threads) curl leaves it to us. Somebody else's handler is left alone.
    struct sigaction now {};
    if (::sigaction(SIGPIPE, nullptr, &now) == 0 && now.sa_handler == SIG_DFL)
        std::signal(SIGPIPE, SIG_IGN);
}

} // namespace

// A socket curl waits for. Those opened for connections stay registered with the reactor until
// they are closed: registering anew for each request would cost two system calls.
struct curl_driver::watched {
    watched(const curl_driver::strand& s, curl_socket_t f, bool o)
        : descriptor(s, f), fd(f), ours(o) {}
    ~watched() {
        if (descriptor.is_open()) descriptor.release();
    }
    asio::posix::basic_stream_descriptor<curl_driver::strand> descriptor;
    curl_socket_t fd;
    bool ours; // closed through on_close; others are closed by curl itself
    int want = CURL_POLL_NONE;
    bool reading = false;
    bool writing = false;
    bool gone = false;
};

curl_driver::curl_driver(strand s) : strand_(std::move(s)), timer_(strand_) {
    init_curl_once();
    due_ = armed_ = never;
    multi_ = curl_multi_init();
    if (!multi_) throw std::bad_alloc();
    curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &curl_driver::on_socket);
    curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
    curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &curl_driver::on_timer);
    curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
    curl_multi_setopt(multi_, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
    curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, max_idle_connections);
}

curl_driver::~curl_driver() {
    close();
}

void curl_driver::adopt(CURL* easy) {
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, &curl_driver::on_open);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, this);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, &curl_driver::on_close);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, this);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    // Otherwise removing a handle waits for its name lookup, and the whole strand with it.
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
}

CURLMcode curl_driver::add(CURL* easy) {
    if (!multi_) return CURLM_BAD_HANDLE;
    const CURLMcode rc = curl_multi_add_handle(multi_, easy);
    if (rc == CURLM_OK) settle();
    return rc;
}

void curl_driver::remove(CURL* easy) {
    if (multi_) curl_multi_remove_handle(multi_, easy);
    settle();
}

void curl_driver::close() {
    if (!multi_) return;
    finished_ = nullptr;
    CURLM* multi = std::exchange(multi_, nullptr);
    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, nullptr);
    curl_multi_cleanup(multi);
    for (auto& [fd, w] : sockets_) {
        w->gone = true;
        if (w->descriptor.is_open()) w->descriptor.release();
    }
    sockets_.clear();
    due_ = never;
    timer_.cancel();
}

curl_socket_t curl_driver::on_open(void* self, curlsocktype, curl_sockaddr* address) {
    const int fd = ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    if (fd < 0) return CURL_SOCKET_BAD;
    auto* driver = static_cast<curl_driver*>(self);
    try {
        driver->sockets_.emplace(fd, std::make_shared<watched>(driver->strand_, fd, true));
    } catch (...) {
        ::close(fd);
        return CURL_SOCKET_BAD;
    }
    return fd;
}

int curl_driver::on_close(void* self, curl_socket_t fd) {
    auto* driver = static_cast<curl_driver*>(self);
    const auto found = driver->sockets_.find(fd);
    if (found != driver->sockets_.end()) {
        found->second->gone = true;
        found->second->descriptor.release(); // ends its waits before the number can be used again
        driver->sockets_.erase(found);
    }
    return ::close(fd);
}

int curl_driver::on_socket(CURL*, curl_socket_t fd, int what, void* self, void*) {
    try {
        static_cast<curl_driver*>(self)->watch(fd, what);
    } catch (...) {
        return -1; // curl fails the transfer
    }
    return 0;
}

int curl_driver::on_timer(CURLM*, long timeout_ms, void* self) {
    auto* driver = static_cast<curl_driver*>(self);
    driver->due_now_ = timeout_ms == 0;
    driver->due_ = timeout_ms > 0 ? steady::now() + std::chrono::milliseconds(timeout_ms) : never;
    return 0;
}

void curl_driver::watch(curl_socket_t fd, int what) {
    auto found = sockets_.find(fd);
    if (what == CURL_POLL_REMOVE) {
        if (found == sockets_.end()) return;
        found->second->want = CURL_POLL_NONE;
        if (!found->second->ours) {
            found->second->gone = true;
            found->second->descriptor.release();
            sockets_.erase(found);
        }
        return;
    }
    if (found == sockets_.end())
        found = sockets_.emplace(fd, std::make_shared<watched>(strand_, fd, false)).first;
    found->second->want = what;
    arm(found->second);
}

void curl_driver::arm(const std::shared_ptr<watched>& w) {
    using descriptor = asio::posix::descriptor_base;
    if (w->gone) return;
    if ((w->want & CURL_POLL_IN) && !w->reading) {
        w->reading = true;
        w->descriptor.async_wait(descriptor::wait_read,
                                 [self = shared_from_this(), w](boost::system::error_code ec) {
                                     w->reading = false;
                                     if (!ec) self->ready(w, CURL_CSELECT_IN);
                                 });
    }
    if ((w->want & CURL_POLL_OUT) && !w->writing) {
        w->writing = true;
        w->descriptor.async_wait(descriptor::wait_write,
                                 [self = shared_from_this(), w](boost::system::error_code ec) {
                                     w->writing = false;
                                     if (!ec) self->ready(w, CURL_CSELECT_OUT);
                                 });
    }
}

void curl_driver::ready(const std::shared_ptr<watched>& w, int mask) {
    // CURL_POLL_IN/OUT and CURL_CSELECT_IN/OUT have the same values.
    if (w->gone || !multi_ || !(w->want & mask)) return;
    int running = 0;
    curl_multi_socket_action(multi_, w->fd, mask, &running);
    arm(w);
    settle();
}

// The timer is only moved when it would fire too late; one that fires early looks again. Time-outs
// are set by each request and reached by almost none.
void curl_driver::arm_timer() {
    if (due_ == never || armed_ <= due_) return;
    armed_ = due_;
    timer_.expires_at(due_);
    timer_.async_wait([self = shared_from_this()](boost::system::error_code ec) {
        if (!ec) self->timer_fired();
    });
}

void curl_driver::timer_fired() {
    armed_ = never;
    if (!multi_) return;
    if (due_ != never && steady::now() >= due_) {
        due_ = never;
        due_now_ = true;
    }
    settle();
}

void curl_driver::settle() {
    if (settling_ || !multi_) return;
    settling_ = true;
    for (int round = 0; round < rounds_in_place && multi_; ++round) {
        if (due_now_) {
            due_now_ = false;
            int running = 0;
            curl_multi_socket_action(multi_, CURL_SOCKET_TIMEOUT, 0, &running);
        }
        int left = 0;
        while (CURLMsg* message = multi_ ? curl_multi_info_read(multi_, &left) : nullptr) {
            if (message->msg != CURLMSG_DONE) continue;
            CURL* const easy = message->easy_handle;
            const CURLcode code = message->data.result;
            curl_multi_remove_handle(multi_, easy); // message is invalid from here on
            if (finished_) finished_(easy, code);
        }
        if (!due_now_) break;
    }
    settling_ = false;
    if (!multi_) return;
    if (due_now_ && !resettle_posted_) {
        resettle_posted_ = true;
        asio::post(strand_, [self = shared_from_this()] {
            self->resettle_posted_ = false;
            self->settle();
        });
    }
    arm_timer();
}

} // namespace mortise::host
