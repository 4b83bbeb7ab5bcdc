// SPDX-License-Identifier: Apache-2.0
#include "app/certificates.hpp"

#include "base/metrics.hpp"
#include "config/toml_document.hpp"

#include <cerrno>
#include <unistd.h>

namespace mortise::host {
namespace {

constexpr std::int64_t notice_seconds =
    std::chrono::duration_cast<std::chrono::seconds>(certificate_notice).count();

struct tls_section {
    const tls_config& files;
    const char* pointer; // in the file
    const char* name;    // for people
};

std::vector<tls_section> sections_of(const configuration& config) {
    std::vector<tls_section> out;
    if (!config.host.tls.certificate_file.empty())
        out.push_back({config.host.tls, "/host/http/tls", "host.http.tls"});
    if (config.admin.enabled && !config.admin.tls.certificate_file.empty())
        out.push_back({config.admin.tls, "/admin/tls", "admin.tls"});
    return out;
}

source_place place_of(const configuration& config, const tls_section& section, const char* key) {
    if (!config.written) return {};
    return config.written->value_place(std::string(section.pointer) + '/' + key);
}

// The key's file when the error is about it.
const char* key_of(const error& e, const tls_section& section) {
    return e.message.starts_with("key_file") && !section.files.key_file.empty()
               ? "key_file"
               : "certificate_file";
}

bool is_hidden_from_us(const std::string& file) {
    return ::access(file.c_str(), R_OK) != 0 && errno == EACCES;
}

// Which the reading of the configuration has said.
bool is_missing(const std::string& file) {
    return ::access(file.c_str(), F_OK) != 0 && errno == ENOENT;
}

// Empty when it is good now.
std::string not_valid(const tls_identity& it, std::int64_t now) {
    if (it.valid_until() <= now)
        return "the certificate \"" + it.certificate_file() + "\" expired on " +
               utc_minute(it.valid_until());
    if (it.valid_from() > now)
        return "the certificate \"" + it.certificate_file() + "\" is not valid before " +
               utc_minute(it.valid_from());
    return {};
}

constexpr const char* how_to_mend =
    "renew it, put it with its key where the configuration says, and reload";

} // namespace

std::vector<config_problem> check_certificates(const configuration& config, std::int64_t now) {
    std::vector<config_problem> out;
    for (const auto& section : sections_of(config)) {
        if (is_missing(section.files.certificate_file) || is_missing(section.files.key_file))
            continue;
        const auto add = [&](const char* key, std::string what, std::string hint, bool warning) {
            out.push_back({place_of(config, section, key),
                           std::string("[") + section.name + "]: " + what, std::move(hint),
                           warning});
        };
        bool seen = true;
        for (const auto& [key, file] :
             {std::pair{"certificate_file", section.files.certificate_file},
              std::pair{"key_file", section.files.key_file}}) {
            if (!is_hidden_from_us(file)) continue;
            seen = false;
            add(key, "the file " + file + " cannot be read by this account, so it was not checked",
                "the host's account must be able to read it", true);
        }
        if (!seen) continue;
        const auto loaded =
            tls_identity::load(section.files.certificate_file, section.files.key_file);
        if (!loaded) {
            add(key_of(loaded.error(), section), loaded.error().message,
                "give the chain and the key it was made for, both as PEM", false);
            continue;
        }
        if (auto wrong = not_valid(**loaded, now); !wrong.empty())
            add("certificate_file", std::move(wrong), how_to_mend, true);
        else if ((*loaded)->valid_until() - now < notice_seconds)
            add("certificate_file",
                "the certificate \"" + section.files.certificate_file + "\" expires on " +
                    utc_minute((*loaded)->valid_until()),
                how_to_mend, true);
    }
    return out;
}

renewed_certificates
renew_certificates(const configuration& next, const certificates& at_work, std::int64_t now) {
    renewed_certificates out;
    for (const auto& section : sections_of(next)) {
        const bool admin = std::string_view(section.name) == "admin.tls";
        const auto& before = admin ? at_work.admin : at_work.webhooks;
        if (!before) continue; // TLS as such begins with a start
        const auto refuse = [&](const char* key, const std::string& what, const char* hint) {
            out.problems.push_back({place_of(next, section, key),
                                    std::string("[") + section.name + "]: " + what, hint, false});
        };
        auto loaded = tls_identity::load(section.files.certificate_file, section.files.key_file);
        if (!loaded) {
            refuse(key_of(loaded.error(), section), loaded.error().message,
                   "give the chain and the key it was made for, both as PEM, readable by the "
                   "host's account");
            continue;
        }
        if ((*loaded)->fingerprint() != before->fingerprint())
            if (const auto wrong = not_valid(**loaded, now); !wrong.empty()) {
                refuse("certificate_file", wrong, how_to_mend);
                continue;
            }
        (admin ? out.next.admin : out.next.webhooks) = std::move(*loaded);
    }
    return out;
}

void find_ending(const certificates& at_work, std::int64_t now, std::vector<health::finding>& out) {
    const auto look = [&](const char* listener, const std::shared_ptr<const tls_identity>& it) {
        if (!it || it->valid_until() - now >= notice_seconds) return;
        const bool ended = it->valid_until() <= now;
        out.push_back({false, ended ? "certificate-expired" : "certificate-expiring",
                       std::string("the certificate of the ") + listener + " listener " +
                           (ended ? "expired" : "expires") + " on " +
                           utc_minute(it->valid_until())});
    };
    look("webhook", at_work.webhooks);
    look("admin", at_work.admin);
}

std::shared_ptr<void> collect_certificates(metric_registry& metrics,
                                           std::function<certificates()> at_work) {
    return metrics.on_collect([&metrics, look = std::move(at_work)] {
        const auto now = look();
        const auto set = [&](const char* listener, const std::shared_ptr<const tls_identity>& it) {
            if (!it) return;
            metrics
                .get(metric_kind::gauge, "mortise_tls_certificate_expiry_timestamp_seconds",
                     "When the certificate a listener shows ends, Unix time",
                     metric_label("listener", listener))
                .set(static_cast<double>(it->valid_until()));
        };
        set("webhook", now.webhooks);
        set("admin", now.admin);
    });
}

} // namespace mortise::host
