// SPDX-License-Identifier: Apache-2.0
// The SQLite engine put together: lock, writer connection, writer thread, reader connections.
#include "base/log.hpp"
#include "journal/host_lock.hpp"
#include "journal/housekeeping.hpp"
#include "journal/private_file.hpp"
#include "journal/schema.hpp"
#include "journal/sqlite_reader.hpp"
#include "journal/sqlite_tx.hpp"
#include "journal/writer.hpp"

#include <mutex>

namespace mortise::host {
namespace {

// What cannot be made here SQLite refuses next, with its reason.
const std::string& private_path(const std::string& path) {
    (void)make_private_file(path);
    return path;
}

class sqlite_store final : public journal_store {
public:
    sqlite_store(const journal_options& options, log_watch& log)
        : options_(options), log_(log), db_(private_path(options.path), sqlite_db::mode::create),
          tx_(db_, *options.time) {
        // Until the log is in use a rollback journal is. Removing it must be durable: one that is
        // back after a power cut would be played over pages that were written since.
        db_.script("PRAGMA synchronous=EXTRA");
        // Before WAL: nothing may be changed in a file that is not ours, and WAL changes it.
        prepare_schema(db_, options.path, false);
        // The size limit gives back to the disk what a burst of writing made of the log.
        db_.script("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-8000;"
                   "PRAGMA temp_store=MEMORY; PRAGMA secure_delete=FAST;"
                   "PRAGMA journal_size_limit=67108864");
        db_.watch_log(); // SQLite would checkpoint inside a commit
    }

    journal_tx& begin() override {
        db_.exec("BEGIN IMMEDIATE");
        tx_.begin();
        return tx_;
    }
    void commit() override {
        tx_.seal();
        db_.exec("COMMIT");
        tx_.committed();
        log_.committed(db_.log_pages());
    }
    void rollback() noexcept override {
        tx_.rolled_back();
        db_.rollback();
    }
    void idle() noexcept override {
        const bool alone =
            !options_.background && db_.log_pages() >= static_cast<int>(options_.checkpoint_pages);
        if (!alone && !log_.take_rest()) return;
        try {
            db_.checkpoint();
            is_stuck_ = false;
        } catch (const std::exception& e) {
            // The log holds everything; the next one tries again.
            if (std::exchange(is_stuck_, true)) return;
            log(log_level::warn, "the journal's log could not be moved", {{"what", e.what()}});
        }
    }

private:
    const journal_options& options_;
    log_watch& log_;
    bool is_stuck_ = false; // the last checkpoint failed, and the log tells
    sqlite_db db_;
    sqlite_tx tx_;
};

// Reader connections, made when needed and kept for the next query.
class reader_pool {
public:
    explicit reader_pool(std::string path) : path_(std::move(path)) {}

    void read(const journal::query& q) {
        auto reader = take();
        reader->run_query(q); // after an error the connection is not trusted any more
        give_back(std::move(reader));
    }

private:
    static constexpr std::size_t most_kept = 4;

    std::unique_ptr<sqlite_reader> take() {
        {
            const std::lock_guard lock(mutex_);
            if (!free_.empty()) {
                auto reader = std::move(free_.back());
                free_.pop_back();
                return reader;
            }
        }
        return std::make_unique<sqlite_reader>(path_);
    }
    void give_back(std::unique_ptr<sqlite_reader> reader) {
        const std::lock_guard lock(mutex_);
        if (free_.size() < most_kept) free_.push_back(std::move(reader));
    }

    std::string path_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<sqlite_reader>> free_;
};

class sqlite_journal final : public journal {
public:
    explicit sqlite_journal(const journal_options& options)
        : options_(options), lock_(options.path), log_(static_cast<int>(options.checkpoint_pages)),
          store_(options_, log_), readers_(options.path), writer_(store_, options_),
          keeper_(options_, log_, writer_) {}

    void write(operation op, completion done) override {
        writer_.write(std::move(op), std::move(done));
    }
    void read(const query& q) override { readers_.read(q); }
    result<void> flush() override { return writer_.flush(); }
    std::size_t queued() const override { return writer_.queued(); }
    void set_retention(retention_rules rules) override { keeper_.set_rules(std::move(rules)); }
    result<trimmed> trim() override { return keeper_.trim(); }

private:
    journal_options options_;
    host_lock lock_;
    log_watch log_;
    sqlite_store store_;
    reader_pool readers_;
    journal_writer writer_; // finishes before what it uses goes
    housekeeping keeper_;   // last: uses the writer
};

// For the command line beside a running host.
class read_only_journal final : public journal {
public:
    explicit read_only_journal(const journal_options& options) : readers_(options.path) {
        sqlite_db db(options.path, sqlite_db::mode::read_only);
        prepare_schema(db, options.path, true);
    }

    void write(operation, completion done) override {
        if (done) done(refusal());
    }
    void read(const query& q) override { readers_.read(q); }
    result<void> flush() override { return {}; }
    std::size_t queued() const override { return 0; }
    void set_retention(retention_rules) override {}
    result<trimmed> trim() override { return refusal(); }

private:
    static error refusal() {
        error e(category::denied, "journal.read-only",
                "the journal was opened for reading only; changes go through the running host");
        e.effect = effect::none;
        return e;
    }

    reader_pool readers_;
};

} // namespace

result<std::unique_ptr<journal>> open_sqlite_journal(const journal_options& options) {
    if (options.path.empty() || options.time == nullptr) {
        return error(category::config, "journal.cannot-open",
                     "the journal needs a path and a clock; set [journal] path");
    }
    try {
        std::unique_ptr<journal> made;
        if (options.read_only) {
            made = std::make_unique<read_only_journal>(options);
        } else {
            made = std::make_unique<sqlite_journal>(options);
        }
        return made;
    } catch (...) {
        // Whatever stands in the way of opening is for the operator to mend.
        error why = current_failure();
        why.category = category::config;
        return why;
    }
}

} // namespace mortise::host
