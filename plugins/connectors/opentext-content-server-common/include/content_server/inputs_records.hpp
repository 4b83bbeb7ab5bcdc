// SPDX-License-Identifier: Apache-2.0
//
// What the operations on records and holds take and answer.
#pragma once

#include <mortise/sdk/schema.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace content_server {

namespace json = mortise::json;

// Record details; what is not named stays.
struct record_details {
    std::optional<bool> official;
    std::optional<std::string> status, rsi, essential, storage, accession, subject, addressee,
        sent_to, originator, establishment, cycle_period;
    std::optional<std::string> record_date, status_date, received_date, next_review_date;
    static auto describe() {
        using d = record_details;
        return mortise::object<d>("Details of a record; what is not named stays")
            .field("official", &d::official, "Is it an official record?")
            .field("status", &d::status, "Record status code")
            .field("rsi", &d::rsi, "Record series identifier: the retention schedule")
            .field("essential", &d::essential, "Essential code")
            .field("storage", &d::storage, "Storage medium code")
            .field("accession", &d::accession, "Accession code")
            .field("subject", &d::subject, "Subject")
            .field("addressee", &d::addressee, "Addressee")
            .field("sent_to", &d::sent_to, "Other addressees")
            .field("originator", &d::originator, "Author or originator")
            .field("establishment", &d::establishment, "Originating organization")
            .field("cycle_period", &d::cycle_period, "Update cycle period")
            .field("record_date", &d::record_date, "YYYY-MM-DD; retention is counted from it")
            .field("status_date", &d::status_date, "YYYY-MM-DD")
            .field("received_date", &d::received_date, "YYYY-MM-DD")
            .field("next_review_date", &d::next_review_date, "YYYY-MM-DD");
    }
};

struct record_classify {
    json::value id;
    json::value classification;
    record_details details;
    static auto describe() {
        return mortise::object<record_classify>("An item to declare as a record")
            .field("id", &record_classify::id, "Id of the item", mortise::required)
            .field("classification", &record_classify::classification,
                   "Name or id of the records management classification", mortise::required)
            .field("details", &record_classify::details, "Record details");
    }
};

struct record_update {
    json::value id;
    record_details details;
    static auto describe() {
        return mortise::object<record_update>("Changed details of a record")
            .field("id", &record_update::id, "Id of the item", mortise::required)
            .field("details", &record_update::details, "What is to change", mortise::required);
    }
};

struct record_hold {
    std::int64_t id = 0;
    std::string name;
    bool active = true;
    static auto describe() {
        return mortise::object<record_hold>("A hold")
            .field("id", &record_hold::id, "Id of the hold", mortise::required)
            .field("name", &record_hold::name, "Its name", mortise::required)
            .field("active", &record_hold::active, "Does it hold?", mortise::required);
    }
};

struct hold_listed {
    std::vector<record_hold> holds;
    static auto describe() {
        return mortise::object<hold_listed>("Holds").field("holds", &hold_listed::holds,
                                                           "All of them", mortise::required);
    }
};

struct hold_change {
    json::value id;
    json::value hold;
    static auto describe() {
        return mortise::object<hold_change>("A hold on an item")
            .field("id", &hold_change::id, "Id of the item", mortise::required)
            .field("hold", &hold_change::hold, "Name or id of the hold", mortise::required)
            .examples("Litigation Nordlicht");
    }
};

struct retention_info {
    std::string rsi;
    std::string record_date;
    std::string status_date;
    std::string next_review_date;
    static auto describe() {
        return mortise::object<retention_info>("What retention goes by")
            .field("rsi", &retention_info::rsi, "Record series identifier", mortise::required)
            .field("record_date", &retention_info::record_date, "Date it is counted from",
                   mortise::required)
            .field("status_date", &retention_info::status_date, "Since when it has its status",
                   mortise::required)
            .field("next_review_date", &retention_info::next_review_date, "Next review",
                   mortise::required);
    }
};

struct record_info {
    std::int64_t id = 0;
    bool is_record = false;
    std::optional<std::int64_t> classification_id;
    std::optional<std::string> classification;
    std::string status;
    bool official = false;
    std::optional<retention_info> retention;
    json::object details;
    std::vector<record_hold> holds;
    static auto describe() {
        return mortise::object<record_info>("An item as records management sees it")
            .field("id", &record_info::id, "Id of the item", mortise::required)
            .field("is_record", &record_info::is_record, "Has it a classification?",
                   mortise::required)
            .field("classification_id", &record_info::classification_id, "Its classification")
            .field("classification", &record_info::classification, "Name of that")
            .field("status", &record_info::status, "Record status code", mortise::required)
            .field("official", &record_info::official, "An official record?", mortise::required)
            .field("retention", &record_info::retention, "Of a record")
            .field("details", &record_info::details, "All details the server tells, by its names",
                   mortise::required)
            .field("holds", &record_info::holds, "Holds on the item", mortise::required);
    }
};

} // namespace content_server
