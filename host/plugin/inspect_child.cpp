// SPDX-License-Identifier: Apache-2.0
// The child's half of the inspection. It tells each phase before it begins, so that the parent
// knows where it died.
#include "plugin/inspect.hpp"
#include "plugin/inspect_parts.hpp"
#include "plugin/lifecycle.hpp"
#include "plugin/mapping.hpp"
#include "plugin/scan.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

namespace mortise::host {

namespace {

int answer_fd = -1;

void say(std::string_view text) noexcept {
    while (!text.empty()) {
        const ssize_t n = ::write(answer_fd, text.data(), text.size());
        if (n <= 0) ::_exit(70); // the parent is gone or the answer too large
        text.remove_prefix(static_cast<std::size_t>(n));
    }
}

[[noreturn]] void finish(std::string_view answer) {
    say("@done\n");
    say(answer);
    ::_exit(0); // destructors of a plugin are not what is being looked at
}

[[noreturn]] void finish(const plugin_refusal& r) {
    finish(boost::json::serialize(boost::json::object{{"refused", to_json(r)}}));
}

void prepare_process() {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const rlimit no_core{0, 0};
    ::setrlimit(RLIMIT_CORE, &no_core);
    const rlimit little_output{16 * 1024 * 1024, 16 * 1024 * 1024};
    ::setrlimit(RLIMIT_FSIZE, &little_output);
    // What the plugin prints must not mix with the answer.
    answer_fd = ::fcntl(1, F_DUPFD_CLOEXEC, 3);
    if (answer_fd < 0 || ::dup2(2, 1) < 0) ::_exit(70);
}

[[noreturn]] void look_at(const plugin_result<plugin_file>& facts, bool describe_it) {
    if (!facts) finish(facts.error());
    say("@load\n");
    if (const auto mapped = map_library(*facts); !mapped) finish(mapped.error());
    say("@describe\n");
    const auto plugin = open_library(*facts);
    if (!plugin) finish(plugin.error());
    const std::string manifest = describe_it ? manifest_json(**plugin) : "{}";
    say("@init\n");
    if (const auto ready = call_init(**plugin, log_only_host()); !ready) finish(ready.error());
    say("@deinit\n");
    if (!call_deinit(**plugin)) ::_exit(71);
    finish(manifest);
}

// One of many: in a copy of this process, which has loaded the host's own libraries already.
plugin_result<std::string> look_in_copy(const std::filesystem::path& file,
                                        const inspect_options& options) {
    const descriptor out = answer_file();
    const descriptor err = answer_file();
    if (out.fd < 0 || err.fd < 0) return probe_failed(file, options, "memfd_create", errno);
    const pid_t copy = ::fork();
    if (copy < 0) return probe_failed(file, options, "fork", errno);
    if (copy == 0) {
        ::close(answer_fd);
        ::setpgid(0, 0);
        const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
        if (nothing < 0 || ::dup2(nothing, 0) < 0 || ::dup2(out.fd, 1) < 0 || ::dup2(err.fd, 2) < 0)
            ::_exit(70);
        prepare_process();
        // The host has read and hashed the file before it asked.
        look_at(read_plugin_file(file, [](const plugin_file&) { return std::string(); }), false);
    }
    return conclude(file, options, copy, out, err);
}

[[noreturn]] void look_at_many() {
    constexpr std::size_t largest_request = 16 * 1024 * 1024;
    const auto request = boost::json::parse(read_from(0, 0, largest_request));
    inspect_options options;
    options.timeout = std::chrono::milliseconds(request.at("timeout_ms").to_number<long>());
    boost::json::array looked_at;
    for (const auto& file : request.at("files").as_array()) {
        const auto seen = look_in_copy(std::string(file.as_string()), options);
        if (seen)
            looked_at.emplace_back(nullptr);
        else
            looked_at.emplace_back(to_json(seen.error()));
    }
    finish(boost::json::serialize(boost::json::object{{"looked_at", std::move(looked_at)}}));
}

} // namespace

void run_raw_inspect(const std::filesystem::path& file) {
    prepare_process();
    if (file == "-") look_at_many();
    look_at(read_plugin_file(file), true);
}

} // namespace mortise::host
