// SPDX-License-Identifier: Apache-2.0
// The ledger: search, check, export.
#include "admin/data_routes.hpp"
#include "admin/hidden.hpp"
#include "admin/replies.hpp"
#include "base/log.hpp"
#include "base/stored_json.hpp"
#include "http/answer_stream.hpp"
#include "journal/journal.hpp"
#include "journal/ledger.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/json.hpp>

#include <atomic>
#include <charconv>

namespace mortise::host {
namespace {

namespace json = boost::json;

constexpr std::uint32_t export_page = 500;

std::optional<std::uint64_t> number_in(std::string_view text) {
    std::uint64_t n = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), n);
    if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
    return n;
}

ledger_filter filter_of(const admin_call& call) {
    ledger_filter filter;
    filter.from_seq = call.number_parameter("from");
    filter.since = static_cast<unix_ms>(call.number_parameter("since"));
    filter.until = static_cast<unix_ms>(call.number_parameter("until"));
    filter.object = call.parameter("object");
    filter.connection = call.parameter("connection");
    filter.run = run_id(call.parameter("run"));
    filter.actor = call.parameter("actor");
    filter.operation = call.parameter("operation");
    filter.begins = call.parameter("q");
    return filter;
}

void list_ledger(const admin_parts& parts, const admin_call& call) {
    auto filter = filter_of(call);
    filter.newest_first = call.parameter("order") == "desc";
    const auto limit = call.limit(100, 10'000);
    filter.limit = limit + 1;
    if (const auto cursor = call.parameter("cursor"); !cursor.empty()) {
        const auto seq = number_in(cursor);
        if (!seq || *seq == 0) {
            call.reply(problem_reply(400, "admin.input",
                                     "cursor is not what a page gave as \"next\": " + cursor));
            return;
        }
        (filter.newest_first ? filter.before_seq : filter.from_seq) = *seq;
    }
    answer_from_journal(parts, call.reply, [filter, limit](journal_reader& reader) {
        auto found = reader.ledger(filter);
        json::value next = nullptr;
        if (found.size() > limit) {
            // By seq the next page begins with the first entry left out, else behind the last one
            // shown.
            const auto& first_left = found.back().seq;
            next = std::to_string(filter.newest_first ? found[limit - 1].seq : first_left);
            found.pop_back();
        }
        json::array entries;
        for (const auto& e : found)
            entries.push_back(stored_json(to_ndjson(e)));
        return result<json::value>(
            json::object{{"entries", std::move(entries)}, {"next", std::move(next)}});
    });
}

void verify(const admin_parts& parts, const admin_call& call) {
    answer_from_journal(
        parts, call.reply, [&parts, head = call.parameter("head")](journal_reader& reader) {
            const auto began = parts.time.now_mono_ns();
            const auto r = verify_ledger(reader, head);
            const auto took = (parts.time.now_mono_ns() - began) / 1'000'000;
            return result<json::value>(json::object{{"ok", r.ok},
                                                    {"entries", r.entries},
                                                    {"first_bad_seq", r.first_bad_seq},
                                                    {"what", r.what},
                                                    {"last_seq", r.last_seq},
                                                    {"last_hash", r.last_hash},
                                                    {"took_ms", took}});
        });
}

// Reads page by page, as the reader takes them: neither the ledger nor the answer is in memory.
class ledger_export : public std::enable_shared_from_this<ledger_export> {
public:
    ledger_export(const admin_parts& parts, ledger_filter filter, bool csv)
        : parts_(parts), filter_(std::move(filter)), csv_(csv) {
        filter_.limit = export_page;
    }

    void start(const responder& reply) {
        inbound_response r;
        r.content_type = csv_ ? "text/csv; charset=utf-8" : "application/x-ndjson";
        r.headers.push_back(
            {"content-disposition", csv_ ? "attachment; filename=\"ledger.csv\""
                                         : "attachment; filename=\"ledger.ndjson\""});
        r.stream = out_.outlet();
        if (csv_) page_ = csv_header() + "\r\n";
        // Kept by the stream, which is over when the reader goes or all is written.
        out_.on_change([self = shared_from_this()] { self->go_on(); });
        reply(std::move(r));
        go_on();
    }

private:
    void go_on() {
        ++asked_;
        if (working_.exchange(true)) return;
        boost::asio::post(parts_.workers, [self = shared_from_this()] { self->work(); });
    }

    void work() {
        std::uint64_t seen = 0;
        do {
            seen = asked_;
            while (write_page() && read_page()) {}
            working_ = false;
        } while (asked_ != seen && !working_.exchange(true));
    }

    bool write_page() {
        if (ended_) return false;
        const auto taken = out_.write(page_);
        if (taken != answer_stream::taken::all) return false;
        page_.clear();
        if (!last_) return true;
        ended_ = true;
        out_.end();
        return false;
    }

    bool read_page() {
        std::vector<ledger_entry> entries;
        try {
            parts_.store.read([&](journal_reader& reader) { entries = reader.ledger(filter_); });
        } catch (const journal_failure& failure) {
            log(log_level::error, "an export of the ledger was cut: " + failure.get().message);
            ended_ = true;
            out_.cut();
            return false;
        }
        for (const auto& e : entries)
            page_ += line_of(e) + (csv_ ? "\r\n" : "\n");
        last_ = entries.size() < export_page;
        if (!entries.empty()) filter_.from_seq = entries.back().seq + 1;
        return true;
    }

    std::string line_of(const ledger_entry& e) const {
        if (csv_) return redacted(to_csv(e));
        auto line = to_ndjson(e);
        auto value = stored_json(line);
        if (!holds_known_secret(value)) return line;
        hide_known_secrets(value);
        return json::serialize(value);
    }

    const admin_parts& parts_;
    ledger_filter filter_;
    const bool csv_;
    answer_stream out_{{.most = 512u << 10}};
    std::atomic<std::uint64_t> asked_{0};
    std::atomic<bool> working_{false};
    // Of the one worker:
    std::string page_;
    bool last_ = false;
    bool ended_ = false;
};

void export_ledger(const admin_parts& parts, const admin_call& call) {
    const bool csv = call.parameter("format") == "csv";
    std::make_shared<ledger_export>(parts, filter_of(call), csv)->start(call.reply);
}

const std::vector<route_parameter> search = {
    {"from", "Number of the first entry.", R"({"type":"integer","minimum":1})"},
    {"since", "At or after (Unix ms).", R"({"type":"integer","minimum":0})"},
    {"until", "Before (Unix ms).", R"({"type":"integer","minimum":0})"},
    {"object", "Id in the target system."},
    {"connection", "Name of the connection."},
    {"run", "Id of the run."},
    {"actor", "Who did it by hand."},
    {"operation", "The operation."},
    {"q", "The object, operation or actor begins so."},
};

} // namespace

void add_ledger_routes(route_table& to, const admin_parts& parts) {
    const auto with = [&parts](auto fn) {
        return [&parts, fn](const admin_call& call) { fn(parts, call); };
    };
    auto list = search;
    list.push_back({"order", "By number: asc (without it) or desc, the newest first.",
                    R"({"type":"string","enum":["asc","desc"]})"});
    list.push_back({"cursor", "What the page before gave as \"next\"."});
    list.push_back(
        {"limit", "At most so many.", R"({"type":"integer","minimum":1,"maximum":10000})"});
    to.add(
        {.method = "GET",
         .pattern = "/api/v1/ledger",
         .id = "listLedger",
         .summary = "External writes and what people did, by their number.",
         .tag = "ledger",
         .query = std::move(list),
         .answer =
             R"({"type":"object","required":["entries","next"],"properties":{"entries":{"type":"array","items":{"$ref":"#/components/schemas/ledger_entry"}},"next":{"type":["string","null"]}}})"},
        with(list_ledger));
    to.add({.method = "GET",
            .pattern = "/api/v1/ledger/verification",
            .id = "verifyLedger",
            .summary = "Checks the whole chain and names the first entry that does not fit.",
            .tag = "ledger",
            .query = {{"head", "A head noted down before: \"HASH\" or \"SEQ:HASH\"."}},
            .answer = "#/components/schemas/ledger_verification"},
           with(verify));
    auto exported = search;
    exported.push_back(
        {"format", "ndjson (without it) or csv.", R"({"type":"string","enum":["ndjson","csv"]})"});
    to.add({.method = "GET",
            .pattern = "/api/v1/ledger/export",
            .id = "exportLedger",
            .summary = "All entries that fit, line by line, as they are hashed.",
            .tag = "ledger",
            .query = std::move(exported),
            .content_type = "application/x-ndjson, text/csv; charset=utf-8"},
           with(export_ledger));
}

} // namespace mortise::host
