// SPDX-License-Identifier: Apache-2.0
#include "plugin/watch.hpp"

#include "base/log.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <cerrno>
#include <cstring>
#include <map>
#include <set>
#include <sys/inotify.h>
#include <system_error>

namespace mortise::host {

namespace asio = boost::asio;
namespace fs = std::filesystem;

struct folder_watch::impl : std::enable_shared_from_this<impl> {
    impl(asio::io_context& io, int fd, changed_fn f, std::chrono::milliseconds q)
        : events(io, fd), timer(io), changed(std::move(f)), quiet(q) {}

    void read() {
        events.async_read_some(
            asio::buffer(buffer),
            [self = shared_from_this()](boost::system::error_code ec, std::size_t n) {
                if (self->closed) return;
                if (ec) {
                    log(log_level::error, "plugin folders are no longer watched",
                        {{"reason", ec.message()}});
                    return;
                }
                self->note(std::string_view(self->buffer.data(), n));
                self->read();
            });
    }

    void note(std::string_view bytes) {
        bool relevant = false;
        while (bytes.size() >= sizeof(inotify_event)) {
            inotify_event e{};
            std::memcpy(&e, bytes.data(), sizeof e);
            const std::size_t whole = sizeof e + e.len;
            if (whole > bytes.size()) break; // the kernel only hands out whole events
            const std::string name =
                e.len == 0 ? std::string() : std::string(bytes.data() + sizeof e);
            bytes.remove_prefix(whole);
            if ((e.mask & IN_Q_OVERFLOW) != 0) {
                lost = relevant = true;
                continue;
            }
            const auto folder = folders.find(e.wd);
            if (folder == folders.end()) continue;
            if ((e.mask & (IN_DELETE_SELF | IN_MOVE_SELF)) != 0) {
                log(log_level::warn, "a watched plugin folder was moved or removed",
                    {{"folder", folder->second.string()}});
                continue;
            }
            if ((e.mask & (IN_CLOSE_WRITE | IN_MOVED_TO)) != 0 && name.ends_with(".so")) {
                files.insert(folder->second / name);
                relevant = true;
            }
        }
        if (relevant) wait_for_quiet();
    }

    void wait_for_quiet() {
        timer.expires_after(quiet);
        timer.async_wait([self = shared_from_this()](boost::system::error_code ec) {
            if (ec || self->closed || (self->files.empty() && !self->lost)) return;
            std::vector<fs::path> ready;
            if (!self->lost) ready.assign(self->files.begin(), self->files.end());
            self->files.clear();
            self->lost = false;
            self->changed(std::move(ready));
        });
    }

    asio::posix::stream_descriptor events;
    asio::steady_timer timer;
    changed_fn changed;
    std::chrono::milliseconds quiet;
    std::map<int, fs::path> folders; // by watch descriptor
    std::set<fs::path> files;        // noted, not told yet
    bool lost = false;
    bool closed = false;
    alignas(inotify_event) std::array<char, 16 * 1024> buffer{};
};

namespace {

error watch_error(const fs::path& folder, int e) {
    const std::string why = std::generic_category().message(e);
    std::string message = "the plugin folder " + folder.string() + " cannot be watched: " + why;
    if (e == ENOSPC) message += ". Raise fs.inotify.max_user_watches";
    if (e == ENOENT || e == ENOTDIR) message += ". Make the folder or correct plugins.paths";
    return error(category::config, "mortise.plugins.watch", std::move(message));
}

} // namespace

result<std::unique_ptr<folder_watch>> folder_watch::start(asio::io_context& io,
                                                          const std::vector<fs::path>& folders,
                                                          changed_fn changed,
                                                          std::chrono::milliseconds quiet) {
    const int fd = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (fd < 0) {
        const std::string why = std::generic_category().message(errno);
        return error(category::limit, "mortise.plugins.watch",
                     "plugin folders cannot be watched: " + why +
                         ". Raise fs.inotify.max_user_instances");
    }
    auto made = std::make_shared<impl>(io, fd, std::move(changed), quiet);
    for (const auto& folder : folders) {
        std::error_code ec;
        if (fs::is_regular_file(folder, ec)) continue;
        const int wd = ::inotify_add_watch(fd, folder.c_str(),
                                           IN_CLOSE_WRITE | IN_MOVED_TO | IN_DELETE_SELF |
                                               IN_MOVE_SELF | IN_ONLYDIR);
        if (wd < 0) return watch_error(folder, errno);
        made->folders.emplace(wd, folder);
    }
    made->read();
    return std::unique_ptr<folder_watch>(new folder_watch(std::move(made)));
}

folder_watch::folder_watch(std::shared_ptr<impl> i) : impl_(std::move(i)) {}

folder_watch::~folder_watch() {
    impl_->closed = true;
    impl_->timer.cancel();
    boost::system::error_code ignored;
    impl_->events.close(ignored);
}

} // namespace mortise::host
