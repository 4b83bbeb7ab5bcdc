// SPDX-License-Identifier: Apache-2.0
//
// Operations on records and holds (module Records Management). [strand]
#pragma once

#include "content_server/describe.hpp"
#include "content_server/inputs_records.hpp"
#include "content_server/repository.hpp"

#include <string>
#include <vector>

namespace content_server {

class records {
public:
    using object = mortise::json::object;
    using context = mortise::call_context;
    template <class T>
    using task = mortise::task<T>;

    explicit records(repository& all) noexcept : all_(all) {}

    task<record_info> get_record(context& c, node_id_only in);
    task<object> classify_record(context& c, record_classify in);
    task<object> update_record(context& c, record_update in);
    task<object> finalize_record(context& c, node_id_only in);
    task<hold_listed> list_holds(context& c, nothing in);
    task<object> apply_hold(context& c, hold_change in);
    task<object> release_hold(context& c, hold_change in);

    // Classifications of the records management and classification volumes.
    struct known_class {
        std::int64_t id = 0;
        std::string name;
    };
    task<std::vector<known_class>> all_classes(context& c, std::string wanted = {});

private:
    // An answer about one item: {token, details}.
    struct record {
        std::string token;
        object details; // empty: no record
    };
    task<record> read_record(context& c, std::int64_t id);
    task<std::vector<record_hold>> holds_on(context& c, std::int64_t id);
    task<record_hold> hold_named(context& c, json::value name_or_id);
    task<std::int64_t> class_id(context& c, json::value name_or_id);
    // Holds of one connection are changed one after the other: the server fails when they are
    // changed side by side.
    task<object> change_hold(context& c, hold_change in, bool apply);

    repository& all_;
    std::vector<known_class> classes_;
    bool hold_busy_ = false;
};

template <class C>
void describe_records(mortise::connector_builder<C>& b) {
    using r = records;
    add_operation(b, "records.get", &r::get_record)
        .title("Read an item's record details and holds")
        .reads();
    add_operation(b, "records.classify", &r::classify_record)
        .title("Declare an item as a record")
        .doc("Writes nothing when classification and details are there already.")
        .idempotent();
    add_operation(b, "records.update", &r::update_record)
        .title("Change the details of a record")
        .doc("Writes nothing when they are there already.")
        .idempotent();
    add_operation(b, "records.finalize", &r::finalize_record)
        .title("Finalize a record")
        .doc("From then on it cannot be changed.")
        .idempotent();
    add_operation(b, "holds.list", &r::list_holds).title("List holds").reads();
    add_operation(b, "holds.apply", &r::apply_hold)
        .title("Put an item on hold")
        .doc("One that is on it already is fine: changed is false then.")
        .idempotent();
    add_operation(b, "holds.release", &r::release_hold)
        .title("Take an item off a hold")
        .doc("One that is not on it is fine: changed is false then.")
        .idempotent();
}

} // namespace content_server
