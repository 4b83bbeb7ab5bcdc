/* SPDX-License-Identifier: Apache-2.0
 *
 * A plugin as it was built on the day of ABI 1.2, using what came with it: compiled against the
 * frozen headers beside it, never against today's. It must load and answer in every later host of
 * major 1. Do not edit.
 */
#include <mortise/call.h>
#include <mortise/mapping.h>
#include <mortise/plugin.h>
#include <mortise/run.h>
#include <mortise/trigger.h>

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
static const mortise_svc_trigger* emits;
static const mortise_svc_flow* flows;
static const mortise_svc_mapping* maps;
static mortise_handle mapping;
static int instance;

static mortise_status connector_create(const mortise_host* h,
                                       mortise_handle i,
                                       mortise_payload config,
                                       mortise_error_sink err,
                                       void** self) {
    (void)config;
    (void)err;
    calls = h->get_service(h, i, text_of(MORTISE_SVC_CALL));
    emits = h->get_service(h, i, text_of(MORTISE_SVC_TRIGGER));
    if (!calls || !emits) return MORTISE_E_UNSUPPORTED;
    *self = &instance;
    return MORTISE_OK;
}
static mortise_payload json_of(const char* json) {
    mortise_payload p;
    const mortise_str text = text_of(json);
    p.media_type = text_of("application/json");
    p.data.ptr = text.ptr;
    p.data.len = text.len;
    return p;
}
static mortise_status flow_create(const mortise_host* h,
                                  mortise_handle i,
                                  mortise_payload config,
                                  mortise_error_sink err,
                                  void** self) {
    (void)config;
    flows = h->get_service(h, i, text_of(MORTISE_SVC_FLOW));
    maps = h->get_service(h, i, text_of(MORTISE_SVC_MAPPING));
    if (!flows || !maps) return MORTISE_E_UNSUPPORTED;
    *self = &instance;
    return maps->compile(maps->ctx, json_of("{\"name\":\"a\"}"), err, &mapping);
}
static void destroy(void* self) {
    (void)self;
}
static void flow_destroy(void* self) {
    (void)self;
    maps->release(maps->ctx, mapping);
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
static void complete_with(mortise_handle delivery, const char* json) {
    const mortise_payload p = json_of(json);
    (void)calls->complete(calls->ctx, delivery, &p, 0);
}
static void page_is_durable(void* user, mortise_status st, const mortise_error* e) {
    const mortise_handle delivery = (mortise_handle)(uintptr_t)user;
    if (st == MORTISE_OK)
        complete_with(delivery, "{\"done\":false}");
    else
        (void)calls->fail(calls->ctx, delivery, e);
}
/* Two pages: one event, then the end. */
static mortise_status backfill(mortise_handle t, const mortise_delivery* d) {
    mortise_event tick = {0};
    const mortise_bytes behind = {"1", 1};
    if (d->cursor.len != 0) {
        complete_with(d->id, "{\"done\":true}");
        return MORTISE_OK;
    }
    tick.id = text_of("tick-1");
    tick.type = text_of("frozen.tick");
    tick.subject = text_of("1");
    return emits->emit(emits->ctx, t, d->id, &tick, 1, behind, page_is_durable,
                       (void*)(uintptr_t)d->id);
}
static mortise_status
deliver(void* self, mortise_handle t, const mortise_delivery* d, mortise_error_sink err) {
    (void)self;
    (void)err;
    if (d->kind == MORTISE_TRIGGER_BACKFILL) return backfill(t, d);
    return calls->complete(calls->ctx, d->id, 0, 0);
}
static mortise_status
close_trigger(void* self, mortise_handle t, mortise_done_fn closed, void* user) {
    (void)self;
    (void)t;
    closed(user, MORTISE_OK, 0);
    return MORTISE_OK;
}
static void moved(void* user,
                  const mortise_payload* result,
                  mortise_handle content,
                  const mortise_error* e) {
    (void)content;
    (void)flows->finish(flows->ctx, (mortise_handle)(uintptr_t)user, result, e);
}
/* Facts small enough for this. */
static char mapped[256];
static uint64_t mapped_size;
static void keep(void* ctx, mortise_payload value) {
    (void)ctx;
    while (mapped_size < value.data.len && mapped_size < sizeof(mapped)) {
        mapped[mapped_size] = ((const char*)value.data.ptr)[mapped_size];
        ++mapped_size;
    }
}
static mortise_status
start(void* self, mortise_handle run, const mortise_event* first, mortise_error_sink err) {
    mortise_transfer_end from = {0}, to = {0};
    mortise_sink out;
    mortise_status st;
    (void)self;
    if (!MORTISE_HAS(flows, mortise_svc_flow, transfer) || !flows->transfer)
        return MORTISE_E_UNSUPPORTED;
    mapped_size = 0;
    out.ctx = 0;
    out.put = keep;
    st = maps->apply(maps->ctx, mapping, first->data, out, err);
    if (st != MORTISE_OK) return st;
    from.struct_size = to.struct_size = sizeof(from);
    from.role = to.role = text_of("source");
    from.operation = text_of("echo");
    from.input = json_of("{}");
    to.operation = text_of("echo.twice");
    to.input = json_of("{}");
    to.input.data.ptr = mapped;
    to.input.data.len = mapped_size;
    return flows->transfer(flows->ctx, run, text_of("move"), &from, &to, moved,
                           (void*)(uintptr_t)run);
}

static const mortise_operation operations[] = {
    {sizeof(mortise_operation), 0, MORTISE_EFFECT_CLASS_READ, 0, TEXT("echo"), TEXT("Echo"),
     TEXT(""), TEXT("{}"), TEXT("{}"), TEXT("")},
    {sizeof(mortise_operation), MORTISE_OP_BLOCKING, MORTISE_EFFECT_CLASS_LOOKUP_FIRST, 0,
     TEXT("echo.twice"), TEXT("Echo twice"), TEXT(""), TEXT("{}"), TEXT("{}"), TEXT("echo")}};
static const mortise_event_type events[] = {
    {sizeof(mortise_event_type), 0, TEXT("frozen.tick"), TEXT("Tick"), TEXT(""), TEXT("{}")}};
static const mortise_trigger triggers[] = {
    {sizeof(mortise_trigger), MORTISE_TRIGGER_POLL | MORTISE_TRIGGER_BACKFILL, TEXT("ticks"),
     TEXT("Ticks"), TEXT(""), TEXT("{}"), events, 1, sizeof(mortise_event_type), 30}};
static const mortise_str required[] = {TEXT(MORTISE_SVC_CALL), TEXT(MORTISE_SVC_TRIGGER)};
static const mortise_connector connector = {sizeof(mortise_connector),
                                            0,
                                            TEXT("frozen-1-2"),
                                            TEXT("1.2.0"),
                                            TEXT("Frozen"),
                                            TEXT("Mortise"),
                                            TEXT(""),
                                            TEXT("{\"type\":\"object\"}"),
                                            required,
                                            2,
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

static const mortise_str role_operations[] = {TEXT("echo"), TEXT("echo.twice")};
static const mortise_role roles[] = {
    {sizeof(mortise_role), 0, TEXT("source"), TEXT("frozen-1-2"), TEXT(""), role_operations, 2}};
static const mortise_subscription subscriptions[] = {
    {sizeof(mortise_subscription), 0, TEXT("source"), TEXT("frozen.tick")},
    {sizeof(mortise_subscription), 0, TEXT(""), TEXT("mortise.child")}};
static const mortise_flow flow = {sizeof(mortise_flow),
                                  0,
                                  TEXT("frozen-flow-1-2"),
                                  TEXT("1.2.0"),
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
                                  flow_destroy,
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
                                    TEXT("org.mortise.frozen-1-2"),
                                    TEXT("1.2.0"),
                                    TEXT("headers of 1.2"),
                                    0,
                                    0,
                                    get_factory};

MORTISE_EXPORT const mortise_entry* mortise_plugin_entry_v1(void) {
    return &entry;
}
