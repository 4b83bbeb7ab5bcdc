// SPDX-License-Identifier: Apache-2.0
#include "plugin/catalog.hpp"

#include "base/log.hpp"
#include "plugin/inspect.hpp"
#include "plugin/lifecycle.hpp"
#include "plugin/probe_memory.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <tuple>

namespace mortise::host {

namespace fs = std::filesystem;

namespace {

std::string named(std::string_view kind, const std::string& id, const std::string& version) {
    return std::string(kind) + " \"" + id + "\" " + version;
}

std::string abi_text(const plugin_descriptor& p) {
    return std::to_string(p.abi_major) + "." + std::to_string(p.abi_minor);
}

} // namespace

struct plugin_catalog::impl {
    explicit impl(catalog_options o) : options(std::move(o)), memory(options.probe_memory) {
        if (!options.scan.known_hash) {
            options.scan.known_hash = [this](const plugin_file& f) { return memory.known_hash(f); };
        }
    }

    plugin_result<const plugin_descriptor*> take(const plugin_file& file);
    const plugin_descriptor* find_loaded(const plugin_file& file) const;
    inspect_options child_options() const {
        return {.program = options.probe_program, .timeout = options.probe_timeout};
    }
    void probe_together(const std::vector<plugin_file>& files);
    plugin_result<void> probe(const plugin_file& file);
    plugin_result<void> check_duplicates(const plugin_descriptor& fresh) const;
    void refuse(const plugin_refusal& r);

    template <class T>
    const T* find(const std::vector<T> plugin_descriptor::*kind,
                  std::string_view id,
                  std::string_view version) const;

    catalog_options options; // not changed after construction
    probe_memory memory;
    // Written by [main] only; the lock is for readers on other threads. init() runs outside of it.
    mutable std::shared_mutex mutex;
    std::vector<std::unique_ptr<plugin_descriptor>> loaded;
    std::map<fs::path, plugin_refusal> refused;
    std::map<fs::path, plugin_result<void>> probed; // while a folder is being loaded
    bool closed = false;
};

plugin_catalog::plugin_catalog(catalog_options options)
    : impl_(std::make_unique<impl>(std::move(options))) {}

plugin_catalog::~plugin_catalog() {
    deinit_all();
}

const plugin_descriptor* plugin_catalog::impl::find_loaded(const plugin_file& file) const {
    for (const auto& p : loaded)
        if (p->file == file.path && p->sha256 == file.sha256) return p.get();
    return nullptr;
}

plugin_result<void> plugin_catalog::impl::probe(const plugin_file& file) {
    if (options.probe_program.empty()) return {};
    if (memory.passed(file)) {
        if (!memory.known_hash(file)) memory.remember(file); // a copy in place of the same content
        return {};
    }
    if (const auto known = probed.find(file.path); known != probed.end()) {
        if (!known->second) return known->second.error();
    } else if (const auto manifest = inspect_in_child(file.path, child_options()); !manifest) {
        return manifest.error();
    }
    memory.remember(file);
    return {};
}

// The files of load_folders() that want a look, all at once.
void plugin_catalog::impl::probe_together(const std::vector<plugin_file>& files) {
    if (options.probe_program.empty()) return;
    std::vector<fs::path> unseen;
    for (const auto& file : files)
        if (find_loaded(file) == nullptr && !memory.passed(file)) unseen.push_back(file.path);
    if (unseen.size() < 2) return;
    auto results = probe_in_children(unseen, child_options());
    for (std::size_t i = 0; i < unseen.size(); ++i)
        probed.insert_or_assign(unseen[i], std::move(results[i]));
}

plugin_result<void> plugin_catalog::impl::check_duplicates(const plugin_descriptor& fresh) const {
    const auto clash = [&](const std::string& what, const plugin_descriptor& other) {
        return plugin_refusal{.file = fresh.file,
                              .plugin_id = fresh.id,
                              .reason_code = "duplicate-id",
                              .found = what + " also in " + other.file.string(),
                              .wanted = "each id and version in one file only",
                              .message = what + " is already loaded from " + other.file.string(),
                              .hint = "Remove one of the two files"};
    };
    for (const auto& other : loaded) {
        for (const auto& c : fresh.connectors)
            for (const auto& o : other->connectors)
                if (c.id == o.id && c.version == o.version)
                    return clash(named("connector", c.id, c.version), *other);
        for (const auto& f : fresh.flows)
            for (const auto& o : other->flows)
                if (f.id == o.id && f.version == o.version)
                    return clash(named("flow", f.id, f.version), *other);
        if (fresh.id == other->id && fresh.version == other->version)
            return clash(named("plugin", fresh.id, fresh.version), *other);
    }
    return {};
}

plugin_result<const plugin_descriptor*> plugin_catalog::impl::take(const plugin_file& file) {
    if (const auto* known = find_loaded(file)) return known;
    if (const auto passed = probe(file); !passed) return passed.error();
    auto opened = open_library(file);
    if (!opened) return opened.error();
    if (const auto alone = check_duplicates(**opened); !alone) return alone.error();
    const mortise_host* host =
        options.host_for_init ? options.host_for_init(**opened) : log_only_host();
    if (const auto ready = call_init(**opened, host); !ready) return ready.error();

    const std::unique_lock lock(mutex);
    loaded.push_back(*std::move(opened));
    const plugin_descriptor& p = *loaded.back();
    log(log_level::info, "plugin loaded",
        {{"plugin", p.id},
         {"version", p.version},
         {"file", p.file.string()},
         {"abi", abi_text(p)},
         {"sdk", p.sdk}});
    return &p;
}

void plugin_catalog::impl::refuse(const plugin_refusal& r) {
    log(log_level::error, "plugin refused: " + r.message,
        {{"file", r.file.string()},
         {"plugin", r.plugin_id},
         {"reason", r.reason_code},
         {"hint", r.hint}});
    const std::unique_lock lock(mutex);
    refused.insert_or_assign(r.file, r);
}

std::vector<const plugin_descriptor*> plugin_catalog::load_folders() {
    std::vector<const plugin_descriptor*> fresh;
    if (impl_->closed) return fresh;
    const scan_result found = scan(impl_->options.scan);
    {
        const std::unique_lock lock(impl_->mutex);
        impl_->refused.clear();
    }
    for (const auto& r : found.refused)
        impl_->refuse(r);
    impl_->probe_together(found.files);
    for (const auto& file : found.files) {
        const std::size_t before = impl_->loaded.size();
        const auto taken = impl_->take(file);
        if (!taken)
            impl_->refuse(taken.error());
        else if (impl_->loaded.size() != before)
            fresh.push_back(*taken);
    }
    impl_->probed.clear();
    impl_->memory.save();
    return fresh;
}

plugin_result<const plugin_descriptor*> plugin_catalog::load_file(const fs::path& file) {
    if (impl_->closed) {
        return plugin_refusal{.file = file,
                              .plugin_id = {},
                              .reason_code = "stopping",
                              .found = "a host that is stopping",
                              .wanted = "a running host",
                              .message = "the host is stopping and loads nothing any more",
                              .hint = "Start the host again"};
    }
    auto taken = [&]() -> plugin_result<const plugin_descriptor*> {
        const auto checked = check_file(file, impl_->options.scan);
        if (!checked) return checked.error();
        return impl_->take(*checked);
    }();
    if (!taken) {
        impl_->refuse(taken.error());
    } else {
        const std::unique_lock lock(impl_->mutex);
        impl_->refused.erase(file);
        impl_->refused.erase((*taken)->file);
    }
    impl_->memory.save();
    return taken;
}

void plugin_catalog::deinit_all() noexcept {
    if (impl_->closed) return;
    {
        const std::unique_lock lock(impl_->mutex);
        impl_->closed = true;
    }
    for (auto it = impl_->loaded.rbegin(); it != impl_->loaded.rend(); ++it)
        call_deinit(**it);
}

template <class T>
const T* plugin_catalog::impl::find(const std::vector<T> plugin_descriptor::*kind,
                                    std::string_view id,
                                    std::string_view version) const {
    const std::shared_lock lock(mutex);
    if (closed) return nullptr;
    const T* best = nullptr;
    for (const auto& p : loaded) {
        for (const T& one : (*p).*kind) {
            if (one.id != id || (!version.empty() && one.version != version)) continue;
            if (best == nullptr || compare_versions(one.version, best->version) > 0) best = &one;
        }
    }
    return best;
}

const connector_descriptor* plugin_catalog::find_connector(std::string_view id,
                                                           std::string_view version) const {
    return impl_->find<connector_descriptor>(&plugin_descriptor::connectors, id, version);
}

const flow_descriptor* plugin_catalog::find_flow(std::string_view id,
                                                 std::string_view version) const {
    return impl_->find<flow_descriptor>(&plugin_descriptor::flows, id, version);
}

std::vector<const plugin_descriptor*> plugin_catalog::plugins() const {
    const std::shared_lock lock(impl_->mutex);
    std::vector<const plugin_descriptor*> out;
    for (const auto& p : impl_->loaded)
        out.push_back(p.get());
    return out;
}

std::vector<plugin_refusal> plugin_catalog::refusals() const {
    const std::shared_lock lock(impl_->mutex);
    std::vector<plugin_refusal> out;
    for (const auto& [file, r] : impl_->refused)
        out.push_back(r);
    return out;
}

std::vector<plugin_listing> plugin_catalog::list() const {
    std::vector<plugin_listing> out;
    const auto add = [&out](const plugin_descriptor& p, const char* kind, const auto& one) {
        out.push_back({.file = p.file,
                       .kind = kind,
                       .id = one.id,
                       .version = one.version,
                       .title = one.title,
                       .plugin_id = p.id,
                       .plugin_version = p.version,
                       .sdk = p.sdk,
                       .abi = abi_text(p),
                       .state = plugin_state::loaded,
                       .refusal = {}});
    };
    {
        const std::shared_lock lock(impl_->mutex);
        for (const auto& p : impl_->loaded) {
            for (const auto& c : p->connectors)
                add(*p, "connector", c);
            for (const auto& f : p->flows)
                add(*p, "flow", f);
        }
        for (const auto& [file, r] : impl_->refused) {
            plugin_listing line;
            line.file = file;
            line.kind = "plugin";
            line.id = r.plugin_id;
            line.plugin_id = r.plugin_id;
            line.state = plugin_state::refused;
            line.refusal = r;
            out.push_back(std::move(line));
        }
    }
    std::ranges::sort(out, [](const plugin_listing& a, const plugin_listing& b) {
        return std::tie(a.file, a.kind, a.id) < std::tie(b.file, b.kind, b.id);
    });
    return out;
}

} // namespace mortise::host
