// SPDX-License-Identifier: Apache-2.0
#include "plugin/scan.hpp"

#include "base/digest.hpp"
#include "plugin/beside.hpp"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <elf.h>
#include <fcntl.h>
#include <set>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace mortise::host {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view suffix = ".so";

struct descriptor_guard {
    int fd;
    ~descriptor_guard() {
        if (fd >= 0) ::close(fd);
    }
};

std::string errno_text(int e) {
    return std::generic_category().message(e);
}

plugin_refusal refuse(const fs::path& file,
                      std::string code,
                      std::string found,
                      std::string wanted,
                      std::string message,
                      std::string hint) {
    return {.file = file,
            .plugin_id = {},
            .reason_code = std::move(code),
            .found = std::move(found),
            .wanted = std::move(wanted),
            .message = std::move(message),
            .hint = std::move(hint)};
}

std::string mode_text(mode_t mode) {
    char text[8];
    std::snprintf(text, sizeof text, "%04o", static_cast<unsigned>(mode & 07777u));
    return text;
}

// Whoever may write here can put code into the host: only its own user and root may.
std::optional<plugin_refusal> check_writers(const fs::path& p, bool folder, uid_t service_user) {
    const std::string prefix = folder ? "folder-" : "";
    const std::string noun = folder ? "the folder" : "the file";
    struct stat st {};
    if (::stat(p.c_str(), &st) != 0) {
        const std::string why = errno_text(errno);
        return refuse(p, prefix + (errno == ENOENT ? "missing" : "unreadable"), why,
                      noun + " can be read", noun + " cannot be read: " + why,
                      folder ? "Make the folder or correct plugins.paths"
                             : "Check that the file exists and may be read by the host's user");
    }
    if (folder && !S_ISDIR(st.st_mode)) {
        return refuse(p, "folder-missing", "not a folder", "a folder", "it is not a folder",
                      "Name the folder that holds the plugins in plugins.paths");
    }
    if ((st.st_mode & S_IWOTH) != 0) {
        return refuse(p, prefix + "world-writable", "mode " + mode_text(st.st_mode),
                      "not writable by everyone",
                      "everyone may write " + noun + " (mode " + mode_text(st.st_mode) + ")",
                      "Run: chmod o-w " + p.string());
    }
    if (st.st_uid != 0 && st.st_uid != service_user) {
        const std::string owner = std::to_string(st.st_uid);
        return refuse(p, prefix + "foreign-owner", "owner uid " + owner,
                      "owner uid " + std::to_string(service_user) + " or root",
                      noun + " belongs to uid " + owner + ", neither the host's user (uid " +
                          std::to_string(service_user) + ") nor root",
                      "Run: chown root " + p.string());
    }
    return std::nullopt;
}

uid_t service_user(const scan_options& o) {
    return o.owner_uid ? *o.owner_uid : ::geteuid();
}

constexpr unsigned own_machine() {
#if defined(__x86_64__)
    return EM_X86_64;
#elif defined(__aarch64__)
    return EM_AARCH64;
#elif defined(__riscv)
    return EM_RISCV;
#else
#error "add the ELF machine number of this processor"
#endif
}

std::string machine_name(unsigned machine) {
    switch (machine) {
    case EM_X86_64:
        return "x86-64";
    case EM_AARCH64:
        return "aarch64";
    case EM_RISCV:
        return "RISC-V";
    case EM_386:
        return "32-bit x86";
    case EM_ARM:
        return "32-bit ARM";
    default:
        return "ELF machine " + std::to_string(machine);
    }
}

// The dynamic linker would say the same later and less clearly.
std::optional<plugin_refusal> check_header(const fs::path& file, std::string_view head) {
    const std::string hint = "Build it as a shared library for this machine, and copy it whole";
    if (head.substr(0, SELFMAG) != std::string_view(ELFMAG, SELFMAG)) {
        return refuse(file, "not-a-library", head.empty() ? "an empty file" : "other content",
                      "an ELF shared library", "it is not a shared library", hint);
    }
    Elf64_Ehdr header{};
    if (head.size() < sizeof header) {
        return refuse(file, "not-a-library", std::to_string(head.size()) + " bytes",
                      "an ELF shared library", "it ends within the ELF header", hint);
    }
    std::memcpy(&header, head.data(), sizeof header);
    if (header.e_machine != own_machine() || header.e_ident[EI_CLASS] != ELFCLASS64) {
        const std::string found = machine_name(header.e_machine);
        const std::string wanted = machine_name(own_machine());
        return refuse(file, "wrong-architecture", found, wanted,
                      "it is built for " + found + ", this host runs on " + wanted,
                      "Get or build the plugin for " + wanted);
    }
    if (header.e_type != ET_DYN) {
        return refuse(file, "not-a-library", "ELF type " + std::to_string(header.e_type),
                      "an ELF shared library", "it is an ELF file but not a shared library", hint);
    }
    return std::nullopt;
}

bool is_pin(std::string_view pin) {
    constexpr std::string_view prefix = "sha256:";
    if (!pin.starts_with(prefix) || pin.size() != prefix.size() + 64) return false;
    return std::ranges::all_of(pin.substr(prefix.size()), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    });
}

std::optional<plugin_refusal>
check_pin(const fs::path& named, const plugin_file& f, const scan_options& options) {
    const auto pin = options.pins.find(named.filename().string());
    if (pin == options.pins.end()) return std::nullopt;
    const std::string key = "plugins.pin.\"" + pin->first + "\"";
    if (!is_pin(pin->second)) {
        return refuse(named, "pin-malformed", pin->second, "sha256:<64 lower-case hex digits>",
                      "its pin is not of the form sha256:<64 lower-case hex digits>",
                      "Correct " + key);
    }
    const std::string found = "sha256:" + f.sha256;
    if (found == pin->second) return std::nullopt;
    return refuse(named, "pin-mismatch", found, pin->second,
                  "its content is " + found + ", pinned is " + pin->second,
                  "If the new file is meant, change " + key + "; otherwise restore the old one");
}

} // namespace

plugin_result<plugin_file>
read_plugin_file(const fs::path& file,
                 const std::function<std::optional<std::string>(const plugin_file&)>& known_hash) {
    std::error_code ec;
    plugin_file out;
    out.path = fs::canonical(file, ec);
    if (ec) {
        return refuse(file, "unreadable", ec.message(), "a readable file",
                      "it cannot be opened: " + ec.message(),
                      "Check that the file exists and may be read by the host's user");
    }
    // Without O_NONBLOCK a FIFO of that name would stop the host here.
    const descriptor_guard in{::open(out.path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
    struct stat st {};
    if (in.fd < 0 || ::fstat(in.fd, &st) != 0) {
        const std::string why = errno_text(errno);
        return refuse(file, "unreadable", why, "a readable file", "it cannot be opened: " + why,
                      "Check that the file exists and may be read by the host's user");
    }
    if (!S_ISREG(st.st_mode)) {
        return refuse(file, "not-a-regular-file", "mode " + mode_text(st.st_mode), "a regular file",
                      "it is not a regular file", "Put only plugin files with this suffix here");
    }
    out.size = static_cast<std::uint64_t>(st.st_size);
    out.mtime_ns = std::int64_t{st.st_mtim.tv_sec} * 1'000'000'000 + st.st_mtim.tv_nsec;
    out.ctime_ns = std::int64_t{st.st_ctim.tv_sec} * 1'000'000'000 + st.st_ctim.tv_nsec;
    out.device = st.st_dev;
    out.inode = st.st_ino;
    if (known_hash) {
        if (auto known = known_hash(out)) {
            out.sha256 = *std::move(known);
            return out;
        }
    }
    sha256_stream hash;
    std::string buffer(256 * 1024, '\0');
    bool first = true;
    for (;;) {
        const ssize_t n = ::read(in.fd, buffer.data(), buffer.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) {
            const std::string why = errno_text(errno);
            return refuse(file, "unreadable", why, "a readable file", "it cannot be read: " + why,
                          "Copy the file again");
        }
        const std::string_view chunk(buffer.data(), static_cast<std::size_t>(n));
        if (first) {
            if (auto bad = check_header(file, chunk)) return *std::move(bad);
            first = false;
        }
        if (n == 0) break;
        hash.update(chunk);
    }
    out.sha256 = to_hex(hash.finish());
    return out;
}

plugin_result<plugin_file> check_file(const fs::path& file, const scan_options& options) {
    const uid_t user = service_user(options);
    std::error_code ec;
    const fs::path named = fs::absolute(file, ec);
    if (ec) {
        return refuse(file, "unreadable", ec.message(), "a path that can be made absolute",
                      "its path cannot be resolved: " + ec.message(), "Give an absolute path");
    }
    if (auto bad = check_writers(named.parent_path(), true, user)) return *std::move(bad);
    const bool pinned = options.pins.contains(named.filename().string());
    auto facts = pinned ? read_plugin_file(named) : read_plugin_file(named, options.known_hash);
    if (!facts) return facts.error();
    // A link is as trustworthy as what it points to, and as the folder that is in.
    const fs::path target_folder = facts->path.parent_path();
    if (target_folder != named.parent_path()) {
        if (auto bad = check_writers(target_folder, true, user)) return *std::move(bad);
    }
    if (auto bad = check_writers(facts->path, false, user)) {
        bad->file = file;
        return *std::move(bad);
    }
    if (auto bad = check_pin(named, *facts, options)) return *std::move(bad);
    return facts;
}

scan_result scan(const scan_options& options) {
    scan_result out;
    const uid_t user = service_user(options);
    std::set<std::string> names;
    std::set<fs::path> taken;
    std::vector<fs::path> named;
    const auto take = [&](const fs::path& file) {
        names.insert(file.filename().string());
        named.push_back(file);
    };
    for (const auto& folder : options.folders) {
        std::error_code ec;
        if (folder.filename().string().ends_with(suffix) && !fs::is_directory(folder, ec)) {
            take(folder);
            continue;
        }
        if (auto bad = check_writers(folder, true, user)) {
            out.refused.push_back(*std::move(bad));
            continue;
        }
        std::vector<fs::path> found;
        for (fs::directory_iterator it(folder, ec), end; !ec && it != end; it.increment(ec)) {
            if (it->path().filename().string().ends_with(suffix)) found.push_back(it->path());
        }
        if (ec) {
            out.refused.push_back(refuse(folder, "folder-unreadable", ec.message(),
                                         "a folder the host may list",
                                         "the folder cannot be listed: " + ec.message(),
                                         "Give the host's user read and search rights on it"));
        }
        std::ranges::sort(found);
        for (const auto& file : found)
            take(file);
    }
    // Hashing is most of it, so new files are read beside each other.
    std::vector<std::optional<plugin_result<plugin_file>>> checked(named.size());
    for_each_beside(named.size(), beside(named.size() / 4),
                    [&](std::size_t i) { checked[i] = check_file(named[i], options); });
    for (auto& file : checked) {
        if (!*file) {
            out.refused.push_back(file->error());
        } else if (taken.insert((*file)->path).second) { // a folder or link named twice
            out.files.push_back(**std::move(file));
        }
    }
    for (const auto& [name, pin] : options.pins) {
        if (names.contains(name)) continue;
        out.refused.push_back(refuse(name, "pin-without-file", "no such file", pin,
                                     "it is pinned, but no plugin folder holds a file of this name",
                                     "Correct or remove plugins.pin.\"" + name + "\""));
    }
    return out;
}

} // namespace mortise::host
