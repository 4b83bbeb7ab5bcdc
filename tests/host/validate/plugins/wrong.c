/* SPDX-License-Identifier: Apache-2.0 */
/* A good connector with one thing wrong, chosen by WRONG; for the checks of the validator. */
#define _POSIX_C_SOURCE 200809L
#include <mortise/call.h>
#include <mortise/content.h>
#include <mortise/log.h>
#include <mortise/plugin.h>
#include <mortise/trigger.h>

#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

#define NOTHING 0
#define LEAKS_MEMORY 1
#define LEAKS_FILES 2
#define LEAVES_THREAD 3
#define USED_AFTER_DESTROY 4
#define TAKES_ANY_CONFIG 5
#define REFUSES_AS_INPUT 6
#define COMPARES_A_PREFIX 7
#define TRUSTS_SERVICES 8
#define TAKES_ANY_INPUT 9
#define COMPLETES_ON_CANCEL 10
#define BAD_DEFAULT 11
#define BAD_EXAMPLE 12
#define BAD_KEYWORD 13
#define SLOW_TO_LOAD 14
#define INIT_STARTS_THREAD 15
#define KEEPS_CONTENT 16
#define WANTS_EXACT_SIZES 17
#define BAD_TRIGGERS 18
#define CRASHES_ON_LONG_CONFIG 19
#define REFUSES_VALID_CONFIG 20
#define CRASHES_IN_DESTROY 21
#define IGNORES_DEADLINE 22

#ifndef WRONG
#error "define WRONG"
#endif

#define FIXTURE_NAME "wrong"
#define FIXTURE_NO_ENTRY
#define FIXTURE_INVOKE wrong_invoke
#if WRONG == TAKES_ANY_CONFIG || WRONG == REFUSES_AS_INPUT
#define FIXTURE_CONFIG_SCHEMA                                                                      \
    "{\"type\":\"object\",\"properties\":{\"name\":{\"type\":\"string\"}},"                        \
    "\"required\":[\"name\"]}"
#elif WRONG == BAD_DEFAULT
#define FIXTURE_CONFIG_SCHEMA                                                                      \
    "{\"type\":\"object\",\"properties\":{\"size\":{\"type\":\"integer\",\"default\":\"big\"}}}"
#elif WRONG == BAD_EXAMPLE
#define FIXTURE_CONFIG_SCHEMA                                                                      \
    "{\"type\":\"object\",\"properties\":{\"size\":{\"type\":\"integer\",\"examples\":[\"big\"]}}" \
    "}"
#elif WRONG == BAD_KEYWORD
#define FIXTURE_CONFIG_SCHEMA                                                                      \
    "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\",\"minLenght\":1}}}"
#endif
#if WRONG == KEEPS_CONTENT
#define FIXTURE_SERVICE MORTISE_SVC_CONTENT
#endif

static mortise_status wrong_invoke(void* self, const mortise_call* call, mortise_error_sink err);
#include "../../../fixtures/minimal.h"

static void say(mortise_error_sink err, mortise_category category, const char* why) {
    static const char code[] = "wrong.refused";
    mortise_error e;
    memset(&e, 0, sizeof e);
    e.struct_size = sizeof e;
    e.category = category;
    e.effect = MORTISE_EFFECT_NONE;
    e.code.ptr = code;
    e.code.len = sizeof code - 1;
    e.message.ptr = why;
    e.message.len = strlen(why);
    err.set(err.ctx, &e);
}

static void pause_ms(long ms) {
    const struct timespec t = {0, ms * 1000 * 1000};
    nanosleep(&t, 0);
}

static void* idle(void* unused) {
    (void)unused;
    for (;;)
        pause_ms(500);
    return 0;
}

static void start_idle_thread(void) {
    pthread_t t;
    if (pthread_create(&t, 0, idle, 0) == 0) pthread_detach(t);
}

static void* log_later(void* log_table) {
    const mortise_svc_log* log = log_table;
    const mortise_str text = TEXT("still here");
    const mortise_str none = {0, 0};
    pause_ms(50);
    log->write(log->ctx, MORTISE_LOG_INFO, text, none);
    return 0;
}

static mortise_status wrong_invoke(void* p, const mortise_call* call, mortise_error_sink err) {
    fixture_self* self = p;
    const mortise_svc_call* calls = self->calls;
    if (call->operation.len != 4 || memcmp(call->operation.ptr, "echo", 4) != 0) {
        say(err, MORTISE_CAT_INPUT, "There is no such operation.");
        return MORTISE_E_ARGUMENT;
    }
#if WRONG == KEEPS_CONTENT
    return calls->complete(calls->ctx, call->id, 0, 0);
#elif WRONG == IGNORES_DEADLINE
    if (call->deadline_ns != 0) return MORTISE_OK;
    return calls->complete(calls->ctx, call->id, 0, call->content);
#elif WRONG == TRUSTS_SERVICES
    {
        const mortise_svc_log* log =
            fixture_service(self, MORTISE_SVC_LOG, sizeof(MORTISE_SVC_LOG) - 1);
        const mortise_str text = TEXT("called");
        const mortise_str none = {0, 0};
        log->write(log->ctx, MORTISE_LOG_INFO, text, none);
    }
    return calls->complete(calls->ctx, call->id, 0, call->content);
#elif WRONG == TAKES_ANY_INPUT
    return calls->complete(calls->ctx, call->id, 0, call->content);
#else
    return calls->complete(calls->ctx, call->id, &call->input, call->content);
#endif
}

static int has_name(mortise_payload config) {
    const char* at = config.data.ptr;
    uint64_t i;
    for (i = 0; i + 6 <= config.data.len; ++i)
        if (memcmp(at + i, "\"name\"", 6) == 0) return 1;
    return 0;
}

static mortise_status wrong_create(const mortise_host* h,
                                   mortise_handle instance,
                                   mortise_payload config,
                                   mortise_error_sink err,
                                   void** out) {
    mortise_status st;
    if (WRONG == REFUSES_VALID_CONFIG) {
        say(err, MORTISE_CAT_CONFIG, "Nothing will do.");
        return MORTISE_E_FAILED;
    }
    if (WRONG == REFUSES_AS_INPUT && !has_name(config)) {
        say(err, MORTISE_CAT_INPUT, "There is no name.");
        return MORTISE_E_FAILED;
    }
    if (WRONG == CRASHES_ON_LONG_CONFIG && config.data.len > 1000) abort();
    if (WRONG == LEAKS_MEMORY && !malloc(1000)) return MORTISE_E_LIMIT;
    if (WRONG == LEAKS_FILES && open("/dev/null", O_RDONLY) < 0) return MORTISE_E_LIMIT;
    st = fixture_create(h, instance, config, err, out);
    if (st != MORTISE_OK) {
        say(err, MORTISE_CAT_CONFIG, "mortise.call/1 is not granted.");
        return st;
    }
    if (WRONG == WANTS_EXACT_SIZES &&
        ((fixture_self*)*out)->calls->struct_size != sizeof(mortise_svc_call)) {
        free(*out);
        say(err, MORTISE_CAT_CONFIG, "This is not my host.");
        return MORTISE_E_UNSUPPORTED;
    }
    if (WRONG == LEAVES_THREAD) start_idle_thread();
    return MORTISE_OK;
}

static void wrong_destroy(void* p) {
    fixture_self* self = p;
    if (WRONG == CRASHES_IN_DESTROY) abort();
    if (WRONG == USED_AFTER_DESTROY) {
        const void* log = fixture_service(self, MORTISE_SVC_LOG, sizeof(MORTISE_SVC_LOG) - 1);
        pthread_t t;
        if (log && pthread_create(&t, 0, log_later, (void*)(uintptr_t)log) == 0) pthread_detach(t);
    }
    free(self);
}

static void wrong_cancel(void* p, mortise_handle call) {
    const mortise_svc_call* calls = ((fixture_self*)p)->calls;
    if (WRONG == COMPLETES_ON_CANCEL) calls->complete(calls->ctx, call, 0, 0);
}

static mortise_status wrong_init(const mortise_host* h, mortise_error_sink err) {
    (void)h;
    (void)err;
    if (WRONG == INIT_STARTS_THREAD) start_idle_thread();
    return MORTISE_OK;
}

#if WRONG == BAD_TRIGGERS
static void ignore_done(void* user, mortise_status st, const mortise_error* e) {
    (void)user;
    (void)st;
    (void)e;
}

static mortise_status emit(void* p, mortise_handle trigger, mortise_handle delivery) {
    fixture_self* self = p;
    const mortise_svc_trigger* t =
        fixture_service(self, MORTISE_SVC_TRIGGER, sizeof(MORTISE_SVC_TRIGGER) - 1);
    const mortise_bytes no_cursor = {0, 0};
    const mortise_str id = TEXT("1");
    const mortise_str type = TEXT("wrong.changed");
    mortise_event e;
    memset(&e, 0, sizeof e);
    e.id = id;
    e.type = type;
    return t ? t->emit(t->ctx, trigger, delivery, &e, 1, no_cursor, ignore_done, 0)
             : MORTISE_E_STATE;
}

static mortise_status open_trigger(void* self,
                                   mortise_handle trigger,
                                   mortise_str id,
                                   mortise_payload config,
                                   mortise_bytes cursor,
                                   mortise_error_sink err) {
    (void)self;
    (void)trigger;
    (void)id;
    (void)config;
    (void)cursor;
    (void)err;
    return MORTISE_OK;
}

/* A poll is forgotten, a webhook believed, a page of a backfill not said to be the last or not. */
static mortise_status
deliver(void* p, mortise_handle trigger, const mortise_delivery* d, mortise_error_sink err) {
    const mortise_svc_call* calls = ((fixture_self*)p)->calls;
    (void)err;
    if (d->kind == MORTISE_TRIGGER_POLL) return MORTISE_OK;
    emit(p, trigger, d->id);
    return calls->complete(calls->ctx, d->id, 0, 0);
}

static void resume(void* self, mortise_handle trigger) {
    (void)self;
    (void)trigger;
}

static mortise_status
close_trigger(void* self, mortise_handle trigger, mortise_done_fn closed, void* user) {
    closed(user, MORTISE_OK, 0);
    emit(self, trigger, 0);
    return MORTISE_OK;
}

static const mortise_event_type event_types[] = {
    {sizeof(mortise_event_type), 0, TEXT("wrong.changed"), TEXT("Changed"), TEXT(""), TEXT("{}")}};
static const mortise_trigger triggers[] = {
    {sizeof(mortise_trigger),
     MORTISE_TRIGGER_POLL | MORTISE_TRIGGER_WEBHOOK | MORTISE_TRIGGER_BACKFILL, TEXT("changes"),
     TEXT("Changes"), TEXT(""), TEXT("{}"), event_types, 1, sizeof(mortise_event_type), 0}};
#endif

static mortise_connector connector;
static mortise_operation operation;

static const void* wrong_factory(mortise_str id, uint64_t index) {
    static const char wanted[] = MORTISE_FACTORY_CONNECTOR;
    const uint64_t n = sizeof wanted - 1;
    if (index != 0 || id.len < n || memcmp(id.ptr, wanted, n) != 0) return 0;
    if (WRONG != COMPARES_A_PREFIX && id.len != n) return 0;
    return &connector;
}

#if WRONG == SLOW_TO_LOAD
__attribute__((constructor)) static void load_slowly(void) {
    pause_ms(250);
}
#endif

MORTISE_EXPORT const mortise_entry* mortise_plugin_entry_v1(void) {
    static mortise_entry entry;
    operation = fixture_operations[0];
#if WRONG == TAKES_ANY_INPUT
    static const char schema[] = "{\"type\":\"object\",\"properties\":{\"id\":{\"type\":"
                                 "\"string\"}},\"required\":[\"id\"]}";
    operation.input_schema.ptr = schema;
    operation.input_schema.len = sizeof schema - 1;
#endif
    connector = fixture_connector;
    connector.operations = &operation;
    connector.create = wrong_create;
    connector.destroy = wrong_destroy;
    connector.cancel = wrong_cancel;
#if WRONG == BAD_TRIGGERS
    connector.triggers = triggers;
    connector.trigger_count = 1;
    connector.trigger_stride = sizeof(mortise_trigger);
    connector.open_trigger = open_trigger;
    connector.deliver = deliver;
    connector.resume = resume;
    connector.close_trigger = close_trigger;
#endif
    entry = fixture_entry;
    entry.init = wrong_init;
    entry.get_factory = wrong_factory;
    return &entry;
}
