// SPDX-License-Identifier: Apache-2.0
// The next configuration of a running host, as a whole or not at all.
#include "app/host_impl.hpp"
#include "app/retention_setup.hpp"
#include "base/footprint.hpp"
#include "base/log.hpp"

#include <algorithm>

namespace mortise::host {
namespace {

// Made anew although nothing is written differently: a rotated secret, a new plugin version.
void add_renewed(named_changes& to, const std::vector<std::string>& names) {
    for (const auto& name : names) {
        if (std::binary_search(to.added.begin(), to.added.end(), name)) continue;
        const auto at = std::lower_bound(to.changed.begin(), to.changed.end(), name);
        if (at == to.changed.end() || *at != name) to.changed.insert(at, name);
    }
}

std::string joined(const std::vector<std::string>& names) {
    std::string out;
    for (const auto& n : names)
        out += (out.empty() ? "" : ", ") + n;
    return out;
}

void say_renewed(const char* listener,
                 const std::shared_ptr<const tls_identity>& before,
                 const std::shared_ptr<const tls_identity>& next) {
    if (!before || !next || before->fingerprint() == next->fingerprint()) return;
    log(log_level::info, "another certificate from now on",
        {{"listener", listener},
         {"file", next->certificate_file()},
         {"valid_until", utc_minute(next->valid_until())}});
}

std::uint64_t count(const named_changes& c) {
    return c.added.size() + c.changed.size() + c.removed.size();
}

} // namespace

void host::impl::warn_of(const std::vector<stranded_flow>& stranded) {
    for (const auto& s : stranded)
        log(log_level::warn,
            "runs are left without their flow: they become dead letters when they want to go on",
            {{"flow", s.flow}, {"waiting", s.waiting}, {"under_way", s.under_way}});
}

result<reload_report> host::impl::reload_now() {
    const auto known = plugins->plugins();
    plugins->load_folders();
    note_plugins(known, {});
    auto loaded = load_and_check(options.config, *plugins);
    if (has_errors(loaded.problems)) return refused_configuration(loaded.problems);
    auto next = std::make_shared<configuration>(std::move(loaded.config));
    // All that can fail is done before anything changes.
    auto renewed = renew_certificates(*next, certificates_at_work(), time.now_unix_ms() / 1000);
    if (!renewed.problems.empty()) return refused_configuration(renewed.problems);
    if (const auto readable = read_receivers_secrets(*next); !readable)
        return refused_configuration({{{}, readable.error().message, {}, false}});
    // Before their flow is gone: a run that is ready then becomes a dead letter at once.
    auto stranded = stranded_flows(*store, *next);
    if (!stranded) return stranded.error();
    auto applied = deployed->apply(next, true);
    if (!applied) {
        auto e = applied.error();
        // The place is in the message already: one problem, as those of the files.
        if (e.details.empty() && e.category == category::config) {
            const auto details = refused_configuration({{{}, e.message, {}, false}}).details;
            e.details = details;
        }
        return e;
    }
    reload_report report;
    report.revision = next->revision;
    report.connections = changed_sections(*config, *next, "connections");
    report.flows = changed_sections(*config, *next, "flows");
    add_renewed(report.connections, applied->connections);
    add_renewed(report.flows, applied->flows);
    report.restart_needed = restart_needed(*started_with, *next);
    report.warnings = std::move(loaded.problems);
    report.stranded = std::move(*stranded);
    store->set_retention(retention_of(*next));
    if (!options.quiet) start_log(next->host.log);
    if (const auto ok = observed->configure(next); !ok)
        log(log_level::error, "traces and alerts stay as they were: " + ok.error().message);
    put_to_use(next);
    if (admin) admin->use(next->admin);
    const auto before = certificates_at_work();
    say_renewed("webhook", before.webhooks, renewed.next.webhooks);
    say_renewed("admin", before.admin, renewed.next.admin);
    if (renewed.next.webhooks) listener->use(std::move(renewed.next.webhooks));
    if (renewed.next.admin) admin->use(std::move(renewed.next.admin));
    publish_directory();
    give_back_memory();
    log(log_level::info, "configuration reloaded",
        {{"revision", next->revision},
         {"connections_changed", count(report.connections)},
         {"flows_changed", count(report.flows)}});
    if (!report.restart_needed.empty())
        log(log_level::warn, "some changed settings count from the next start only",
            {{"settings", joined(report.restart_needed)}});
    warn_of(report.stranded);
    for (const auto& w : report.warnings)
        log(log_level::warn, to_string(w.place) + ": " + w.message);
    return report;
}

certificates host::impl::certificates_at_work() const {
    return {listener ? listener->identity() : nullptr, admin ? admin->identity() : nullptr};
}

void host::impl::watch_certificates() {
    observed->state().add([this](std::vector<health::finding>& found) {
        find_ending(certificates_at_work(), time.now_unix_ms() / 1000, found);
    });
    certificate_dates = collect_certificates(metrics, [this] { return certificates_at_work(); });
}

result<reload_report> host::reload(std::string by) {
    auto done = impl_->on_control([this] { return impl_->reload_now(); });
    if (!by.empty())
        note(std::move(by), "reloadConfiguration", done ? result<void>() : done.error());
    return done;
}

} // namespace mortise::host
