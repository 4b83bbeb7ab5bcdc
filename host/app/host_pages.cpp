// SPDX-License-Identifier: Apache-2.0
// What the admin listener's pages and its live feed are made from.
#include "admin/at_work.hpp"
#include "admin/live_feed.hpp"
#include "admin/traffic_meter.hpp"
#include "app/host_impl.hpp"

#include <boost/json/object.hpp>

#include <fstream>

namespace mortise::host {

// Before runs->start() and the first gate.
void host::impl::open_pages() {
    started_at = time.now_unix_ms();
    if (options.probe) return;
    traffic = std::make_shared<traffic_meter>(time);
    live = std::make_shared<live_feed>(io);
    runs->observe(traffic);
    runs->observe(live);
    gates->on_change(
        [feed = live](const gate_change& change) { feed->connection_changed(change.connection); });
}

void host::impl::give_pages(admin_parts& parts) {
    std::string host_id;
    std::ifstream(config->host.state_dir / "host-id") >> host_id;
    parts.at_work = [this, host_id] {
        auto now = std::make_shared<at_work>();
        now->config = config_in_use();
        now->plugins = plugins.get();
        now->version = MORTISE_VERSION;
        now->host_id = host_id;
        now->config_file = std::filesystem::absolute(options.config).string();
        now->started_at = started_at;
        now->loaded_at = now->config->loaded_at;
        return std::shared_ptr<const at_work>(std::move(now));
    };
    parts.health = [this] { return to_view(observed->state().report()); };
    parts.traffic = traffic;
    parts.live = live;
}

} // namespace mortise::host
