// SPDX-License-Identifier: Apache-2.0
// A journal in a folder of its own, with a clock that the test holds.
#pragma once

#include "journal/journal.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <future>
#include <memory>
#include <string>

namespace mortise::test {

namespace host = mortise::host;

struct journal_fixture {
    temp_dir folder;
    host::manual_clock time;
    host::journal_options options;
    std::unique_ptr<host::journal> journal;

    journal_fixture() {
        options.path = (folder.path() / "journal.db").string();
        options.time = &time;
        open();
    }
    void open() {
        auto opened = host::open_sqlite_journal(options);
        if (!opened) FAIL(opened.error().message);
        journal = std::move(*opened);
    }
    void reopen() {
        journal.reset();
        open();
    }

    // Waits until the write is durable.
    host::result<void> try_write(host::journal::operation op) {
        std::promise<host::result<void>> done;
        auto outcome = done.get_future();
        journal->write(std::move(op), [&done](const host::result<void>& r) { done.set_value(r); });
        return outcome.get();
    }
    void write(host::journal::operation op) {
        const auto r = try_write(std::move(op));
        if (!r) FAIL(r.error().message);
    }

    static host::intake
    intake_of(const std::string& id, const std::string& run = {}, const std::string& key = "k") {
        host::intake in;
        in.event.id = id;
        in.event.source = "/connections/dam";
        in.event.type = "dam.asset.approved";
        in.event.subject = "asset-" + id;
        in.event.via = "webhook";
        in.event.data = R"({"n":1})";
        if (!run.empty()) in.runs.push_back(seed_of(run, key));
        return in;
    }
    static host::run_seed seed_of(const std::string& run, const std::string& key = "k") {
        return {host::run_id(run), "campaigns", key, "campaign-assets", "1.2.0", "rev-1"};
    }
    host::accepted accept(const host::intake& in) {
        host::accepted out;
        write([&](host::journal_tx& tx) { out = tx.accept(in); });
        return out;
    }
    std::vector<host::claimed_run> claim(std::uint32_t limit = 100,
                                         const std::string& owner = "host-a",
                                         host::unix_ms lease = 30'000) {
        std::vector<host::claimed_run> out;
        write([&](host::journal_tx& tx) { out = tx.claim(owner, limit, tx.now() + lease); });
        return out;
    }
    std::vector<std::string> claimed_ids(std::uint32_t limit = 100,
                                         const std::string& owner = "host-a") {
        std::vector<std::string> out;
        for (const auto& c : claim(limit, owner)) {
            out.push_back(c.run.id.str());
        }
        return out;
    }
    void finish(const std::string& run, host::run_state state = host::run_state::succeeded) {
        write([&](host::journal_tx& tx) {
            tx.finish(host::run_id(run), state, "{}", std::nullopt, "");
        });
    }
    host::run_state suspend(const std::string& run, host::unix_ms wake_at = 0) {
        auto out = host::run_state::ready;
        write([&](host::journal_tx& tx) { out = tx.suspend(host::run_id(run), wake_at); });
        return out;
    }
    host::claimed_run run(const std::string& id) {
        std::optional<host::claimed_run> out;
        journal->read([&](host::journal_reader& r) { out = r.run(host::run_id(id)); });
        REQUIRE(out.has_value());
        return *out;
    }
    host::run_state state_of(const std::string& id) { return run(id).run.state; }
    host::journal_stats stats() {
        host::journal_stats out;
        journal->read([&](host::journal_reader& r) { out = r.stats(); });
        return out;
    }
};

inline host::step_record step_of(const std::string& key,
                                 host::step_state state,
                                 host::step_kind kind = host::step_kind::call) {
    host::step_record s;
    s.key = key;
    s.kind = kind;
    s.target = "dam:assets.get";
    s.state = state;
    s.attempts = 1;
    s.input = R"({"id":1})";
    return s;
}

} // namespace mortise::test
