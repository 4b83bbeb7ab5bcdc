// SPDX-License-Identifier: Apache-2.0
#include "mapping/mapping_service.hpp"

#include "base/handles.hpp"
#include "config/schema.hpp"
#include "mapping/mapping_table.hpp"

#include <mortise/sdk/abi.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <exception>

namespace json = boost::json;

namespace mortise::host {

namespace {

mortise_status refuse(mortise_error_sink sink, mortise_status status, error e) noexcept {
    e.effect = effect::none;
    const mortise_error c = to_c(e);
    if (sink.set != nullptr) sink.set(sink.ctx, &c);
    return status;
}

result<json::value> parsed(mortise_payload payload, category blame, const char* what) {
    boost::system::error_code ec;
    json::parse_options options;
    options.max_depth = 64; // the ABI's profile
    const auto text = view(payload);
    json::value v = json::parse(json::string_view(text.data(), text.size()), ec, {}, options);
    if (ec)
        return error{blame, "mapping.json", std::string(what) + " are not JSON: " + ec.message()};
    return v;
}

} // namespace

struct mapping_service::entries {
    static mapping_service& of(void* ctx) { return *static_cast<mapping_service*>(ctx); }

    // An exception (no memory) must not leave through the C boundary.
    template <class F>
    static mortise_status guarded(mortise_error_sink err, const F& body) noexcept {
        try {
            return body();
        } catch (const std::exception& e) {
            return refuse(err, MORTISE_E_FAILED, {category::limit, "mapping.failed", e.what()});
        }
    }

    static mortise_status compile(void* ctx,
                                  mortise_payload table,
                                  mortise_error_sink err,
                                  mortise_handle* mapping) noexcept {
        if (mapping == nullptr) return MORTISE_E_ARGUMENT;
        return guarded(err, [&]() -> mortise_status {
            const auto written = parsed(table, category::config, "the mapping's tables");
            if (!written) return refuse(err, MORTISE_E_ARGUMENT, written.error());
            const json::object* o = written->if_object();
            if (o == nullptr)
                return refuse(
                    err, MORTISE_E_ARGUMENT,
                    {category::config, "mapping.table", "a mapping is a table of target fields"});
            std::vector<schema_problem> problems;
            auto made = mapping_table::compile(*o, problems);
            if (!made) return refuse(err, MORTISE_E_ARGUMENT, to_error(problems));
            const mortise_handle handle = next_handle();
            auto& self = of(ctx);
            const std::lock_guard lock(self.guard_);
            if (self.ended_) return MORTISE_E_STATE;
            self.mappings_.emplace(handle, std::move(made));
            *mapping = handle;
            return MORTISE_OK;
        });
    }

    static mortise_status apply(void* ctx,
                                mortise_handle mapping,
                                mortise_payload facts,
                                mortise_sink out,
                                mortise_error_sink err) noexcept {
        if (out.put == nullptr) return MORTISE_E_ARGUMENT;
        return guarded(err, [&]() -> mortise_status {
            auto& self = of(ctx);
            std::shared_ptr<const mapping_table> table;
            {
                const std::lock_guard lock(self.guard_);
                const auto it = self.mappings_.find(mapping);
                if (it == self.mappings_.end()) return MORTISE_E_STATE;
                table = it->second;
            }
            const auto value = parsed(facts, category::input, "the facts for a mapping");
            if (!value) return refuse(err, MORTISE_E_FAILED, value.error());
            const auto fields = table->apply(*value);
            if (!fields) return refuse(err, MORTISE_E_FAILED, fields.error());
            const std::string text = json::serialize(*fields);
            out.put(out.ctx, json_payload(text));
            return MORTISE_OK;
        });
    }

    static void release(void* ctx, mortise_handle mapping) noexcept {
        auto& self = of(ctx);
        std::shared_ptr<const mapping_table> last; // ends outside the lock
        const std::lock_guard lock(self.guard_);
        const auto it = self.mappings_.find(mapping);
        if (it == self.mappings_.end()) return;
        last = std::move(it->second);
        self.mappings_.erase(it);
    }
};

mapping_service::mapping_service() {
    table_.struct_size = sizeof(table_);
    table_.ctx = this;
    table_.compile = &entries::compile;
    table_.apply = &entries::apply;
    table_.release = &entries::release;
}

mapping_service::~mapping_service() = default;

void mapping_service::end() {
    const std::lock_guard lock(guard_);
    ended_ = true;
    mappings_.clear();
}

} // namespace mortise::host
