/* SPDX-License-Identifier: Apache-2.0
 *
 * A plugin as it was built on the day of ABI 1.0: compiled against the frozen headers beside it,
 * never against today's. It must load and answer in every later host of major 1. Do not edit.
 */
#include <mortise/call.h>
#include <mortise/plugin.h>
#include <mortise/run.h>

#define TEXT(t)                                                                                    \
    { "" t, sizeof(t) - 1 }

static int same(mortise_str a, const char* b) {
    uint64_t i = 0;
    while (i < a.len && b[i] != '\0' && a.ptr[i] == b[i])
        ++i;
    return i == a.len && b[i] == '\0';
}

static mortise_str text_of(const char* t) {
    mortise_str s = {t, 0};
    while (t[s.len] != '\0')
        ++s.len;
    return s;
}

/* One instance at a time is enough here. */
static const mortise_svc_call* calls;
static const mortise_svc_flow* flows;
static int instance;

static mortise_status connector_create(const mortise_host* h,
                                       mortise_handle i,
                                       mortise_payload config,
                                       mortise_error_sink err,
                                       void** self) {
    (void)config;
    (void)err;
    calls = h->get_service(h, i, text_of(MORTISE_SVC_CALL));
    if (!calls) return MORTISE_E_UNSUPPORTED;
    *self = &instance;
    return MORTISE_OK;
}
static mortise_status flow_create(const mortise_host* h,
                                  mortise_handle i,
                                  mortise_payload config,
                                  mortise_error_sink err,
                                  void** self) {
    (void)config;
    (void)err;
    flows = h->get_service(h, i, text_of(MORTISE_SVC_FLOW));
    if (!flows) return MORTISE_E_UNSUPPORTED;
    *self = &instance;
    return MORTISE_OK;
}
static void destroy(void* self) {
    (void)self;
}
static mortise_status invoke(void* self, const mortise_call* call, mortise_error_sink err) {
    (void)self;
    (void)err;
    return calls->complete(calls->ctx, call->id, &call->input, call->content);
}
static void ignore(void* self, mortise_handle h) {
    (void)self;
    (void)h;
}
static mortise_status open_trigger(void* self,
                                   mortise_handle t,
                                   mortise_str id,
                                   mortise_payload config,
                                   mortise_bytes cursor,
                                   mortise_error_sink err) {
    (void)self;
    (void)t;
    (void)config;
    (void)cursor;
    (void)err;
    return same(id, "ticks") ? MORTISE_OK : MORTISE_E_ARGUMENT;
}
static mortise_status
deliver(void* self, mortise_handle t, const mortise_delivery* d, mortise_error_sink err) {
    (void)self;
    (void)t;
    (void)err;
    return calls->complete(calls->ctx, d->id, 0, 0);
}
static mortise_status
close_trigger(void* self, mortise_handle t, mortise_done_fn closed, void* user) {
    (void)self;
    (void)t;
    closed(user, MORTISE_OK, 0);
    return MORTISE_OK;
}
static mortise_status
start(void* self, mortise_handle run, const mortise_event* first, mortise_error_sink err) {
    (void)self;
    (void)err;
    return flows->finish(flows->ctx, run, &first->data, 0);
}

static const mortise_operation operations[] = {
    {sizeof(mortise_operation), 0, MORTISE_EFFECT_CLASS_READ, 0, TEXT("echo"), TEXT("Echo"),
     TEXT(""), TEXT("{}"), TEXT("{}"), TEXT("")},
    {sizeof(mortise_operation), MORTISE_OP_BLOCKING, MORTISE_EFFECT_CLASS_LOOKUP_FIRST, 0,
     TEXT("echo.twice"), TEXT("Echo twice"), TEXT(""), TEXT("{}"), TEXT("{}"), TEXT("echo")}};
static const mortise_event_type events[] = {
    {sizeof(mortise_event_type), 0, TEXT("frozen.tick"), TEXT("Tick"), TEXT(""), TEXT("{}")}};
static const mortise_trigger triggers[] = {
    {sizeof(mortise_trigger), MORTISE_TRIGGER_POLL | MORTISE_TRIGGER_STREAM, TEXT("ticks"),
     TEXT("Ticks"), TEXT(""), TEXT("{}"), events, 1, sizeof(mortise_event_type), 30}};
static const mortise_str required[] = {TEXT(MORTISE_SVC_CALL)};
static const mortise_connector connector = {sizeof(mortise_connector),
                                            0,
                                            TEXT("frozen"),
                                            TEXT("1.0.0"),
                                            TEXT("Frozen"),
                                            TEXT("Mortise"),
                                            TEXT(""),
                                            TEXT("{\"type\":\"object\"}"),
                                            required,
                                            1,
                                            operations,
                                            2,
                                            sizeof(mortise_operation),
                                            sizeof(mortise_trigger),
                                            triggers,
                                            1,
                                            connector_create,
                                            destroy,
                                            invoke,
                                            ignore,
                                            open_trigger,
                                            deliver,
                                            ignore,
                                            close_trigger,
                                            0};

static const mortise_str role_operations[] = {TEXT("echo")};
static const mortise_role roles[] = {
    {sizeof(mortise_role), 0, TEXT("source"), TEXT("frozen"), TEXT(""), role_operations, 1}};
static const mortise_subscription subscriptions[] = {
    {sizeof(mortise_subscription), 0, TEXT("source"), TEXT("frozen.tick")},
    {sizeof(mortise_subscription), 0, TEXT(""), TEXT("mortise.manual")}};
static const mortise_flow flow = {sizeof(mortise_flow),
                                  0,
                                  TEXT("frozen-flow"),
                                  TEXT("1.0.0"),
                                  TEXT("Frozen flow"),
                                  TEXT(""),
                                  TEXT("{\"type\":\"object\"}"),
                                  roles,
                                  1,
                                  subscriptions,
                                  2,
                                  sizeof(mortise_role),
                                  sizeof(mortise_subscription),
                                  flow_create,
                                  destroy,
                                  start,
                                  ignore,
                                  ignore};

static const void* get_factory(mortise_str id, uint64_t index) {
    if (index != 0) return 0;
    if (same(id, MORTISE_FACTORY_CONNECTOR)) return &connector;
    return same(id, MORTISE_FACTORY_FLOW) ? &flow : 0;
}

static const mortise_entry entry = {MORTISE_ABI_MAGIC,
                                    sizeof(mortise_entry),
                                    MORTISE_ABI_MAJOR,
                                    MORTISE_ABI_MINOR,
                                    TEXT("org.mortise.frozen-1-0"),
                                    TEXT("1.0.0"),
                                    TEXT("headers of 1.0"),
                                    0,
                                    0,
                                    get_factory};

MORTISE_EXPORT const mortise_entry* mortise_plugin_entry_v1(void) {
    return &entry;
}
