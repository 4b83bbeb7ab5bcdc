// SPDX-License-Identifier: Apache-2.0
#include "app/host.hpp"

#include "app/host_impl.hpp"
#include "app/retention_setup.hpp"
#include "base/footprint.hpp"
#include "base/ids.hpp"
#include "base/log.hpp"

#include <boost/asio/strand.hpp>

#include <fstream>
#include <sys/stat.h>

namespace mortise::host {
namespace {

result<void> make_folder(const std::filesystem::path& folder) {
    std::error_code ec;
    std::filesystem::create_directories(folder, ec);
    if (ec) {
        return error{category::config, "host.folder",
                     "cannot make the folder " + folder.string() + ": " + ec.message() +
                         "; check the parent's owner and mode, or set host.state_dir"};
    }
    return {};
}

} // namespace

result<std::string> kept_text(const std::filesystem::path& file,
                              const std::function<std::string()>& make) {
    std::ifstream in(file);
    std::string text;
    if (in >> text && !text.empty()) return text;
    text = make();
    const auto old_mask = ::umask(077);
    std::ofstream out(file, std::ios::trunc);
    ::umask(old_mask);
    if (!(out << text << '\n' << std::flush)) {
        return error{category::config, "host.state",
                     "cannot write " + file.string() + "; check the folder's owner and mode"};
    }
    return text;
}

result<void> host::impl::open() {
    const auto& h = config->host;
    if (options.probe) {
        std::string pattern =
            (std::filesystem::temp_directory_path() / "mortise-probe-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr)
            return error{category::config, "host.folder", "cannot make a temporary folder"};
        probe_folder = pattern;
    }
    if (const auto made = make_folder(options.probe ? probe_folder : h.state_dir); !made)
        return made.error();
    journal_options j;
    j.path = options.probe ? (probe_folder / "journal.db").string() : config->journal.path.string();
    j.time = &time;
    j.retention = retention_of(*config);
    j.test_point = options.journal_test_point;
    if (!options.probe) {
        observed = std::make_unique<observation>(metrics, time, timers, workers);
        j.committed = observed->on_commit();
    }
    // One wake-up of the io threads for all that a commit has completed.
    j.hand_over = [this, strand = boost::asio::make_strand(io.get_executor())](auto completions) {
        if (threads_ended)
            completions();
        else
            boost::asio::post(strand, std::move(completions));
    };
    if (!options.probe) {
        if (const auto made = make_folder(config->journal.path.parent_path()); !made)
            return made.error();
    }
    auto opened = open_sqlite_journal(j);
    if (!opened) return opened.error();
    store = std::move(*opened);
    auto owner = kept_text((options.probe ? probe_folder : h.state_dir) / "host-id",
                           [this] { return uuid_v7(time.now_unix_ms()); });
    if (!owner) return owner.error();

    work.emplace(io.get_executor());
    // Few threads hand work to each other less often, and the journal has one of its own. A plugin
    // that blocks one brings in the others.
    const auto processors = std::max(2u, std::thread::hardware_concurrency());
    most_threads = h.threads > 0 ? static_cast<unsigned>(h.threads) : processors;
    // A probe ends in a moment: a plugin that blocks it is no news for who asked.
    const auto patience = options.probe ? std::chrono::milliseconds(0) : h.watchdog;
    add_threads(h.threads > 0 || patience.count() == 0 ? most_threads : processors / 2);
    dog = std::make_unique<watchdog>(patience, time, [this] { add_threads(most_threads); });
    http = std::make_unique<http_client>(io.get_executor(), time);
    env = std::make_unique<plugin_environment>(
        plugin_environment{io, workers, time, timers, *http, *store, contents, metrics, *dog});
    engine_options e;
    e.owner = *owner;
    e.max_backlog = h.max_backlog;
    e.max_active_runs = h.max_active_runs;
    runs = std::make_unique<engine>(*env, e);
    space = std::make_shared<space_guard>(
        timers, metrics, options.probe ? 0 : h.min_free_disk,
        [folder = std::filesystem::path(j.path).parent_path().string()] {
            return free_disk(folder);
        });
    runs->watch_space(space);
    for (const auto& observer : options.observers)
        runs->observe(observer);
    env->intake = runs.get();
    in = std::make_unique<ingress>(*runs, time,
                                   ingress_options{h.request_timeout, h.request_timeout,
                                                   observed ? &observed->state() : nullptr,
                                                   &metrics});
    gates = std::make_unique<connection_gates>(*store, time, metrics, [this] { runs->kick(); });
    if (const auto ok = observe(*owner); !ok) return ok.error();
    open_pages();
    if (const auto loaded = gates->load(); !loaded) return loaded.error();
    schedules = std::make_unique<scheduler>(*env, *runs);
    fills = std::make_unique<backfill>(*env, *runs);
    deployed = std::make_unique<deployment>(*env, *runs, *in, *plugins,
                                            deployment_parts{*gates, *schedules, *fills});
    letters = std::make_unique<dead_letters>(
        *store,
        [this] {
            const std::lock_guard lock(directory_guard);
            return directory;
        },
        [this](std::uint64_t) { runs->kick(); });
    bulk = std::make_unique<bulk_jobs>(*letters, time, timers);
    runs->set_pinned_source([this](const run_record& run, auto done) {
        boost::asio::post(control, [this, run, done] { done(deployed->pinned(run)); });
    });
    return {};
}

void host::impl::add_threads(std::size_t up_to) {
    const std::lock_guard lock(threads_guard);
    while (!threads_ended && threads.size() < up_to)
        threads.emplace_back([this] { io.run(); });
}

void host::impl::end_threads() {
    std::vector<std::thread> last;
    while (true) {
        {
            const std::lock_guard lock(threads_guard);
            if (threads.empty()) {
                threads_ended = true;
                return;
            }
            last.swap(threads);
        }
        for (auto& t : last)
            t.join();
        last.clear();
    }
}

result<void> host::impl::listen() {
    const auto& h = config->host;
    listener_options l;
    l.address = h.http_address;
    l.port = options.http_port.value_or(h.http_port);
    l.max_body = h.max_body;
    l.max_connections = static_cast<std::uint32_t>(h.max_connections);
    l.answer_timeout = h.request_timeout;
    l.tls_cert_file = h.tls.certificate_file;
    l.tls_key_file = h.tls.key_file;
    l.inherited = std::exchange(options.sockets.http, -1);
    l.waits = true; // nobody is to be told that triggers are not open yet
    listener = std::make_unique<http_listener>(
        io, l,
        [this](inbound_request request, responder reply) {
            in->handle(std::move(request), std::move(reply));
        },
        [this](const inbound_request& head) { return in->admit(head); });
    if (const auto ok = listener->start(); !ok) return ok.error();
    if (l.inherited >= 0 && l.port != 0 && l.port != listener->port())
        log(log_level::warn, "host.http.port is not that of the socket handed over, which is used",
            {{"configured", l.port}, {"used", listener->port()}});
    return {};
}

void host::impl::put_to_use(std::shared_ptr<const configuration> next) {
    const std::lock_guard lock(config_guard);
    config = std::move(next);
}

std::shared_ptr<const configuration> host::impl::config_in_use() const {
    const std::lock_guard lock(config_guard);
    return config;
}

// [control] After a configuration or a plugin was put to use.
void host::impl::publish_directory() {
    auto fresh = std::make_shared<const flow_directory>(*config, *plugins);
    const std::lock_guard lock(directory_guard);
    directory = std::move(fresh);
}

void host::impl::watch_folders() {
    std::vector<std::filesystem::path> folders;
    for (const auto& p : options.plugin_folders)
        folders.push_back(p);
    for (const auto& p : config->plugins.paths)
        folders.push_back(p);
    std::erase_if(folders, [](const auto& p) { return !std::filesystem::is_directory(p); });
    if (folders.empty()) return;
    auto started =
        folder_watch::start(io, folders, [this](std::vector<std::filesystem::path> files) {
            boost::asio::post(control,
                              [this, files = std::move(files)] { new_plugin_files(files); });
        });
    if (started)
        watch = std::move(*started);
    else
        log(log_level::warn, "plugin folders are not watched: " + started.error().message);
}

void host::impl::new_plugin_files(const std::vector<std::filesystem::path>& files) {
    const auto before = plugins->plugins();
    std::size_t fresh = 0;
    if (files.empty()) fresh = plugins->load_folders().size();
    for (const auto& file : files) {
        const auto loaded = plugins->load_file(file);
        if (loaded) {
            ++fresh;
            log(log_level::info, "plugin loaded",
                {{"file", file.string()},
                 {"plugin", (*loaded)->id},
                 {"version", (*loaded)->version}});
        } else {
            log(log_level::error, "plugin refused: " + loaded.error().text());
            note_refusal(loaded.error());
        }
    }
    if (fresh == 0) return;
    // New versions of what is in use take over for new runs; a configuration that was waiting for
    // the plugin still needs a reload.
    const auto applied = deployed->apply(config, true);
    note_plugins(before, applied ? result<void>() : applied.error());
    if (!applied) {
        log(log_level::error, "the new plugin was not put to use: " + applied.error().message);
        return;
    }
    publish_directory();
    give_back_memory();
}

host::host(host_options options) : impl_(std::make_unique<impl>(std::move(options))) {}

host::~host() {
    stop();
}

result<void> host::start() {
    auto& s = *impl_;
    auto ready = prepare(s.options);
    if (!ready.ok)
        return error{category::config, "config.invalid", problems_to_text(ready.problems)};
    s.plugins = std::move(ready.plugins);
    s.started_with = ready.config;
    s.config = std::move(ready.config);
    if (!s.options.quiet) start_log(s.config->host.log);
    for (const auto& p : ready.problems)
        log(log_level::warn, to_string(p.place) + ": " + p.message);
    for (const auto& r : s.plugins->refusals())
        log(log_level::error, "plugin refused: " + r.text());
    s.running = true;
    if (const auto opened = s.open(); !opened) return opened.error();
    if (s.options.probe) return s.put_each_to_work();
    // Instances and the engine first, so that the journal's runs find their flows; triggers and
    // listeners last.
    if (const auto applied = s.on_control([&] { return s.deployed->apply(s.config, false); });
        !applied)
        return applied.error();
    s.publish_directory();
    s.space->start([&s] { s.runs->room_again(); });
    if (const auto started = s.runs->start(); !started) return started.error();
    if (const auto resumed = s.bulk->resume(); !resumed) return resumed.error();
    if (const auto listening = s.listen(); !listening) return listening.error();
    if (const auto listening = s.listen_admin(); !listening) return listening.error();
    s.watch_certificates();
    if (const auto applied = s.on_control([&] { return s.deployed->apply(s.config, true); });
        !applied)
        return applied.error();
    s.in->set_ready(true);
    s.listener->accept_from_now();
    for (const int connection : std::exchange(s.options.sockets.connections, {}))
        s.listener->adopt(connection);
    // A start is not refused for these: what there is to do goes on without them.
    if (const auto readable = read_receivers_secrets(*s.config); !readable)
        log(log_level::error, "alerts or traces will not be sent: " + readable.error().message);
    if (const auto stranded = stranded_flows(*s.store, *s.config); stranded) s.warn_of(*stranded);
    s.observed->start();
    s.observed->state().set(host_life::ready);
    s.watch_folders();
    give_back_memory(); // an idle host is small
    log(log_level::info, "mortise " MORTISE_VERSION " is ready",
        {{"http", s.config->host.http_address + ':' + std::to_string(http_port())},
         {"admin", s.admin ? s.config->admin.address + ':' + std::to_string(admin_port())
                           : std::string("off")},
         {"connections", static_cast<std::uint64_t>(s.config->connections.size())},
         {"flows", static_cast<std::uint64_t>(s.config->flows.size())}});
    return {};
}

std::uint16_t host::http_port() const {
    return impl_->listener ? impl_->listener->port() : 0;
}
std::uint16_t host::admin_port() const {
    return impl_->admin ? impl_->admin->port() : 0;
}
const configuration& host::config() const {
    return *impl_->config;
}
std::shared_ptr<const configuration> host::config_in_use() const {
    return impl_->config_in_use();
}
engine& host::runs() {
    return *impl_->runs;
}
journal& host::store() {
    return *impl_->store;
}
connection_gates& host::gates() {
    return *impl_->gates;
}
scheduler& host::schedules() {
    return *impl_->schedules;
}
backfill& host::backfills() {
    return *impl_->fills;
}

std::vector<connection_state> host::connections() {
    auto& s = *impl_;
    return s.on_control([&] { return s.deployed->connections(); });
}

const plugin_catalog& host::plugins() const {
    return *impl_->plugins;
}

} // namespace mortise::host
