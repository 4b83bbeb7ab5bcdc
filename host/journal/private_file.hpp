// SPDX-License-Identifier: Apache-2.0
// A file that only its owner reads, whatever the umask: a journal holds the payloads of webhooks.
// SQLite opens the empty file as a new database, and gives -wal and -shm the same permissions.
#pragma once

#include <fcntl.h>
#include <string>
#include <unistd.h>

namespace mortise::host {

// Makes `path`, empty, mode 0600; one that is there stays as it is. False, with errno, when it can
// be neither made nor opened. [any-thread]
inline bool make_private_file(const std::string& path) {
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    return fd >= 0 && ::close(fd) == 0;
}

} // namespace mortise::host
