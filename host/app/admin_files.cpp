// SPDX-License-Identifier: Apache-2.0
#include "app/admin_files.hpp"

#include "admin/random_text.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <unistd.h>

namespace mortise::host {
namespace {

// Whole or not at all, and never readable by others, whatever lay there before.
result<void> write_private(const std::filesystem::path& file, const std::string& text) {
    const auto fresh = file.string() + ".new";
    const auto failed = [&file] {
        return error{category::config, "host.state",
                     "cannot write " + file.string() + ": " + std::strerror(errno) +
                         "; check the folder's owner and mode"};
    };
    (void)::unlink(fresh.c_str());
    const int fd = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) return failed();
    const auto line = text + '\n';
    const bool written = ::write(fd, line.data(), line.size()) == static_cast<ssize_t>(line.size());
    if (::close(fd) != 0 || !written || ::rename(fresh.c_str(), file.c_str()) != 0) return failed();
    return {};
}

std::string first_word(const std::filesystem::path& file) {
    std::string text;
    std::ifstream(file) >> text;
    return text;
}

// Where this machine reaches an address that is listened on.
std::string reached(const std::string& address) {
    if (address == "0.0.0.0") return "127.0.0.1";
    if (address == "::") return "[::1]";
    return address.find(':') == std::string::npos ? address : '[' + address + ']';
}

} // namespace

result<admin_files> admin_files::make(const std::filesystem::path& folder) {
    admin_files out;
    out.folder_ = folder;
    out.token_ = random_text("mrt_");
    if (const auto written = write_private(folder / "admin-token", out.token_); !written)
        return written.error();
    return out;
}

result<void> admin_files::write_address(const admin_config& config, std::uint16_t port) {
    address_ = (config.tls.certificate_file.empty() ? "" : "https://") + reached(config.address) +
               ':' + std::to_string(port);
    return write_private(folder_ / "admin-address", address_);
}

void admin_files::remove() const {
    std::error_code ignored;
    if (first_word(folder_ / "admin-token") != token_) return;
    std::filesystem::remove(folder_ / "admin-token", ignored);
    std::filesystem::remove(folder_ / "admin-address", ignored);
}

} // namespace mortise::host
