// SPDX-License-Identifier: Apache-2.0
// The kit finds plugins that break the ABI's rules: a connector in plain C style with switchable
// faults.
#include "support/catch.hpp"

#include <mortise/call.h>
#include <mortise/content.h>
#include <mortise/sdk/abi.hpp>
#include <mortise/testing/fake_host.hpp>
#include <mortise/time.h>
#include <mortise/trigger.h>

using namespace mortise;
using namespace mortise::testing;

namespace {

enum class fault {
    none,
    twice,
    never,
    refuse_silently,
    complete_and_refuse,
    leak_content,
    late_use
};

struct bad {
    fault how = fault::none;
    const mortise_svc_call* call = nullptr;
    const mortise_svc_content* content = nullptr;
    const mortise_svc_trigger* trigger = nullptr;
    mortise_handle opened = 0;
};
bad plugin;

template <class T>
const T* ask(const mortise_host* h, mortise_handle i, const char* id) {
    return static_cast<const T*>(h->get_service(h, i, c_str_of(id)));
}

mortise_status
create(const mortise_host* h, mortise_handle i, mortise_payload, mortise_error_sink, void** self) {
    plugin.call = ask<mortise_svc_call>(h, i, MORTISE_SVC_CALL);
    plugin.content = ask<mortise_svc_content>(h, i, MORTISE_SVC_CONTENT);
    plugin.trigger = ask<mortise_svc_trigger>(h, i, MORTISE_SVC_TRIGGER);
    *self = &plugin;
    return MORTISE_OK;
}
void destroy(void*) {}
mortise_status invoke(void*, const mortise_call* c, mortise_error_sink) {
    const auto* svc = plugin.call;
    switch (plugin.how) {
    case fault::never:
        return MORTISE_OK;
    case fault::refuse_silently:
        return MORTISE_E_FAILED;
    case fault::complete_and_refuse:
        svc->complete(svc->ctx, c->id, nullptr, 0);
        return MORTISE_E_FAILED;
    case fault::leak_content:
        plugin.content->create(plugin.content->ctx, c->id, {}, 0);
        break;
    case fault::twice:
        svc->complete(svc->ctx, c->id, nullptr, 0);
        break;
    default:
        break;
    }
    svc->complete(svc->ctx, c->id, nullptr, 0);
    return MORTISE_OK;
}
void cancel(void*, mortise_handle) {}
mortise_status open_trigger(
    void*, mortise_handle t, mortise_str, mortise_payload, mortise_bytes, mortise_error_sink) {
    plugin.opened = t;
    return MORTISE_OK;
}
mortise_status close_trigger(void*, mortise_handle, mortise_done_fn closed, void* user) {
    closed(user, MORTISE_OK, nullptr);
    return MORTISE_OK;
}

mortise_connector descriptor() {
    mortise_connector c{};
    c.struct_size = sizeof(c);
    c.id = c_str_of("bad");
    c.create = &create;
    c.destroy = &destroy;
    c.invoke = &invoke;
    c.cancel = &cancel;
    c.open_trigger = &open_trigger;
    c.close_trigger = &close_trigger;
    return c;
}

std::vector<std::string> violations_with(fault how) {
    plugin = {};
    plugin.how = how;
    fake_host host;
    auto c = host.create_connector(descriptor());
    c.start("any");
    c.destroy();
    if (how == fault::late_use) plugin.call->cancelled(plugin.call->ctx, 1);
    if (how == fault::late_use) plugin.call->complete(plugin.call->ctx, 1, nullptr, 0);
    return host.violations();
}

} // namespace

TEST_CASE("a connector that keeps the rules has no violation", "[sdk][kit]") {
    CHECK(violations_with(fault::none).empty());
}

TEST_CASE("each broken rule is one violation that names it", "[sdk][kit]") {
    struct row {
        fault how;
        std::string words;
    };
    const auto r = GENERATE(values<row>({{fault::twice, "completed twice"},
                                         {fault::never, "never completed"},
                                         {fault::refuse_silently, "no reason"},
                                         {fault::complete_and_refuse, "completed and refused"},
                                         {fault::leak_content, "never closed"},
                                         {fault::late_use, "after destroy"}}));
    const auto found = violations_with(r.how);
    REQUIRE(found.size() == 1);
    CHECK_THAT(found[0], Catch::Contains(r.words));
}

TEST_CASE("an emit after the closing is a violation", "[sdk][kit]") {
    plugin = {};
    fake_host host;
    auto c = host.create_connector(descriptor());
    c.open("any");
    CHECK(c.close("any"));
    const auto done = [](void*, mortise_status, const mortise_error*) {};
    CHECK(plugin.trigger->emit(plugin.trigger->ctx, plugin.opened, 0, nullptr, 0, {}, done,
                               nullptr) == MORTISE_E_STATE);
    REQUIRE(host.violations().size() == 1);
    CHECK_THAT(host.violations()[0], Catch::Contains("after the trigger had closed"));
}

TEST_CASE("what was expected and not asked is listed", "[sdk][kit]") {
    fake_host host;
    CHECK(host.http().unmet().empty());
    host.http().expect("GET", "https://h/*").always();
    host.http().expect("POST", "https://h/x").times(2);
    CHECK(host.http().unmet() == std::vector<std::string>{"POST https://h/x"});
}

TEST_CASE("a call that cannot end by itself is told to the test", "[sdk][kit]") {
    plugin = {};
    plugin.how = fault::never;
    fake_host host;
    auto c = host.create_connector(descriptor());
    CHECK_THROWS_AS(c.call("any"), std::logic_error);
}
