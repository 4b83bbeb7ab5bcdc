// SPDX-License-Identifier: Apache-2.0
#include "support/faulty_vfs.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <limits>
#include <map>
#include <mutex>
#include <new>
#include <random>
#include <stdexcept>

namespace mortise::test {
namespace {

constexpr std::size_t sector = 512;

struct change {
    bool is_truncation = false;
    std::uint64_t at = 0; // for a truncation: the new size
    std::string bytes;
};

void put_change(std::string& image, const change& c) {
    if (c.is_truncation) {
        image.resize(c.at);
        return;
    }
    if (image.size() < c.at + c.bytes.size()) image.resize(c.at + c.bytes.size());
    image.replace(c.at, c.bytes.size(), c.bytes);
}

// What SQLite's wal-index needs: memory shared between the connections to one file, and locks.
struct shared_memory {
    std::vector<std::unique_ptr<char[]>> regions;
    std::array<int, SQLITE_SHM_NLOCK> slots{}; // -1 exclusive, else how many share it
    int users = 0;
};

struct file_lock {
    int shared = 0;
    const void* reserved = nullptr;
    const void* pending = nullptr;
    const void* exclusive = nullptr;
};

struct stored_file {
    std::string now;     // as read and written
    std::string durable; // as of the last sync
    std::vector<change> pending;
    bool is_linked = true;        // still has its name
    bool name_is_durable = false; // made before the last sync
    bool is_dead = false;         // the power went while it was open
    file_lock lock;
    shared_memory memory;
};

struct open_file {
    sqlite3_file base;
    faulty_vfs::disk* disk;
    std::shared_ptr<stored_file> file;
    std::string path;
    int level;
    unsigned shared_slots;
    unsigned exclusive_slots;
    bool maps_memory;
    bool removed_at_close;
};

open_file& of(sqlite3_file* f) {
    return *reinterpret_cast<open_file*>(f);
}

} // namespace

struct faulty_vfs::disk {
    mutable std::mutex guard;
    sqlite3_vfs vfs{};
    sqlite3_vfs* real = nullptr;
    std::string name;
    std::map<std::string, std::shared_ptr<stored_file>> files;
    // Removed, but the folder was not synced: may be back after a crash.
    std::map<std::string, std::shared_ptr<stored_file>> removed;
    std::mt19937_64 random;
    unsynced at_crash = unsynced::torn;
    std::uint64_t capacity = std::numeric_limits<std::uint64_t>::max();
    std::uint64_t operations = 0;
    std::uint64_t syncs = 0;
    disk_fault next;
    bool is_armed = false;
    bool has_failed = false;
    bool is_off = false;

    bool coin() { return (random() & 1u) != 0; }

    std::uint64_t used() const {
        std::uint64_t sum = 0;
        for (const auto& [path, f] : files)
            sum += f->now.size();
        return sum;
    }

    // The file as the disk holds it when the power goes now.
    std::string image_after_crash(const stored_file& f) {
        std::string image = f.durable;
        for (const change& c : f.pending) {
            if (at_crash == unsynced::lost) continue;
            if (at_crash == unsynced::kept) {
                put_change(image, c);
                continue;
            }
            if (c.is_truncation) {
                if (coin()) put_change(image, c);
                continue;
            }
            for (std::size_t from = 0; from < c.bytes.size();) {
                const std::size_t in_sector = static_cast<std::size_t>((c.at + from) % sector);
                const std::size_t n = std::min(sector - in_sector, c.bytes.size() - from);
                if (coin()) put_change(image, {false, c.at + from, c.bytes.substr(from, n)});
                from += n;
            }
        }
        return image;
    }

    void power_off() {
        if (is_off) return;
        is_off = true;
        std::map<std::string, std::shared_ptr<stored_file>> after;
        const auto keep = [&](const std::string& path, const std::shared_ptr<stored_file>& f) {
            auto image = std::make_shared<stored_file>();
            image->durable = image_after_crash(*f);
            image->now = image->durable;
            image->name_is_durable = true;
            after[path] = std::move(image);
        };
        for (const auto& [path, f] : removed)
            if (f->name_is_durable && at_crash != unsynced::kept &&
                (at_crash == unsynced::lost || coin()))
                keep(path, f);
        for (const auto& [path, f] : files) {
            // A new name is in the folder for certain only after a sync.
            const bool named = f->name_is_durable || at_crash == unsynced::kept ||
                               (at_crash == unsynced::torn && coin());
            if (named) keep(path, f);
            f->is_dead = true;
        }
        for (const auto& [path, f] : removed)
            f->is_dead = true;
        files = std::move(after);
        removed.clear();
    }

    // SQLITE_OK, or how this operation fails.
    int begin(disk_fault::kind kind, const std::string& path, int io_code) {
        ++operations;
        if (kind == disk_fault::sync) ++syncs;
        if (!is_armed || (next.kinds & kind) == 0) return SQLITE_OK;
        if (!next.on_suffix.empty() && !path.ends_with(next.on_suffix)) return SQLITE_OK;
        if (next.after > 0) {
            --next.after;
            return SQLITE_OK;
        }
        has_failed = true;
        if (!next.lasts) is_armed = false;
        if (next.what == disk_fault::disk_full) return SQLITE_FULL;
        return io_code; // the caller sees to the power
    }
    bool power_fails() const { return has_failed && next.what == disk_fault::power; }

    int write(open_file& f, const void* data, int size, sqlite3_int64 at) {
        const std::lock_guard lock(guard);
        if (f.file->is_dead) return SQLITE_IOERR_WRITE;
        change c{false, static_cast<std::uint64_t>(at),
                 std::string(static_cast<const char*>(data), static_cast<std::size_t>(size))};
        if (const int rc = begin(disk_fault::write, f.path, SQLITE_IOERR_WRITE); rc != SQLITE_OK) {
            if (power_fails()) {
                f.file->pending.push_back(std::move(c)); // it was on its way
                power_off();
            }
            return rc;
        }
        const auto end = c.at + c.bytes.size();
        const std::uint64_t grows = end > f.file->now.size() ? end - f.file->now.size() : 0;
        if (grows > 0 && capacity != std::numeric_limits<std::uint64_t>::max() &&
            used() + grows > capacity)
            return SQLITE_FULL;
        put_change(f.file->now, c);
        f.file->pending.push_back(std::move(c));
        return SQLITE_OK;
    }

    int truncate(open_file& f, sqlite3_int64 size) {
        const std::lock_guard lock(guard);
        if (f.file->is_dead) return SQLITE_IOERR_TRUNCATE;
        change c{true, static_cast<std::uint64_t>(size), {}};
        if (const int rc = begin(disk_fault::truncate, f.path, SQLITE_IOERR_TRUNCATE);
            rc != SQLITE_OK) {
            if (power_fails()) {
                f.file->pending.push_back(std::move(c));
                power_off();
            }
            return rc;
        }
        put_change(f.file->now, c);
        f.file->pending.push_back(std::move(c));
        return SQLITE_OK;
    }

    int sync(open_file& f) {
        const std::lock_guard lock(guard);
        if (f.file->is_dead) return SQLITE_IOERR_FSYNC;
        if (const int rc = begin(disk_fault::sync, f.path, SQLITE_IOERR_FSYNC); rc != SQLITE_OK) {
            if (power_fails())
                power_off();
            else
                f.file->pending.clear(); // taken as clean by the system, but not on the disk
            return rc;
        }
        for (const change& c : f.file->pending)
            put_change(f.file->durable, c);
        f.file->pending.clear();
        f.file->name_is_durable = true;
        return SQLITE_OK;
    }

    int remove(const std::string& path, bool sync_folder) {
        const std::lock_guard lock(guard);
        if (is_off) return SQLITE_IOERR_DELETE;
        const auto it = files.find(path);
        if (it == files.end()) return SQLITE_IOERR_DELETE_NOENT;
        if (const int rc = begin(disk_fault::remove, path, SQLITE_IOERR_DELETE); rc != SQLITE_OK) {
            if (power_fails()) power_off();
            return rc;
        }
        it->second->is_linked = false;
        if (!sync_folder) removed[path] = it->second;
        files.erase(it);
        return SQLITE_OK;
    }

    int open(const char* given, open_file& out, int flags) {
        const std::lock_guard lock(guard);
        if (is_off) return SQLITE_CANTOPEN;
        out.disk = this;
        if (given == nullptr) {
            out.file = std::make_shared<stored_file>();
            out.file->is_linked = false;
            return SQLITE_OK;
        }
        out.path = given;
        auto it = files.find(out.path);
        if (it == files.end()) {
            if ((flags & SQLITE_OPEN_CREATE) == 0) return SQLITE_CANTOPEN;
            it = files.emplace(out.path, std::make_shared<stored_file>()).first;
            removed.erase(out.path);
        } else if ((flags & SQLITE_OPEN_EXCLUSIVE) != 0 && (flags & SQLITE_OPEN_CREATE) != 0) {
            return SQLITE_CANTOPEN;
        }
        out.file = it->second;
        out.removed_at_close = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
        return SQLITE_OK;
    }

    void unlock(open_file& f, int level) {
        auto& l = f.file->lock;
        if (level < SQLITE_LOCK_EXCLUSIVE && l.exclusive == &f) l.exclusive = nullptr;
        if (level < SQLITE_LOCK_PENDING && l.pending == &f) l.pending = nullptr;
        if (level < SQLITE_LOCK_RESERVED && l.reserved == &f) l.reserved = nullptr;
        if (level < SQLITE_LOCK_SHARED && f.level >= SQLITE_LOCK_SHARED) --l.shared;
        f.level = std::min(f.level, level);
    }

    int lock(open_file& f, int level) {
        const std::lock_guard hold(guard);
        if (f.file->is_dead) return SQLITE_IOERR_LOCK;
        if (f.level >= level) return SQLITE_OK;
        auto& l = f.file->lock;
        const auto by_other = [&f](const void* owner) { return owner != nullptr && owner != &f; };
        if (f.level < SQLITE_LOCK_SHARED) {
            if (by_other(l.pending) || by_other(l.exclusive)) return SQLITE_BUSY;
            ++l.shared;
            f.level = SQLITE_LOCK_SHARED;
        }
        if (level >= SQLITE_LOCK_RESERVED && f.level < SQLITE_LOCK_RESERVED) {
            if (by_other(l.reserved)) return SQLITE_BUSY;
            l.reserved = &f;
            f.level = SQLITE_LOCK_RESERVED;
        }
        if (level == SQLITE_LOCK_EXCLUSIVE) {
            if (by_other(l.pending)) return SQLITE_BUSY;
            l.pending = &f;
            f.level = SQLITE_LOCK_PENDING;
            if (l.shared > 1) return SQLITE_BUSY;
            l.exclusive = &f;
            f.level = SQLITE_LOCK_EXCLUSIVE;
        }
        return SQLITE_OK;
    }

    int lock_slots(open_file& f, int first, int count, int flags) {
        const std::lock_guard hold(guard);
        auto& slots = f.file->memory.slots;
        const bool is_shared = (flags & SQLITE_SHM_SHARED) != 0;
        if ((flags & SQLITE_SHM_UNLOCK) != 0) {
            for (int i = first; i < first + count; ++i) {
                const unsigned bit = 1u << static_cast<unsigned>(i);
                auto& slot = slots[static_cast<std::size_t>(i)];
                if (is_shared && (f.shared_slots & bit) != 0) {
                    --slot;
                    f.shared_slots &= ~bit;
                } else if (!is_shared && (f.exclusive_slots & bit) != 0) {
                    slot = 0;
                    f.exclusive_slots &= ~bit;
                }
            }
            return SQLITE_OK;
        }
        if (f.file->is_dead) return SQLITE_IOERR_SHMLOCK;
        for (int i = first; i < first + count; ++i) {
            const int slot = slots[static_cast<std::size_t>(i)];
            if (is_shared ? slot < 0 : slot != 0) return SQLITE_BUSY;
        }
        for (int i = first; i < first + count; ++i) {
            const unsigned bit = 1u << static_cast<unsigned>(i);
            if (is_shared) {
                ++slots[static_cast<std::size_t>(i)];
                f.shared_slots |= bit;
            } else {
                slots[static_cast<std::size_t>(i)] = -1;
                f.exclusive_slots |= bit;
            }
        }
        return SQLITE_OK;
    }

    int map(open_file& f, int region, int size, bool extend, void volatile** out) {
        const std::lock_guard hold(guard);
        *out = nullptr;
        if (f.file->is_dead) return SQLITE_IOERR_SHMMAP;
        auto& memory = f.file->memory;
        if (!f.maps_memory) {
            f.maps_memory = true;
            ++memory.users;
        }
        while (memory.regions.size() <= static_cast<std::size_t>(region)) {
            if (!extend) return SQLITE_OK;
            memory.regions.push_back(
                std::make_unique<char[]>(static_cast<std::size_t>(size))); // zeroed
        }
        *out = memory.regions[static_cast<std::size_t>(region)].get();
        return SQLITE_OK;
    }

    int unmap(open_file& f, bool forget) {
        lock_slots(f, 0, SQLITE_SHM_NLOCK, SQLITE_SHM_UNLOCK | SQLITE_SHM_SHARED);
        lock_slots(f, 0, SQLITE_SHM_NLOCK, SQLITE_SHM_UNLOCK | SQLITE_SHM_EXCLUSIVE);
        const std::lock_guard hold(guard);
        if (!f.maps_memory) return SQLITE_OK;
        f.maps_memory = false;
        auto& memory = f.file->memory;
        if (--memory.users == 0 && forget) memory.regions.clear();
        return SQLITE_OK;
    }
};

// ---- what SQLite calls ----

namespace {

using disk = faulty_vfs::disk;

disk& disk_of(sqlite3_vfs* v) {
    return *static_cast<disk*>(v->pAppData);
}

int file_close(sqlite3_file* f) {
    auto& o = of(f);
    o.disk->unmap(o, true);
    {
        const std::lock_guard lock(o.disk->guard);
        o.disk->unlock(o, SQLITE_LOCK_NONE);
    }
    if (o.removed_at_close) o.disk->remove(o.path, false);
    o.~open_file();
    return SQLITE_OK;
}

int file_read(sqlite3_file* f, void* out, int size, sqlite3_int64 at) {
    auto& o = of(f);
    const std::lock_guard lock(o.disk->guard);
    if (o.file->is_dead) return SQLITE_IOERR_READ;
    const auto& bytes = o.file->now;
    const auto from = std::min(static_cast<std::size_t>(at), bytes.size());
    const auto n = std::min(static_cast<std::size_t>(size), bytes.size() - from);
    std::memcpy(out, bytes.data() + from, n);
    if (n == static_cast<std::size_t>(size)) return SQLITE_OK;
    std::memset(static_cast<char*>(out) + n, 0, static_cast<std::size_t>(size) - n);
    return SQLITE_IOERR_SHORT_READ;
}

int file_write(sqlite3_file* f, const void* data, int size, sqlite3_int64 at) {
    return of(f).disk->write(of(f), data, size, at);
}
int file_truncate(sqlite3_file* f, sqlite3_int64 size) {
    return of(f).disk->truncate(of(f), size);
}
int file_sync(sqlite3_file* f, int) {
    return of(f).disk->sync(of(f));
}

int file_size(sqlite3_file* f, sqlite3_int64* out) {
    auto& o = of(f);
    const std::lock_guard lock(o.disk->guard);
    if (o.file->is_dead) return SQLITE_IOERR_FSTAT;
    *out = static_cast<sqlite3_int64>(o.file->now.size());
    return SQLITE_OK;
}

int file_lock_to(sqlite3_file* f, int level) {
    return of(f).disk->lock(of(f), level);
}
int file_unlock_to(sqlite3_file* f, int level) {
    auto& o = of(f);
    const std::lock_guard lock(o.disk->guard);
    o.disk->unlock(o, level);
    return SQLITE_OK;
}
int file_is_reserved(sqlite3_file* f, int* out) {
    auto& o = of(f);
    const std::lock_guard lock(o.disk->guard);
    *out = o.file->lock.reserved != nullptr || o.file->lock.exclusive != nullptr ? 1 : 0;
    return SQLITE_OK;
}

int file_control(sqlite3_file*, int, void*) {
    return SQLITE_NOTFOUND;
}
int file_sector_size(sqlite3_file*) {
    return 4096;
}
// As SQLite assumes of every disk: what is not written to keeps its content.
int file_characteristics(sqlite3_file*) {
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

int memory_map(sqlite3_file* f, int region, int size, int extend, void volatile** out) {
    return of(f).disk->map(of(f), region, size, extend != 0, out);
}
int memory_lock(sqlite3_file* f, int first, int count, int flags) {
    return of(f).disk->lock_slots(of(f), first, count, flags);
}
void memory_barrier(sqlite3_file* f) {
    std::atomic_thread_fence(std::memory_order_seq_cst);
    const std::lock_guard lock(of(f).disk->guard);
}
int memory_unmap(sqlite3_file* f, int forget) {
    return of(f).disk->unmap(of(f), forget != 0);
}

const sqlite3_io_methods methods = [] {
    sqlite3_io_methods m{};
    m.iVersion = 2;
    m.xClose = file_close;
    m.xRead = file_read;
    m.xWrite = file_write;
    m.xTruncate = file_truncate;
    m.xSync = file_sync;
    m.xFileSize = file_size;
    m.xLock = file_lock_to;
    m.xUnlock = file_unlock_to;
    m.xCheckReservedLock = file_is_reserved;
    m.xFileControl = file_control;
    m.xSectorSize = file_sector_size;
    m.xDeviceCharacteristics = file_characteristics;
    m.xShmMap = memory_map;
    m.xShmLock = memory_lock;
    m.xShmBarrier = memory_barrier;
    m.xShmUnmap = memory_unmap;
    return m;
}();

int vfs_open(sqlite3_vfs* v, const char* path, sqlite3_file* f, int flags, int* flags_out) {
    f->pMethods = nullptr;
    auto* o = new (f) open_file{};
    const int rc = disk_of(v).open(path, *o, flags);
    if (rc != SQLITE_OK) {
        o->~open_file();
        f->pMethods = nullptr;
        return rc;
    }
    f->pMethods = &methods;
    if (flags_out != nullptr) *flags_out = flags;
    return SQLITE_OK;
}

int vfs_delete(sqlite3_vfs* v, const char* path, int sync_folder) {
    return disk_of(v).remove(path, sync_folder != 0);
}

int vfs_access(sqlite3_vfs* v, const char* path, int, int* out) {
    auto& d = disk_of(v);
    const std::lock_guard lock(d.guard);
    // SQLite takes an empty journal for none, as the real one does.
    const auto it = d.files.find(path);
    *out = !d.is_off && it != d.files.end() ? 1 : 0;
    return SQLITE_OK;
}

int vfs_full_path(sqlite3_vfs*, const char* path, int size, char* out) {
    sqlite3_snprintf(size, out, "%s", path);
    return SQLITE_OK;
}
int vfs_random(sqlite3_vfs* v, int size, char* out) {
    auto* real = disk_of(v).real;
    return real->xRandomness(real, size, out);
}
int vfs_sleep(sqlite3_vfs* v, int us) {
    auto* real = disk_of(v).real;
    return real->xSleep(real, us);
}
int vfs_time(sqlite3_vfs* v, double* out) {
    auto* real = disk_of(v).real;
    return real->xCurrentTime(real, out);
}
int vfs_last_error(sqlite3_vfs*, int, char*) {
    return 0;
}

} // namespace

faulty_vfs::faulty_vfs(std::uint64_t seed, unsynced at_crash) : disk_(std::make_unique<disk>()) {
    disk& d = *disk_;
    d.random.seed(seed);
    d.at_crash = at_crash;
    d.real = sqlite3_vfs_find(nullptr);
    static std::atomic<unsigned> made{0};
    d.name = "mortise-faulty-" + std::to_string(++made);
    d.vfs.iVersion = 1;
    d.vfs.szOsFile = sizeof(open_file);
    d.vfs.mxPathname = 1024;
    d.vfs.zName = d.name.c_str();
    d.vfs.pAppData = &d;
    d.vfs.xOpen = vfs_open;
    d.vfs.xDelete = vfs_delete;
    d.vfs.xAccess = vfs_access;
    d.vfs.xFullPathname = vfs_full_path;
    d.vfs.xRandomness = vfs_random;
    d.vfs.xSleep = vfs_sleep;
    d.vfs.xCurrentTime = vfs_time;
    d.vfs.xGetLastError = vfs_last_error;
    if (d.real == nullptr || sqlite3_vfs_register(&d.vfs, 1) != SQLITE_OK)
        throw std::runtime_error("SQLite takes no VFS");
}

faulty_vfs::~faulty_vfs() {
    sqlite3_vfs_unregister(&disk_->vfs);
    sqlite3_vfs_register(disk_->real, 1);
}

void faulty_vfs::fail(disk_fault f) {
    const std::lock_guard lock(disk_->guard);
    disk_->next = std::move(f);
    disk_->is_armed = true;
    disk_->has_failed = false;
}

void faulty_vfs::heal() {
    const std::lock_guard lock(disk_->guard);
    disk_->is_armed = false;
}

bool faulty_vfs::has_failed() const {
    const std::lock_guard lock(disk_->guard);
    return disk_->has_failed;
}

void faulty_vfs::crash() {
    const std::lock_guard lock(disk_->guard);
    disk_->power_off();
}

bool faulty_vfs::is_off() const {
    const std::lock_guard lock(disk_->guard);
    return disk_->is_off;
}

void faulty_vfs::boot() {
    const std::lock_guard lock(disk_->guard);
    disk_->is_off = false;
    disk_->is_armed = false;
}

void faulty_vfs::set_capacity(std::uint64_t bytes) {
    const std::lock_guard lock(disk_->guard);
    disk_->capacity = bytes;
}

std::uint64_t faulty_vfs::used() const {
    const std::lock_guard lock(disk_->guard);
    return disk_->used();
}

std::uint64_t faulty_vfs::operations() const {
    const std::lock_guard lock(disk_->guard);
    return disk_->operations;
}

std::uint64_t faulty_vfs::syncs() const {
    const std::lock_guard lock(disk_->guard);
    return disk_->syncs;
}

bool faulty_vfs::exists(const std::string& path) const {
    const std::lock_guard lock(disk_->guard);
    return disk_->files.contains(path);
}

std::string faulty_vfs::contents(const std::string& path) const {
    const std::lock_guard lock(disk_->guard);
    const auto it = disk_->files.find(path);
    return it == disk_->files.end() ? std::string() : it->second->now;
}

void faulty_vfs::put(const std::string& path, std::string bytes) {
    const std::lock_guard lock(disk_->guard);
    auto f = std::make_shared<stored_file>();
    f->now = bytes;
    f->durable = std::move(bytes);
    f->name_is_durable = true;
    disk_->files[path] = std::move(f);
}

void faulty_vfs::remove(const std::string& path) {
    const std::lock_guard lock(disk_->guard);
    disk_->files.erase(path);
}

std::vector<std::string> faulty_vfs::paths() const {
    const std::lock_guard lock(disk_->guard);
    std::vector<std::string> out;
    for (const auto& [path, f] : disk_->files)
        out.push_back(path);
    return out;
}

} // namespace mortise::test
