// SPDX-License-Identifier: Apache-2.0
//
// What a host consists of; included by the host_*.cpp only. The order of the members is the order
// they are made in.
#pragma once

#include "admin/admin.hpp"
#include "admin/admin_action.hpp"
#include "app/admin_files.hpp"
#include "app/certificates.hpp"
#include "app/host.hpp"
#include "app/host_routes.hpp"
#include "base/metrics.hpp"
#include "base/timers.hpp"
#include "content/content_store.hpp"
#include "http/client.hpp"
#include "http/listener.hpp"
#include "observe/observation.hpp"
#include "operate/bulk_jobs.hpp"
#include "operate/dead_letters.hpp"
#include "operate/flow_directory.hpp"
#include "plugin/watch.hpp"
#include "plugin/watchdog.hpp"
#include "policy/space_guard.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>

#include <atomic>
#include <future>
#include <map>
#include <mutex>
#include <thread>

namespace mortise::host {

struct host::impl {
    explicit impl(host_options o) : options(std::move(o)) {}

    host_options options;
    system_clock time;
    metric_registry metrics;
    content_store contents{256 * 1024, [this](std::function<void()> task) {
                               boost::asio::post(workers, std::move(task));
                           }};
    std::unique_ptr<plugin_catalog> plugins; // outlives every instance
    mutable std::mutex config_guard;
    std::shared_ptr<const configuration>
        config; // replaced under config_guard on the control thread
    std::shared_ptr<const configuration> started_with;
    std::filesystem::path probe_folder;

    boost::asio::io_context io;
    asio_timers timers{io};
    std::optional<boost::asio::executor_work_guard<boost::asio::io_context::executor_type>> work;
    std::mutex threads_guard;
    std::vector<std::thread> threads;
    std::size_t most_threads = 0;
    std::atomic<bool> threads_ended{false};
    boost::asio::thread_pool workers{4};
    boost::asio::thread_pool control{1};

    std::unique_ptr<observation> observed; // none in a probe
    std::unique_ptr<watchdog> dog;
    std::unique_ptr<journal> store;
    std::unique_ptr<http_client> http;
    std::unique_ptr<plugin_environment> env;
    std::shared_ptr<space_guard> space;
    std::unique_ptr<engine> runs;
    std::unique_ptr<connection_gates> gates;
    std::unique_ptr<scheduler> schedules;
    std::unique_ptr<backfill> fills;
    std::unique_ptr<ingress> in;
    std::unique_ptr<deployment> deployed;
    // What the admin listener works with besides.
    mutable std::mutex directory_guard;
    std::shared_ptr<const flow_directory> directory = std::make_shared<const flow_directory>();
    std::unique_ptr<dead_letters> letters;
    std::unique_ptr<bulk_jobs> bulk;
    std::unique_ptr<http_listener> listener;
    std::unique_ptr<admin_server> admin;
    std::optional<admin_files> admin_beside; // what the command line finds the listener by
    std::shared_ptr<void> certificate_dates; // as metrics
    // Of the pages (host_pages.cpp).
    std::shared_ptr<traffic_meter> traffic;
    std::shared_ptr<live_feed> live;
    unix_ms started_at = 0;
    std::unique_ptr<folder_watch> watch;
    bool running = false;
    std::map<std::string, error> not_at_work; // connections of a probe

    // Runs fn on the control thread and waits for it.
    template <class Fn>
    auto on_control(Fn fn) -> decltype(fn()) {
        std::packaged_task<decltype(fn())()> task(std::move(fn));
        auto future = task.get_future();
        boost::asio::post(control, std::move(task));
        return future.get();
    }

    void add_threads(std::size_t up_to); // [any-thread]
    void end_threads();
    result<void> open();
    // host_probe.cpp
    result<void> put_each_to_work();
    result<std::shared_ptr<connector_instance>> connection(const std::string& name);
    result<void> listen();
    // host_observe.cpp
    result<void> observe(std::string host_id);
    void put_to_use(std::shared_ptr<const configuration> next); // [control]
    std::shared_ptr<const configuration> config_in_use() const; // [any-thread]
    // host_reload.cpp
    result<reload_report> reload_now();    // [control]
    void note(const admin_action& action); // [any-thread] in the ledger
    static void warn_of(const std::vector<stranded_flow>& stranded);
    certificates certificates_at_work() const; // [any-thread] while the listeners live
    void watch_certificates();
    // host_pages.cpp
    void open_pages();
    void give_pages(admin_parts& parts);
    host_calls calls(); // host_routes.cpp
    // host_admin.cpp
    result<void> listen_admin();
    void open_admin(admin_options options);
    void close_admin();
    void publish_directory();
    void watch_folders();
    void new_plugin_files(const std::vector<std::filesystem::path>& files);
    // host_audit.cpp: those that were not there before
    void note_plugins(const std::vector<const plugin_descriptor*>& before,
                      const result<void>& put_to_use);
    void note_refusal(const plugin_refusal& refusal);
    // to: gets the sockets instead of their being closed; may be null.
    void shut(passed_sockets* to);
};

// Calls ask(done) and waits until done was called.
template <class Ask>
void wait_until(const Ask& ask) {
    std::promise<void> done;
    auto future = done.get_future();
    ask([&done] { done.set_value(); });
    future.get();
}

// Everything that a configuration is checked for, with the plugins that are loaded.
load_result load_and_check(const std::filesystem::path& file, const plugin_catalog& plugins);

// A small text kept in the state folder, readable by the owner only; made at the first start.
result<std::string> kept_text(const std::filesystem::path& file,
                              const std::function<std::string()>& make);

} // namespace mortise::host
