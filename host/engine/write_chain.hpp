// SPDX-License-Identifier: Apache-2.0
//
// The writes of one run, which make sense only in their order: when the journal has refused one
// (each operation of a group that failed is tried alone), those behind it are refused as well, or a
// run could end without the step it ends with.
#pragma once

#include "journal/journal.hpp"

#include <memory>
#include <vector>

namespace mortise::host {

class write_chain {
public:
    // op (which may be empty) as the run's next write. One thread at a time.
    journal::operation next(journal::operation op) {
        return [links = links_, n = count_++, op = std::move(op)](journal_tx& tx) {
            // Operations run one at a time, so the links need no lock. An operation may run again.
            links->resize(n + 1);
            (*links)[n] = tx.serial();
            if (n > 0 && !tx.kept((*links)[n - 1])) {
                throw journal_failure({category::unavailable, "journal.earlier-write-lost",
                                       "the journal did not take an earlier write of the run"});
            }
            if (op) op(tx);
        };
    }

private:
    std::shared_ptr<std::vector<std::uint64_t>> links_ =
        std::make_shared<std::vector<std::uint64_t>>(); // serials of the transactions, by number
    std::size_t count_ = 0;
};

} // namespace mortise::host
