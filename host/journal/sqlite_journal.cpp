// SPDX-License-Identifier: Apache-2.0
// The SQLite engine put together: lock, writer connection, writer thread, reader connections.
#include "base/log.hpp"
#include "journal/host_lock.hpp"
#include "journal/schema.hpp"
#include "journal/sqlite_reader.hpp"
#include "journal/sqlite_tx.hpp"
#include "journal/writer.hpp"

#include <mutex>

namespace mortise::host {
namespace {

class sqlite_store final : public journal_store {
public:
    sqlite_store(const std::string& path, const clock& time)
        : db_(path, sqlite_db::mode::create), tx_(db_, time) {
        // First of all: nothing may be changed in a file that is not ours, and WAL changes it.
        prepare_schema(db_, path, false);
        // The size limit gives back to the disk what a burst of writing made of the log.
        db_.script("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-8000;"
                   "PRAGMA temp_store=MEMORY; PRAGMA secure_delete=FAST;"
                   "PRAGMA wal_autocheckpoint=4000; PRAGMA journal_size_limit=67108864");
    }

    journal_tx& begin() override {
        db_.exec("BEGIN IMMEDIATE");
        tx_.begin();
        return tx_;
    }
    void commit() override {
        tx_.seal();
        db_.exec("COMMIT");
    }
    void rollback() noexcept override {
        tx_.rolled_back();
        db_.rollback();
    }

private:
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
        : options_(options), lock_(options.path), store_(options.path, *options.time),
          readers_(options.path), writer_(store_, options_) {}

    void write(operation op, completion done) override {
        writer_.write(std::move(op), std::move(done));
    }
    void read(const query& q) override { readers_.read(q); }
    result<void> flush() override { return writer_.flush(); }
    std::size_t queued() const override { return writer_.queued(); }

private:
    journal_options options_;
    host_lock lock_;
    sqlite_store store_;
    reader_pool readers_;
    journal_writer writer_; // last: finishes before what it uses goes
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
