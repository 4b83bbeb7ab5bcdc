// SPDX-License-Identifier: Apache-2.0
#include "journal/care.hpp"
#include "journal/host_lock.hpp"
#include "journal/journal.hpp"
#include "journal/private_file.hpp"
#include "journal/schema.hpp"
#include "journal/sqlite_db.hpp"
#include "journal/writer.hpp"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <sys/statvfs.h>
#include <system_error>
#include <thread>
#include <unistd.h>

namespace fs = std::filesystem;

namespace mortise::host {
namespace {

constexpr std::uint64_t spare = 16u << 20; // bytes left over after a copy

error failure(category c, std::string code, std::string message) {
    error e(c, std::move(code), std::move(message));
    e.effect = effect::none;
    return e;
}

std::string folder_of(const std::string& path) {
    const auto folder = fs::path(path).parent_path();
    return folder.empty() ? "." : folder.string();
}

std::string system_text() {
    return std::generic_category().message(errno);
}

void need_room(const std::string& folder, std::uint64_t bytes, const char* code) {
    struct statvfs disk {};
    if (::statvfs(folder.c_str(), &disk) != 0)
        throw journal_failure(
            failure(category::input, "journal.cannot-open",
                    folder + ": not a folder that can be written to (" + system_text() + ")"));
    const auto free = static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize;
    if (free >= bytes + spare) return;
    throw journal_failure(failure(category::unavailable, code,
                                  folder + ": " + std::to_string(bytes >> 20) +
                                      " MiB are needed, but only " + std::to_string(free >> 20) +
                                      " MiB are free; free some space or use another "
                                      "disk"));
}

void sync_path(const std::string& path, int flags) {
    const int fd = ::open(path.c_str(), flags | O_CLOEXEC);
    const bool ok = fd >= 0 && ::fsync(fd) == 0;
    const std::string why = system_text();
    if (fd >= 0) ::close(fd);
    if (!ok)
        throw journal_failure(failure(category::unavailable, "journal.io",
                                      path + ": cannot be made durable (" + why + ")"));
}

std::uint64_t size_of(const std::string& path) {
    std::error_code none;
    const auto n = fs::file_size(path, none);
    return none ? 0 : n;
}

std::uint64_t count_of(sqlite_db& db, std::string_view sql) {
    auto rows = db.query(sql);
    return rows.next() ? static_cast<std::uint64_t>(rows.number(0)) : 0;
}

// The copy while it has not got its name; goes with the object unless kept.
class unfinished_copy {
public:
    explicit unfinished_copy(const std::string& target)
        : target_(target), path_(target + ".part-" + std::to_string(::getpid())) {}
    ~unfinished_copy() {
        std::error_code none;
        for (const char* end : {"", "-journal", "-wal", "-shm"})
            fs::remove(path_ + end, none);
    }
    const std::string& path() const { return path_; }

    void keep() {
        // A hard link never takes another file's place; a rename would.
        if (::link(path_.c_str(), target_.c_str()) == 0) return;
        if (errno == EEXIST)
            throw journal_failure(
                failure(category::input, "backup.exists", target_ + ": exists; name another file"));
        // Some file systems have no links.
        if (fs::exists(target_) || std::rename(path_.c_str(), target_.c_str()) != 0)
            throw journal_failure(failure(category::unavailable, "journal.io",
                                          target_ + ": cannot be made (" + system_text() + ")"));
    }

private:
    std::string target_;
    std::string path_;
};

void copy(const std::string& from, const std::string& to, const backup_options& options) {
    sqlite_db source(from, sqlite_db::mode::read_only);
    prepare_schema(source, from, true);
    need_room(folder_of(to),
              count_of(source, "PRAGMA page_count") * count_of(source, "PRAGMA page_size"),
              "backup.no-space");
    // One snapshot to the end: without it every commit of the host would begin the copy anew.
    source.script("BEGIN");
    (void)count_of(source, "SELECT events FROM counter");
    if (!make_private_file(to))
        throw journal_failure(failure(category::unavailable, "journal.io",
                                      to + ": cannot be made (" + system_text() + ")"));
    sqlite_db target(to, sqlite_db::mode::create);
    target.script("PRAGMA synchronous=FULL");
    const bool whole = source.copy_to(target, static_cast<int>(options.pages_a_step),
                                      [&](std::uint64_t done, std::uint64_t total) {
                                          if (options.progress && !options.progress(done, total))
                                              return false;
                                          if (done < total && options.pause.count() > 0)
                                              std::this_thread::sleep_for(options.pause);
                                          return true;
                                      });
    source.rollback();
    if (!whole)
        throw journal_failure(
            failure(category::cancelled, "backup.stopped", "the backup was stopped"));
    // No log beside it: the one file is all.
    target.script("PRAGMA journal_mode=DELETE");
}

} // namespace

result<backup_report>
backup_journal(const std::string& path, const std::string& target, const backup_options& options) {
    const auto began = std::chrono::steady_clock::now();
    try {
        std::error_code none;
        if (target.empty() || fs::exists(target, none))
            return failure(category::input, "backup.exists",
                           target + ": exists; name another file, nothing is overwritten");
        unfinished_copy part(target);
        copy(path, part.path(), options);
        sync_path(part.path(), O_RDONLY);
        const auto checked = check_journal(part.path(), {});
        if (!checked) return checked.error();
        for (const auto& f : checked->findings) {
            if (f.code == "file" || f.code == "unreadable")
                return failure(category::internal, "journal.corrupted",
                               path + ": the copy is damaged, so the journal is (" + f.where +
                                   ": " + f.message + "); no backup was made");
        }
        part.keep();
        sync_path(folder_of(target), O_RDONLY | O_DIRECTORY);
        backup_report out;
        out.findings = checked->findings;
        out.bytes = size_of(target);
        out.events = checked->events;
        out.runs = checked->runs;
        out.took = std::chrono::duration_cast<std::chrono::milliseconds>(
            std::chrono::steady_clock::now() - began);
        return out;
    } catch (...) {
        return current_failure();
    }
}

result<compact_report> compact_journal(const std::string& path) {
    try {
        std::error_code none;
        if (!fs::exists(path, none))
            return failure(category::config, "journal.cannot-open",
                           path + ": there is no such file");
        const host_lock alone(path);
        sqlite_db db(path, sqlite_db::mode::existing);
        db.script("PRAGMA synchronous=EXTRA");
        prepare_schema(db, path, false);
        compact_report out;
        out.bytes_before = size_of(path) + size_of(path + "-wal");
        // The new file is built beside the old one, then copied over it through the log.
        need_room(folder_of(path), 2 * out.bytes_before, "compact.no-space");
        db.script("PRAGMA temp_store=FILE");
        db.script("VACUUM");
        db.checkpoint(true);
        out.bytes_after = size_of(path) + size_of(path + "-wal");
        return out;
    } catch (...) {
        return current_failure();
    }
}

} // namespace mortise::host
