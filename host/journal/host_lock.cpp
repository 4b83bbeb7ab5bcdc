// SPDX-License-Identifier: Apache-2.0
#include "journal/host_lock.hpp"

#include "journal/journal.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <system_error>
#include <unistd.h>

namespace mortise::host {
namespace {

std::string holder(int fd) {
    char text[32];
    const auto n = ::pread(fd, text, sizeof(text), 0);
    std::string pid;
    for (ssize_t i = 0; i < n && text[i] >= '0' && text[i] <= '9'; ++i) {
        pid.push_back(text[i]);
    }
    return pid.empty() ? "another host" : "the host with process id " + pid;
}

} // namespace

host_lock::host_lock(const std::string& journal_path) {
    const std::string path = journal_path + ".lock";
    fd_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
    if (fd_ < 0) {
        throw journal_failure({category::config, "journal.cannot-open",
                               path + ": cannot make the lock file (" +
                                   std::generic_category().message(errno) +
                                   "); the journal's folder must exist and be writable"});
    }
    int rc = 0;
    do {
        rc = ::flock(fd_, LOCK_EX | LOCK_NB);
    } while (rc != 0 && errno == EINTR);
    if (rc != 0) {
        const std::string who = holder(fd_);
        ::close(fd_);
        throw journal_failure({category::config, "journal.locked",
                               journal_path + ": in use by " + who +
                                   "; stop it first, or give this host another [journal] path"});
    }
    // For the message above only; the lock holds without it.
    const std::string pid = std::to_string(::getpid()) + "\n";
    if (::ftruncate(fd_, 0) != 0 ||
        ::pwrite(fd_, pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
        return;
    }
}

host_lock::~host_lock() {
    if (fd_ >= 0) ::close(fd_);
}

} // namespace mortise::host
