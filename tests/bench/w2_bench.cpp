// SPDX-License-Identifier: Apache-2.0
// W2: a large file from one system to another, beside "curl | curl" in the same run. The files are
// made as they are sent and dropped as they come (file_server.hpp), in a process of its own, as is
// the host. MORTISE_W2_MIB: how large (1024).
#include "support/file_server.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace {

using clock_type = std::chrono::steady_clock;

std::string read(const std::filesystem::path& p) {
    std::ifstream in(p);
    std::stringstream out;
    out << in.rdbuf();
    return out.str();
}

// What curl prints; empty when it fails.
std::string run(const std::string& command) {
    FILE* out = ::popen(command.c_str(), "r");
    std::string text;
    char buffer[4096];
    while (out != nullptr) {
        const auto n = std::fread(buffer, 1, sizeof buffer, out);
        if (n == 0) break;
        text.append(buffer, n);
    }
    if (out != nullptr) ::pclose(out);
    return text;
}

double seconds_of(const std::string& command, const std::string& wanted) {
    const auto begin = clock_type::now();
    const auto said = run(command);
    const std::chrono::duration<double> took = clock_type::now() - begin;
    if (said.find(wanted) == std::string::npos) {
        std::fprintf(stderr, "w2_bench: \"%s\" said \"%s\"\n", command.c_str(), said.c_str());
        std::exit(1);
    }
    return took.count();
}

long kib(pid_t pid, const std::string& name) {
    const auto status = read("/proc/" + std::to_string(pid) + "/status");
    const auto at = status.find(name + ":");
    return at == std::string::npos ? 0 : std::atol(status.c_str() + at + name.size() + 1);
}

// Processor time of the host, and of the programs that were started and have ended.
double cpu_of(pid_t pid) {
    const auto stat = read("/proc/" + std::to_string(pid) + "/stat");
    std::istringstream in(stat.substr(stat.rfind(')') + 2));
    std::string skip;
    for (int i = 0; i < 11; ++i)
        in >> skip;
    double user = 0, system = 0;
    in >> user >> system;
    return (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

double cpu_of_children() {
    rusage used{};
    ::getrusage(RUSAGE_CHILDREN, &used);
    const auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    };
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

double median(std::vector<double> v) {
    std::sort(v.begin(), v.end());
    return v[v.size() / 2];
}

} // namespace

int main() {
    const char* wish = std::getenv("MORTISE_W2_MIB");
    const std::uint64_t mib = wish != nullptr ? std::strtoull(wish, nullptr, 10) : 1024;
    const std::uint64_t bytes = mib << 20;
    mortise::test::file_server files;
    const auto folder =
        std::filesystem::temp_directory_path() / ("mortise-w2-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder);
    std::ofstream(folder / "mortise.toml")
        << "[host]\nstate_dir = \"state\"\n[host.http]\nport = 0\n[host.log]\nformat = \"json\"\n"
           "file = \"log\"\n[admin]\nport = 0\n[plugins]\npaths = [\"" MORTISE_BINARY_DIR
           "/test-plugins\"]\n[connections.files]\nconnector = \"probe\"\nbase_url = \""
        << files.base_url()
        << "\"\n[flows.w2]\nflow = \"probe-steps\"\n[flows.w2.connections]\n"
           "target = \"files\"\n";
    const pid_t host = ::fork();
    if (host == 0) {
        const auto program = std::string(MORTISE_BINARY_DIR) + "/bin/mortise";
        const auto config = (folder / "mortise.toml").string();
        ::execl(program.c_str(), "mortise", "-c", config.c_str(), "run", nullptr);
        std::_Exit(127);
    }
    std::string port;
    for (int i = 0; i < 500 && port.empty(); ++i) {
        ::usleep(20'000);
        const auto log = read(folder / "log");
        const std::string mark = "\"http\":\"127.0.0.1:";
        const auto at =
            log.find("is ready") != std::string::npos ? log.find(mark) : std::string::npos;
        if (at != std::string::npos)
            port = log.substr(at + mark.size(), log.find('"', at + mark.size()) - at - mark.size());
    }
    const auto transfer = [&](std::uint64_t size) {
        return "curl -sS -X POST -H 'Content-Type: application/json' -d "
               "'{\"plan\":[{\"do\":\"transfer\",\"by\":\"fetch\",\"to\":\"upload\",\"name\":\"" +
               std::to_string(size) + "\",\"as\":\"copy\"}]}' http://127.0.0.1:" + port +
               "/flows/w2 2>&1";
    };
    const auto pipe = [&](std::uint64_t size) {
        return "curl -sS " + files.base_url() + "/files/" + std::to_string(size) +
               " | curl -sS -T - -H 'Expect:' " + files.base_url() + "/whole/piped 2>&1";
    };
    int status = 1;
    if (!port.empty()) {
        seconds_of(transfer(1 << 20), "sha256"); // what the first one needs is there then
        const long before = kib(host, "VmRSS");
        std::vector<double> ours, theirs;
        double our_cpu = 0, their_cpu = 0;
        for (int round = 0; round < 5; ++round) {
            const double host_before = cpu_of(host);
            ours.push_back(seconds_of(transfer(bytes), "\"verified\":\"size\""));
            our_cpu += cpu_of(host) - host_before;
            const double curl_before = cpu_of_children();
            theirs.push_back(seconds_of(pipe(bytes), "\"size\":" + std::to_string(bytes)));
            their_cpu += cpu_of_children() - curl_before;
        }
        const double rate = static_cast<double>(bytes) / 1e6;
        std::printf("W2, %llu MiB, median of 5: mortise %.0f MB/s, curl | curl %.0f MB/s, ratio "
                    "%.0f %%; processor %.2f and %.2f s each; RSS of the host %+ld KiB at most\n",
                    static_cast<unsigned long long>(mib), rate / median(ours),
                    rate / median(theirs), 100 * median(theirs) / median(ours), our_cpu / 5,
                    their_cpu / 5, kib(host, "VmHWM") - before);
        status = 0;
    } else {
        std::fprintf(stderr, "w2_bench: the host did not start; see %s\n", folder.c_str());
    }
    ::kill(host, SIGTERM);
    ::waitpid(host, nullptr, 0);
    if (status == 0) std::filesystem::remove_all(folder);
    return status;
}
