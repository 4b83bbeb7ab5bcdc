// SPDX-License-Identifier: Apache-2.0
//
// A disk in memory for SQLite that remembers what has been synced and what not, and fails on order.
// While an object lives it is SQLite's default VFS, so that everything that opens a database uses
// it; nothing in the host knows. Files are found by their paths as given; the folder need not
// exist.
//
//   faulty_vfs disk;
//   disk.fail({.kinds = disk_fault::sync, .after = 12, .what = disk_fault::power});
//   ... work until writes fail ...
//   (close every database)
//   disk.boot();                 // what the machine finds after power came back
//
// [any-thread] Databases opened through it are closed before it goes. One at a time in a process.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace mortise::test {

// Something to go wrong once a number of operations has been done.
struct disk_fault {
    enum kind : unsigned { write = 1, sync = 2, truncate = 4, remove = 8, any = 15 };
    enum effect : std::uint8_t {
        io_error,  // SQLITE_IOERR_*; after a failed sync what was not on the disk never gets there
                   // by a later one (as Linux does it)
        disk_full, // SQLITE_FULL
        power,     // as crash()
    };
    unsigned kinds = any;
    std::uint64_t after = 0; // how many such operations still succeed
    effect what = io_error;
    bool lasts = false;         // all later ones fail too, until heal()
    std::string on_suffix = {}; // only files that end so ("-wal"); empty: all
};

// What becomes of the writes that were not synced when the power went.
enum class unsynced : std::uint8_t {
    lost,
    torn, // a random choice of their 512-byte sectors has reached the disk, in any order
    kept,
};

class faulty_vfs {
public:
    explicit faulty_vfs(std::uint64_t seed = 1, unsynced at_crash = unsynced::torn);
    ~faulty_vfs();
    faulty_vfs(const faulty_vfs&) = delete;
    faulty_vfs& operator=(const faulty_vfs&) = delete;

    void fail(disk_fault f); // replaces an earlier one
    void heal();
    bool has_failed() const; // since the last fail()

    // The power goes: open files are dead (every call fails), no file can be opened.
    void crash();
    bool is_off() const;
    // The power comes back. Open files of before stay dead.
    void boot();

    // Room on the disk for all files together; a write beyond it gets SQLITE_FULL.
    void set_capacity(std::uint64_t bytes);
    std::uint64_t used() const;

    std::uint64_t operations() const; // writes, syncs, truncations and removals so far
    std::uint64_t syncs() const;

    // The files as a program sees them. put() is as if synced; use it on files that nobody has
    // open.
    bool exists(const std::string& path) const;
    std::string contents(const std::string& path) const;
    void put(const std::string& path, std::string bytes);
    void remove(const std::string& path);
    std::vector<std::string> paths() const;

    struct disk; // internal

private:
    std::unique_ptr<disk> disk_;
};

} // namespace mortise::test
