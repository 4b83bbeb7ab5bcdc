// SPDX-License-Identifier: Apache-2.0
#include "admin/sessions.hpp"

#include "admin/random_text.hpp"
#include "base/digest.hpp"

#include <algorithm>

namespace mortise::host {
namespace {

std::uint64_t ns(std::chrono::nanoseconds d) {
    return static_cast<std::uint64_t>(d.count());
}

template <class Map>
void drop_oldest(Map& map, std::size_t most) {
    while (map.size() >= most)
        map.erase(std::min_element(map.begin(), map.end(), [](const auto& a, const auto& b) {
            return a.second.ends_ns < b.second.ends_ns;
        }));
}

} // namespace

void admin_sessions::forget_ended() {
    const auto now = time_.now_mono_ns();
    std::erase_if(sessions_, [now](const auto& s) {
        return s.second.ends_ns <= now || s.second.idle_ns <= now;
    });
    std::erase_if(codes_, [now](const auto& c) { return c.second.ends_ns <= now; });
}

admin_sessions::opened admin_sessions::open(std::string who, role as, std::string token) {
    opened out;
    out.id = random_text();
    out.session = {std::move(who), as, std::move(token), random_text(),
                   time_.now_unix_ms() +
                       std::chrono::duration_cast<std::chrono::milliseconds>(lifetime).count()};
    const auto now = time_.now_mono_ns();
    const std::lock_guard lock(guard_);
    forget_ended();
    drop_oldest(sessions_, most_sessions);
    sessions_[sha256_hex(out.id)] = {out.session, now + ns(lifetime), now + ns(idle_lifetime)};
    return out;
}

std::optional<admin_session> admin_sessions::find(std::string_view id) {
    const std::lock_guard lock(guard_);
    forget_ended();
    const auto it = sessions_.find(sha256_hex(id));
    if (it == sessions_.end()) return std::nullopt;
    it->second.idle_ns = time_.now_mono_ns() + ns(idle_lifetime);
    return it->second.session;
}

bool admin_sessions::is_open(std::string_view id) {
    const std::lock_guard lock(guard_);
    forget_ended();
    return sessions_.contains(sha256_hex(id));
}

void admin_sessions::close(std::string_view id) {
    const std::lock_guard lock(guard_);
    sessions_.erase(sha256_hex(id));
}

void admin_sessions::close_all_of(std::string_view token) {
    const std::lock_guard lock(guard_);
    std::erase_if(sessions_, [token](const auto& s) { return s.second.session.token == token; });
    std::erase_if(codes_, [token](const auto& c) { return c.second.what.token == token; });
}

std::size_t admin_sessions::size() const {
    const std::lock_guard lock(guard_);
    return sessions_.size();
}

admin_sessions::code admin_sessions::make_code(std::string who, role as, std::string token) {
    code out{random_text(),
             time_.now_unix_ms() +
                 std::chrono::duration_cast<std::chrono::milliseconds>(code_lifetime).count()};
    const std::lock_guard lock(guard_);
    forget_ended();
    drop_oldest(codes_, most_codes);
    codes_[sha256_hex(out.text)] = {{std::move(who), as, std::move(token)},
                                    time_.now_mono_ns() + ns(code_lifetime)};
    return out;
}

std::optional<admin_sessions::ticket> admin_sessions::take_code(std::string_view text) {
    const std::lock_guard lock(guard_);
    forget_ended();
    const auto it = codes_.find(sha256_hex(text));
    if (it == codes_.end()) return std::nullopt;
    auto out = std::move(it->second.what);
    codes_.erase(it);
    return out;
}

} // namespace mortise::host
