// SPDX-License-Identifier: Apache-2.0
#include "plugin/lifecycle.hpp"

#include "base/log.hpp"
#include "plugin/inspect.hpp"

#include <mortise/log.h>
#include <mortise/sdk/abi.hpp>
#include <mortise/sdk/error.hpp>

#include <optional>

namespace mortise::host {

namespace {

std::string status_text(mortise_status st) {
    switch (st) {
    case MORTISE_E_ARGUMENT:
        return "MORTISE_E_ARGUMENT";
    case MORTISE_E_STATE:
        return "MORTISE_E_STATE";
    case MORTISE_E_UNSUPPORTED:
        return "MORTISE_E_UNSUPPORTED";
    case MORTISE_E_DENIED:
        return "MORTISE_E_DENIED";
    case MORTISE_E_LIMIT:
        return "MORTISE_E_LIMIT";
    case MORTISE_E_FAILED:
        return "MORTISE_E_FAILED";
    default:
        return "status " + std::to_string(st);
    }
}

plugin_refusal
init_refused(const plugin_descriptor& p, std::string code, std::string found, std::string message) {
    return {.file = p.file,
            .plugin_id = p.id,
            .reason_code = std::move(code),
            .found = std::move(found),
            .wanted = "MORTISE_OK",
            .message = std::move(message),
            .hint = "The plugin's documentation or author knows what its init() needs"};
}

std::uint32_t log_is_enabled(void*, std::uint32_t level) {
    return log_enabled(level <= MORTISE_LOG_ERROR ? static_cast<log_level>(level) : log_level::info)
               ? 1u
               : 0u;
}

// Nothing may throw back into C; a line that cannot be written is lost.
void log_write(void*, std::uint32_t level, mortise_str message, mortise_str fields_json) {
    try {
        log(level <= MORTISE_LOG_ERROR ? static_cast<log_level>(level) : log_level::info,
            view(message), {}, view(fields_json));
    } catch (...) {}
}

const void* only_log(const mortise_host*, mortise_handle, mortise_str id) {
    static const mortise_svc_log service{.struct_size = sizeof(mortise_svc_log),
                                         .reserved0 = 0,
                                         .ctx = nullptr,
                                         .enabled = log_is_enabled,
                                         .write = log_write};
    return view(id) == MORTISE_SVC_LOG ? &service : nullptr;
}

} // namespace

const mortise_host* log_only_host() noexcept {
    static const mortise_host host{.struct_size = sizeof(mortise_host),
                                   .abi_major = MORTISE_ABI_MAJOR,
                                   .abi_minor = MORTISE_ABI_MINOR,
                                   .reserved0 = 0,
                                   .ctx = nullptr,
                                   .name = c_str_of("mortise"),
                                   .version = c_str_of(MORTISE_HOST_VERSION),
                                   .get_service = only_log};
    return &host;
}

plugin_result<void> call_init(const plugin_descriptor& plugin, const mortise_host* host) {
    if (plugin.entry.init == nullptr) return {};
    std::optional<error> reason;
    const mortise_error_sink sink{&reason, [](void* ctx, const mortise_error* e) {
                                      try {
                                          if (e != nullptr)
                                              *static_cast<std::optional<error>*>(ctx) = from_c(*e);
                                      } catch (...) { // out of memory: the status alone must do
                                      }
                                  }};
    mortise_status st = MORTISE_OK;
    try {
        st = plugin.entry.init(host, sink);
    } catch (const std::exception& e) {
        return init_refused(plugin, "init-threw", e.what(),
                            std::string("its init() threw a C++ exception: ") + e.what());
    } catch (...) {
        return init_refused(plugin, "init-threw", "a C++ exception",
                            "its init() threw a C++ exception");
    }
    if (st == MORTISE_OK) return {};
    if (!reason) {
        return init_refused(plugin, "init-failed", status_text(st),
                            "its init() failed with " + status_text(st) + " and gave no reason");
    }
    const std::string code = reason->code.empty() ? "" : " (" + reason->code + ")";
    return init_refused(plugin, "init-failed", status_text(st) + code,
                        "its init() failed: " + reason->message + code);
}

bool call_deinit(const plugin_descriptor& plugin) noexcept {
    if (plugin.entry.deinit == nullptr) return true;
    try {
        plugin.entry.deinit();
        return true;
    } catch (...) {
        log(log_level::error, "a plugin's deinit() threw a C++ exception",
            {{"plugin", plugin.id}, {"file", plugin.file.string()}});
        return false;
    }
}

} // namespace mortise::host
