// SPDX-License-Identifier: Apache-2.0
// One connector instance with all it needs around it and a clock that moves only when told to.
#pragma once

#include "base/clock.hpp"
#include "base/metrics.hpp"
#include "base/timers.hpp"
#include "content/content_store.hpp"
#include "http/client.hpp"
#include "journal/journal.hpp"
#include "plugin/catalog.hpp"
#include "plugin/connector_instance.hpp"
#include "plugin/watchdog.hpp"
#include "support/temp_dir.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include <filesystem>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace mortise::host::testing {

class instance_fixture {
public:
    // plugin: the file; connector: the id in it. threads 0: the caller runs io itself.
    instance_fixture(const std::filesystem::path& plugin,
                     const std::string& connector,
                     unsigned threads = 2,
                     std::chrono::milliseconds watched = std::chrono::milliseconds(50))
        : dog(watched, real_time) {
        const auto loaded = plugins.load_file(plugin);
        if (!loaded) throw std::runtime_error(loaded.error().text());
        journal_options o;
        o.path = (dir.path() / "journal.db").string();
        o.time = &time;
        store = open_sqlite_journal(o).value();
        env = std::make_unique<plugin_environment>(
            plugin_environment{io, workers, time, timers, http, *store, contents, metrics, dog});
        instance_settings s;
        s.kind = "connection";
        s.name = "it";
        s.plugin_id = connector;
        s.config = "{}";
        it = std::make_shared<connector_instance>(*env, std::move(s),
                                                  *plugins.find_connector(connector));
        for (unsigned i = 0; i < threads; ++i)
            threads_.emplace_back([this] { io.run(); });
        std::promise<result<void>> opened;
        auto outcome = opened.get_future();
        it->open([&](result<void> r) { opened.set_value(std::move(r)); });
        if (threads == 0) io.poll();
        outcome.get().value();
    }
    ~instance_fixture() {
        if (!closed_) it->close(std::chrono::milliseconds(0), [] {});
        it.reset();
        work.reset(); // what is under way ends by itself, before what it uses goes
        if (threads_.empty()) io.run();
        for (auto& t : threads_)
            t.join();
        workers.join();
    }

    std::future<result<call_answer>>
    call(std::string input, std::chrono::milliseconds timeout, mortise_handle* handle = nullptr) {
        auto promise = std::make_shared<std::promise<result<call_answer>>>();
        call_request r;
        r.operation = "echo";
        r.input = std::move(input);
        r.timeout = timeout;
        const auto id = it->invoke(
            std::move(r), [promise](result<call_answer> a) { promise->set_value(std::move(a)); });
        if (handle != nullptr) *handle = id;
        return promise->get_future();
    }
    // True when closed() came within the patience of a test.
    bool close(std::chrono::milliseconds grace = std::chrono::milliseconds(0)) {
        closed_ = true;
        auto promise = std::make_shared<std::promise<void>>();
        auto closed = promise->get_future();
        it->close(grace, [promise] { promise->set_value(); });
        return closed.wait_for(std::chrono::seconds(15)) == std::future_status::ready;
    }

    test::temp_dir dir;
    manual_clock time;
    system_clock real_time;
    metric_registry metrics;
    content_store contents;
    plugin_catalog plugins{catalog_options{}};
    boost::asio::io_context io;
    asio_timers timers{io};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{
        io.get_executor()};
    boost::asio::thread_pool workers{1};
    watchdog dog;
    http_client http{io.get_executor(), time};
    std::unique_ptr<journal> store;
    std::unique_ptr<plugin_environment> env;
    std::shared_ptr<connector_instance> it;

private:
    bool closed_ = false;
    std::vector<std::thread> threads_;
};

} // namespace mortise::host::testing
