// SPDX-License-Identifier: Apache-2.0
#include "admin/access_tokens.hpp"

#include "admin/random_text.hpp"
#include "base/digest.hpp"
#include "base/no_effect.hpp"
#include "journal/journal.hpp"

#include <mortise/state.h>

#include <boost/json.hpp>

#include <algorithm>
#include <mutex>

namespace mortise::host {
namespace {

namespace json = boost::json;

constexpr std::string_view scope = "host/tokens";
constexpr std::string_view use_scope = "host/token-use";
constexpr unix_ms use_step = 60'000; // how often a use is written down

std::string stored(const access_token& t) {
    return json::serialize(json::value{{"role", to_string(t.as)},
                                       {"hash", t.hash},
                                       {"created_at", t.created_at},
                                       {"expires_at", t.expires_at}});
}

unix_ms time_in(const json::object& o, std::string_view name) {
    const auto* v = o.if_contains(name);
    return v != nullptr && v->is_int64() ? v->get_int64() : 0;
}

std::optional<access_token> read(const state_value& v) {
    boost::system::error_code ec;
    const auto value = json::parse(v.value, ec);
    const auto* o = value.if_object();
    if (ec || o == nullptr) return std::nullopt;
    const auto* as = o->if_contains("role");
    const auto* hash = o->if_contains("hash");
    if (as == nullptr || !as->is_string() || hash == nullptr || !hash->is_string())
        return std::nullopt;
    const auto known = role_from_string(as->get_string());
    if (!known) return std::nullopt;
    return access_token{v.key,
                        *known,
                        std::string(hash->get_string()),
                        time_in(*o, "created_at"),
                        time_in(*o, "expires_at"),
                        0,
                        token_source::journal};
}

std::vector<state_value> all(journal_reader& reader, std::string_view of) {
    constexpr std::uint32_t page = 500;
    std::vector<state_value> out;
    for (;;) {
        const auto after = out.empty() ? std::string() : out.back().key;
        const auto next = reader.state_list(of, {}, after, page);
        out.insert(out.end(), next.begin(), next.end());
        if (next.size() < page) return out;
    }
}

} // namespace

struct access_tokens::shared_state {
    shared_state(mortise::host::journal& j, const clock& c) : store(j), time(c) {}

    mortise::host::journal& store;
    const clock& time;
    mutable std::mutex guard;
    std::vector<access_token> tokens;
    std::map<std::string, unix_ms, std::less<>> written_use; // by name

    access_token* named(std::string_view name, token_source source) {
        for (auto& t : tokens)
            if (t.name == name && t.source == source) return &t;
        return nullptr;
    }
};

access_tokens::access_tokens(journal& store, const clock& time)
    : s_(std::make_shared<shared_state>(store, time)) {}
access_tokens::~access_tokens() = default;

result<void> access_tokens::load() {
    try {
        s_->store.read([this](journal_reader& reader) {
            const std::lock_guard lock(s_->guard);
            for (const auto& v : all(reader, scope))
                if (auto t = read(v)) s_->tokens.push_back(std::move(*t));
            for (const auto& v : all(reader, use_scope)) {
                boost::system::error_code ec;
                const auto value = json::parse(v.value, ec);
                if (ec || !value.is_object()) continue;
                const auto at = time_in(value.get_object(), "last_used_at");
                s_->written_use[v.key] = at;
                if (auto* t = s_->named(v.key, token_source::journal)) t->last_used_at = at;
            }
        });
    } catch (const journal_failure& failure) {
        return failure.get();
    }
    return {};
}

void access_tokens::set_local(std::string_view token) {
    const std::lock_guard lock(s_->guard);
    std::erase_if(s_->tokens, [](const auto& t) { return t.source == token_source::local; });
    access_token t;
    t.as = role::admin;
    t.hash = sha256_hex(token);
    t.source = token_source::local;
    s_->tokens.push_back(std::move(t));
}

void access_tokens::configure(std::vector<access_token> tokens) {
    const std::lock_guard lock(s_->guard);
    std::erase_if(s_->tokens,
                  [](const auto& t) { return t.source == token_source::configuration; });
    for (auto& t : tokens) {
        t.source = token_source::configuration;
        if (const auto it = s_->written_use.find(t.name); it != s_->written_use.end())
            t.last_used_at = it->second;
        s_->tokens.push_back(std::move(t));
    }
}

access_tokens::found access_tokens::find(std::string_view presented) {
    const auto hash = sha256_hex(presented);
    const auto now = s_->time.now_unix_ms();
    found out;
    std::string note;
    {
        const std::lock_guard lock(s_->guard);
        access_token* hit = nullptr;
        // All of them, whichever it is.
        for (auto& t : s_->tokens)
            if (equal_constant_time(t.hash, hash)) hit = &t;
        if (hit == nullptr) return out;
        if (hit->expires_at != 0 && hit->expires_at <= now) {
            out.expired = true;
            return out;
        }
        hit->last_used_at = now;
        out.token = *hit;
        auto& written = s_->written_use[hit->name];
        if (hit->source != token_source::local && now - written >= use_step) {
            written = now;
            note = hit->name;
        }
    }
    if (!note.empty()) {
        s_->store.write(
            [note, now](journal_tx& tx) {
                (void)tx.state_put(use_scope, note,
                                   json::serialize(json::value{{"last_used_at", now}}),
                                   MORTISE_STATE_ANY);
            },
            {});
    }
    return out;
}

bool access_tokens::in_force(std::string_view hash) const {
    const auto now = s_->time.now_unix_ms();
    const std::lock_guard lock(s_->guard);
    return std::any_of(s_->tokens.begin(), s_->tokens.end(), [&](const auto& t) {
        return t.hash == hash && (t.expires_at == 0 || t.expires_at > now);
    });
}

std::vector<access_token> access_tokens::list() const {
    std::vector<access_token> out;
    {
        const std::lock_guard lock(s_->guard);
        std::copy_if(s_->tokens.begin(), s_->tokens.end(), std::back_inserter(out),
                     [](const auto& t) { return t.source != token_source::local; });
    }
    std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) {
        return std::tie(a.name, a.source) < std::tie(b.name, b.source);
    });
    return out;
}

void access_tokens::create(std::string name,
                           role as,
                           unix_ms expires_at,
                           std::function<void(result<created>)> done) {
    created made;
    made.token = random_text("mrt_");
    made.what = {name,       as, sha256_hex(made.token), s_->time.now_unix_ms(),
                 expires_at, 0,  token_source::journal};
    const auto taken = [name] {
        return no_effect(category::conflict, "token.taken",
                         "there is a token \"" + name +
                             "\" already; take another name, or remove it first");
    };
    {
        const std::lock_guard lock(s_->guard);
        if (s_->named(name, token_source::configuration) != nullptr) {
            done(taken());
            return;
        }
    }
    auto kept = std::make_shared<bool>(false);
    s_->store.write(
        [kept, what = made.what](journal_tx& tx) {
            *kept = tx.state_put(scope, what.name, stored(what), MORTISE_STATE_ABSENT).has_value();
        },
        [s = s_, kept, made, taken, done = std::move(done)](const result<void>& ok) {
            if (!ok || !*kept) {
                done(ok ? taken() : ok.error());
                return;
            }
            {
                const std::lock_guard lock(s->guard);
                s->tokens.push_back(made.what);
                s->written_use.erase(made.what.name);
            }
            done(made);
        });
}

void access_tokens::remove(const std::string& name, std::function<void(result<std::string>)> done) {
    std::string hash;
    error why;
    {
        const std::lock_guard lock(s_->guard);
        if (const auto* t = s_->named(name, token_source::journal))
            hash = t->hash;
        else if (s_->named(name, token_source::configuration) != nullptr)
            why = no_effect(category::conflict, "token.configured",
                            "the token \"" + name +
                                "\" stands in the configuration: remove [admin.tokens." + name +
                                "] there and reload");
        else
            why = no_effect(category::not_found, "token.unknown",
                            "there is no token \"" + name + '"');
    }
    if (hash.empty()) {
        done(why);
        return;
    }
    s_->store.write(
        [name](journal_tx& tx) {
            (void)tx.state_put(scope, name, {}, MORTISE_STATE_ANY);
            (void)tx.state_put(use_scope, name, {}, MORTISE_STATE_ANY);
        },
        [s = s_, name, hash, done = std::move(done)](const result<void>& ok) {
            if (!ok) {
                done(ok.error());
                return;
            }
            {
                const std::lock_guard lock(s->guard);
                std::erase_if(s->tokens, [&](const auto& t) {
                    return t.source == token_source::journal && t.hash == hash;
                });
                s->written_use.erase(name);
            }
            done(hash);
        });
}

bool is_token_name(std::string_view name) noexcept {
    return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_' || c == '.';
    });
}

} // namespace mortise::host
