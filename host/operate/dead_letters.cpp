// SPDX-License-Identifier: Apache-2.0
#include "operate/dead_letters.hpp"

#include "base/no_effect.hpp"
#include "operate/run_edits.hpp"

namespace mortise::host {

error undecided(const run_record& run) {
    return no_effect(category::conflict, "run.in-doubt",
                     "run " + run.id.str() + " is in doubt: nobody knows whether step \"" +
                         run.failed_step +
                         "\" happened. Look in the system, then retry with redo (it did not "
                         "happen) or with its result (it did)");
}

dead_letters::dead_letters(journal& store, directory_source flows, ready_hook made_ready)
    : store_(store), flows_(std::move(flows)), ready_(std::move(made_ready)) {}

void dead_letters::made_ready(std::uint64_t n) const {
    if (ready_) ready_(n);
}

result<claimed_run> dead_letters::find(const run_id& run) const {
    std::optional<claimed_run> found;
    try {
        store_.read([&](journal_reader& r) { found = r.run(run); });
    } catch (const journal_failure& failure) {
        return failure.get();
    }
    if (!found) {
        return no_effect(category::not_found, "run.unknown",
                         "the journal holds no run " + run.str());
    }
    return std::move(*found);
}

void dead_letters::write(change c, run_state after, answer done) {
    auto outcome = std::make_shared<result<void>>();
    store_.write([c = std::move(c), outcome](journal_tx& tx) { *outcome = c(tx); },
                 [this, outcome, after, done = std::move(done)](const result<void>& ok) {
                     if (!ok) {
                         done(ok.error());
                         return;
                     }
                     if (!*outcome) {
                         done(outcome->error());
                         return;
                     }
                     made_ready(after == run_state::ready ? 1 : 0);
                     done(after);
                 });
}

result<void> dead_letters::retry_in(journal_tx& tx,
                                    const run_record& run,
                                    const flow_entry* flow,
                                    const retry_choice& choice,
                                    std::string_view who) {
    if (run.state == run_state::in_doubt && !choice.redo) return undecided(run);
    if (run.state == run_state::failed && choice.fresh && flow == nullptr) {
        return no_effect(
            category::conflict, "run.retry.no-flow",
            "flow \"" + run.instance +
                "\" is not configured, so it is not known which of its steps read; put "
                "it back first");
    }
    const bool anew = choice.fresh || run.failed_step.empty();
    if (run.state == run_state::failed && anew && flow != nullptr)
        return tx.retry_anew(run.id, flow->look_again(), who);
    return tx.retry(run.id, choice.redo, {}, who);
}

void dead_letters::retry(const run_id& run, retry_choice choice, std::string who, answer done) {
    const auto found = find(run);
    if (!found) {
        done(found.error());
        return;
    }
    const auto& record = found->run;
    const bool doubt = record.state == run_state::in_doubt;
    if (choice.redo && choice.taken_as_done) {
        done(no_effect(category::input, "run.retry.both",
                       "give redo or the result of the doubtful step, not both"));
        return;
    }
    if (doubt && !choice.redo && !choice.taken_as_done) {
        done(undecided(record));
        return;
    }
    if (record.state == run_state::failed && choice.taken_as_done) {
        done(no_effect(category::conflict, "run.retry.not-in-doubt",
                       "run " + run.str() +
                           " failed and is not in doubt: its step is repeated; a "
                           "result cannot be given for it"));
        return;
    }
    if (doubt && choice.fresh) {
        done(no_effect(category::conflict, "run.retry.fresh-in-doubt",
                       "run " + run.str() +
                           " is in doubt: it goes on from its doubtful step, with what it had "
                           "read; leave fresh out"));
        return;
    }
    std::string version, revision;
    const auto all = flows();
    const auto* flow = all->find(record.instance);
    if (choice.repin) {
        if (flow == nullptr || flow->descriptor == nullptr) {
            done(no_effect(category::conflict, "run.retry.no-flow",
                           "flow \"" + record.instance +
                               "\" is not configured, so there is no version to go on with"));
            return;
        }
        version = flow->version;
        revision = flow->revision;
    }
    write(
        [choice, version, revision, all, flow, record = found->run,
         who = std::move(who)](journal_tx& tx) -> result<void> {
            retry_choice way = choice;
            way.redo = true; // decided above
            const auto retried = choice.taken_as_done
                                     ? tx.retry(record.id, false, *choice.taken_as_done, who)
                                     : retry_in(tx, record, flow, way, who);
            if (retried && choice.repin) tx.repin(record.id, version, revision, who);
            return retried;
        },
        run_state::ready, std::move(done));
}

void dead_letters::discard(const run_id& run, std::string reason, std::string who, answer done) {
    write([run, reason = std::move(reason),
           who = std::move(who)](journal_tx& tx) { return tx.discard(run, reason, who); },
          run_state::discarded, std::move(done));
}

void dead_letters::edit_event(const run_id& run,
                              std::string_view data,
                              std::string who,
                              answer done) {
    const auto found = find(run);
    if (!found) {
        done(found.error());
        return;
    }
    const auto all = flows();
    const auto* flow = all->find(found->run.instance);
    auto checked = checked_event(*found, flow, data);
    if (!checked) {
        done(checked.error());
        return;
    }
    auto reads = flow != nullptr ? flow->read_targets() : std::vector<std::string>();
    write([run, text = std::move(*checked), reads = std::move(reads),
           who = std::move(who)](journal_tx& tx) { return tx.edit_event(run, text, reads, who); },
          run_state::ready, std::move(done));
}

void dead_letters::edit_step(const run_id& run,
                             std::string_view step,
                             std::string_view input,
                             bool merge,
                             std::string who,
                             answer done) {
    const auto found = find(run);
    if (!found) {
        done(found.error());
        return;
    }
    const auto all = flows();
    auto checked = checked_input(*found, all->find(found->run.instance), step, input, merge);
    if (!checked) {
        done(checked.error());
        return;
    }
    write([run, edit = std::move(*checked), who = std::move(who)](
              journal_tx& tx) { return tx.edit_step(run, edit.step, edit.input, who); },
          run_state::ready, std::move(done));
}

} // namespace mortise::host
