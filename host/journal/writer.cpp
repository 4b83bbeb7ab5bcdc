// SPDX-License-Identifier: Apache-2.0
#include "journal/writer.hpp"

#include "base/log.hpp"

#include <algorithm>
#include <chrono>
#include <future>
#include <memory>

namespace mortise::host {
namespace {

// While many write, a short wait lets more of them share a sync; who writes alone never waits.
constexpr std::size_t busy_group = 8;
constexpr std::chrono::microseconds gathering{200};

} // namespace

error current_failure() {
    try {
        throw;
    } catch (const journal_failure& f) {
        return f.get();
    } catch (const error& e) {
        return e;
    } catch (const std::exception& e) {
        return {category::internal, "journal.operation-failed",
                std::string("a journal operation failed: ") + e.what()};
    } catch (...) {
        return {category::internal, "journal.operation-failed",
                "a journal operation failed with an exception of unknown type"};
    }
}

journal_writer::journal_writer(journal_store& store, const journal_options& options)
    : store_(store), options_(options), thread_([this] { loop(); }) {}

journal_writer::~journal_writer() {
    {
        const std::lock_guard lock(mutex_);
        closing_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

void journal_writer::write(journal::operation op, journal::completion done) {
    bool enough = false;
    {
        const std::lock_guard lock(mutex_);
        waiting_.push_back({std::move(op), std::move(done)});
        enough = waiting_.size() == wanted_;
        queued_.fetch_add(1);
    }
    if (enough) wake_.notify_one();
}

result<void> journal_writer::flush() {
    std::promise<result<void>> promise;
    auto outcome = promise.get_future();
    write([](journal_tx&) {}, [&promise](const result<void>& r) { promise.set_value(r); });
    return outcome.get();
}

void journal_writer::loop() {
    const std::size_t limit = std::max<std::size_t>(options_.group_limit, 1);
    group taken;
    group items;
    std::size_t last = 0;
    for (;;) {
        {
            std::unique_lock lock(mutex_);
            const auto enough = [this] { return closing_ || waiting_.size() >= wanted_; };
            wanted_ = 1;
            wake_.wait(lock, enough);
            if (waiting_.empty()) return;
            if (last >= busy_group) {
                wanted_ = std::min(last, limit);
                wake_.wait_for(lock, gathering, enough);
            }
            taken.swap(waiting_);
            last = taken.size();
            waiting_.reserve(last);
        }
        if (taken.size() <= limit) {
            run(taken);
            taken.clear();
            store_.idle();
            continue;
        }
        for (std::size_t at = 0; at < taken.size(); at += limit) {
            const auto end = std::min(at + limit, taken.size());
            items.assign(std::make_move_iterator(taken.begin() + static_cast<std::ptrdiff_t>(at)),
                         std::make_move_iterator(taken.begin() + static_cast<std::ptrdiff_t>(end)));
            run(items);
            items.clear();
            store_.idle();
        }
        taken.clear();
    }
}

void journal_writer::run(group& items) {
    item* const first = items.data();
    item* const last = first + items.size();
    const result<void> together = commit(first, last);
    if (together.has_value() || items.size() == 1) {
        settle(items, together);
        return;
    }
    // Only the guilty one may fail; the others get a transaction each.
    for (item* it = first; it != last; ++it) {
        const auto alone = commit(it, it + 1);
        group one;
        one.push_back(std::move(*it));
        settle(one, alone);
    }
}

void journal_writer::settle(group& items, const result<void>& outcome) {
    queued_.fetch_sub(items.size());
    if (!options_.hand_over) {
        for (item& it : items)
            complete(it, outcome);
        return;
    }
    auto batch = std::make_shared<group>(std::move(items));
    options_.hand_over([batch = std::move(batch), outcome] {
        for (item& it : *batch)
            complete(it, outcome);
    });
}

result<void> journal_writer::commit(item* first, item* last) {
    const std::uint64_t number = ++commits_;
    const auto began = std::chrono::steady_clock::now();
    const auto tell = [&](const error* failure) {
        if (options_.committed)
            options_.committed(std::chrono::steady_clock::now() - began,
                               static_cast<std::size_t>(last - first), failure);
    };
    try {
        journal_tx& tx = store_.begin();
        for (item* it = first; it != last; ++it) {
            it->op(tx);
        }
        if (options_.test_point) options_.test_point(journal_point::before_commit, number);
        store_.commit();
    } catch (...) {
        error why = current_failure();
        store_.rollback();
        tell(&why);
        return why;
    }
    tell(nullptr);
    if (options_.test_point) options_.test_point(journal_point::after_commit, number);
    return {};
}

void journal_writer::complete(item& it, const result<void>& outcome) noexcept {
    if (!it.done) return;
    try {
        it.done(outcome);
    } catch (const std::exception& e) {
        // What the completion was to tell is durable; only the listener is broken.
        log(log_level::error, "a journal completion threw", {{"what", e.what()}});
    } catch (...) {
        log(log_level::error, "a journal completion threw", {{"what", "an unknown type"}});
    }
}

} // namespace mortise::host
