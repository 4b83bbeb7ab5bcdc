// SPDX-License-Identifier: Apache-2.0
#include "core.hpp"

#include <stdexcept>

namespace mortise::testing {
namespace {

struct captured {
    std::optional<error> value;
    static void set(void* ctx, const mortise_error* e) noexcept {
        static_cast<captured*>(ctx)->value = from_c(*e);
    }
};

template <class D>
void create(core& c, fake_instance& i, const D& descriptor) {
    captured said;
    i.creating = true;
    // A copy that ends with the call: what the plugin keeps must be its own.
    const auto config = std::make_unique<std::string>(i.config);
    const mortise_status st = descriptor.create(&c.host, i.handle, json_payload(*config),
                                                {&said, &captured::set}, &i.self);
    i.creating = false;
    if (st == MORTISE_OK) return;
    i.self = nullptr;
    i.destroyed = true;
    if (!said.value) {
        c.violation("create() failed with status " + std::to_string(st) + " and no reason");
    }
    throw said.value.value_or(
        error(category::internal, "host.create.no-reason", "The plugin gave no reason."));
}

} // namespace

fake_host::fake_host(std::uint64_t seed) : core_(std::make_unique<core>(seed)) {}
fake_host::~fake_host() = default;

void fake_host::set_secret(std::string name, std::string value) {
    core_->secrets[std::move(name)] = std::move(value);
}
void fake_host::withhold(std::string service_id) {
    core_->withheld.insert(std::move(service_id));
}
void fake_host::cut_table(std::string service_id, std::uint32_t struct_size) {
    core_->cut[std::move(service_id)] = struct_size;
}
void fake_host::limit_transfers(std::size_t bytes) {
    if (bytes == 0) throw std::invalid_argument("limit_transfers: at least one byte");
    core_->transfer_limit = bytes;
}
void fake_host::refuse_emits(unsigned n, bool hold) {
    core_->emits_to_refuse = n;
    core_->hold_resume = hold;
}
scripted_http& fake_host::http() {
    return core_->http;
}

connector_harness fake_host::create_connector(detail::factory_ref factory,
                                              const json::value& config) {
    if (!factory.is_connector) throw std::invalid_argument("this is a flow, not a connector");
    return create_connector(*static_cast<const mortise_connector*>(factory.descriptor()), config);
}

connector_harness fake_host::create_connector(const mortise_connector& descriptor,
                                              const json::value& config) {
    fake_instance& i = core_->add_instance(config);
    i.connector = descriptor;
    create(*core_, i, descriptor);
    core_->run();
    return {*core_, i};
}

flow_harness fake_host::create_flow(detail::factory_ref factory, const json::value& config) {
    if (factory.is_connector) throw std::invalid_argument("this is a connector, not a flow");
    return create_flow(*static_cast<const mortise_flow*>(factory.descriptor()), config);
}

flow_harness fake_host::create_flow(const mortise_flow& descriptor, const json::value& config) {
    fake_instance& i = core_->add_instance(config);
    i.flow = descriptor;
    create(*core_, i, descriptor);
    core_->run();
    return {*core_, i};
}

void fake_host::run() {
    core_->run();
}
void fake_host::advance(std::chrono::milliseconds d) {
    core_->advance(d);
}
time_point fake_host::now() const {
    return time_point(std::chrono::milliseconds(core_->unix_ms));
}

std::uint64_t fake_host::mono_ns() const {
    return core_->mono_ns;
}

mortise_handle fake_host::make_content(std::string bytes, std::string media_type) {
    const mortise_handle h = core_->next_handle();
    fake_content& f = core_->contents[h];
    f.length = bytes.size();
    f.bytes = std::move(bytes);
    f.media_type = std::move(media_type);
    f.finished = true;
    return h;
}

std::string fake_host::take_content(mortise_handle content) {
    const auto at = core_->contents.find(content);
    if (at == core_->contents.end() || at->second.plugin_owns) {
        throw std::logic_error("the host does not own this content");
    }
    std::string out = std::move(at->second.bytes);
    core_->contents.erase(at);
    return out;
}

fake_host::drained fake_host::drain_content(mortise_handle content) {
    drained out;
    for (;;) {
        core_->run();
        const auto at = core_->contents.find(content);
        if (at == core_->contents.end() || at->second.plugin_owns) {
            throw std::logic_error("the host does not own this content");
        }
        fake_content& f = at->second;
        out.bytes += std::exchange(f.bytes, {});
        if (!f.waiting_write || f.finished || f.aborted) {
            out.failure = f.aborted;
            out.open = !f.finished && !f.aborted;
            core_->contents.erase(at);
            return out;
        }
        core_->post(std::exchange(f.waiting_write, nullptr));
    }
}

std::vector<std::string> fake_host::secrets_in(std::string_view text) const {
    std::vector<std::string> out;
    for (const auto& [name, value] : core_->secrets) {
        if (value.size() >= 4 && text.find(value) != std::string_view::npos) out.push_back(name);
    }
    return out;
}

const std::vector<log_line>& fake_host::log() const {
    return core_->log;
}

double fake_host::metric(std::string_view name) const {
    double sum = 0;
    bool found = false;
    for (const auto& [h, m] : core_->metrics) {
        if (m.name != name) continue;
        sum += m.value;
        found = true;
    }
    if (!found) throw std::logic_error("no metric \"" + std::string(name) + "\" was defined");
    return sum;
}

const std::vector<std::string>& fake_host::violations() const {
    return core_->violations;
}
std::uint64_t fake_host::seed() const noexcept {
    return core_->seed;
}

} // namespace mortise::testing
