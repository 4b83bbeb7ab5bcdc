// SPDX-License-Identifier: Apache-2.0
// The real program with its journal in a folder and a recording target, to be killed and started
// again.
#pragma once

#include "journal/journal.hpp"
#include "support/child_process.hpp"
#include "support/history.hpp"
#include "support/recording_target.hpp"
#include "support/temp_dir.hpp"

#include <memory>
#include <string>
#include <vector>

namespace mortise::test {

class crashing_host {
public:
    crashing_host();
    ~crashing_host();

    // kill_at: "before:3" or "after:1" (a commit of the journal), or empty. Comes back when the
    // program takes requests, or has died.
    void start(const std::string& kill_at = {});
    bool ready() const { return port_ != 0; }
    bool running() { return child_ && child_->running(); }
    void kill(); // [any-thread]
    void bury(); // after kill(): waits for its end
    // In good order; the exit status as waitpid() reports it.
    int stop();

    // True when the event was acknowledged. data is JSON.
    bool send(const std::string& id,
              const std::string& type,
              const std::string& subject,
              const std::string& data);

    // What the journal holds, read beside the program or after its death.
    std::vector<host::run_record> runs();
    bool all_ended(); // no run is unfinished
    // Puts what the journal and the target know into the history.
    void tell(history& h);
    // What the journal and the target know of the event's run, for people.
    std::string story(const std::string& event);
    std::string output() const;

    temp_dir dir;
    recording_target target;
    std::string base_url; // of the target connection, instead of target's

private:
    std::unique_ptr<host::journal> journal();

    host::system_clock time_;
    std::unique_ptr<child_process> child_;
    std::string log_;
    int starts_ = 0;
    unsigned short port_ = 0;
};

} // namespace mortise::test
