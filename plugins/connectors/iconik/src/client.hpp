// SPDX-License-Identifier: Apache-2.0
//
// iconik's API as seen by the operations: signed requests, one shared sign-in, JSON answers, and
// its forms of paging. [strand] of the instance.
#pragma once

#include "address.hpp"
#include "settings.hpp"

#include <mortise/sdk/call.hpp>
#include <mortise/sdk/json.hpp>
#include <mortise/sdk/session.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace iconik {

struct credentials {
    std::string app_id;
    std::string token;
    bool operator==(const credentials&) const = default;
};

// What a request is about, for errors: code "iconik.<object>.<reason>", message "... for <what>".
class subject_of {
public:
    subject_of(std::string object_word, std::string what_text)
        : object(std::move(object_word)), what(std::move(what_text)) {}
    std::string object;
    std::string what;
};

class client {
public:
    // Throws CONFIG when the sign-in settings do not fit together.
    client(mortise::instance& in, const settings& s);

    // at: "assets/v1/assets".
    address to(std::string_view at) const { return {settings_.base_url, at}; }
    // The address of an object's page for people; kind: "asset" or "collection".
    std::string web_url(std::string_view kind, std::string_view id) const;

    // Any status. A 401 renews the sign-in, once for all calls, and repeats the request once.
    mortise::task<mortise::http_response> send(mortise::call_context& c,
                                               mortise::http_request request);

    mortise::task<mortise::json::value>
    get(mortise::call_context& c, std::string url, subject_of about);
    // As get, but 404 is no error.
    mortise::task<std::optional<mortise::json::value>>
    find(mortise::call_context& c, std::string url, subject_of about);
    // The answer's JSON, null when it is empty. body null: no body.
    mortise::task<mortise::json::value> write(mortise::call_context& c,
                                              std::string method,
                                              std::string url,
                                              mortise::json::value body,
                                              subject_of about);

    // As write, with the status; quiet: this status is no error (the JSON is null then).
    struct written {
        std::uint32_t status = 0;
        mortise::json::value answer;
    };
    mortise::task<written> exchange(mortise::call_context& c,
                                    std::string method,
                                    std::string url,
                                    mortise::json::value body,
                                    subject_of about,
                                    std::uint32_t quiet = 0);

    // One page of a list in page form, counted from 1. Nothing: there is no such page.
    struct list_page {
        mortise::json::array objects;
        bool last = true;
    };
    mortise::task<std::optional<list_page>> page_of(
        mortise::call_context& c, address url, subject_of about, int page, std::size_t page_size);
    // Lists, up to limit objects. Page form:
    mortise::task<mortise::json::array>
    list(mortise::call_context& c, address url, subject_of about, std::size_t limit);
    // Cursor form: the next page begins behind the last object, named by its member key in the
    // query's parameter.
    struct cursor_form {
        std::string_view parameter = "last_id";
        std::string_view key = "id";
        std::size_t page_size = 0; // 0: that of the settings
    };
    mortise::task<mortise::json::array> list_by_last_id(mortise::call_context& c,
                                                        address url,
                                                        subject_of about,
                                                        std::size_t limit,
                                                        cursor_form form);
    mortise::task<mortise::json::array>
    list_by_last_id(mortise::call_context& c, address url, subject_of about, std::size_t limit) {
        return list_by_last_id(c, std::move(url), std::move(about), limit, cursor_form());
    }
    // One page of a search: criteria as POST search/ takes them. To go on, set search_after to the
    // _sort of the last hit.
    mortise::task<mortise::json::array>
    search_page(mortise::call_context& c, mortise::json::object criteria, std::size_t page_size);

private:
    mortise::task<credentials> sign_in();
    mortise::task<credentials> log_in();

    mortise::instance& in_;
    const settings& settings_;
    mortise::session<credentials> session_;
};

// The "objects" of a list answer.
const mortise::json::array& objects_of(const mortise::json::value& answer);

// Text of a member; empty when it is missing, null or no text (answers are read leniently).
std::string text_at(const mortise::json::value& from, std::string_view key);
std::string text_at(const mortise::json::object& from, std::string_view key);
std::optional<std::int64_t> number_at(const mortise::json::value& from, std::string_view key);

} // namespace iconik
