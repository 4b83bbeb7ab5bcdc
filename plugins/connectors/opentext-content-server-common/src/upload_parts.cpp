// SPDX-License-Identifier: Apache-2.0
//
// Large contents in parts (v2/multipart): a part that fails is sent again by itself, and what is
// sent is noted, so that a repeated call goes on behind it. Nothing is created before the last part
// is there: until then every failure is without effect.
#include "content_server/documents.hpp"
#include "content_server/text.hpp"

#include <algorithm>

namespace content_server {

using mortise::category;
using mortise::error;
using mortise::task;
using object = json::object;

namespace {

// Below this one request is quicker.
constexpr std::uint64_t worth_parts = 16u << 20;

bool worth_another_try(const error& e) {
    return e.category == category::unavailable || e.category == category::timeout ||
           e.category == category::rate_limit || e.category == category::remote_protocol;
}

std::uint64_t size_at(const object& from, std::string_view key) {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(0, int_at(from, key)));
}

} // namespace

task<bool> documents::takes_parts(context& c, std::uint64_t size) {
    if (size < worth_parts) co_return false;
    client& server = all_.server();
    try {
        const json::value answer =
            co_await server.get(c, server.at("v2/multipart/settings").str(),
                                subject("document", "the settings of uploads in parts"));
        const auto* outer = answer.if_object();
        const json::value* inner = part(answer, "results.data");
        const object* o = inner ? inner->if_object() : outer;
        const auto* enabled = o ? o->if_contains("is_enabled") : nullptr;
        if (!enabled || !enabled->is_bool() || !enabled->get_bool()) co_return false;
        const std::uint64_t most = size_at(*o, "max_size");
        co_return size >= size_at(*o, "min_size") && (most == 0 || size <= most);
    } catch (const error& e) {
        // Older servers know no parts.
        if (e.category != category::config && e.category != category::not_found &&
            e.category != category::denied)
            throw;
    }
    co_return false;
}

task<std::optional<documents::upload_plan>> documents::begun_upload(context& c,
                                                                    std::uint64_t size) {
    const auto stored = co_await all_.server().owner().state().get("upload/" + c.idempotency_key());
    const auto* o = stored ? stored->value.if_object() : nullptr;
    if (!o || size_at(*o, "size") != size) co_return std::nullopt;
    upload_plan out;
    out.key = text_at(*o, "key");
    out.size = size;
    out.part_size = size_at(*o, "part_size");
    out.parts = int_at(*o, "parts");
    out.done = int_at(*o, "done");
    if (out.key.empty() || out.part_size == 0) co_return std::nullopt;
    co_return std::optional<upload_plan>(std::move(out));
}

task<void> documents::keep_upload(context& c, upload_plan plan) {
    object o;
    o["key"] = plan.key;
    o["size"] = plan.size;
    o["part_size"] = plan.part_size;
    o["parts"] = plan.parts;
    o["done"] = plan.done;
    json::value value(std::move(o));
    co_await all_.server().owner().state().put("upload/" + c.idempotency_key(), std::move(value));
}

task<documents::upload_plan>
documents::begin_upload(context& c, file what, std::uint64_t size, subject about) {
    object fields;
    fields["file_name"] = what.name;
    fields["file_size"] = size;
    fields["mime_type"] = what.media_type;
    json::value body(std::move(fields));
    client& server = all_.server();
    const json::value answer = co_await server.write(c, "POST", server.at("v2/multipart").str(),
                                                     std::move(body), std::move(about));
    const json::value* inner = part(answer, "results.data");
    if (!inner) inner = part(answer, "results");
    const object* o = inner ? inner->if_object() : answer.if_object();
    upload_plan out;
    out.size = size;
    if (o) {
        out.key = text_at(*o, "upload_key");
        out.part_size = size_at(*o, "part_size");
        out.parts = int_at(*o, "num_parts");
        out.tries = std::clamp<std::int64_t>(int_at(*o, "max_retries") + 1, 1, 10);
    }
    if (out.key.empty() || out.part_size == 0 || out.parts < 1 ||
        static_cast<std::uint64_t>(out.parts) * out.part_size < size) {
        throw error(category::remote_protocol, "xecm.document.bad-parts",
                    "Content Server offers parts that do not make up the " + std::to_string(size) +
                        " bytes of the upload.");
    }
    co_return out;
}

task<void> documents::send_part(context& c, upload_plan plan, std::int64_t number, subject about) {
    client& server = all_.server();
    const std::uint64_t from = static_cast<std::uint64_t>(number - 1) * plan.part_size;
    const std::uint64_t bytes = std::min(plan.part_size, plan.size - from);
    const std::string name = std::to_string(number);
    const std::string url = server.at("v2/multipart").segment(plan.key).segment(name).str();
    mortise::content_form form(c.idempotency_key() + '/' + plan.key + '/' + name);
    form.file("part_content", "part-" + name, "application/octet-stream");
    for (std::int64_t attempt = 1;; ++attempt) {
        std::optional<error> failed;
        try {
            const auto response = co_await server.send_piece(c, url, form, c.content(), bytes);
            if (response.ok()) co_return;
            failed = error_of(response, about, access::read);
            if (response.status == 401) failed->retry = mortise::retry_advice::yes;
        } catch (const error& e) {
            failed = e;
        }
        failed->effect = mortise::effect::none;
        // A server that answers has its reasons: the host's pauses serve it better.
        const bool lost = failed->http_status == 0 && worth_another_try(*failed);
        const bool again = lost || failed->http_status == 401;
        if (!again || attempt >= plan.tries) throw *failed;
        try {
            co_await c.content().seek(from);
        } catch (const error&) {
            // The source cannot go back: the next call begins behind the parts that are there.
            failed->retry = mortise::retry_advice::yes;
            throw *failed;
        }
    }
}

task<std::string> documents::send_parts(context& c, file what, std::uint64_t size, subject about) {
    client& server = all_.server();
    try {
        auto begun = co_await begun_upload(c, size);
        upload_plan plan;
        if (begun) {
            plan = std::move(*begun);
        } else {
            plan = co_await begin_upload(c, what, size, about);
        }
        if (plan.done > 0) {
            co_await c.content().seek(static_cast<std::uint64_t>(plan.done) * plan.part_size);
        }
        while (plan.done < plan.parts) {
            bool forgotten = false;
            try {
                co_await send_part(c, plan, plan.done + 1, about);
            } catch (const error& e) {
                // The server does not keep what was begun for ever.
                forgotten = begun && !worth_another_try(e) && e.category != category::auth &&
                            e.category != category::cancelled;
                if (!forgotten) throw;
            }
            if (forgotten) {
                begun.reset();
                plan = co_await begin_upload(c, what, size, about);
                co_await c.content().seek(0);
                continue;
            }
            ++plan.done;
            co_await keep_upload(c, plan);
        }
        mortise::url url = server.at("v2/multipart");
        url.segment(plan.key);
        co_await server.write(c, "POST", url.str(), nullptr, about);
        co_return plan.key;
    } catch (error& e) {
        e.effect = mortise::effect::none;
        throw;
    }
}

} // namespace content_server
