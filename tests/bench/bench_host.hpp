// SPDX-License-Identifier: Apache-2.0
// A host in this process with the probe plugin, a sink behind its one connection, and a journal in
// MORTISE_BENCH_DIR (default: the current folder; use the disk in question).
#pragma once

#include "app/host.hpp"
#include "traffic.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <unistd.h>

namespace mortise::bench {

class bench_host {
public:
    explicit bench_host(const std::string& flows) {
        const char* dir = std::getenv("MORTISE_BENCH_DIR");
        folder_ = std::filesystem::path(dir != nullptr ? dir : ".") /
                  ("host-bench-" + std::to_string(::getpid()));
        std::filesystem::create_directories(folder_);
        const auto file = std::filesystem::absolute(folder_) / "mortise.toml";
        std::ofstream(file) << "[host]\nstate_dir = \"state\"\nshutdown_grace = \"1s\"\n"
                               "[host.http]\nport = 0\nmax_backlog = 1000000\n"
                               "[admin]\nport = 0\n[plugins]\npaths = [\"" MORTISE_BINARY_DIR
                               "/test-plugins\"]\n[connections.sink]\nconnector = \"probe\"\n"
                               "base_url = \""
                            << target.url()
                            << "\"\n[connections.sink.limits]\nmax_concurrent = 64\n"
                               "[connections.sink.triggers.changes]\npoll_interval = \"24h\"\n"
                            << flows;
        host::host_options options;
        options.config = file;
        options.quiet = true;
        it = std::make_unique<host::host>(std::move(options));
        if (const auto started = it->start(); !started)
            throw std::runtime_error(started.error().message);
    }
    ~bench_host() {
        it.reset();
        std::error_code ec;
        std::filesystem::remove_all(folder_, ec);
    }

    sink target;
    std::unique_ptr<host::host> it;

private:
    std::filesystem::path folder_;
};

} // namespace mortise::bench
