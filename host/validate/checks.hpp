// SPDX-License-Identifier: Apache-2.0
// The code of the checks, one function each, listed with names and rules in check.cpp.
#pragma once

#include "validate/check.hpp"

namespace mortise::host::checks {

// The file and what it says about itself.
void exports_only_the_entry_symbol(const subject& s, report& r);
void no_unique_symbols(const subject& s, report& r);
void loads_fast(const subject& s, report& r);
void entry_is_sane(const subject& s, report& r);
void ids_well_formed_and_unique(const subject& s, report& r);
void required_services_exist(const subject& s, report& r);
void unknown_factory_is_null(const subject& s, report& r);
void factory_id_with_trailing_garbage_is_null(const subject& s, report& r);
void schemas_in_subset(const subject& s, report& r);
void defaults_satisfy_schema(const subject& s, report& r);
void annotations_hold(const subject& s, report& r);
void init_and_deinit(const subject& s, report& r);

// Making and ending instances.
void create_with_valid_config(const subject& s, report& r);
void create_with_empty_config(const subject& s, report& r);
void create_with_each_required_field_missing(const subject& s, report& r);
void create_with_random_config(const subject& s, report& r);
void create_destroy_1000(const subject& s, report& r);
void destroy_with_nothing_open(const subject& s, report& r);
void null_services(const subject& s, report& r);
void older_host(const subject& s, report& r);
void newer_host(const subject& s, report& r);

// Calls of a connector.
void unknown_operation_is_refused(const subject& s, report& r);
void invalid_input_is_input(const subject& s, report& r);
void completes_exactly_once(const subject& s, report& r);
void cancel_before(const subject& s, report& r);
void cancel_during(const subject& s, report& r);
void cancel_after(const subject& s, report& r);
void deadline_in_the_past(const subject& s, report& r);
void does_not_block_the_strand(const subject& s, report& r);
void content_with_one_byte_reads(const subject& s, report& r);
void no_thread_left_after_destroy(const subject& s, report& r);
void no_callback_after_destroy(const subject& s, report& r);

// Triggers of a connector.
void deliveries_complete_exactly_once(const subject& s, report& r);
void unreadable_webhook_is_refused(const subject& s, report& r);
void backfill_pages_end(const subject& s, report& r);
void no_emit_after_close(const subject& s, report& r);

// Flows.
void flow_runs_end(const subject& s, report& r);
void flow_replays_the_same(const subject& s, report& r);
void flow_cancel_ends_the_run(const subject& s, report& r);
void flow_drop_is_silent(const subject& s, report& r);

} // namespace mortise::host::checks
