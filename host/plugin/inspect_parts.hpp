// SPDX-License-Identifier: Apache-2.0
// What the two ways of looking at a plugin in a process of its own share: a child that is started
// for one file (inspect.cpp), and one that forks for each of many (probe.cpp). Private to this
// folder. [any-thread]
#pragma once

#include "plugin/inspect.hpp"

#include <boost/json/object.hpp>

#include <sys/types.h>

namespace mortise::host {

struct descriptor {
    int fd = -1;
    explicit descriptor(int f) : fd(f) {}
    ~descriptor();
    descriptor(const descriptor&) = delete;
    descriptor& operator=(const descriptor&) = delete;
};

// An anonymous file for what a child writes; fd < 0 and errno when there is none.
descriptor answer_file();

// From offset on, at most limit bytes.
std::string read_from(int fd, off_t offset, std::size_t limit);

// Starts `<program> inspect --raw <what>` with `in` as its standard input (-1: nothing to read) and
// concludes from what it did.
plugin_result<std::string> ask_child(const std::filesystem::path& file,
                                     const inspect_options& options,
                                     std::string what,
                                     int in);

// Waits for a child that answers into out and err, kills it and its process group when the time is
// over, reaps it, and says what came of it.
plugin_result<std::string> conclude(const std::filesystem::path& file,
                                    const inspect_options& options,
                                    pid_t child,
                                    const descriptor& out,
                                    const descriptor& err);

plugin_refusal probe_failed(const std::filesystem::path& file,
                            const inspect_options& options,
                            std::string_view what,
                            int e);

// A refusal on its way between the processes; the file is what the parent calls it.
plugin_refusal refusal_from(const std::filesystem::path& file, const boost::json::object& o);
boost::json::object to_json(const plugin_refusal& r);

} // namespace mortise::host
