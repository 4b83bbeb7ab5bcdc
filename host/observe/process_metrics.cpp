// SPDX-License-Identifier: Apache-2.0
// The process as /proc shows it (proc(5)).
#include "base/metrics.hpp"
#include "observe/host_metrics.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <sys/resource.h>
#include <unistd.h>

namespace mortise::host {
namespace {

struct process_figures {
    double cpu_seconds = 0, virtual_bytes = 0, resident_bytes = 0, start_seconds = 0;
    bool known = false;
};

double boot_seconds() {
    std::ifstream in("/proc/stat");
    std::string word;
    for (double value = 0; in >> word; in.ignore(4096, '\n'))
        if (word == "btime" && in >> value) return value;
    return 0;
}

process_figures look() {
    process_figures out;
    std::ifstream in("/proc/self/stat");
    std::string text((std::istreambuf_iterator<char>(in)), {});
    // The name of the program, in brackets, may hold anything.
    const auto behind = text.rfind(')');
    if (behind == std::string::npos) return out;
    std::istringstream fields(text.substr(behind + 1));
    const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
    std::string word;
    for (int n = 3; fields >> word; ++n) {
        const auto value = n > 3 ? std::strtod(word.c_str(), nullptr) : 0;
        if (n == 14 || n == 15) out.cpu_seconds += value / ticks;
        if (n == 22) out.start_seconds = boot_seconds() + value / ticks;
        if (n == 23) out.virtual_bytes = value;
        if (n == 24) {
            out.resident_bytes = value * static_cast<double>(::sysconf(_SC_PAGESIZE));
            out.known = true;
            break;
        }
    }
    return out;
}

double open_files() {
    std::error_code ec;
    double n = 0;
    for (std::filesystem::directory_iterator it("/proc/self/fd", ec), end; !ec && it != end;
         it.increment(ec))
        ++n;
    return n > 0 ? n - 1 : 0; // the folder's own
}

} // namespace

std::shared_ptr<void>
collect_process(metric_registry& metrics, std::string version, std::string abi) {
    metrics
        .get(metric_kind::gauge, "mortise_build_info", "1, with what this host was built as",
             metric_label("abi", abi) + ',' + metric_label("version", version))
        .set(1);
    return metrics.on_collect([&metrics] {
        const auto gauge = [&](const char* name, const char* help, double value) {
            metrics.get(metric_kind::gauge, name, help).set(value);
        };
        if (const auto p = look(); p.known) {
            metrics
                .get(metric_kind::counter, "process_cpu_seconds_total",
                     "Processor time the process has used")
                .set(p.cpu_seconds);
            gauge("process_virtual_memory_bytes", "Address space of the process", p.virtual_bytes);
            gauge("process_resident_memory_bytes", "Memory of the process", p.resident_bytes);
            gauge("process_start_time_seconds", "When the process was started, Unix time",
                  p.start_seconds);
        }
        gauge("process_open_fds", "Files and sockets the process has open", open_files());
        rlimit limit{};
        if (::getrlimit(RLIMIT_NOFILE, &limit) == 0)
            gauge("process_max_fds", "Files and sockets the process may have open",
                  static_cast<double>(limit.rlim_cur));
    });
}

} // namespace mortise::host
