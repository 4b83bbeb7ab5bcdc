// SPDX-License-Identifier: Apache-2.0
#include "wire.hpp"

#include <algorithm>

namespace mortise::testing::conformance {

http_answer wire::ask(const recorded_request& r, passage& p) {
    http_answer real = system_.answer(r);
    p.reached = true;
    const bool ok = real.status >= 200 && real.status < 300 && !real.failure;
    const bool reads = r.method == "GET" || r.method == "HEAD" || r.method == "OPTIONS" ||
                       (subject_.is_query && subject_.is_query(r));
    p.wrote = ok && !reads && !p.login;
    if (alter && !p.login) alter(real);
    return real;
}

http_answer wire::pass(const recorded_request& r) {
    passage p;
    p.method = r.method;
    p.url = r.url.substr(0, r.url.find('?'));
    p.login = subject_.is_login && subject_.is_login(r);
    p.with_body = !r.body.empty();
    const std::size_t n = p.login ? logins_++ : others_++;
    if (before && !p.login) before(n);
    const bool hit = planned && planned->logins == p.login && n >= planned->at &&
                     n - planned->at < planned->times;
    http_answer out;
    if (!hit) {
        out = ask(r, p);
    } else {
        planned->hit = true;
        http_answer real;
        if (planned->reaches) real = ask(r, p);
        out = planned->answer(real);
    }
    passed.push_back(std::move(p));
    return out;
}

void wire::reset() {
    passed.clear();
    planned.reset();
    before = nullptr;
    alter = nullptr;
    others_ = logins_ = 0;
}

std::size_t wire::writes() const noexcept {
    return static_cast<std::size_t>(
        std::count_if(passed.begin(), passed.end(), [](const passage& p) { return p.wrote; }));
}

std::string wire::name_of(std::size_t request) const {
    std::size_t n = 0;
    for (const auto& p : passed) {
        if (p.login || n++ != request) continue;
        return "request " + std::to_string(request + 1) + ", " + p.method + " " + p.url;
    }
    return "request " + std::to_string(request + 1);
}

} // namespace mortise::testing::conformance
