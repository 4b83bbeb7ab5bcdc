// SPDX-License-Identifier: Apache-2.0
#include "config/secrets.hpp"

#include "base/log.hpp"

#include <openssl/crypto.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace mortise::host {

namespace {

constexpr std::size_t largest_secret = 1u << 20;

error refuse(std::string code, std::string message) {
    return error(category::config, "config.secret." + code, std::move(message));
}

std::string reason(int number) {
    return std::system_category().message(number);
}

struct file_handle {
    int fd = -1;
    ~file_handle() {
        if (fd >= 0) ::close(fd);
    }
};

result<secret_text> finish(std::string_view raw, const secret_reference& reference) {
    if (raw.ends_with('\n')) raw.remove_suffix(1);
    if (raw.ends_with('\r')) raw.remove_suffix(1);
    if (raw.empty())
        return refuse("empty", describe(reference) + " is empty; put the secret into it");
    secret_text text(raw);
    redact_in_log(std::string(raw));
    return text;
}

result<secret_text> read_file(const std::string& path, const secret_reference& reference) {
    file_handle file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
    if (file.fd < 0) {
        const int why = errno;
        return refuse("unreadable", describe(reference) + " cannot be opened: " + reason(why) +
                                        (why == ENOENT ? "; create it, or correct the path"
                                                       : "; let the host's user read it"));
    }
    struct stat status {};
    if (::fstat(file.fd, &status) != 0 || !S_ISREG(status.st_mode))
        return refuse("unreadable", describe(reference) +
                                        " is no plain file; name the file that holds the secret");
    if (status.st_size > static_cast<off_t>(largest_secret))
        return refuse("too-large", describe(reference) + " has more than 1 MiB; check the path");
    // Fixed size and wiped: a growing string would leave copies behind.
    const auto capacity = static_cast<std::size_t>(status.st_size) + 1;
    const std::unique_ptr<char[]> buffer(new char[capacity]);
    std::size_t used = 0;
    for (;;) {
        const ssize_t n = ::read(file.fd, buffer.get() + used, capacity - used);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) {
            const int why = errno;
            OPENSSL_cleanse(buffer.get(), used);
            return refuse("unreadable", describe(reference) + " cannot be read: " + reason(why));
        }
        used += static_cast<std::size_t>(n);
        if (n == 0 || used == capacity) break;
    }
    auto text = finish({buffer.get(), used}, reference);
    OPENSSL_cleanse(buffer.get(), used);
    return text;
}

result<std::string> credential_path(const secret_reference& reference) {
    if (reference.name.find('/') != std::string::npos || reference.name.starts_with('.'))
        return refuse("bad-name", describe(reference) + " is no plain name; write only the name "
                                                        "given to LoadCredential=");
    const char* folder = std::getenv("CREDENTIALS_DIRECTORY");
    if (!folder || !*folder)
        return refuse("no-credentials", describe(reference) +
                                            " cannot be read: CREDENTIALS_DIRECTORY is not set; "
                                            "start the host by systemd with LoadCredential=" +
                                            reference.name + ":/path, or use { file = \"...\" }");
    return std::string(folder) + '/' + reference.name;
}

} // namespace

secret_text::secret_text(std::string_view text)
    : data_(text.empty() ? nullptr : new char[text.size()]), size_(text.size()) {
    if (size_) std::memcpy(data_.get(), text.data(), size_);
}

secret_text::~secret_text() {
    wipe();
}

secret_text::secret_text(secret_text&& other) noexcept
    : data_(std::move(other.data_)), size_(std::exchange(other.size_, 0)) {}

secret_text& secret_text::operator=(secret_text&& other) noexcept {
    if (this != &other) {
        wipe();
        data_ = std::move(other.data_);
        size_ = std::exchange(other.size_, 0);
    }
    return *this;
}

void secret_text::wipe() noexcept {
    if (data_) OPENSSL_cleanse(data_.get(), size_);
    data_.reset();
    size_ = 0;
}

std::string describe(const secret_reference& reference) {
    switch (reference.from) {
    case secret_reference::source::env:
        return "environment variable " + reference.name;
    case secret_reference::source::file:
        return "secret file " + reference.name;
    case secret_reference::source::credential:
        return "credential " + reference.name;
    }
    return reference.name;
}

result<secret_text> read_secret(const secret_reference& reference) {
    switch (reference.from) {
    case secret_reference::source::env: {
        const char* value = std::getenv(reference.name.c_str());
        if (!value)
            return refuse("not-set",
                          describe(reference) + " is not set; export it before the host starts");
        return finish(value, reference);
    }
    case secret_reference::source::file:
        return read_file(reference.name, reference);
    case secret_reference::source::credential: {
        const auto path = credential_path(reference);
        if (!path) return path.error();
        return read_file(*path, reference);
    }
    }
    return refuse("unknown-source", "unknown kind of secret reference");
}

std::string secret_warning(const secret_reference& reference) {
    if (reference.from != secret_reference::source::file) return {};
    struct stat status {};
    if (::stat(reference.name.c_str(), &status) != 0) return {};
    // A group may be how the host's user gets at the file; everyone may not.
    if ((status.st_mode & S_IROTH) == 0) return {};
    return describe(reference) + " can be read by every user of this machine";
}

void secret_store::add(std::string name, secret_reference reference) {
    references_.insert_or_assign(std::move(name), std::move(reference));
}

const secret_reference* secret_store::find(std::string_view name) const {
    const auto it = references_.find(name);
    return it == references_.end() ? nullptr : &it->second;
}

result<secret_text> secret_store::resolve(std::string_view name) const {
    const secret_reference* reference = find(name);
    if (!reference)
        return error(category::denied, "config.secret.unknown",
                     "the configuration mentions no secret named " + std::string(name));
    auto text = read_secret(*reference);
    if (!text) {
        error e = text.error();
        e.context("secret " + std::string(name));
        return e;
    }
    return text;
}

} // namespace mortise::host
