// SPDX-License-Identifier: Apache-2.0
#include "engine/ledger_entries.hpp"

#include "base/digest.hpp"

#include <boost/json.hpp>

namespace mortise::host {
namespace {

constexpr std::size_t longest_object = 512;

std::string digest_of(std::string_view text) {
    return text.empty() ? std::string() : to_hex(sha256(text));
}

std::string id_in(std::string_view text) {
    // Cheap for the many results that name nothing.
    if (text.find("\"id\"") == std::string_view::npos) return {};
    unsigned char buffer[4096];
    boost::json::monotonic_resource memory(buffer, sizeof buffer);
    boost::system::error_code ec;
    const auto value = boost::json::parse(text, ec, &memory);
    const auto* object = ec ? nullptr : value.if_object();
    const auto* id = object != nullptr ? object->if_contains("id") : nullptr;
    if (id == nullptr) return {};
    if (const auto* s = id->if_string(); s != nullptr)
        return std::string(std::string_view(*s).substr(0, longest_object));
    return id->is_number() ? boost::json::serialize(*id) : std::string();
}

} // namespace

ledger_entry ledger_entry_of(const external_write& w, std::string_view outcome) {
    ledger_entry e;
    e.run = w.run.id;
    e.instance = w.run.instance;
    e.step = w.step;
    e.attempt = w.attempt;
    e.connection = w.connection;
    e.operation = w.operation;
    e.object = id_in(w.result);
    if (e.object.empty()) e.object = id_in(w.input);
    e.outcome = outcome;
    e.request = digest_of(w.input);
    e.before = digest_of(w.found);
    e.after = digest_of(w.result);
    return e;
}

} // namespace mortise::host
