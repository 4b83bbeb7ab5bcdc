/* SPDX-License-Identifier: Apache-2.0
 *
 * mortise.connector/1: an adapter to one kind of system, described by const data and a few
 * callbacks.
 */
#ifndef MORTISE_CONNECTOR_H
#define MORTISE_CONNECTOR_H
#include <mortise/core.h>
#ifdef __cplusplus
extern "C" {
#endif

#define MORTISE_FACTORY_CONNECTOR "mortise.connector/1"

/* mortise_operation.flags */
enum {
    MORTISE_OP_BLOCKING = 1u,  /* invoke() runs on a [worker] and may block */
    MORTISE_OP_CONCURRENT = 2u /* with BLOCKING: several at once on one instance */
};

/* mortise_operation.effect_class: what a repeat does. Unknown values are treated as UNSAFE. */
enum {
    MORTISE_EFFECT_CLASS_UNSAFE = 0,      /* a repeat may do it twice */
    MORTISE_EFFECT_CLASS_READ = 1,        /* changes nothing */
    MORTISE_EFFECT_CLASS_IDEMPOTENT = 2,  /* native key or upsert: a repeat changes nothing more */
    MORTISE_EFFECT_CLASS_LOOKUP_FIRST = 3 /* the host calls lookup_operation before a repeat */
};

typedef struct mortise_operation {
    uint32_t struct_size;
    uint32_t flags;
    uint32_t effect_class;
    uint32_t reserved0;
    mortise_str id; /* "assets.get" */
    mortise_str title;
    mortise_str doc;
    mortise_str input_schema; /* JSON Schema, subset of docs/schemas.md */
    mortise_str output_schema;
    /* LOOKUP_FIRST only: a READ operation of this connector that takes the same input and answers
     * {"found":bool,"result":<output of this operation>}. */
    mortise_str lookup_operation;
} mortise_operation;

typedef struct mortise_event_type {
    uint32_t struct_size;
    uint32_t reserved0;
    mortise_str type;
    mortise_str title;
    mortise_str doc;
    mortise_str data_schema;
} mortise_event_type;

/* mortise_trigger.kinds: bits; a change trigger usually accepts webhooks (the hint) and polls (the
 * proof). A host ignores bits it does not know; one that knows none of them refuses the plugin. */
enum {
    MORTISE_TRIGGER_POLL = 1u,
    MORTISE_TRIGGER_WEBHOOK = 2u,
    MORTISE_TRIGGER_STREAM = 4u,
    /* Since 1.1. Can be asked, page by page, for every object its events are about. Each page is a
     * delivery: emit events for some objects together with the position behind them as cursor, then
     * complete with {"done":false}; with {"done":true} when nothing is left. The position belongs
     * to the backfill alone: emitting with the delivery's handle leaves the poll's cursor as it is.
     * Every page that is not the last moves the position; a page may be empty. An object that is
     * the same gets the same event id in each backfill (and as for a webhook or poll, where it is
     * the same change). A page that fails is asked for again from the last durable position.
     * Backfills and polls of one trigger may be open at the same time; two pages never are. */
    MORTISE_TRIGGER_BACKFILL = 8u
};

typedef struct mortise_trigger {
    uint32_t struct_size;
    uint32_t kinds;
    mortise_str id; /* "changes" */
    mortise_str title;
    mortise_str doc;
    mortise_str config_schema;
    const mortise_event_type* events;
    uint64_t event_count;
    uint32_t event_stride;
    uint32_t default_poll_interval_s; /* 0 = the host's default */
} mortise_trigger;

/* One accepted invocation of an operation. Borrowed for the duration of invoke(). */
typedef struct mortise_call {
    uint32_t struct_size;
    uint32_t attempt; /* 1-based */
    mortise_handle id;
    mortise_str operation;
    mortise_str idempotency_key; /* stable over retries and restarts */
    mortise_str trace_parent;
    uint64_t deadline_ns; /* monotonic time of mortise.time; 0 = none */
    mortise_payload input;
    mortise_handle content; /* passes to the plugin when the call is accepted */
} mortise_call;

/* One poll, one webhook or one page of a backfill. Borrowed for the duration of deliver(). */
typedef struct mortise_delivery {
    uint32_t struct_size;
    /* MORTISE_TRIGGER_POLL or MORTISE_TRIGGER_WEBHOOK; MORTISE_TRIGGER_BACKFILL only to a trigger
     * that declares it. Refuse others with MORTISE_E_UNSUPPORTED. */
    uint32_t kind;
    mortise_handle id; /* complete or fail it through mortise.call/1 */
    /* POLL: the last durable cursor, empty the first time. BACKFILL: the backfill's last durable
     * position, empty to begin. */
    mortise_bytes cursor;
    mortise_payload
        head; /* WEBHOOK: {"method","path","query","headers":{lower-case name: value},"remote"} */
    mortise_payload body; /* WEBHOOK: the raw body with its media type */
    mortise_str trace_parent;
    uint64_t deadline_ns;
} mortise_delivery;

typedef struct mortise_connector {
    uint32_t struct_size;
    uint32_t reserved0;
    mortise_str id; /* "iconik" */
    mortise_str version;
    mortise_str title;
    mortise_str vendor;
    mortise_str doc;
    mortise_str config_schema; /* JSON Schema, subset of docs/schemas.md */
    const mortise_str* requires_services;
    uint64_t requires_count;
    const mortise_operation* operations;
    uint64_t operation_count;
    uint32_t operation_stride;
    uint32_t trigger_stride;
    const mortise_trigger* triggers;
    uint64_t trigger_count;
    /* [strand] Makes an instance. Must return fast and do no I/O. Any other status than MORTISE_OK
     * means no instance and no destroy(). Ownership: config is borrowed; *self is the plugin's. */
    mortise_status (*create)(const mortise_host* h,
                             mortise_handle instance,
                             mortise_payload config,
                             mortise_error_sink err,
                             void** self);
    /* [strand] With no call and no trigger open. Nothing of self may run afterwards. Ownership:
     * ends self. */
    void (*destroy)(void* self);
    /* [strand], [worker] for MORTISE_OP_BLOCKING. MORTISE_OK: accepted, exactly one completion
     * follows through mortise.call/1; else none ever will and err holds the reason. Ownership: call
     * is borrowed. */
    mortise_status (*invoke)(void* self, const mortise_call* call, mortise_error_sink err);
    /* [strand] A request to stop; the call must still be completed. Ownership: none. */
    void (*cancel)(void* self, mortise_handle call);
    /* [strand] Opens a trigger with its own configuration. STREAM triggers may emit from now on.
     * Ownership: config and cursor are borrowed. */
    mortise_status (*open_trigger)(void* self,
                                   mortise_handle trigger,
                                   mortise_str id,
                                   mortise_payload config,
                                   mortise_bytes cursor,
                                   mortise_error_sink err);
    /* [strand] One poll, webhook or page of a backfill for an open trigger; accepted like a call. A
     * webhook that is not authentic is failed with AUTH, one that cannot be read with INPUT, a
     * position of a backfill that is none of this connector's with INPUT. Ownership: d is
     * borrowed. */
    mortise_status (*deliver)(void* self,
                              mortise_handle trigger,
                              const mortise_delivery* d,
                              mortise_error_sink err);
    /* [strand] There is room again after an emit was refused with MORTISE_E_LIMIT. Ownership: none.
     */
    void (*resume)(void* self, mortise_handle trigger);
    /* [strand] Closes a trigger; closed follows (once) from the plugin when no more emit will come.
     * Ownership: user is the host's. */
    mortise_status (*close_trigger)(void* self,
                                    mortise_handle trigger,
                                    mortise_done_fn closed,
                                    void* user);
    /* [any-thread] An extension table by id, e.g. mortise.test-connection/1, or NULL. May itself be
     * NULL. Ownership: id is borrowed; the table is the plugin's and lives as long as self. */
    const void* (*get_extension)(void* self, mortise_str id);
} mortise_connector;

#define MORTISE_EXT_TEST_CONNECTION "mortise.test-connection/1"

typedef struct mortise_ext_test_connection {
    uint32_t struct_size;
    uint32_t reserved0;
    /* [strand] Checks address, credentials and rights with the cheapest calls the system offers,
     * without changing anything. Accepted like a call; the result is
     * {"summary":string,"details":{..}}. Ownership: none. */
    mortise_status (*test)(void* self,
                           mortise_handle call,
                           uint64_t deadline_ns,
                           mortise_error_sink err);
} mortise_ext_test_connection;

#ifdef __cplusplus
}
#endif
#endif
