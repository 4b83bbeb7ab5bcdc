// SPDX-License-Identifier: Apache-2.0
// The child's half of the inspection. It tells each phase before it begins, so that the parent
// knows where it died.
#include "plugin/inspect.hpp"
#include "plugin/lifecycle.hpp"
#include "plugin/mapping.hpp"
#include "plugin/scan.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

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
    const boost::json::object refused{{"plugin_id", r.plugin_id}, {"reason_code", r.reason_code},
                                      {"found", r.found},         {"wanted", r.wanted},
                                      {"message", r.message},     {"hint", r.hint}};
    finish(boost::json::serialize(boost::json::object{{"refused", refused}}));
}

} // namespace

void run_raw_inspect(const std::filesystem::path& file) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const rlimit no_core{0, 0};
    ::setrlimit(RLIMIT_CORE, &no_core);
    const rlimit little_output{16 * 1024 * 1024, 16 * 1024 * 1024};
    ::setrlimit(RLIMIT_FSIZE, &little_output);
    // What the plugin prints must not mix with the answer.
    answer_fd = ::fcntl(1, F_DUPFD_CLOEXEC, 3);
    if (answer_fd < 0 || ::dup2(2, 1) < 0) ::_exit(70);

    const auto facts = read_plugin_file(file);
    if (!facts) finish(facts.error());
    say("@load\n");
    if (const auto mapped = map_library(*facts); !mapped) finish(mapped.error());
    say("@describe\n");
    const auto plugin = open_library(*facts);
    if (!plugin) finish(plugin.error());
    const std::string manifest = manifest_json(**plugin);
    say("@init\n");
    if (const auto ready = call_init(**plugin, log_only_host()); !ready) finish(ready.error());
    say("@deinit\n");
    if (!call_deinit(**plugin)) ::_exit(71);
    finish(manifest);
}

} // namespace mortise::host
