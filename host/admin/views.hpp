// SPDX-License-Identifier: Apache-2.0
//
// Records as JSON objects for people and programs: the one shape that the admin listener and
// `--json` on the command line share. Times are Unix milliseconds, 0 where there is none.
#pragma once

#include "base/result.hpp"
#include "base/stored_json.hpp"
#include "journal/records.hpp"
#include "operate/bulk_job.hpp"
#include "operate/flow_directory.hpp"
#include "operate/person_notes.hpp"
#include "operate/run_details.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <string_view>

namespace mortise::host {

boost::json::object to_view(const error& e);
boost::json::object to_view(const run_record& r);
boost::json::object to_view(const step_record& s);
boost::json::object to_view(const event_record& e);
boost::json::object to_view(const run_note& n);
boost::json::object to_view(const dead_letter_group& g);
boost::json::object to_view(const link_record& l);
boost::json::object to_view(const person_note& n);
boost::json::object to_view(const run_advice& a);
boost::json::object to_view(const flow_entry& f);
boost::json::object to_view(const bulk_job& job);
boost::json::object to_view(const journal_stats& s);

boost::json::object to_view(const run_details& d);

} // namespace mortise::host
