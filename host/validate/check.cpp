// SPDX-License-Identifier: Apache-2.0
#include "validate/check.hpp"

#include "plugin/inspect.hpp"
#include "plugin/library.hpp"
#include "plugin/lifecycle.hpp"
#include "plugin/names.hpp"
#include "plugin/scan.hpp"
#include "validate/checks.hpp"

#include <algorithm>

namespace mortise::host {

namespace {

using enum check_needs;

constexpr check all[] = {
    {"exports-only-the-entry-symbol",
     "The library exports mortise_plugin_entry_v1 and nothing else.", file,
     &checks::exports_only_the_entry_symbol},
    {"no-unique-symbols",
     "No exported symbol has GNU unique binding, which would pin the library and share its state.",
     file, &checks::no_unique_symbols},
    {"loads-fast", "The library can be loaded, and loading and describing it takes under 100 ms.",
     file, &checks::loads_fast, 3},
    {"entry-is-sane",
     "The entry has the right magic, size, major and functions, and its descriptors can be read.",
     file, &checks::entry_is_sane},
    {"ids-well-formed-and-unique",
     "Ids and versions are well formed, and no id is used twice in one place.", file,
     &checks::ids_well_formed_and_unique},
    {"required-services-exist", "Every service that is needed is one this host offers.", file,
     &checks::required_services_exist},
    {"unknown-factory-is-null",
     "get_factory() gives NULL for unknown factory ids and past the last index.", file,
     &checks::unknown_factory_is_null},
    {"factory-id-with-trailing-garbage-is-null",
     "get_factory() compares the whole factory id, not its beginning.", file,
     &checks::factory_id_with_trailing_garbage_is_null},
    {"schemas-in-subset", "Every schema is JSON and keeps to the subset of docs/schemas.md.", file,
     &checks::schemas_in_subset},
    {"defaults-satisfy-schema", "Defaults and examples satisfy the schema they stand in.",
     described, &checks::defaults_satisfy_schema},
    {"annotations-hold",
     "Roles and scopes of named objects are there, and default mappings are sound.", described,
     &checks::annotations_hold},
    {"init-and-deinit",
     "init() and deinit() succeed with only mortise.log/1, start no thread and open no file.",
     described, &checks::init_and_deinit},
    {"create-with-valid-config",
     "create() takes a configuration made from its schema, and refuses others with CONFIG.",
     initialised, &checks::create_with_valid_config},
    {"create-with-empty-config",
     "create() takes an empty configuration, or refuses it with category CONFIG and a reason.",
     initialised, &checks::create_with_empty_config},
    {"create-with-each-required-field-missing",
     "create() refuses a configuration without a required field with category CONFIG and a reason.",
     initialised, &checks::create_with_each_required_field_missing},
    {"create-with-random-config",
     "create() survives random and malformed configurations; a refusal is CONFIG and has a reason.",
     initialised, &checks::create_with_random_config},
    {"create-destroy-1000",
     "A thousand instances, one after the other, leave no thread, no open file and no memory.",
     initialised, &checks::create_destroy_1000},
    {"destroy-with-nothing-open", "An instance that was never used can be destroyed.", initialised,
     &checks::destroy_with_nothing_open},
    {"null-services",
     "Without one of the services, create() or the call fails with a reason; nothing crashes.",
     initialised, &checks::null_services},
    {"older-host", "The plugin works with service tables of version 1.0 and nothing behind them.",
     initialised, &checks::older_host},
    {"newer-host",
     "The plugin works with longer tables, and longer requests whose unknown part is zero.",
     initialised, &checks::newer_host},
    {"unknown-operation-is-refused", "A call of an operation that is not offered is refused.",
     initialised, &checks::unknown_operation_is_refused},
    {"invalid-input-is-input",
     "Every operation ends with category INPUT when its input breaks its schema.", initialised,
     &checks::invalid_input_is_input},
    {"completes-exactly-once",
     "Every accepted call is completed exactly once, whatever the remote system answers.",
     initialised, &checks::completes_exactly_once},
    {"cancel-before", "A cancel for a call that is not known does nothing.", initialised,
     &checks::cancel_before},
    {"cancel-during", "A call that waits ends within 30 s of the host's clock after a cancel.",
     initialised, &checks::cancel_during},
    {"cancel-after", "A cancel that comes after the end does nothing.", initialised,
     &checks::cancel_after},
    {"deadline-in-the-past", "A call whose deadline has passed is completed exactly once.",
     initialised, &checks::deadline_in_the_past},
    {"does-not-block-the-strand",
     "Operations that are not marked BLOCKING return within 50 ms without waiting.", initialised,
     &checks::does_not_block_the_strand, 3},
    {"content-with-one-byte-reads",
     "Content is read and written in pieces of one byte as well, and always closed or passed on.",
     initialised, &checks::content_with_one_byte_reads},
    {"deliveries-complete-exactly-once",
     "Every accepted poll, webhook and page of a backfill is completed exactly once, whatever the "
     "remote answers.",
     initialised, &checks::deliveries_complete_exactly_once},
    {"unreadable-webhook-is-refused",
     "A webhook without a signature and with a body of garbage emits no event.", initialised,
     &checks::unreadable_webhook_is_refused},
    {"backfill-pages-end",
     "A backfill says with each page whether it was the last, moves its position, ends, and gives "
     "an object the same event id each time.",
     initialised, &checks::backfill_pages_end},
    {"no-emit-after-close",
     "A trigger closes exactly once, also with a poll in flight, and emits nothing afterwards.",
     initialised, &checks::no_emit_after_close},
    {"flow-runs-end",
     "Every run ends, or can be cancelled while it waits, whatever its steps answer.", initialised,
     &checks::flow_runs_end},
    {"flow-replays-the-same", "A run that is started again from its journal takes the same steps.",
     initialised, &checks::flow_replays_the_same},
    {"flow-cancel-ends-the-run", "A cancelled run finishes.", initialised,
     &checks::flow_cancel_ends_the_run},
    {"flow-drop-is-silent", "A run that is dropped from memory calls nothing any more.",
     initialised, &checks::flow_drop_is_silent},
    {"no-thread-left-after-destroy", "destroy() joins every thread the instance has started.",
     initialised, &checks::no_thread_left_after_destroy},
    {"no-callback-after-destroy",
     "An instance uses no service after destroy(), also when it ends with its timers running.",
     initialised, &checks::no_callback_after_destroy},
};

} // namespace

std::string_view to_string(verdict v) noexcept {
    switch (v) {
    case verdict::passed:
        return "passed";
    case verdict::failed:
        return "failed";
    case verdict::skipped:
        return "skipped";
    }
    return "unknown";
}

namespace {

// What comes from a plugin may be anything; people and JSON need text.
std::string readable(std::string text) {
    const bool keep_high = is_utf8(text);
    for (char& c : text) {
        const auto u = static_cast<unsigned char>(c);
        if (u < 0x20 || u == 0x7F || (u >= 0x80 && !keep_high)) c = '?';
    }
    return text;
}

} // namespace

void report::fail(std::string message) {
    message = readable(std::move(message));
    constexpr std::size_t most = 12;
    tried_ = true;
    if (std::find(failures_.begin(), failures_.end(), message) != failures_.end()) return;
    if (failures_.size() < most)
        failures_.push_back(std::move(message));
    else
        ++more_;
}

void report::trying(std::string_view what) {
    tried_ = true;
    preparing(what);
}

void report::preparing(std::string_view what) {
    if (announce_) announce_(readable(std::string(what)));
}

void report::skip(std::string why) {
    why = readable(std::move(why));
    if (std::find(skips_.begin(), skips_.end(), why) == skips_.end())
        skips_.push_back(std::move(why));
}

check_result report::result() const {
    if (!failures_.empty()) {
        check_result out{verdict::failed, failures_, false};
        if (more_ != 0) out.messages.push_back("and " + std::to_string(more_) + " more");
        return out;
    }
    if (!tried_) {
        return {verdict::skipped,
                skips_.empty() ? std::vector<std::string>{"nothing to try"} : skips_, false};
    }
    return {verdict::passed, {}, false};
}

std::span<const check> all_checks() noexcept {
    return all;
}

const check* find_check(std::string_view name) noexcept {
    const auto* at = std::find_if(std::begin(all), std::end(all),
                                  [&](const check& c) { return c.name == name; });
    return at == std::end(all) ? nullptr : at;
}

check_result run_check(const check& c,
                       const std::filesystem::path& path,
                       std::uint64_t seed,
                       const std::function<void(std::string_view)>& announce) {
    subject s{path, seed, nullptr};
    report r(announce);
    std::unique_ptr<plugin_descriptor> plugin;
    if (c.needs != file) {
        if (announce) announce("loading it");
        const auto facts = read_plugin_file(path);
        auto opened = facts ? open_library(*facts) : facts.error();
        if (!opened) {
            return {verdict::skipped,
                    {"the plugin cannot be described: " + opened.error().message},
                    false};
        }
        plugin = std::move(*opened);
        s.plugin = plugin.get();
    }
    if (c.needs == initialised) {
        if (announce) announce("init()");
        if (const auto ready = call_init(*plugin, log_only_host()); !ready)
            return {verdict::skipped, {"init() fails: " + ready.error().message}, false};
    }
    try {
        c.run(s, r);
    } catch (const std::exception& e) {
        r.fail(std::string("the check was broken off: ") + e.what());
    }
    return r.result();
}

} // namespace mortise::host
